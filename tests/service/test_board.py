"""Sharing: who sees what, who is asked, and that nobody learns of an author who stays without a name."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pamong.brief import load_brief, load_key
from pamong.catalogue import messages
from pamong.kinds import KINDS
from pamong.light.moment import Clock
from pamong.light.pages import Frame
from pamong.play import play
from pamong.service import audit, people
from pamong.service.board import asking, canvas, library, moderation, post
from pamong.service.board.asking import COLLEAGUES, PATIENCE, Candidate, choose
from pamong.service.board.library import PAGE, Search
from pamong.service.board.page import drawn
from pamong.service.board.post import A_DAY, SPAN
from pamong.service.board.text import FIELDS, LONG, PROBLEMS, cleaned, faults, telling, written
from pamong.service.database import Database
from pamong.service.people import Person
from pamong.service.tables import asked, metadata
from tests.service.conftest import MODULE
from tests.values import replace

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
SAY = messages("board", "id")
ROOT = Path(__file__).resolve().parents[2]
REGIONS = ("Kota Utara", "Kota Timur", "Kota Barat")
STORY = {
    "title": "Antrean loket turun",
    "situasi": "Warga menunggu lama di loket karena tidak ada nomor.",
    "tindakan": "Kami membagikan nomor antrean sejak pagi hari.",
    "hasil": "Waktu tunggu turun dari 40 menjadi 15 menit.",
    "pelajaran": "Petugas keamanan perlu dilibatkan sejak awal.",
    "syarat": "Satu petugas pemanggil dan papan tulis.",
    "problem": "layanan",
    "component": MODULE,
}
QUESTION = {
    "title": "Warga menolak tempat sampah",
    "masalah": "Warga menolak tempat sampah bersama karena takut bau.",
    "pertanyaan": "Bagaimana mengajak warga yang tidak pernah hadir?",
    "problem": "sampah",
}
ADVICE = "Datangilah warga satu per satu sesudah magrib."


def somebody(number: int, **more) -> Person:
    region = REGIONS[number % 3]
    known = {"id": f"p{number:03}", "name": f"Nama{number} Rekaan", "office": "lurah"}
    return Person(**{**known, "role": "peserta", "region": region, "cohort": "a01", **more})


EVERYBODY = (
    *(somebody(number, superior="p100" if number < 5 else "") for number in range(12)),
    somebody(100, office="camat", region="Kota Timur", superior="p101"),
    somebody(101, office="walikota", region="Kota Barat"),
    Person(id="k01", name="Karim Rekaan", role="penyelenggara"),
)


@pytest.fixture(params=["sqlite"])
def there(request, tmp_path):
    url = f"sqlite:///{tmp_path}/papan.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("server").database()
    database = Database(url)
    metadata.create_all(database._engine)
    with database.writing() as connection:
        for person in EVERYBODY:
            people.add(connection, person)
    with closing(database), database.writing() as connection:
        yield connection


both = pytest.mark.parametrize("there", ["sqlite", "postgresql"], indirect=True)


def put(connection, id="a" * 16, *, who="p000", sort="praktik", at=NOW, anonymous=False, **more):
    """A post with the moderators."""
    base = STORY if sort == "praktik" else QUESTION
    draft = written(sort, {**base, **more}, anonymous=anonymous)
    author = next(person for person in EVERYBODY if person.id == who)
    assert post.submit(connection, id, author, draft, at) == "saved"
    return id


def decide(connection, id, decision="shown", reason="", at=NOW):
    revision = post.find(connection, id).revision
    values = {"by": "k01", "now": at}
    return moderation.decide_post(connection, id, revision, decision, reason, **values)


def show(connection, *args, **more):
    id = put(connection, *args, **more)
    assert decide(connection, id, at=more.get("at", NOW)) == "done"
    return id


def titles(connection, **wanted) -> list[str]:
    return [card.title for card in library.search(connection, Search(**wanted)).cards]


def who_is_asked(connection, id, *states) -> list[str]:
    query = select(asked.c.person).where(asked.c.post == id)
    if states:
        query = query.where(asked.c.state.in_(states))
    return sorted(connection.execute(query).scalars())


def answer_id(connection, id, who):
    query = select(asked.c.id, asked.c.revision).where(asked.c.post == id, asked.c.person == who)
    return connection.execute(query).one()


# ---------------------------------------------------------------- moderation


def test_nobody_sees_a_card_before_staff_have_shown_it_and_its_author_is_told_why_not(there):
    id = put(there)
    assert titles(there) == []
    assert library.card(there, id) is None
    assert decide(there, id, "refused", " ") == "reason"
    assert decide(there, id, "refused", "Ada nama warga.") == "done"
    (mine,) = post.own(there, "p000")
    assert (mine.state, mine.reason) == ("refused", "Ada nama warga.")
    assert post.change(
        there, id, "p000", written("praktik", {**STORY, "title": "Tanpa nama warga"})
    )
    assert post.own(there, "p000")[0].state == "waiting"
    assert decide(there, id) == "done"
    assert titles(there) == ["Tanpa nama warga"]


def test_a_card_that_is_changed_goes_back_to_staff_who_never_show_what_they_have_not_read(there):
    id = show(there)
    read = post.find(there, id).revision
    assert post.change(there, id, "p000", written("praktik", {**STORY, "title": "Judul baru"}))
    assert titles(there) == []
    late = moderation.decide_post(there, id, read, "shown", "", by="k01", now=NOW)
    assert late == "changed"
    assert titles(there) == []


def test_a_page_that_is_older_than_a_colleagues_decision_decides_nothing(there):
    id = put(there)
    assert decide(there, id, "refused", "Ada nama warga.") == "done"
    late = moderation.decide_post(there, id, 1, "shown", "", by="w01", now=NOW)
    assert late == "changed"
    assert titles(there) == []


def test_an_author_takes_a_post_back_at_any_time_and_nobody_else_does(there):
    id = show(there)
    assert not post.withdraw(there, id, "p001")
    assert not post.change(there, id, "p001", written("praktik", STORY))
    assert post.withdraw(there, id, "p000")
    assert titles(there) == []
    assert moderation.seen(there, id) is None
    assert decide(there, id) == "gone"


def test_what_is_shown_can_be_taken_down_again(there):
    id = show(there)
    assert decide(there, id, "refused", "Ada alamat rumah.") == "done"
    assert titles(there) == []


def test_every_decision_of_staff_is_in_the_audit(there):
    put(there)
    decide(there, "a" * 16, "refused", "Ada nama warga.")
    decide(there, "a" * 16)
    question = show(there, "b" * 16, sort="saran")
    person = who_is_asked(there, question)[0]
    asking.answer(there, question, person, ADVICE, NOW, anonymous=False)
    answer = answer_id(there, question, person)
    moderation.decide_answer(there, answer.id, answer.revision, "shown", "", by="k01", now=NOW)
    lines = [(line.act, line.who, line.whom) for line in audit.read(there, act="board.")]
    assert lines[::-1] == [
        ("board.post.refused", "k01", "p000"),
        ("board.post.shown", "k01", "p000"),
        ("board.post.shown", "k01", "p000"),
        ("board.answer.shown", "k01", person),
    ]
    assert ADVICE not in repr(audit.read(there))


# ---------------------------------------------------------------- finding


@both
def test_words_are_looked_for_as_they_are_written(there):
    odd = "Turun 100% dengan kartu_antre dan jalur C:\\loket/depan"
    show(there, "1" * 16, title=odd)
    show(there, "2" * 16, title="Turun seratus persen, KARTU antre Élite")
    for words in ("100%", "kartu_antre", "c:\\loket", "loket/depan", "TURUN 100%"):
        assert titles(there, words=words) == [odd], words
    assert titles(there, words="élite kartu") == ["Turun seratus persen, KARTU antre Élite"]
    assert titles(there, words="%") == [odd]
    assert titles(there, words="' OR 1=1 --") == []
    assert len(titles(there, words="turun warga menunggu")) == 2


@both
def test_cards_are_found_by_component_problem_and_page(there):
    for number in range(PAGE + 1):
        at = NOW + timedelta(days=number)
        show(there, f"{number:016}", title=f"Kartu nomor {number}", at=at, component="")
    show(there, "f" * 16, who="p001", problem="banjir")
    assert titles(there, component=MODULE) == [STORY["title"]]
    assert titles(there, problem="banjir") == [STORY["title"]]
    assert titles(there, problem="banjir", component="lain") == []
    first, last = (library.search(there, Search(page=page)) for page in (1, 99))
    assert (first.count, first.pages, first.page, len(first.cards)) == (PAGE + 2, 2, 1, PAGE)
    assert (last.page, len(last.cards)) == (2, 2)
    assert first.cards[0].title == f"Kartu nomor {PAGE}"


def test_an_author_without_a_name_is_in_nothing_that_readers_get_and_not_found_by_their_region(
    there,
):
    show(there, "1" * 16, title="Kartu bernama")
    show(there, "2" * 16, who="p003", title="Kartu tanpa nama", anonymous=True)
    assert titles(there, words="kota utara") == ["Kartu bernama"]
    hidden = next(person for person in EVERYBODY if person.id == "p003")
    for word in (hidden.name, hidden.region, hidden.office, hidden.id):
        assert word not in repr(library.card(there, "2" * 16))
    assert library.card(there, "1" * 16).by == post.Byline(
        name="Nama0 Rekaan", office="lurah", region="Kota Utara"
    )
    waiting = moderation.seen(there, "2" * 16)
    assert (waiting.writer.id, waiting.writer.name) == (hidden.id, hidden.name)


# ---------------------------------------------------------------- asking


@both
def test_three_colleagues_from_elsewhere_are_asked_once_a_question_is_shown(there):
    id = put(there, sort="saran")
    assert who_is_asked(there, id) == []
    assert decide(there, id) == "done"
    chosen = who_is_asked(there, id)
    assert len(chosen) == COLLEAGUES
    regions = {person.id: person.region for person in EVERYBODY}
    assert "Kota Utara" not in {regions[each] for each in chosen}
    assert not {"p100", "p101", "k01"} & set(chosen)
    assert decide(there, id) == "gone"
    assert who_is_asked(there, id) == chosen


def test_whoever_passes_is_replaced_until_nobody_is_left_and_is_never_asked_again(there):
    id = show(there, sort="saran")
    passed = []
    while left := who_is_asked(there, id, "asked"):
        assert asking.decline(there, id, left[0], NOW)
        assert not asking.decline(there, id, left[0], NOW)
        assert asking.request(there, id, left[0]) is None
        passed.append(left[0])
    elsewhere = [each.id for each in EVERYBODY[:12] if each.region != "Kota Utara"]
    assert sorted(passed) == sorted(elsewhere)


def test_those_asked_least_so_far_are_asked_next(there):
    first = who_is_asked(there, show(there, "1" * 16, sort="saran"))
    second = who_is_asked(there, show(there, "2" * 16, sort="saran"))
    assert not set(first) & set(second)


def test_an_author_has_others_asked_instead_of_the_silent_and_loses_nobody(there):
    id = show(there, sort="saran")
    before = who_is_asked(there, id)
    assert asking.renew(there, id, "p000", NOW + PATIENCE / 2) == 0
    assert asking.answer(there, id, before[0], ADVICE, NOW, anonymous=False)
    later = NOW + PATIENCE
    assert asking.course(there, id, later).silent == 2
    assert asking.renew(there, id, "p001", later) == 0
    assert asking.renew(there, id, "p000", later) == 2
    assert before[0] in who_is_asked(there, id, "waiting")
    assert not set(before) & set(who_is_asked(there, id, "asked"))
    for _ in range(9):
        later += PATIENCE
        asking.renew(there, id, "p000", later)
    assert len(who_is_asked(there, id, "asked")) == 2  # nobody left: those who are asked stay so


def test_an_answer_reaches_the_author_after_staff_have_read_it_and_thanks_come_back(there):
    id = show(there, sort="saran", anonymous=True)
    person, other, _ = who_is_asked(there, id)
    for word in ("Nama0", "Kota Utara", "p000"):
        assert word not in repr(asking.request(there, id, person))
    assert not asking.answer(there, id, "p003", ADVICE, NOW, anonymous=False)  # was not asked
    assert asking.answer(there, id, person, ADVICE, NOW, anonymous=True)
    assert asking.course(there, id, NOW).answers == ()
    assert asking.course(there, id, NOW).waiting == 1
    answer = answer_id(there, id, person)
    assert asking.thank(there, answer.id, "p000", NOW) == ""
    say = {"by": "k01", "now": NOW}
    refused = moderation.decide_answer(
        there, answer.id, answer.revision, "refused", "Ada nama.", **say
    )
    assert refused == "done"
    assert asking.request(there, id, person).reason == "Ada nama."
    assert asking.unanswered(there, person) == 1
    assert asking.answer(there, id, person, f"{ADVICE} Sabar.", NOW, anonymous=True)
    shown = moderation.decide_answer(there, answer.id, answer.revision, "shown", "", **say)
    assert shown == "changed"
    shown = moderation.decide_answer(there, answer.id, answer.revision + 2, "shown", "", **say)
    assert shown == "done"
    (seen,) = asking.course(there, id, NOW).answers
    assert (seen.text, seen.by, seen.id) == (f"{ADVICE} Sabar.", None, answer.id)
    assert asking.thank(there, answer.id, other, NOW) == ""
    assert asking.thank(there, answer.id, "p000", NOW) == id
    assert asking.request(there, id, person).thanked == NOW
    assert not asking.answer(there, id, person, ADVICE, NOW, anonymous=False)


def test_a_question_that_is_taken_back_is_before_nobody_any_more(there):
    id = show(there, sort="saran")
    person = who_is_asked(there, id)[0]
    assert asking.unanswered(there, person) == 1
    assert post.withdraw(there, id, "p000")
    assert asking.requests(there, person) == ()
    assert not asking.answer(there, id, person, ADVICE, NOW, anonymous=False)
    assert not post.change(there, id, "p000", written("saran", QUESTION))


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.sampled_from([f"p{number}" for number in range(12)]),
        office=st.sampled_from(["lurah", "camat"]),
        region=st.sampled_from(["A", "B", "C"]),
        superior=st.sampled_from(["", *(f"p{number}" for number in range(12))]),
        active=st.booleans(),
        times=st.integers(0, 3),
    ),
    unique_by=lambda each: each.id,
    min_size=1,
)


def above(person: str, everybody: dict[str, Candidate]) -> list[str]:
    found: list[str] = []
    while person in everybody and (person := everybody[person].superior) and person not in found:
        found.append(person)
    return found


@given(among=CANDIDATES, count=st.integers(0, 4), order=st.randoms(use_true_random=False))
def test_whoever_is_chosen_may_be_asked_and_the_order_of_the_list_does_not_matter(
    among, count, order
):
    author, known = among[0], {each.id: each for each in among}
    chosen = choose(author, among, (), "benih", count)
    allowed = {
        each.id
        for each in among
        if each.active
        and each.id != author.id
        and each.region != author.region
        and each.id not in above(author.id, known)
        and author.id not in above(each.id, known)
    }
    assert len(chosen) == len(set(chosen)) == min(count, len(allowed))
    assert set(chosen) <= allowed
    rest = [known[id].times for id in allowed - set(chosen)]
    assert not rest or not chosen or max(known[id].times for id in chosen) <= min(rest)
    order.shuffle(mixed := list(among))
    assert choose(author, mixed, (), "benih", count) == chosen


# ---------------------------------------------------------------- writing


@given(st.text())
def test_cleaned_text_is_bounded_by_nothing_unseen_and_stays_as_it_is(text):
    once = cleaned(text)
    assert cleaned(once) == once
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]|\n{3}", once)
    assert len(once) <= len(text)


@given(st.sampled_from(sorted(FIELDS)), st.dictionaries(st.text(), st.text()), st.data())
def test_only_drafts_within_their_bounds_have_no_fault(sort, given_, data):
    fields = {name: data.draw(st.text(max_size=60)) for name in ("title", *FIELDS[sort], "problem")}
    draft = written(sort, {**given_, **fields})
    assert set(draft.body) == set(FIELDS[sort])
    if not faults(draft, (), ()):
        texts = [text for text in draft.body.values() if text]
        assert all(LONG[0] <= len(text) <= LONG[1] for text in texts)
        assert draft.problem in PROBLEMS


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("hasil", "", [("hasil", "empty")]),
        ("hasil", "Turun.", [("hasil", "short")]),
        ("hasil", "a " * 1001, [("hasil", "long")]),
        ("title", "x" * 121, [("title", "long")]),
        ("problem", "tidak-ada", [("problem", "choose")]),
        ("component", "m9", [("component", "unknown")]),
        ("situasi", "Hubungi Bu Sri di 0812-3456-7890 saja.", [("situasi", "number")]),
        ("situasi", "Nomornya 3173052312990004 pada kartu.", [("situasi", "number")]),
        ("situasi", "Anggaran Rp1.250.000.000 pada 2025, 2026, dan 2027.", []),
    ],
)
def test_what_is_wrong_with_a_card_is_told_by_field(field, value, told):
    draft = written("praktik", {**STORY, field: value})
    assert [(fault.place, fault.key) for fault in faults(draft, [MODULE], [])] == told


def test_an_author_without_a_name_is_told_when_the_text_gives_them_away():
    own = ("Nama0 Rekaan", "Kota Administrasi Contoh Utara")
    told = {**STORY, "hasil": "Di Contoh  utara, waktu tunggu turun menjadi 15 menit."}
    draft = written("praktik", told, anonymous=True)
    (fault,) = faults(draft, [MODULE], own)
    assert (fault.place, fault.values["word"]) == ("anonymous", "contoh utara")
    assert faults(replace(draft, sure=True), [MODULE], own) == ()
    assert faults(replace(draft, anonymous=False), [MODULE], own) == ()
    assert telling("Contoh Utaraan", own) == ()


def test_a_day_has_room_for_some_posts_and_a_form_sent_twice_is_one_with_its_last_text(there):
    author = EVERYBODY[0]
    draft = written("saran", QUESTION)
    for number in range(A_DAY["saran"]):
        for _ in range(2):
            assert post.submit(there, f"{number:016}", author, draft, NOW) == "saved"
    assert post.submit(there, "e" * 16, author, draft, NOW) == "limit"
    assert post.submit(there, "e" * 16, EVERYBODY[1], draft, NOW) == "saved"
    assert post.submit(there, "e" * 16, author, draft, NOW) == "taken"
    again = written("saran", {**QUESTION, "title": "Warga menolak bank sampah"})
    assert post.submit(there, "0" * 16, author, again, NOW) == "saved"
    assert post.find(there, "0" * 16).title == "Warga menolak bank sampah"
    assert decide(there, "0" * 16) == "done"
    assert post.submit(there, "0" * 16, author, again, NOW) == "saved"
    assert post.submit(there, "0" * 16, author, draft, NOW) == "taken"
    assert post.submit(there, "d" * 16, author, draft, NOW + SPAN) == "saved"
    assert len(post.own(there, author.id)) == A_DAY["saran"] + 1


class Reader(HTMLParser):
    """The tags of a page, and the text of what a card tells."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.told: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag + "".join(f" {name}" for name, _ in attrs))
        self._inside = tag == "dd"
        if self._inside:
            self.told.append("")

    def handle_data(self, data):
        if self._inside:
            self.told[-1] += data

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "dd"


