"""The participant's front door: what it says of every module, to whom, when, and what it asks first."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from pamong.catalogue import PACKAGE, messages
from pamong.course import Course
from pamong.enrolment import Enrolment
from pamong.event import Draft
from pamong.light import handin
from pamong.light.cards import Desk, home_values
from pamong.light.home import Around, agree, due, help_page, home_page, note, privacy_page
from pamong.light.host import FolderHost
from pamong.light.moment import Clock, deadline
from pamong.light.notice import notice
from pamong.light.pages import Frame
from pamong.light.progress import Known, Sent, Step, Trace, foremost, progress
from pamong.light.remembered import Remembered, recall, remember
from pamong.light.request import mounted
from pamong.light.routes import ROUTES
from pamong.light.survey import survey
from pamong.outbox import Outbox
from pamong.programme import ModulePlan
from pamong.receipt import Played, Receipt
from pamong.store import FileStore
from tests.values import replace

from .conftest import MODULE

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
NOW = datetime(2026, 12, 8, 2, 14, tzinfo=UTC)
"""09.14 WIB, 10.14 WITA, 11.14 WIT on a Tuesday."""
FRAME = Frame(base="/user/a/")
DESK = Desk(frame=FRAME)


def at(text: str, zone: str = "Asia/Jakarta") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# ---- moments ----


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Jakarta", "Jumat, 11 Desember 2026 pukul 23.59 WIB"),
        ("Asia/Makassar", "Sabtu, 12 Desember 2026 pukul 00.59 WITA"),
        ("Asia/Jayapura", "Sabtu, 12 Desember 2026 pukul 01.59 WIT"),
    ],
)
def test_a_deadline_of_the_programme_is_told_on_the_readers_own_clock(zone, said):
    assert deadline(at("2026-12-11T23:59"), Clock(now=NOW, zone=zone)).text == said


@pytest.mark.parametrize(
    ("now", "left", "urgency"),
    [
        ("2026-12-01T08:00", "10 hari lagi", "calm"),
        ("2026-12-08T23:59", "3 hari lagi", "soon"),
        ("2026-12-10T23:59", "besok", "soon"),
        ("2026-12-11T00:00", "hari ini, 23 jam lagi", "today"),
        ("2026-12-11T23:00", "kurang dari satu jam lagi", "today"),
        ("2026-12-11T23:59", "kurang dari satu jam lagi", "today"),
        ("2026-12-11T23:59:01", "lewat hari ini", "passed"),
        ("2026-12-12T00:00", "lewat kemarin", "passed"),
        ("2026-12-15T12:00", "lewat 4 hari", "passed"),
    ],
)
def test_how_far_away_a_deadline_is(now, left, urgency):
    found = deadline(at("2026-12-11T23:59"), Clock(now=at(now)))
    assert (found.left, found.urgency) == (left, urgency)


def test_one_moment_is_today_in_the_west_and_tomorrow_in_the_east():
    midnight = at("2026-12-11T23:30")
    clocks = {zone: Clock(now=at("2026-12-11T20:00"), zone=zone) for zone in ZONES}
    assert deadline(midnight, clocks["Asia/Jakarta"]).left == "hari ini, 3 jam lagi"
    assert deadline(midnight, clocks["Asia/Makassar"]).left == "besok, 3 jam lagi"
    assert clocks["Asia/Jakarta"].near(midnight) == "hari ini pukul 23.30 WIB"
    assert clocks["Asia/Jayapura"].near(midnight) == "besok pukul 01.30 WIT"


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)


@given(moments, st.timedeltas(timedelta(days=-40), timedelta(days=40)), zones)
def test_a_deadline_has_passed_exactly_when_it_lies_behind_now(now, away, zone):
    found = deadline(now + away, Clock(now=now, zone=zone))
    assert (found.urgency == "passed") == (away < timedelta(0))
    assert found.left.startswith("lewat") == (found.urgency == "passed")
    assert (found.urgency == "today") <= (timedelta(0) <= away < timedelta(days=1))
    assert " -" not in found.left
    assert " 0 " not in found.left


@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)), zones)
def test_days_are_counted_by_the_midnights_where_the_reader_lives(now, away, zone):
    clock = Clock(now=now, zone=zone)
    assert away.days <= clock.days(now + away) <= away.days + 1
    midnight = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    assert clock.days(midnight) == 0
    assert clock.days(midnight - timedelta(microseconds=1)) == -1
    assert clock.days(midnight + timedelta(days=1)) == 1


@given(moments, zones)
def test_a_near_day_goes_by_its_name_and_any_other_by_its_date(now, zone):
    clock = Clock(now=now, zone=zone)
    assert clock.near(now).startswith("hari ini pukul ")
    assert clock.near(now - timedelta(days=1)).startswith("kemarin pukul ")
    past = now - timedelta(days=2)
    assert clock.near(past).startswith(f"{clock.local(past).day} ")
    assert clock.near(past).split()[-1] in ("WIB", "WITA", "WIT")


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(3, "evening"), (4, "morning"), (10, "morning"), (11, "noon"), (15, "afternoon"),
     (18, "evening"), (23, "evening")],
)  # fmt: skip
def test_the_greeting_follows_the_readers_clock(hour, greeting):
    assert Clock(now=at(f"2026-12-11T{hour:02}:30")).greeting() == greeting


# ---- one module ----

STEPS = (
    Step(part="mandiri", minutes=4),
    Step(part="mandiri", minutes=10, exercise="satu", title="Latihan satu"),
    Step(part="kelas", minutes=5),
    Step(part="kelas", minutes=15, exercise="dua", title="Latihan dua"),
    Step(part="terapan", minutes=3),
)
DONE = Trace(n=3, finished=True, last=NOW - timedelta(hours=1))
BEGUN = Trace(n=1, last=NOW - timedelta(minutes=5))
SENT = Sent(moment=NOW - timedelta(minutes=2), code="ABCD-EFGH-JKMN-PQRS")


def known(id: str = "m1", **more) -> Known:
    plain = {"title": f"Modul {id}", "steps": STEPS, "deadline": at("2026-12-11T23:59")}
    return Known(id=id, **{**plain, **more})


@pytest.mark.parametrize(
    ("more", "state", "step", "asked"),
    [
        ({"steps": ()}, "closed", "", None),
        ({"steps": (), "problems": ("problem.folder",)}, "broken", "", None),
        ({}, "unstarted", "exercise", "satu"),
        ({"traces": {"satu": BEGUN}}, "running", "exercise", "satu"),
        ({"traces": {"satu": DONE}}, "running", "exercise", "dua"),
        ({"traces": {"dua": DONE}}, "running", "exercise", "satu"),
        ({"traces": {"satu": DONE, "dua": DONE}}, "running", "submit", None),
        ({"traces": {"satu": DONE, "dua": DONE}, "sent": SENT}, "sent", "receipt", None),
        ({"traces": {"satu": DONE}, "sent": SENT}, "sent", "exercise", "dua"),
        (
            {"traces": {"satu": DONE, "dua": DONE},
             "sent": Sent(moment=NOW, code="X", changed=True)},
            "changed", "resubmit", None,
        ),
        ({"traces": {"satu": DONE}, "sent": SENT, "graded": True}, "graded", "feedback", None),
    ],
)  # fmt: skip
def test_the_state_of_a_module_and_what_comes_next(more, state, step, asked):
    found = progress(known(**more))
    assert (found.state, found.next) == (state, step)
    assert (found.step.exercise if found.step and step == "exercise" else None) == asked


@pytest.mark.parametrize(
    ("traces", "finished", "remaining"),
    [
        ({}, 0, 37),
        ({"satu": BEGUN}, 0, 33),  # the reading before it has been read
        ({"satu": DONE}, 1, 23),
        ({"dua": BEGUN}, 0, 28),
        ({"satu": DONE, "dua": BEGUN}, 1, 18),
        ({"satu": DONE, "dua": DONE}, 2, 0),
    ],
)
def test_minutes_remain_for_what_is_unfinished_and_unread(traces, finished, remaining):
    found = progress(known(traces=traces))
    assert (found.finished, found.exercises, found.remaining) == (finished, 2, remaining)
    assert found.minutes == (("mandiri", 14), ("kelas", 20), ("terapan", 3))


def test_an_exercise_nobody_can_read_is_named_and_not_offered():
    found = progress(known(traces={"satu": Trace(trouble="damaged"), "dua": BEGUN}))
    assert (found.state, found.damaged, found.step.exercise) == (
        "running",
        ("Latihan satu",),
        "dua",
    )


def test_the_page_goes_on_with_what_was_worked_on_last_and_can_still_be_in_time():
    older = progress(known("m1", traces={"satu": DONE}))
    newer = progress(known("m2", traces={"satu": BEGUN}))
    fresh = progress(known("m3"))
    late = progress(known("m4", traces={"satu": BEGUN}, deadline=NOW - timedelta(days=1)))
    partly = progress(known("m5", traces={"satu": BEGUN}, sent=SENT))
    assert foremost([fresh, older, newer, late, partly], NOW) == newer
    assert foremost([fresh, older, late], NOW) == older
    assert foremost([late, fresh], NOW) == fresh
    assert foremost([partly, fresh], NOW) == fresh
    assert foremost([late], NOW) == late
    whole = {"satu": DONE, "dua": DONE}
    assert foremost([progress(known(traces=whole, sent=SENT))], NOW) is None


# ---- cards ----


def card(zone: str = "Asia/Jakarta", **more):
    values = home_values([progress(known(**more))], Clock(now=NOW, zone=zone), DESK)
    return values["cards"][0], values["next"]


def facts(card):
    return [(fact.name, fact.text, fact.note) for fact in card.facts]


def test_a_card_says_all_that_a_participant_asks():
    found, chosen = card(traces={"satu": DONE}, zone="Asia/Jayapura")
    assert (found.number, found.badge, found.action) == ("Modul 1", "Berjalan", "Lanjutkan")
    assert facts(found) == [
        ("Waktu", "Sisa sekitar 23 menit", "mandiri 14 · kelas 20 · terapan 3"),
        ("Batas waktu", "Sabtu, 12 Desember 2026 pukul 01.59 WIT", "4 hari lagi"),
        ("Tersimpan", "hari ini pukul 10.14 WIT", ""),
    ]
    assert (chosen.action, chosen.minutes) == ("Lanjutkan: Latihan dua", "sekitar 15 menit")
    assert chosen.saved == "Tersimpan hari ini pukul 10.14 WIT"
    assert chosen.card.link.href == "/user/a/pamong/modules/m1/#pm-dua"


@pytest.mark.parametrize(
    ("more", "badge", "action", "first"),
    [
        ({}, "Belum mulai", "Mulai", "Mulai: Latihan satu"),
        ({"traces": {"satu": DONE, "dua": DONE}}, "Berjalan", "Kirim", "Kirim modul Modul m1"),
        (
            {"traces": {"satu": DONE, "dua": DONE},
             "sent": Sent(moment=NOW, code="X", changed=True)},
            "Ada perubahan sesudah dikirim", "Kirim ulang", "Kirim ulang modul Modul m1",
        ),
        ({"traces": {"satu": DONE, "dua": DONE}, "sent": SENT}, "Terkirim", "", None),
        ({"sent": SENT, "graded": True}, "Dinilai", "", None),
        ({"steps": ()}, "Belum dibuka", "", None),
    ],
)  # fmt: skip
def test_every_state_has_its_words_and_its_button(more, badge, action, first):
    found, chosen = card(**more)
    assert (found.badge, found.action) == (badge, action)
    assert (chosen.action if chosen else None) == first


def test_what_is_sent_is_no_longer_late_and_has_a_receipt():
    whole = {"satu": DONE, "dua": DONE}
    found, _ = card(traces=whole, sent=SENT, deadline=NOW - timedelta(days=2))
    assert [fact.note for fact in found.facts if fact.name == "Batas waktu"] == [""]
    assert found.receipt == "/user/a/pamong/modules/m1/receipts/ABCD-EFGH-JKMN-PQRS"
    assert ("Terkirim", "hari ini pukul 09.12 WIB", "") in facts(found)
    late, _ = card(traces={"satu": DONE}, deadline=NOW - timedelta(days=2))
    assert [fact.note for fact in late.facts if fact.name == "Batas waktu"] == ["lewat 2 hari"]


@pytest.mark.parametrize(
    ("notebooks", "preferred", "href", "other"),
    [
        (False, "", "light", ""),
        (False, "notebook", "light", ""),
        (True, "", "light", "notebook"),
        (True, "light", "light", "notebook"),
        (True, "notebook", "notebook", "light"),
    ],
)
def test_a_step_leads_to_what_was_used_last_where_that_can_be_had(
    notebooks, preferred, href, other
):
    places = {
        "light": "/user/a/pamong/modules/m1/#pm-satu",
        "notebook": "/user/a/notebooks/m1/module.ipynb",
        "": "",
    }
    link = Desk(frame=FRAME, notebooks=notebooks, preferred=preferred).link("m1", "pm-satu")
    assert (link.href, link.other) == (places[href], places[other])


# ---- a folder ----


def enrolled(**more) -> Enrolment:
    plain = {
        "participant": "p001",
        "name": "Siti <b>Rahmawati</b>",
        "role": "lurah",
        "cohort": "Angkatan I",
        "programme": "Pelatihan Contoh",
        "course_id": "kursus-contoh",
        "time_zone": "Asia/Jakarta",
        "modules": (
            ModulePlan(id=MODULE, title="Modul Contoh", jp=1, deadline="2026-12-11T23:59"),
        ),
    }
    return Enrolment(**{**plain, **more})


@pytest.fixture
def root(released: Course, tmp_path):
    """A participant's folder with the small module, and twice more under other names."""
    root = tmp_path / "peserta"
    for name in (MODULE, "m1-kedua", "m2-ketiga"):
        shutil.copytree(released.release(MODULE), root / name)
    return root


