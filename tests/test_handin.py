"""Handing in as a participant does it: over the address of a real server, to a grade and back."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from pamong.catalogue import messages
from pamong.course import Course
from pamong.enclosure import enclosed, outside
from pamong.enrolment import Enrolment
from pamong.errors import Undelivered
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.grading.intake.collect import collect
from pamong.light.handin import overview, qr_text, receipt_values, submit
from pamong.light.host import FolderHost, NotThere
from pamong.light.pages import Frame
from pamong.light.paper import pdf
from pamong.outbox import Outbox
from pamong.programme import ModulePlan
from pamong.view.preview import running_home
from tests.values import replace

from .conftest import MODULE, bot_logs

FRAME = Frame(base="/user/a/")
say = messages("handin")


class Browser:
    """A participant's browser: cookies, and the header against forged requests."""

    def __init__(self, it):
        self.it = it
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.opener.open(it.page("pamong/privacy")).read()

    def ask(self, rest, body=None, *, forged=False):
        """Status, headers and content of an answer."""
        address = f"{self.it.address}/pamong/modules/{rest}"
        token = next(each.value for each in self.cookies if each.name == "_xsrf")
        headers = {} if forged else {"X-XSRFToken": token}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310
        try:
            with self.opener.open(request) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def overview(self):
        return json.loads(self.ask(f"{MODULE}/submission")[2])

    def hand_in(self, *, statement=True, seen=None):
        body = {"statement": statement, "seen": seen or self.overview()["seen"]}
        status, _, content = self.ask(f"{MODULE}/submission", body)
        return status, json.loads(content)


@pytest.fixture(scope="module")
def course(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("handin") / "root"
    shutil.copytree(released_once, root)
    return Course.load(root)


@pytest.fixture(scope="module")
def served(course, tmp_path_factory):
    """The home of p001, on a server of its own."""
    folder = tmp_path_factory.mktemp("p001")
    with running_home(course, participant="p001", exchange=course.exchange, folder=folder) as it:
        yield it


@pytest.fixture
def browser(served, course):
    """p001's browser before anything was answered or handed in."""
    shutil.rmtree(served.folder / ".pamong", ignore_errors=True)
    for log in (served.folder / MODULE).glob("*.jsonl"):
        log.unlink()
    shutil.rmtree(course.exchange, ignore_errors=True)
    (inbound(course)).mkdir(parents=True)
    return Browser(served)


def inbound(course):
    return course.exchange / "kursus-contoh" / "inbound"


def answer(served, **bots):
    for name, content in bot_logs(**bots).items():
        (served.folder / MODULE / f"{name}.jsonl").write_bytes(content)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


# ---- over the line ----


def test_the_panel_is_told_what_is_incomplete(browser, served):
    answer(served, pemahaman="perfect")
    found = browser.overview()
    assert [(e["exercise"], e["title"], e["graded"], e["state"]) for e in found["exercises"]] == [
        ("latihan", "Latihan", False, "unstarted"),
        ("pemahaman", "Pemahaman dasar", True, "finished"),
        ("sikap", "Sikap di lapangan", True, "unstarted"),
        ("refleksi", "Refleksi", True, "unstarted"),
    ]
    assert found["statement"] is True
    assert found["open"] is True
    assert (found["receipts"], found["changed"], found["feedback"]) == ([], False, "")
    assert found["deadline"]["text"] == "Jumat, 11 Desember 2026 pukul 23.59 WIB"


def test_what_was_handed_in_has_a_receipt_as_page_and_as_paper(browser, served, course):
    answer(served, pemahaman="perfect", sikap="perfect")
    status, made = browser.hand_in()
    assert status == 200
    (line,) = made["overview"]["receipts"]
    assert line["code"] == made["code"]
    assert line["content"] == made["overview"]["seen"]
    assert line["page"] == f"/pamong/modules/{MODULE}/receipts/{made['code']}"
    status, headers, page = browser.ask(f"{MODULE}/receipts/{made['code'].lower()}")
    assert status == 200
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    for expected in (made["code"], line["content"], "Pelatihan Contoh", "Ani Rekaan", "Modul Contoh",
                     " WIB", "Disetujui peserta pada saat mengirim", "Pemahaman dasar Selesai",
                     "Refleksi Tidak diisi 0"):  # fmt: skip
        assert expected in text_of(page), expected
    status, headers, paper = browser.ask(f"{MODULE}/receipts/{made['code']}.pdf")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert headers["Content-Disposition"] == f'attachment; filename="{MODULE}-{made["code"]}.pdf"'
    assert paper.startswith(b"%PDF-")
    assert len(list(inbound(course).iterdir())) == 1


def test_pressing_again_or_twice_at_once_hands_in_once(browser, served, course):
    seen, codes = browser.overview()["seen"], []
    presses = [
        threading.Thread(target=lambda: codes.append(Browser(served).hand_in(seen=seen)[1]["code"]))
        for _ in range(4)
    ]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    codes.append(browser.hand_in()[1]["code"])
    assert len(codes) == 5
    assert len(set(codes)) == 1
    assert len(list(inbound(course).iterdir())) == 1


def test_changes_afterwards_are_told_and_handed_in_anew(browser, served, course):
    first = browser.hand_in()[1]["code"]
    answer(served, pemahaman="perfect")
    assert browser.overview()["changed"] is True
    second = browser.hand_in()[1]
    assert [each["code"] for each in second["overview"]["receipts"]] == [second["code"], first]
    assert second["overview"]["changed"] is False
    assert len(list(inbound(course).iterdir())) == 2


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"statement": True, "seen": "0" * 64}, 409, "undelivered.changed"),
        ({"statement": False}, 409, "undelivered.statement"),
        ({"statement": "ya"}, 400, None),
        ({"statement": True, "seen": ""}, 400, None),
        (["statement"], 400, None),
        (None, 400, None),
    ],
)
def test_what_was_not_seen_or_not_declared_is_refused_in_plain_words(
    browser, course, body, status, text
):
    if isinstance(body, dict):
        body = {"seen": browser.overview()["seen"], **body}
    code, _, content = browser.ask(f"{MODULE}/submission", body if body is not None else "x")
    assert code == status
    expected = say(text) if text else messages("light")("refused.unread")
    assert json.loads(content)["text"] == expected
    assert list(inbound(course).iterdir()) == []


