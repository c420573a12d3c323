"""Claims about every address of the service, made from its own list of routes so that none is forgotten."""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
from contextlib import closing, contextmanager
from datetime import UTC, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest
from sqlalchemy import func, select
from tornado import web

from pamong.course import Course
from pamong.light.request import Message
from pamong.receipt import Receipt
from pamong.service import attendance, audit, handover, login_cards, meetings, people, schedule
from pamong.service.__main__ import Lines
from pamong.service.app import areas
from pamong.service.board import asking, moderation, post
from pamong.service.board.text import written
from pamong.service.desk.page import StaffPage
from pamong.service.desk.work import Workshop
from pamong.service.tables import audit as lines
from pamong.service.tables import bundles, events, metadata, submissions
from tests.values import replace

from .conftest import MODULE, NOW, STAFF, WHO, Answer, Client, Serving, service_at
from .test_board import ADVICE, QUESTION, STORY

CANARY = "KenariRahasia317"
CODE = "K7M2-9QXR-3T5V-8B1C"
POST, ASKED = "a" * 16, "b" * 16
METHODS = ("get", "post", "put", "delete", "patch")
SAMPLES = (
    MODULE, "p002", "praktik", "abcdef012345", "0123456789abcdef", "module.ipynb", "collect",
    CODE, "1", "x",
)  # fmt: skip
GROUP = re.compile(r"\((?!\?:)(?:[^()\\]|\\.|\([^()]*\))*\)")


def filled(pattern, value=None):
    """An address of a route, its parts filled with what they may be, or with ``value`` as it stands."""

    def fill(found):
        if value is not None:
            return value
        return next(it for it in SAMPLES if re.fullmatch(found[0], it))

    return re.sub(r"\\(.)", r"\1", GROUP.sub(fill, pattern)).replace(".*", "nowhere")


def methods(visit):
    """What a handler answers to."""
    plain = web.RequestHandler
    return [name for name in METHODS if getattr(visit, name) is not getattr(plain, name)]


class Line(Client):
    """Asks over one connection that stays open: these are thousands of requests."""

    def __init__(self, address, who="p001", line=None):
        super().__init__(address, who)
        self.line = line

    def as_(self, who):
        return Line(self.address, who, self.line)

    def _ask(self, request, headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.who:
            named[WHO] = self.who
        if self.token:
            named["Cookie"] = f"_xsrf={self.token}"
        if request.data is not None:
            named.setdefault("Content-Type", "application/x-www-form-urlencoded")
        self.line.request(request.get_method(), request.selector, request.data, named)
        answer = self.line.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@contextmanager
def asking_at(address):
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=30)) as line:
        yield Line(address, line=line)


ROUTES = [(path, visit) for path, visit in areas() if "oauth" not in path]
WRITING = [(path, name) for path, visit in ROUTES for name in methods(visit) if name != "get"]


@pytest.fixture(scope="module")
def service(released_once, tmp_path_factory):
    """p003 has left; of p002 there is everything that others must not see, each holding the canary."""
    root = tmp_path_factory.mktemp("secure") / "root"
    shutil.copytree(released_once, root)
    settings = root / "course" / "programme.yaml"
    more = "  - {id: a02, title: Angkatan II}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    course = Course.load(root)
    found = service_at(course, course.service_url)
    with found.database.writing() as connection:
        person = people.find(connection, "p003")
        people.update(connection, replace(person, active=False), at=found.clock())
        found = replace(found)
        _seed(connection, found)
    with closing(found.database):
        yield found


@pytest.fixture(scope="module")
def client(service):
    with Serving(service) as serving, asking_at(serving.address) as asked:
        for who in ("p001", "p002"):
            mine = asked.as_(who)
            page = mine.get("pamong/privacy").text
            (notice,) = re.findall(r'name="notice" value="([^"]+)"', page)
            mine.form("pamong/consent", notice=notice)
        yield asked


def _seed(connection, service):
    """A name, an answer, a submission with feedback, an absence, an extension, a post, pages of results."""
    now, earlier = service.clock(), service.clock() - timedelta(days=1)
    person = people.find(connection, "p002")
    people.update(connection, replace(person, name=f"{CANARY} Nama", region=CANARY), at=now)
    line = f'{{"canary": "{CANARY}"}}\n'.encode()
    connection.execute(events.insert().values(
        person="p002", module=MODULE, exercise="lain-sekali", n=1, id="a", line=line, received=now,
    ))  # fmt: skip
    connection.execute(bundles.insert().values(content="0" * 64, files=CANARY.encode()))
    made = connection.execute(submissions.insert().values(
        person="p002", module=MODULE, moment=earlier, content="0" * 64, code=CODE,
        receipt=_receipt(earlier), signature=b"", secret=CANARY,
    ))  # fmt: skip
    page = f"<p>{CANARY}</p>".encode()
    handover.publish(connection, made.inserted_primary_key[0], "module", page, by="k01", at=now)
    programme = service.course.programme
    schedule.extend(
        connection, programme, [person], MODULE, until=now + timedelta(days=30), reason=CANARY,
        by="k01", at=now,
    )  # fmt: skip
    _seed_meeting(connection, programme, now)
    draft = written("praktik", {**STORY, "title": CANARY})
    assert post.submit(connection, POST, person, draft, now) == "saved"
    _seed_files(service.course)