@pytest.fixture
def host(root):
    plans = [
        ModulePlan(id=name, title=title, jp=1, deadline="2026-12-11T23:59")
        for name, title in (
            (MODULE, "Modul Contoh"),
            ("m1-kedua", "Kedua"),
            ("m2-ketiga", "Ketiga"),
        )
    ]
    return FolderHost(root, enrolled(modules=tuple(plans)))


def answered(host, module=MODULE, exercise="latihan", *, finish=True):
    acts = [("a", "answer", {"item": "l1", "chosen": ["a"]})]
    acts += [("b", "finish", {})] if finish else []
    for id, act, data in acts:
        message = {"type": "act", "seq": 1, "id": id, "act": act, "data": data}
        answer = host.dialogue(module, exercise).receive(message)
        assert answer["type"] == "ack", answer


def handed_in(host, module=MODULE, moment=NOW, **events):
    """A receipt as it lies there once a module has arrived."""
    receipt = Receipt(
        course=host.enrolment.course_id,
        participant=host.enrolment.participant,
        module=module,
        moment=moment,
        content="0" * 64,
        exercises=tuple(
            Played(exercise=name, state="finished", events=n) for name, n in events.items()
        ),
        statement=True,
        late=False,
    )
    folder = host.home() / "receipts" / module
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{receipt.code}.json").write_bytes(receipt.canonical())
    return receipt