def test_a_forged_request_hands_in_nothing(browser, course):
    body = {"statement": True, "seen": browser.overview()["seen"]}
    assert browser.ask(f"{MODULE}/submission", body, forged=True)[0] == 403
    assert list(inbound(course).iterdir()) == []


def test_a_stranger_sees_nothing(browser, served):
    made = browser.hand_in()[1]
    content = made["overview"]["seen"].encode()
    for rest in (
        "submission",
        f"receipts/{made['code']}",
        f"receipts/{made['code']}.pdf",
        "feedback",
    ):
        address = f"{served.address}/pamong/modules/{MODULE}/{rest}"
        with urllib.request.urlopen(address) as answered:  # noqa: S310
            assert "/login?next=" in answered.url
            shown = answered.read()
        assert content not in shown
        assert b"Ani Rekaan" not in shown


def test_an_exchange_that_is_gone_is_told_with_what_to_do(browser, course):
    shutil.rmtree(course.exchange)
    status, refusal = browser.hand_in()
    assert (status, refusal) == (503, {"text": say("undelivered.missing"), "again": True})
    assert browser.overview()["receipts"] == []
    inbound(course).mkdir(parents=True)
    assert browser.hand_in()[0] == 200


@pytest.mark.parametrize(
    "rest",
    [
        "receipts/AAAA-AAAA-AAAA-AAAA",
        "receipts/..%2f..%2fx.pdf",
        "feedback/module",
        "feedback/module.pdf",
    ],
)
def test_what_is_not_there_is_a_plain_page(browser, rest):
    status, _, page = browser.ask(f"{MODULE}/{rest}")
    assert status == 404
    assert "Halaman tidak ditemukan" in page.decode()


def test_without_feedback_that_is_said(browser):
    status, _, page = browser.ask(f"{MODULE}/feedback")
    assert status == 200
    assert say("feedback.none") in text_of(page)


# ---- all the way ----