def _seed_meeting(connection, programme, now):
    meeting = meetings.plan(
        connection, programme, cohort="a01", module="", title="Kelas", starts=now,
        ends=now + timedelta(hours=2), by="k01", at=now,
    )  # fmt: skip
    attendance.note(connection, meeting.id, "p002", "sakit", text=CANARY, by="k01", at=now)


def _seed_files(course):
    course.reports.mkdir(parents=True, exist_ok=True)
    for name in ("angkatan-a01-fasilitator.html", "snapshot.json", "angkatan-a01-pimpinan.csv"):
        (course.reports / name).write_text(f"<title>{CANARY}</title>", encoding="utf-8")
    for path in (course.gradebook, course.folder / "ledger.jsonl"):
        path.write_text(CANARY, encoding="utf-8")
    folder = course.folder / "transcripts" / "a01"
    folder.mkdir(parents=True)
    (folder / "p002.pdf").write_bytes(f"%PDF-1.7 {CANARY}".encode())


def _receipt(moment):
    return Receipt(
        course="uji", participant="p002", module=MODULE, moment=moment, content="0" * 64,
        exercises=(), statement=True, late=False,
    ).canonical()  # fmt: skip


def ask(client, method, path, **headers):
    if method == "get":
        return client.get(path, **headers)
    return client.post(path, {}, method=method.upper(), **headers)


def digest(service):
    """Everything that the database holds, as one number."""
    content = sha256()
    with service.database.reading() as connection:
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            content.update(repr((table.name, rows)).encode())
    return content.hexdigest()


# ---- who asks ----


def test_whoever_is_not_logged_in_gets_nothing_at_any_address(client, service):
    before, asked = digest(service), client.as_("")
    for path, visit in ROUTES:
        for method in methods(visit):
            status = ask(asked, method, filled(path)).status
            assert status in (302, 401, 403, 404, 405), (method, path, status)
    assert digest(service) == before


@pytest.mark.parametrize("who", ["nobody-known", "p003"])
def test_whoever_is_unknown_or_has_left_is_refused_before_anything_they_sent_is_read(
    client, service, who
):
    before, asked = digest(service), client.as_(who)
    for path, visit in ROUTES:
        for method in methods(visit):
            assert ask(asked, method, filled(path)).status == 403, (method, path)
    assert digest(service) == before


@pytest.mark.parametrize("who", ["p001", *(person.id for person in STAFF)])
def test_every_address_that_writes_refuses_a_forged_request(client, service, who):
    """As another site would make a browser send it: with the cookie, without what stands in the page."""
    before, asked = digest(service), client.as_(who)
    asked.token = "uji-xsrf"
    for path, method in WRITING:
        answer = asked.post(filled(path), {}, method=method.upper(), X_XSRFToken="")
        assert answer.status in (403, 404, 405), (method, path, answer.status)
    assert digest(service) == before


# ---- what they ask for ----

HOSTILE = (
    "..%2F..%2Fprogramme.yaml", "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "a" * 5000,
    quote("’; DROP TABLE people;--"), "%FF%FE", ".git", f"{MODULE}%2F..%2F..%2Fgraders",
)  # fmt: skip


def reaches(path, value):
    """Whether a handler would be asked with such a value, and not the page for what is nowhere."""
    return all(re.fullmatch(part, value) for part in GROUP.findall(path))


@pytest.mark.parametrize("who", ["p001", "k01"])
def test_no_address_leads_out_of_what_somebody_may_see(client, who):
    asked = client.as_(who)
    wanted = [(path, visit) for path, visit in ROUTES if GROUP.search(path)]
    for path, visit in wanted:
        for value in [*(it for it in HOSTILE if reaches(path, it)), HOSTILE[0]]:
            for method in methods(visit):
                answer = ask(asked, method, filled(path, value))
                assert answer.status in (302, 400, 403, 404, 405, 414), (
                    method,
                    path,
                    answer.status,
                )
                assert b"course_id" not in answer.content
                assert b"Traceback" not in answer.content