def states(host):
    return [progress(each).state for each in survey(host).modules]


def test_a_receipt_from_a_clock_that_was_years_ahead_is_not_the_newest(host):
    handed_in(host, moment=datetime(2999, 1, 1, tzinfo=UTC), latihan=1)
    made = handed_in(host, latihan=3)
    assert survey(host).modules[0].sent.code == made.code


def test_a_folder_tells_how_far_somebody_has_come(host):
    assert states(host) == ["unstarted"] * 3
    answered(host, finish=False)
    found = progress(survey(host).modules[0])
    assert (found.state, found.finished, found.exercises) == ("running", 0, 4)
    assert (found.step.exercise, found.step.title) == ("latihan", "Latihan")
    answered(host)
    found = progress(survey(host).modules[0])
    assert (found.finished, found.step.exercise, found.remaining) == (1, "pemahaman", 20)


def test_a_submission_counts_until_something_is_added_to_a_log(host):
    answered(host, finish=False)
    n = host.store(MODULE).count("latihan")
    handed_in(host, latihan=n)
    assert states(host) == ["sent", "unstarted", "unstarted"]
    answered(host)
    assert states(host) == ["changed", "unstarted", "unstarted"]
    handed_in(host, latihan=host.store(MODULE).count("latihan"))


def test_a_log_that_was_thrown_away_after_sending_is_a_change(host):
    answered(host)
    handed_in(host, latihan=host.store(MODULE).count("latihan"))
    assert states(host)[0] == "sent"
    (host.root / MODULE / "latihan.jsonl").unlink()
    assert states(host)[0] == "changed"