def card_page(texts: list[str]) -> Reader:
    fields = dict(zip(("title", *FIELDS["praktik"]), texts, strict=True))
    draft = written("praktik", fields)
    by = post.Byline(name=texts[0], office=texts[1], region=texts[2])
    card = library.Card(
        id="a" * 16,
        title=draft.title,
        body=draft.body,
        component="",
        problem="lain",
        shown=NOW,
        by=by,
    )
    values = {
        "frame": Frame(base="/services/"), "here": "/services/pamong/board/", "me": EVERYBODY[0],
        "programme": "Pelatihan Uji", "components": {}, "xsrf": "", "done": "", "card": card,
    }  # fmt: skip
    return Reader(drawn("card.html", Clock(now=NOW), values))


@given(st.lists(st.text(st.sampled_from("<>&\"'={}%#-/ abscript\n")), min_size=6, max_size=6))
def test_whatever_is_written_is_shown_as_text_and_never_becomes_markup(texts):
    page, plain = card_page(texts), card_page(["a" if cleaned(text) else "" for text in texts])
    assert page.tags == plain.tags
    assert page.told == [text for text in map(cleaned, texts[1:]) if text]


# ---------------------------------------------------------------- from a canvas


def events_of(brief, key, sharing):
    bot = KINDS["canvas"].bots["person"]
    events = play(KINDS["canvas"], brief, key, bot, rng=Random(3), skill=1.0)
    return tuple(
        replace(event, data={**event.data, "value": sharing})
        if event.data.get("field") == "berbagi"
        else event
        for event in events
    )


