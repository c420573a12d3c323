"""A page of feedback tells its owner everything that is theirs, and nobody anything else."""

import html
import re
import sqlite3
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.catalogue import messages
from pamong.course import Exercise
from pamong.enclosure import address, enclosed, outside
from pamong.errors import CourseError
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import Desk, feedback, write
from pamong.grading.feedback.blocks import blocks
from pamong.grading.feedback.counsel import counsel
from pamong.grading.feedback.page import Decision, Page, Section, Story, shares
from pamong.grading.feedback.paper import pdf
from pamong.grading.feedback.sheet import environment
from pamong.grading.feedback.story import story
from pamong.grading.feedback.wording import TURNING, printable
from pamong.kind import replay
from pamong.kinds import KINDS
from pamong.play import play
from pamong.score import Cap, Part
from tests.kinds.cases import NAMES, best, case
from tests.values import replace

TEMPLATES = Path(__file__).parent.parent / "templates" / "feedback"
MODULE = "m0-contoh"


@pytest.fixture
def page(released, logs, hand_in, written):
    """The feedback page of a participant whose bot-played logs and essays are given."""

    def make(*essays, manual=None, comment=None, **bots):
        played = logs(**bots)
        if essays:
            played["refleksi"] = written(*essays)
        hand_in(released, "p001", played)
        grade(released, [MODULE], crew=local(1))
        if manual is not None:
            with sqlite3.connect(released.gradebook) as connection:
                connection.execute(
                    "update grade set manual_score = ?, needs_manual_grade = 0 where cell_id in "
                    "(select id from base_cell where name = 'uraian-q1' and type = 'GradeCell')",
                    (manual,),
                )
                connection.execute("update comment set manual_comment = ?", (comment,))
            connection.close()
        assert feedback(released, MODULE, workers=1) == 1
        return (released.feedback("p001", MODULE) / "module.html").read_text()

    return make


def visible(html):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S)
    return re.sub(r"(\d|–) /(?=\d)", r"\1/", re.sub(r"\s+", " ", text))


def test_points_parts_and_reasons_are_shown_to_their_owner(page):
    text = visible(page("Saya akan mendengar dahulu.", pemahaman="perfect", sikap="perfect"))
    for expected in (
        "Pelatihan Contoh", "Modul Contoh", "Ani Rekaan", "1 Desember 2026 pukul 10.00 WIB",
        "nilai sementara modul ini 70/100", "Pemahaman dasar 40/40",
        "Dinilai dari catatan jawaban Anda.", "Sikap di lapangan 30/30",
        "Refleksi: pertanyaan 1 –/30 Menunggu pemeriksaan penilai.", "Apa yang akan Anda lakukan berbeda?",
        "Saya akan mendengar dahulu.",
    ):  # fmt: skip
        assert expected in text, expected


def test_the_markers_points_and_words_are_shown(page):
    text = visible(page("Teks.", manual=24.5, comment="Sudah baik.\n<b>Lanjutkan</b>"))
    assert "Refleksi: pertanyaan 1 24,5/30 Dinilai oleh penilai." in text
    assert "Catatan penilai Sudah baik. &lt;b&gt;Lanjutkan&lt;/b&gt;" in text
    assert "nilai modul ini 24,5/100" in text


def test_nothing_handed_in_is_said_plainly(page):
    assert visible(page()).count("Tidak ada jawaban yang dikumpulkan.") == 3


def test_the_owner_sees_what_markers_may_not(page, released):
    html = page(sikap="perfect", pemahaman="perfect")
    graded = (released.autograded("p001", MODULE) / "module.ipynb").read_text()
    assert "Menemui kedua pihak" in html
    assert "Menemui kedua pihak" not in graded


def test_neither_code_nor_key_nor_another_systems_words_are_shown(page):
    html = page("Teks.", pemahaman="random", sikap="random")
    for secret in ("module.", "import", "HIDDEN", "experts", "Errored", "Traceback", "guidance"):
        assert secret not in visible(html), secret


def test_an_errored_exercise_waits_without_its_technical_cause(released, hand_in):
    hand_in(released, "p001", {"pemahaman": b"rusak\n\n"})
    grade(released, [MODULE], crew=local(1))
    feedback(released, MODULE, workers=1)
    text = visible((released.feedback("p001", MODULE) / "module.html").read_text())
    assert "Pemahaman dasar –/40 Menunggu pemeriksaan penilai." in text
    assert "not an event" not in text