def test_a_changed_essay_is_a_change_at_home_just_as_where_it_is_handed_in(host):
    outbox = Outbox(
        host.home(),
        MODULE,
        participant=host.enrolment.participant,
        course=host.enrolment.course_id,
        place=str(host.root.parent / "exchange"),
        deadline=None,
    )
    (host.root.parent / "exchange" / host.enrolment.course_id / "inbound").mkdir(parents=True)
    made = outbox.submit(lambda: host.portfolio(MODULE), statement=True)
    path = host.root / MODULE / "module.ipynb"
    released = path.read_text(encoding="utf-8")
    for before, after, state in (
        ("Sel ini tidak perlu diisi.", "Pendapat saya.", "changed"),
        ("# Modul Contoh", "# Modul Contoh yang diperbarui", "sent"),
    ):
        assert before in released
        path.write_text(released.replace(before, after), encoding="utf-8")
        found = survey(host).modules[0].sent
        assert (states(host)[0], found.code) == (state, made.code)
        assert handin.overview(host, Frame(base="/"), MODULE)["changed"] is found.changed


def damage_log(root):
    (root / MODULE / "latihan.jsonl").write_bytes(b'{"n": 1\n{"n": 2}\n')


def remove_folder(root):
    shutil.rmtree(root / MODULE)