@pytest.mark.parametrize("who", ["p001", "g01"])
def test_nobody_reads_anothers_work_at_any_address(client, service, who):
    """Nor do leaders reach a name, an answer, a result, a reason or an absence."""
    own = client.as_("p002").get(f"pamong/modules/{MODULE}/feedback/module")
    assert CANARY in own.text
    with service.database.reading() as connection:
        (meeting,) = meetings.listing(connection)
        (submission,) = connection.execute(select(submissions.c.id)).scalars()
    real = {"0-9a-f": meeting.id, "1-9": str(submission), "a-z0-9._-": "p002"}
    asked, names = client.as_(who), (*real.values(), CODE, "module", "gradebook.db")
    names += tuple(path.name for path in service.course.reports.iterdir())
    for path, visit in ROUTES:
        if "get" not in methods(visit):
            continue
        known = {path, *(filled(path, name) for name in names if reaches(path, name))}
        for address in {filled(path), *known} - {path}:
            answer = asked.get(address)
            assert CANARY.encode() not in answer.content, (who, address)
    assert client.as_("w01").get(f"pamong/board/posts/{POST}").text.count(CANARY)


def test_every_page_carries_its_policy_and_names_no_other_host(client):
    for who in ("p001", "k01", "g01"):
        asked = client.as_(who)
        for path, visit in ROUTES:
            if "get" not in methods(visit):
                continue
            answer = asked.get(filled(path))
            if answer.status != 200 or "text/html" not in answer.headers["Content-Type"]:
                continue
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Referrer-Policy"] == "same-origin", path
            for refused in (
                r"""(?:src|href|action)=["']?(?:https?:)?//""", r"\son[a-z]+=",
                r"<script(?![^>]*src=)(?![^>]*application/json)",
            ):  # fmt: skip
                assert not re.search(refused, answer.text), (path, refused)


# ---- what they send ----


def test_a_body_beyond_the_limit_is_refused_wherever_something_is_sent(client, service):
    before, sizes = digest(service), {}
    for path, method in WRITING:
        limit = getattr(dict(ROUTES)[path], "limit", 0)
        if limit > 1024 * 1024:
            continue  # whose bounds have tests of their own
        answer = client.as_("k01").post(filled(path), b"x" * (limit + 1), method=method.upper())
        assert answer.status in (403, 404, 405, 413), (path, answer.status)
        sizes[answer.status] = path
    assert 413 in sizes
    assert digest(service) == before


def takes_json(path, method):
    visit = dict(ROUTES)[path]
    operation = getattr(visit, "operations", {}).get(method)
    return operation.takes not in (None, "text/html") if operation else issubclass(visit, Message)


def test_what_is_no_json_is_refused_wherever_something_is_sent(client, service):
    before = digest(service)
    wanted = sorted(WRITING, key=lambda it: not takes_json(*it))
    for place, (path, method) in enumerate(wanted):
        for body in (b"", b"[" * 100_000, b"\xff\xfe", b"null", b"1e999", b'{"a":NaN}'):
            for who in ("p001", "k01"):
                answer = client.as_(who).post(filled(path), body, method=method.upper())
                assert answer.status < 500, (path, body[:10], answer.status)
                assert b"Traceback" not in answer.content
        if not takes_json(*wanted[min(place + 1, len(wanted) - 1)]):
            continue  # a form that says nothing, and what needs no body: they have tests of their own
        assert digest(service) == before, (path, method)


# ---- what stays of it ----

V1, START = "pamong/api/v1/staff", "pamong/staff"
LATER = "2027-01-05T12:00"
ACTS = {
    f"post {START}/work": {"step": "transcript", "sure": "1"},
    f"post {START}/people/p001/extension": {"module": MODULE, "until": LATER, "reason": "sakit"},
    f"post {START}/people/p001/cohort": {"cohort": "a02", "reason": "pindah"},
    f"post {START}/cards": {"person": "p001"},
    f"post {START}/schedule": {"cohort": "a02", f"{MODULE}.closes": LATER},
    f"post {START}/extensions": {"ids": "p001", "module": MODULE, "until": "2027-02-05T12:00", "reason": "x"},
    f"post {START}/releases": {"module": MODULE, "do": "back"},
    f"post {START}/meetings": {
        "cohort": "a01", "title": "Kelas kedua", "starts": "2026-12-02T10:00", "ends": "2026-12-02T12:00",
    },
    f"post {START}/meetings/<meeting>": {"status.p002": "izin", "note.p002": "surat"},
    f"post {START}/board/posts/{POST}": {"decision": "refused", "reason": "Ada nama warga.", "revision": "1"},
    f"post {START}/board/answers/<answer>": {"decision": "shown", "revision": "1"},
    f"put {V1}/modules/{MODULE}/release": b"",
    f"delete {V1}/modules/{MODULE}/release": b"",
    f"put {V1}/submissions/1/feedback/module": b"<p>Lebih baik.</p>",
    f"put {V1}/extensions": [
        {"person": "p002", "module": MODULE, "until": "2027-03-01T00:00:00Z", "reason": "banjir"}
    ],
}  # fmt: skip
"""Everything that staff do, once each and in an order in which all of it is possible."""