@pytest.mark.parametrize("module", ["m3-pemecahan-masalah-keputusan", "m6-integritas-pelayanan"])
def test_the_text_of_a_canvas_becomes_a_draft_unless_its_author_keeps_it(module):
    path = ROOT / "course" / "source" / module / "praktik-baik.brief.yaml"
    brief = load_brief(path)
    key = load_key(ROOT / "graders" / module / "praktik-baik.key.yaml", KINDS["canvas"])
    events = events_of(brief, key, "tanpa")
    values = {event.data.get("field"): event.data.get("value") for event in events}
    draft = canvas.draft(brief, events, module)
    assert draft.anonymous
    assert draft.component == module
    assert set(draft.body) == set(FIELDS["praktik"])
    for name in canvas.STORY:
        assert draft.body[name] == cleaned(values[name])
    assert draft.body["syarat"].startswith("- ")
    assert not canvas.draft(brief, events_of(brief, key, "nama"), module).anonymous
    assert canvas.draft(brief, events_of(brief, key, "tidak"), module) is None
    assert canvas.draft(brief, (), module) is None


# ---------------------------------------------------------------- over HTTP

SCRIPT = "<script>alert('papan')</script> & \"kutip\" {{ 7*7 }}"


def new_id(client, sort) -> str:
    return re.search(
        r'name="id" value="([0-9a-f]{16})"', client.get(f"pamong/board/new/{sort}").text
    )[1]