def damage_notebook(root):
    (root / MODULE / "module.ipynb").write_bytes(b"{")


def damage_brief(root):
    (root / MODULE / "sikap.brief.yaml").write_bytes(b"kind: [\n")


def remove_brief(root):
    (root / MODULE / "sikap.brief.yaml").unlink()


def damage_receipt(root):
    folder = root / ".pamong" / "receipts" / MODULE
    folder.mkdir(parents=True)
    (folder / "ABCD-EFGH-JKMN-PQRS.json").write_bytes(b"\xff{}")


def make_a_folder_of_the_log(root):
    (root / MODULE / "latihan.jsonl").mkdir()


@pytest.mark.parametrize(
    ("harm", "state", "said"),
    [
        (
            damage_log,
            "running",
            "Catatan jawaban latihan ini tidak dapat dibaca dengan utuh: Latihan.",
        ),
        (make_a_folder_of_the_log, "running", "tidak dapat dibaca dengan utuh: Latihan."),
        (remove_folder, "closed", "Penyelenggara belum membuka modul ini."),
        (damage_notebook, "broken", "Berkas modul ini tidak dapat dibaca."),
        (damage_brief, "broken", "Berkas modul ini tidak dapat dibaca."),
        (remove_brief, "broken", "Berkas modul ini tidak dapat dibaca."),
        (damage_receipt, "unstarted", "Ada tanda terima yang tidak dapat dibaca."),
    ],
)
def test_whatever_is_broken_is_said_and_hides_nothing_else(host, root, harm, state, said):
    answered(host, "m1-kedua")
    harm(root)
    assert states(host) == [state, "running", "unstarted"]
    page = text(home(host))
    assert said in page
    assert "Lanjutkan: Pemahaman dasar" in page
    assert "Ketiga" in page


def test_a_module_that_was_sent_and_is_gone_is_missed(host, root):
    receipt = handed_in(host)
    remove_folder(root)
    found = progress(survey(host).modules[0])
    assert (found.state, found.sent.code) == ("broken", receipt.code)


def test_an_event_with_a_wild_moment_does_not_stop_the_page(host):
    store = FileStore(host.root / MODULE)
    draft = Draft(id="x", who="system", act="open", attempt=1, at="kapan saja", data={})
    store.append("latihan", 1, 0, (draft,))
    assert "Selamat" in home(host)


# ---- pages ----


def home(host, *, agreed=True, **more):
    if agreed:
        assert agree(host, notice_of(host).version, NOW)
    return home_page(host, Around(frame=Frame(base="/", enrolment=host.enrolment), now=NOW, **more))


def notice_of(host):
    return notice(survey(host).briefs, host.enrolment.retention)