@pytest.mark.kernel
def test_from_handing_in_to_feedback_for_its_owner_alone(browser, served, course, tmp_path):
    answer(served, pemahaman="perfect", sikap="perfect")
    browser.hand_in()
    other = host_of(course, "p002", tmp_path / "p002")
    other_code = submit(other, MODULE, statement=True, seen=other.portfolio(MODULE).content).code
    assert str(collect(course, MODULE)) == "2 new, 0 updated, 0 unchanged, 0 refused."
    grade(course, [MODULE], crew=local(1))
    assert feedback(course, MODULE, workers=1) == 2
    data = {
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"),
    }
    run("release_feedback", MODULE, cwd=course.root, **data)
    assert browser.overview()["feedback"] == f"/pamong/modules/{MODULE}/feedback"
    status, _, page = browser.ask(f"{MODULE}/feedback")
    assert status == 200
    assert 'sandbox="allow-same-origin allow-downloads"' in page.decode()
    (address,) = re.findall(r'<iframe [^>]*src="/pamong/modules/([^"]+)"', page.decode())
    status, headers, shown = browser.ask(address)
    assert status == 200
    assert "sandbox allow-same-origin" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Ani Rekaan" in text_of(shown)
    assert "Budi Rekaan" not in text_of(shown)
    status, headers, print_ = browser.ask(f"{address}.pdf")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert headers["Content-Disposition"] == f'attachment; filename="umpan-balik-{MODULE}.pdf"'
    assert print_ == (course.feedback("p001", MODULE) / "module.pdf").read_bytes()
    assert f'/pamong/modules/{address}.pdf" download'.encode() in page
    (theirs,) = other.outbox(MODULE).feedback()
    assert "Budi Rekaan" in theirs.read().decode()
    assert theirs.receipt.code == other_code
    # nbgrader's own commands find the same: the feedback by the kept secret, the submission to collect
    home = tmp_path / "home"
    home.mkdir()
    place = (f"--Exchange.root={course.exchange}", "--course", "kursus-contoh")
    run("fetch_feedback", MODULE, *place, f"--Exchange.cache={served.folder / '.pamong' / 'nbgrader_cache'}",
        cwd=home, **data)  # fmt: skip
    (fetched,) = (home / MODULE / "feedback").rglob("*.html")
    assert outside(fetched.read_bytes(), f"/pamong/modules/{address}.pdf") == shown
    assert enclosed(fetched.read_bytes()) == print_
    shutil.rmtree(course.folder / "submitted")
    stock = "--ExchangeFactory.collect=nbgrader.exchange.default.ExchangeCollect"
    run("collect", MODULE, stock, "--ExchangeCollect.check_owner=False", cwd=course.root, **data)
    for person in ("p001", "p002"):
        assert (course.submitted(person, MODULE) / "receipt.json").is_file()


def run(*command, cwd, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command], cwd=cwd, env=os.environ | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# ---- by themselves ----


def host_of(course, person, root, **about):
    """The host of a participant in ``root``, without a server."""
    shutil.copytree(course.release(MODULE), root / MODULE, dirs_exist_ok=True)
    inbound(course).mkdir(parents=True, exist_ok=True)
    enrolment = Enrolment(
        participant=person, name="Budi Rekaan", role="lurah", cohort="a01", programme="Pelatihan Contoh",
        course_id="kursus-contoh", time_zone="Asia/Jakarta", exchange=str(course.exchange),
        modules=(ModulePlan(id=MODULE, title="Modul Contoh", jp=1),),
    )  # fmt: skip
    return FolderHost(root, replace(enrolment, **about))


@pytest.fixture
def host(released, tmp_path):
    return host_of(released, "p002", tmp_path / "home")


def handed(host):
    return submit(host, MODULE, statement=True, seen=host.portfolio(MODULE).content)


def due(moment):
    local = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    plan = ModulePlan(id=MODULE, title="Modul Contoh", jp=1, deadline=local)
    return {"modules": (plan,), "time_zone": "UTC"}


def test_before_the_deadline_the_receipt_says_so(released, tmp_path):
    later = datetime.now(UTC) + timedelta(days=1)
    host = host_of(released, "p002", tmp_path / "home", **due(later))
    made = handed(host)
    assert not made.late
    _, values = receipt_values(host, MODULE, made.code)
    assert ("Ketepatan waktu", "Sebelum batas waktu") in values["facts"]