def send(client, sort="praktik", **more):
    base = STORY if sort == "praktik" else QUESTION
    id = new_id(client, sort)
    return id, client.form(f"pamong/board/new/{sort}", **{**base, "id": id, **more})


def moderate(client, id, decision="shown", what="posts", revision="1", reason=""):
    return client.as_("k01").form(
        f"pamong/staff/board/{what}/{id}", decision=decision, revision=revision, reason=reason
    )


def agreed(client, who):
    """Somebody else who has accepted the privacy notice."""
    other = client.as_(who)
    found = re.search(r'name="notice" value="([^"]+)"', other.get("pamong/privacy").text)
    if found:
        assert other.form("pamong/consent", notice=found[1]).status == 303
    return other


def test_a_card_goes_from_its_author_through_staff_to_everybody_and_its_script_stays_text(client):
    reader, leader, staff = agreed(client, "p002"), client.as_("g01"), client.as_("k01")
    agreed(client, "p001")
    client.act("refleksi", "write", {"text": "RAHASIA-JAWABAN"}, "papan-1")
    id, sent = send(client, situasi=f"{SCRIPT} {'x' * 20}", anonymous="1")
    assert sent.headers["Location"] == f"/services/pamong/board/posts/{id}?done=sent"
    assert [each.get(f"pamong/board/posts/{id}").status for each in (reader, leader)] == [404, 404]
    queue = staff.get("pamong/staff/board").text
    assert "Ani Rekaan" in queue
    assert SAY("queue.hidden") in queue
    assert moderate(client, id).headers["Location"].endswith("?outcome=done")
    for page in (
        *(each.get(f"pamong/board/posts/{id}") for each in (client, reader, leader, staff)),
        *(each.get("pamong/board/?words=loket") for each in (reader, leader)),
    ):
        assert page.status == 200
        assert STORY["title"] in page.text
        assert "<script>" not in page.text
        assert "RAHASIA-JAWABAN" not in page.text
        assert "Content-Security-Policy" in page.headers
    seen = reader.get(f"pamong/board/posts/{id}").text
    assert "&lt;script&gt;alert(&#39;papan&#39;)&lt;/script&gt; &amp;" in seen
    assert "{{ 7*7 }}" in seen
    assert SAY("by.none") in seen
    for word in ("Ani", "Kelurahan Umpama", "p001"):
        assert word not in seen
    assert client.form(f"pamong/board/posts/{id}/withdraw").status == 303
    assert reader.get(f"pamong/board/posts/{id}").status == 404