def text(page: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", page))
    return " ".join(unescape(plain).split())


def test_the_home_page_greets_and_offers_one_step(host):
    page = home(host, notebooks=True)
    said = text(page)
    assert "Pelatihan Contoh · Angkatan I" in said
    assert "Selamat pagi, Siti <b>Rahmawati</b>" in said
    assert "<b>Rahmawati</b>" not in page
    assert page.count("pm-button-primary home-go") == 1
    assert 'href="/pamong/modules/m0-contoh/#pm-latihan"' in page
    assert "Mulai: Latihan" in said
    assert "Buka sebagai buku kerja Jupyter" in said
    assert "0 dari 3 modul terkirim" in said
    assert "Jumat, 11 Desember 2026 pukul 23.59 WIB 3 hari lagi" in said


def test_a_person_reads_deadlines_and_saves_on_the_clock_where_they_live(root):
    east = FolderHost(root, enrolled(zone="Asia/Jayapura"))
    page = text(home(east))
    assert "Sabtu, 12 Desember 2026 pukul 01.59 WIT" in page
    assert "WIB" not in page


def test_without_a_kernel_no_notebook_is_offered(host):
    assert "notebooks/" not in home(host, notebooks=False)


def test_nothing_released_yet_is_said_kindly(tmp_path):
    empty = FolderHost(tmp_path, enrolled(modules=()))
    page = text(home(empty))
    assert "Belum ada modul yang dibuka" in page
    assert "modul terkirim" not in page


def test_modules_that_are_not_open_yet_are_listed_without_links(tmp_path):
    closed = FolderHost(tmp_path, enrolled())
    page = home(closed)
    assert "Belum dibuka" in text(page)
    assert "Belum ada modul yang dibuka" in text(page)
    assert "/pamong/modules/" not in page


def test_published_feedback_is_on_the_card():
    whole = known(traces={"satu": DONE, "dua": DONE}, sent=SENT, graded=True)
    values = home_values([progress(whole)], Clock(now=NOW), DESK)
    assert values["cards"][0].feedback == "/user/a/pamong/modules/m1/feedback"
    assert values["sent"] == 1


def test_changes_after_sending_can_be_sent_from_the_card_while_exercises_are_still_open():
    open_ = known(traces={"satu": DONE}, sent=replace(SENT, changed=True))
    card = home_values([progress(open_)], Clock(now=NOW), DESK)["cards"][0]
    assert card.progress.next == "exercise"
    assert card.resend.href.endswith("/pamong/modules/m1/#kirim")


def test_feedback_on_an_earlier_submission_does_not_make_a_newer_one_graded():
    again = known(traces={"satu": DONE, "dua": DONE}, sent=SENT, feedback=True)
    assert (progress(again).state, progress(again).next) == ("sent", "receipt")
    changed = known(
        traces={"satu": DONE, "dua": DONE}, sent=replace(SENT, changed=True), graded=True
    )
    assert (progress(changed).state, progress(changed).next) == ("changed", "resubmit")
    for each in (again, changed):
        card = home_values([progress(each)], Clock(now=NOW), DESK)["cards"][0]
        assert card.feedback == "/user/a/pamong/modules/m1/feedback"


def test_no_page_brings_a_style_or_a_script_that_its_policy_forbids(host):
    frame = Frame(base="/", enrolment=host.enrolment)
    pages = [home(host), privacy_page(host, Around(frame=frame, now=NOW)), help_page(host, frame)]
    for page in pages:
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|https?://", page)


# ---- the notice ----


def test_before_anything_else_the_notice(host):
    page = text(home(host, agreed=False))
    assert "Siapa melihat apa" in page
    assert "Saya mengerti, mulai" in page
    assert "Selamat pagi" not in page


def test_the_notice_is_computed_from_what_the_exercises_declare(host):
    found = notice_of(host)
    assert [(row.who, row.count) for row in found.rows] == [
        ("Hanya Anda", 3),
        ("Anda dan pendamping", 3),
        ("Anda dan penilai", 6),
        ("Fasilitator", 0),
        ("Pimpinan", 0),
        ("Petugas teknis", 0),
    ]
    assert found.rows[0].what == (
        "Catatan pribadi. Ikut terkirim supaya sistem dapat memeriksa kelengkapannya, tetapi tidak "
        "ditampilkan kepada penilai dan pendamping. Tidak memengaruhi kelulusan."
    )
    assert found.rows[1].what.endswith("Semuanya ikut menentukan kelulusan.")
    assert found.rows[4].what == (
        "Hanya angka gabungan. Kelompok yang kurang dari lima orang tidak ditampilkan."
    )
    assert found.retention == "Ditentukan oleh penyelenggara. Silakan tanyakan kepada mereka."


def test_a_notice_says_nothing_of_what_no_exercise_declares(host):
    marked = [brief for brief in survey(host).briefs if brief.visibility == "marker"]
    assert [row.who for row in notice(marked).rows][:2] == ["Anda dan penilai", "Fasilitator"]


def test_more_exercises_of_the_same_sort_do_not_change_the_notice(host):
    briefs = survey(host).briefs
    assert notice(briefs).version == notice(briefs * 2).version
    assert notice(briefs).version != notice(briefs, "Sampai akhir tahun.").version
    assert notice(briefs).version != notice(briefs[:1]).version
    assert notice(briefs[:1]).is_covered(notice(briefs).version)
    assert not notice(briefs).is_covered(notice(briefs[:1]).version)
    assert not notice(briefs).is_covered("")


def test_a_changed_notice_is_shown_again_and_says_so(host, root):
    home(host)
    assert due(host) is None
    longer = FolderHost(root, enrolled(modules=host.enrolment.modules, retention="Lima tahun."))
    assert due(longer).retention == "Lima tahun."
    page = text(home(longer, agreed=False))
    assert "berubah sejak Anda menyetujuinya hari ini pukul 09.14 WIB" in page
    assert "Lima tahun." in page


def test_only_the_notice_as_it_is_now_can_be_accepted(host):
    assert not agree(host, "0123456789abcdef", NOW)
    assert due(host) is not None


def test_the_notice_can_be_read_again_without_its_button(host):
    home(host)
    frame = Frame(base="/", enrolment=host.enrolment)
    page = privacy_page(host, Around(frame=frame, now=NOW))
    assert "Anda menyatakan mengerti hari ini pukul 09.14 WIB." in text(page)
    assert "<form" not in page


# ---- what is remembered ----


def test_consent_is_kept_with_version_and_moment_for_its_owner_only(host):
    home(host)
    path = host.home() / "participant.json"
    assert json.loads(path.read_text()) == {
        "notice": notice_of(host).version,
        "agreed": "2026-12-08T02:14:00Z",
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.glob("*participant*")] == ["participant.json"]


def test_a_choice_at_the_very_moment_of_the_consent_does_not_undo_it(host):
    version = due(host).version
    for place in range(20):
        with ThreadPoolExecutor(2) as pool:
            agreed = pool.submit(agree, host, version, NOW)
            chosen = pool.submit(note, host, {"host": "light"}, NOW)
        assert (agreed.result(), chosen.result()) == (True, True)
        found = recall(host.home())
        assert (found.notice, found.host) == (version, "light"), place
        (host.home() / "participant.json").unlink()


def test_a_choice_and_a_tour_are_kept_beside_the_consent(host):
    home(host)
    assert note(host, {"host": "notebook"}, NOW)
    assert note(host, {"tour": True}, NOW)
    assert recall(host.home()) == Remembered(
        notice=notice_of(host).version,
        agreed="2026-12-08T02:14:00Z",
        toured="2026-12-08T02:14:00Z",
        host="notebook",
    )


@pytest.mark.parametrize(
    "content", [None, [], {}, {"host": "lab"}, {"host": ["light"]}, {"tour": "ya"}, "tour", 1]
)
def test_only_what_the_page_may_report_is_remembered(host, content):
    assert not note(host, content, NOW)
    assert not (host.home() / "participant.json").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"notice": 3}', b"[" * 100_000, b'{"host": "lab"}']
)
def test_what_cannot_be_believed_counts_as_nothing(tmp_path, content):
    (tmp_path / "participant.json").write_bytes(content)
    assert recall(tmp_path) == Remembered()