def test_text_of_participants_is_text(page):
    html = page('<script>alert(1)</script><img src="http://contoh.invalid/x">')
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_page_asks_for_nothing_and_forbids_itself_to(page):
    html = page("Teks.", pemahaman="perfect")
    assert "default-src 'none'" in html
    assert not re.findall(r"""\b(?:src|href)\s*=\s*(?!["'](?:data:|#))""", html)
    assert 'href="data:application/pdf;base64,' in html
    assert "url(http" not in html


def test_what_release_feedback_needs_lies_beside_the_page(page, released):
    page()
    folder = released.feedback("p001", MODULE)
    assert (folder / "submission_secret.txt").read_text() == "rahasiap001"
    assert (folder / "timestamp.txt").read_text() == "2026-12-01 03:00:00.000000 UTC"


def test_practice_is_left_out(page):
    assert "Latihan" not in visible(page(latihan="perfect"))


def test_a_course_without_templates_is_told_once(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    folder = released.root / "templates" / "feedback"
    (folder / "page.html").unlink()
    with pytest.raises(CourseError) as error:
        feedback(released, MODULE, workers=1)
    assert str(error.value) == (
        f"{folder} holds no page.html. Copy the folder templates/ of Pamong beside course/, then try again."
    )


def test_a_page_that_cannot_be_written_says_where_and_what_to_do(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    place = released.feedback("p001", MODULE)
    place.parent.mkdir(parents=True)
    place.write_text("bukan folder")
    with pytest.raises(CourseError) as error:
        feedback(released, MODULE, workers=1, paper=False)
    assert str(error.value) == (
        f"1 of 1 pages failed:\np001: {place}: File exists. Make room, or give this account the rights, "
        "then try again."
    )


def test_one_page_that_fails_never_stops_the_others(released, hand_in):
    for person in ("p001", "p002"):
        hand_in(released, person)
    grade(released, [MODULE], crew=local(1))
    (released.autograded("p001", MODULE) / "module.ipynb").write_text("{")
    seen = []
    with pytest.raises(CourseError) as error:
        feedback(released, MODULE, workers=1, progress=lambda *step: seen.append(step))
    assert str(error.value).startswith("1 of 2 pages failed:\np001: ")
    assert seen == [(1, 2), (2, 2)]
    assert (released.feedback("p002", MODULE) / "module.html").is_file()


def test_a_graded_notebook_that_is_gone_is_asked_for(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    (released.autograded("p001", MODULE) / "module.ipynb").unlink()
    with pytest.raises(CourseError, match=r"is missing. Run `pamong grade m0-contoh` again"):
        write(Desk.open(released, MODULE), "p001")


def test_without_a_roster_the_id_stands_for_the_name(page, released):
    released.roster.unlink()
    assert "p001 · dikumpulkan" in visible(page())


def test_without_prints_there_is_html_alone(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    folder = released.feedback("p001", MODULE)
    assert feedback(released, MODULE, workers=1) == 1
    printed = (folder / "module.pdf").read_bytes()
    assert enclosed((folder / "module.html").read_bytes()) == printed
    assert printed.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part" in printed
    assert feedback(released, MODULE, workers=1, paper=False) == 1
    assert not (folder / "module.pdf").exists()
    assert "application/pdf" not in (folder / "module.html").read_text()


# ---- what was done, and what it led to ----


def told(name, bot=None):
    """The story of what a bot played."""
    kind, brief, key = case(name)
    player = kind.bots[bot] if bot else best(kind)
    events = play(kind, brief, key, player, rng=Random(3))
    return story(Exercise(kind, brief, key), replay(kind, brief, events)), events


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("branching")])
def test_the_way_through_a_case_tells_every_choice_its_consequence_and_its_cost(name):
    found, events = told(name, "random")
    chosen = [event for event in events if event.act == "choose"]
    assert len(found.path) == len(chosen) > 1
    assert [each.reason for each in found.path] == [
        " ".join(event.data.get("reason", "").split()) for event in chosen
    ]
    assert all(each.title and each.choice and each.led for each in found.path)
    debrief = next(event.data for event in events if event.act == "debrief")
    assert [each.cost for each in found.path] == [it["points"] for it in debrief["decisions"]]
    assert found.ending
    assert debrief["headline"] in found.led


def test_a_negotiation_is_told_by_its_plot_and_its_review_is_told_once():
    found, events = told("negotiation")
    debrief = next(event.data for event in events if event.act == "debrief")
    assert found.plot.startswith('<svg role="img"')
    assert "Kesepakatan: peserta" in found.plot
    assert found.led == (debrief["headline"], *debrief["paragraphs"])
    assert "<svg" not in found.record
    assert debrief["headline"] not in found.record


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_story_that_a_printer_can_set(name):
    found, _ = told(name)
    set_ = blocks(found.record)
    shown = " ".join(
        re.sub(r"<svg.*?</svg>|<h3>.*?</h3>|<[^>]+>", " ", found.record, flags=re.S).split()
    )
    assert sorted(words(set_)) == sorted(html.unescape(shown).split())


def words(value):
    """Every word of blocks, whatever they are."""
    match value:
        case list():
            return [word for each in value for word in words(each)]
        case dict():
            return [word for key, each in value.items() if key != "is" for word in words(each)]
        case str():
            return value.split()
        case _:
            return []


@pytest.mark.parametrize("odd", [None, 7, "x", [7], {"a": []}, [{"text": 7}], [{"points": "x"}]])
def test_a_review_that_somebody_forged_shows_nothing_but_texts(odd):
    kind, brief, key = case("branching:template")
    events = play(kind, brief, key, best(kind), rng=Random(3))
    state = replay(kind, brief, events)
    review = dict.fromkeys(
        ("headline", "paragraphs", "decisions", "principles", "frontier", "deal", "best"), odd
    )
    forged = tuple(replace(each, debrief=review) for each in state.attempts)
    found = story(Exercise(kind, brief, key), replace(state, attempts=forged))
    assert {each.cost for each in found.path} == {None}
    assert found.lesson == ""
    assert all(isinstance(each, str) for each in found.led)


# ---- what it comes to ----


def section(title="Rapat", kind="negotiation", score=5.0, maximum=10.0, **more):
    parts = more.pop("parts", {"outcome": 0.9, "model": 0.1})
    made = tuple(Part(name, name.upper(), 1.0, value, "Karena.") for name, value in parts.items())
    return Section(
        kind=kind, title=title, status=more.pop("status", "scored"), score=score, maximum=maximum,
        shares=shares(made, maximum), **more,
    )  # fmt: skip


def test_most_was_left_where_most_points_were_and_that_is_what_to_practise():
    strong = section("Kuat", score=9.0)
    weak = section("Lemah", score=2.0, maximum=12.0)
    found = counsel([strong, weak], {"negotiation": "Latihan tawar"})
    assert found.strong == ("“Kuat”: 9 dari 10 poin.",)
    assert found.left == (
        "“Lemah”: 10 dari 12 poin, terutama pada MODEL.",
        "“Kuat”: 1 dari 10 poin, terutama pada MODEL.",
    )
    assert found.practise.startswith("Tanyakan apa yang paling penting bagi pihak lain")
    assert "“Latihan tawar” di modul ini tidak dinilai" in found.practise
    assert found.headline.startswith("Dasarnya sudah ada.")


def test_a_principle_that_was_missed_is_what_to_practise():
    found = counsel([section(kind="branching", story=Story(lesson="Dengar dahulu."))], {})
    assert found.practise.startswith("Dari “Rapat”: Dengar dahulu. Ingat satu keputusan")


def test_what_is_empty_is_to_be_done_first_and_what_waits_is_not_held_against_anybody():
    blank = section("Kosong", score=0.0, status="blank", parts={})
    waiting = section("Uraian", score=None, maximum=50.0, status="waiting", parts={})
    found = counsel([waiting, blank], {})
    assert found.left == ("“Kosong”: 10 poin, karena belum ada jawaban yang dikumpulkan.",)
    assert "yaitu “Kosong”" in found.practise
    assert counsel([waiting], {}).practise.startswith("Bagian Anda masih menunggu penilai.")
    perfect = section(score=10.0, parts={"outcome": 1.0})
    assert counsel([waiting, perfect], {}).practise.startswith("Bagian Anda masih menunggu")
    unread = counsel([waiting, section(score=0.0, maximum=0.01, status="blank", parts={})], {})
    assert unread.headline == "Jawaban Anda sudah diterima dan menunggu penilai."
    full = counsel([section(score=10.0, parts={"outcome": 1.0})], {})
    assert full.left == ()
    assert full.practise.startswith("Semua nilai yang tersedia sudah Anda raih.")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_something_to_practise(kind):
    found = counsel([section(kind=kind, parts={"tidak-dikenal": 0.0})], {})
    assert found.practise == messages("feedback")(f"practise.{kind}", title="Rapat")


# ---- the print ----


def printed(**more):
    sections = more.pop("sections", (section(),))
    page = Page(
        programme="Pelatihan", module="Modul", participant="Ani", submitted="", score=5.0,
        maximum=10.0, waiting=0, sections=sections, counsel=counsel(sections, {}), **more,
    )  # fmt: skip
    return pdf(page, TEMPLATES)


def test_equal_pages_are_equal_prints():
    assert printed() == printed()
    assert printed(late=1.0) != printed()


@pytest.mark.parametrize(
    "text",
    ["\ue000\U000f0000", "\x00\x1b[31m", "مرحبا שלום", "👨‍👩‍👧 🇮🇩", "\u202eterbalik\u2066", "\ud83d", "kata" * 5000,
     '#read("/etc/passwd")', "$ x^2 $ *tebal* _miring_ `kode` @sitasi <label> = Judul", "A\u0301" * 99, " "],
)  # fmt: skip
def test_whatever_somebody_wrote_is_printed_as_a_document_that_machines_can_read(text):
    told = section(text=(text,), comment=text, question=text, title=text, parts={"a": 0.5})
    assert b"pdfuaid:part" in printed(sections=(told,))


def test_long_words_break_without_coming_apart():
    assert printable("kata " * 3, 99) == "kata kata kata "
    assert printable("x" * 40, 99).replace("\u200b", "") == "x" * 40
    assert "e\u200b\u0301" not in printable("e\u0301" * 40, 99)
    assert "\u200d\u200b" not in printable("👨‍👩‍👧" * 40, 999)
    assert printable("abcdef", 3) == "abc…"


# ---- enclosed ----


@given(st.binary(min_size=1, max_size=99))
def test_an_enclosed_print_comes_out_as_it_went_in(content):
    content = b"%PDF-" + content
    page = f'<p>a</p><a download href="{address(content)}">b</a><p>c</p>'.encode()
    assert enclosed(page) == content
    assert outside(page, "x/module.pdf") == (
        b'<p>a</p><a download href="x/module.pdf">b</a><p>c</p>'
    )


@pytest.mark.parametrize(
    "page", [b"", b"<p>", b'href="data:application/pdf;base64,', b'href="data:application/pdf;base64,@@"',
             b'href="data:application/pdf;base64,PHNjcmlwdD4="'],
)  # fmt: skip
def test_what_is_no_print_is_never_handed_out_as_one(page):
    assert enclosed(page) == b""


def test_what_turns_text_around_stands_only_where_it_is_isolated():
    turning = "kata \u202e\u2067\u202d balik"
    way = (Decision(title="T", choice="C", reason=turning, led="L", cost=3),)
    caps = (Cap(0.4, turning),)
    each = section(
        comment=turning, text=(turning,), story=Story(path=way, led=(turning,)), caps=caps
    )
    each = replace(each, shares=(replace(each.shares[0], reason=turning),))
    html_ = drawn(participant=turning, sections=(each,))
    assert html_.count("\u202e") == 4
    isolated = re.sub(r'<bdi>.*?</bdi>|<p dir="auto">.*?</p>', "", html_)
    assert not TURNING.findall(isolated)


def drawn(**more):
    sections = more["sections"]
    page = Page(
        programme="Pelatihan", module="Modul", submitted="", score=5.0, maximum=10.0, waiting=0,
        counsel=counsel(sections, {}), **more,
    )  # fmt: skip
    template = environment(str(TEMPLATES)).get_template("page.html")
    return template.render(page=page, fonts={}, paper="")