def test_a_question_is_answered_by_those_asked_alone_and_its_author_thanks(client):
    friend, superior = agreed(client, "p002"), agreed(client, "p003")
    agreed(client, "p001")
    id, _ = send(client, "saran", anonymous="1")
    moderate(client, id)
    place = f"pamong/board/posts/{id}"
    assert SAY("note.saran.shown", asked=1) in client.get(place).text
    assert superior.get(place).status == 404  # in the author's own line
    assert (
        superior.form(f"{place}/answer", answer=ADVICE).headers["Location"].endswith("?done=gone")
    )
    assert client.as_("g01").get(place).status == 404
    board, asked_page = friend.get("pamong/board/").text, friend.get(place).text
    assert SAY("asked.title") in board
    for word in ("Ani", "Kelurahan Umpama", "p001"):
        assert word not in board
        assert word not in asked_page
    short = friend.form(f"{place}/answer", answer="Sabar.")
    assert (short.status, "Sabar." in short.text) == (422, True)
    assert (
        friend.form(f"{place}/answer", answer=ADVICE).headers["Location"].endswith("?done=answered")
    )
    assert ADVICE not in client.get(place).text
    answer = re.search(
        r"staff/board/answers/([0-9a-f]{16})", client.as_("w01").get("pamong/staff/board").text
    )
    moderate(client, answer[1], what="answers")
    mine = client.get(place).text
    assert ADVICE in mine
    assert "Budi Rekaan, Lurah, Kelurahan Andaian" in mine
    assert friend.form(f"pamong/board/answers/{answer[1]}/thanks").status == 404
    assert client.form(f"pamong/board/answers/{answer[1]}/thanks").status == 303
    checked = client.as_("k01").get(place).text
    assert "Ani Rekaan" in checked
    assert ADVICE in checked
    assert SAY("asked.thanked") in friend.get(place).text