def test_after_the_deadline_everything_says_so(released, tmp_path):
    past = datetime.now(UTC) - timedelta(days=1)
    host = host_of(released, "p002", tmp_path / "home", **due(past))
    made = handed(host)
    assert made.late
    found = overview(host, FRAME, MODULE)
    assert found["deadline"]["urgency"] == "passed"
    assert found["receipts"][0]["late"] is True
    _, values = receipt_values(host, MODULE, made.code)
    assert ("Ketepatan waktu", "Sesudah batas waktu (terlambat)") in values["facts"]


@pytest.mark.parametrize(
    ("zone", "letters"),
    [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")],
)
def test_a_receipt_is_on_the_clock_of_whoever_holds_it(released, tmp_path, zone, letters):
    host = host_of(released, "p002", tmp_path / "home", zone=zone)
    _, values = receipt_values(host, MODULE, handed(host).code)
    moment = dict(values["facts"])["Diterima"]
    assert moment.endswith(f" {letters}")


def test_a_damaged_log_is_handed_in_as_it_is_and_said(host):
    (host.root / MODULE / "sikap.jsonl").write_bytes(b"rusak\nrusak\n")
    states = {
        each["exercise"]: each["state"] for each in overview(host, FRAME, MODULE)["exercises"]
    }
    assert states["sikap"] == "unread"
    made, values = receipt_values(host, MODULE, handed(host).code)
    assert {each.exercise: each.state for each in made.exercises}["sikap"] == "unread"
    assert {"title": "Sikap di lapangan", "state": "Dikirim apa adanya", "events": 0} in values[
        "exercises"
    ]
    (folder,) = (Path(host.enrolment.exchange) / "kursus-contoh" / "inbound").iterdir()
    assert (folder / "sikap.jsonl").read_bytes() == b"rusak\nrusak\n"


def test_without_an_exchange_the_panel_knows(released, tmp_path):
    host = host_of(released, "p002", tmp_path / "home", exchange="")
    assert overview(host, FRAME, MODULE)["open"] is False
    with pytest.raises(Undelivered) as raised:
        handed(host)
    assert raised.value.code == "closed"


def test_receipts_stay_when_the_module_is_gone(host):
    made = handed(host)
    shutil.rmtree(host.root / MODULE)
    found, values = receipt_values(host, MODULE, made.code)
    assert found == made
    assert values["exercises"][0]["title"] == "latihan"
    with pytest.raises(NotThere):
        overview(host, FRAME, MODULE)


def test_a_module_of_another_programme_is_not_there(host):
    for work in (lambda: overview(host, FRAME, "m9"), lambda: receipt_values(host, "m9", "x")):
        with pytest.raises(NotThere):
            work()


def test_what_a_crash_left_is_settled_when_somebody_looks(host, monkeypatch):
    """The submission had arrived; the machine went down before the receipt was written."""

    def dead(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(Outbox, "_keep", dead)
        with pytest.raises(KeyboardInterrupt):
            handed(host)
    assert host.outbox(MODULE).receipts() == ()
    (line,) = overview(host, FRAME, MODULE)["receipts"]
    assert line["code"] == handed(host).code


# ---- on paper ----

NAMES = (
    "Ani",
    "Ny" + "a" * 200,
    "Ani <script>alert(1)</script> #strong[x] $x^2$ \\ @a",
    "عبد الله 😀 \U0010fffd",
)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_stand_on_a_receipt(released, tmp_path, name):
    host = host_of(released, "p002", tmp_path / "home", name=name)
    made, values = receipt_values(host, MODULE, handed(host).code)
    assert ("Peserta", name) in values["facts"]
    paper = pdf(values, qr_text(made), made.moment)
    assert paper == pdf(values, qr_text(made), made.moment)
    assert b"pdfuaid:part" in paper
    assert b"/StructTreeRoot" in paper


def test_the_qr_code_holds_code_and_content(host):
    made = handed(host)
    assert qr_text(made) == f"PAMONG {made.code} sha256:{made.content}"
    assert qr_text(made).isascii()