def by_staff(path, visit):
    if issubclass(visit, StaffPage):
        return path.startswith(START)
    return path.startswith(V1) and hasattr(visit, "operations")


def _offered(visit):
    """Of an address of the API, only what it really answers to."""
    return [it for it in methods(visit) if it in getattr(visit, "operations", {it: 0})]


STAFFS = [
    (path, name)
    for path, visit in ROUTES
    if by_staff(path, visit)
    for name in _offered(visit)
    if name != "get"
]


@pytest.fixture
def own(released_once, tmp_path):
    """A service of one's own, in which a question was answered and waits to be decided about."""
    shutil.copytree(released_once, tmp_path / "root")
    settings = tmp_path / "root/course/programme.yaml"
    more = "  - {id: a02, title: Angkatan II}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    course = Course.load(tmp_path / "root")
    found = service_at(course, course.service_url)
    with closing(found.database):
        with found.database.writing() as connection:
            _seed(connection, found)
        yield found


def _question(service):
    """The id of an answer that waits for staff."""
    now = service.clock()
    with service.database.writing() as connection:
        author = people.find(connection, "p001")
        assert post.submit(connection, ASKED, author, written("saran", QUESTION), now) == "saved"
        moderation.decide_post(connection, ASKED, 1, "shown", "", by="k01", now=now)
        asked = asking.requests(connection, "p002") or asking.requests(connection, "p003")
        assert asked, "nobody was asked"
        who = "p002" if asking.request(connection, ASKED, "p002") else "p003"
        asking.answer(connection, ASKED, who, ADVICE, now, anonymous=False)
        (waiting,) = moderation.answers(connection, ASKED)
    return waiting.id


def test_every_action_of_staff_at_any_address_leaves_a_line_in_the_audit(own):
    answer = _question(own)
    with own.database.reading() as connection:
        (meeting,) = meetings.listing(connection)
    done = set()
    with Serving(own) as serving, asking_at(serving.address) as asked:
        staff = asked.as_("k01")
        for act, content in ACTS.items():
            method, _, place = (
                act.replace("<meeting>", meeting.id).replace("<answer>", answer).partition(" ")
            )
            before = _newest(own)
            if isinstance(content, dict):
                told = staff.form(place, **content)
            else:
                told = staff.post(place, content, method=method.upper())
            assert told.status in (200, 303), (act, told.status, told.text[-600:])
            with own.database.reading() as connection:
                found = [it for it in audit.read(connection, who="k01") if it.id > before]
            assert found, act
            done |= {(path, method) for path, _ in STAFFS if re.fullmatch(path, place)}
    assert set(STAFFS) - done == set()
    _require_ended(Workshop(own.course.root))


def _newest(service):
    with service.database.reading() as connection:
        return connection.execute(select(func.max(lines.c.id))).scalar()


def _require_ended(shop):
    while shop.busy:
        time.sleep(0.05)


def test_no_secret_and_nothing_that_people_wrote_stands_in_the_log(own, caplog):
    """What is sent in addresses, headers, forms and messages; also when the database fails on it."""
    caplog.set_level(logging.DEBUG)
    secret = "SangatRahasia99"
    with Serving(own) as serving, asking_at(serving.address) as asked:
        asked.get(f"pamong/?token={secret}", Authorization=f"token {secret}")
        asked.get(f"pamong/oauth_callback?code={secret}&state=x")
        asked.get(f"pamong/hadir/abcdef012345?k={secret}")
        asked.form("pamong/hadir/abcdef012345", code=secret)
        asked.act("latihan", "answer", {"item": secret, "chosen": [secret]}, secret)
        made = asked.as_("k01").form(f"{START}/cards", person="p001").text
        (code,) = re.findall(r"Kode <code>([^<]+)</code>", made)
        with own.database.writing() as connection:
            assert login_cards.holder(connection, code, NOW.astimezone(UTC)) == "p001"
            connection.exec_driver_sql("drop table extensions")
        failed = asked.as_("k01").form(
            f"{START}/people/p001/extension", module=MODULE, until=LATER, reason=secret
        )
        assert failed.status in (409, 500, 503)
    told = "\n".join(Lines().format(record) for record in caplog.records)
    assert "hadir/abcdef012345" in told
    for word in (secret, code, code.replace("-", ""), "uji-xsrf", CANARY):
        assert word not in told, word
    assert all(json.loads(line)["at"] for line in told.splitlines())