def test_nobody_does_what_is_not_theirs(client):
    agreed(client, "p001")
    other, leader, staff = agreed(client, "p002"), client.as_("g01"), client.as_("k01")
    id, _ = send(client)
    place = f"pamong/board/posts/{id}"
    for act in ("edit", "withdraw", "renew"):
        assert other.form(f"{place}/{act}", **STORY).status == 404, act
    assert other.get(f"{place}/edit").status == 404
    decision = {"decision": "shown", "revision": "1"}
    for who in (client, leader):
        assert who.get("pamong/staff/board").status == 403
        assert who.form(f"pamong/staff/board/posts/{id}", **decision).status == 403
    for who in (leader, staff):
        assert who.get("pamong/board/new/praktik").status == 403
        assert who.form(f"{place}/answer", answer=ADVICE).status == 403
    assert client.as_("").get(place).status in (302, 403)
    assert client.as_("p999").get("pamong/board/").status == 403
    forged = client.as_("k01")
    body = b"decision=shown&revision=1"
    assert forged.post(f"pamong/staff/board/posts/{id}", body, X_XSRFToken="salah").status == 403
    assert (
        staff.form(f"pamong/staff/board/posts/{id}", decision="shown", revision="x").status == 400
    )
    assert other.get(place).status == 404


def test_a_form_that_is_refused_keeps_every_word_and_says_what_to_mend(client):
    agreed(client, "p001")
    id, refused = send(client, hasil="Turun.", problem="", title=f"{SCRIPT}")
    assert refused.status == 422
    page = refused.text
    assert (
        SAY("fault.of", field=SAY("field.hasil"), fault=SAY("fault.short", least=20, count=6))
        in page
    )
    assert SAY("fault.of", field=SAY("field.problem"), fault=SAY("fault.choose")) in page
    assert STORY["tindakan"] in page
    assert "<script>" not in page
    assert f'value="{id}"' in page
    ids = [send(client)[0] for _ in range(A_DAY["praktik"])]
    assert all(client.get(f"pamong/board/posts/{each}").status == 200 for each in ids)
    _, late = send(client)
    assert late.status == 422
    assert SAY("fault.limit.praktik", most=A_DAY["praktik"]) in late.text
    assert STORY["tindakan"] in late.text


def test_the_privacy_notice_comes_before_the_board(service, client):
    assert client.as_("g01").get("pamong/board").headers["Location"] == "/services/pamong/board/"
    fresh = Person(
        id="p050",
        name="Dewi Rekaan",
        role="peserta",
        office="lurah",
        region="Kelurahan Lain",
        cohort="a01",
    )
    with service.database.writing() as connection:
        people.add(connection, fresh)
    answer = client.as_("p050").get("pamong/board/")
    assert (answer.status, answer.headers["Location"]) == (302, "/services/pamong/privacy")