@given(st.builds(Remembered, notice=st.text(), agreed=st.text(), toured=st.text(),
                 host=st.sampled_from(["", "light", "notebook"])))  # fmt: skip
def test_what_is_remembered_is_recalled(tmp_path_factory, kept):
    home = tmp_path_factory.mktemp("ingat")
    remember(home, kept)
    assert recall(home) == kept


def test_the_tour_comes_once_and_the_choice_stays(host):
    assert "data-due" in home(host, notebooks=True)
    note(host, {"tour": True}, NOW)
    note(host, {"host": "notebook"}, NOW)
    page = home(host, notebooks=True)
    assert "data-due" not in page
    assert re.search(r'home-go" data-go href="/notebooks/m0-contoh/module.ipynb"', page)
    assert "Buka halaman ringan" in text(page)


# ---- the guide ----


def test_the_guide_is_one_source_with_every_chapter_linked(host):
    frame = Frame(base="/", enrolment=host.enrolment)
    page = help_page(host, frame)
    anchors = re.findall(r'<li><a href="#([^"]+)"', page)
    assert len(anchors) >= 9
    assert all(f'<h2 id="{anchor}"' in page for anchor in anchors)
    assert page.count("<h1") == 1


def test_the_guide_quotes_the_form_as_it_speaks():
    form = messages("form").entries
    words = (PACKAGE / "messages" / "id" / "panduan-peserta.md").read_text(encoding="utf-8")
    told = ("status.late", "text.rival.title", "status.saving", "status.stuck", "use.uncounted")
    for key in told:
        assert form[key] in words, key
    assert messages("home")("state.changed") in words


def test_whom_to_ask_is_on_the_page_when_the_organiser_says_so(root):
    frame = Frame(base="/")
    asked = FolderHost(root, enrolled(contact="Panitia, 0812-0000-0000"))
    assert "Panitia, 0812-0000-0000" in help_page(asked, frame)
    assert "Kontak penyelenggara" not in help_page(FolderHost(root, enrolled()), frame)


# ---- over HTTP ----


class Ground(RequestHandler):
    def get_current_user(self):
        return "p001"


@asynccontextmanager
async def served(host):
    socket, port = bind_unused_port()
    own = mounted(ROUTES, Ground, lambda _: host)
    pages = [(f"/user/a/{path}", visit) for path, visit in own]
    server = HTTPServer(Application(pages, base_url="/user/a/", xsrf_cookies=True))
    server.add_sockets([socket])

    async def ask(path, **more):
        url = f"http://127.0.0.1:{port}/user/a/pamong/{path}"
        client = AsyncHTTPClient()
        return await client.fetch(url, raise_error=False, follow_redirects=False, **more)

    try:
        yield ask
    finally:
        server.stop()
        await server.close_all_connections()


def tokens(answer):
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    return cookie, cookie.removeprefix("_xsrf=")


def test_from_the_notice_to_the_home_page_over_http(host):
    async def visit():
        async with served(host) as ask:
            first = await ask("")
            cookie, token = tokens(first)
            version = re.search(r'name="notice" value="(\w+)"', first.body.decode()).group(1)
            form = urlencode({"notice": version, "_xsrf": token})
            agreed = await ask("consent", method="POST", body=form, headers={"Cookie": cookie})
            return first, agreed, await ask("")

    first, agreed, then = asyncio.run(visit())
    assert first.code == 200
    assert "Saya mengerti, mulai" in first.body.decode()
    assert (agreed.code, agreed.headers["Location"]) == (303, "/user/a/pamong/")
    assert "Langkah berikutnya" in then.body.decode()
    assert "script-src 'self'" in then.headers["Content-Security-Policy"]


def test_nobody_else_can_agree_for_a_participant(host):
    async def visit():
        async with served(host) as ask:
            cookie, _ = tokens(await ask(""))
            form = urlencode({"notice": notice_of(host).version})
            return await ask("consent", method="POST", body=form, headers={"Cookie": cookie})

    assert asyncio.run(visit()).code == 403
    assert due(host) is not None


def test_a_disk_that_does_not_take_the_consent_is_said_plainly(host):
    (host.home()).write_text("a file in the place of the folder")

    async def visit():
        async with served(host) as ask:
            cookie, token = tokens(await ask(""))
            form = urlencode({"notice": notice_of(host).version, "_xsrf": token})
            return await ask("consent", method="POST", body=form, headers={"Cookie": cookie})

    answer = asyncio.run(visit())
    assert answer.code == 503
    assert messages("home")("problem.remember") in answer.body.decode()


def test_the_page_reports_by_message(host):
    async def visit():
        async with served(host) as ask:
            cookie, token = tokens(await ask(""))
            headers = {"Cookie": cookie, "X-XSRFToken": token}
            right = await ask("remember", method="POST", body='{"host": "light"}', headers=headers)
            wrong = await ask("remember", method="POST", body='{"host": "lab"}', headers=headers)
            return right.code, wrong.code

    assert asyncio.run(visit()) == (200, 400)
    assert recall(host.home()).host == "light"
