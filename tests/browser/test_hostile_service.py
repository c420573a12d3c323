"""What people type is a text on every page of the service, for whoever reads it: nothing of it runs or calls home."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from pamong.service import attendance, handover, meetings, people, schedule
from pamong.service.board import asking, moderation, post
from pamong.service.board.text import written
from pamong.service.tables import submissions
from tests.browser.test_hostile_text import Watch
from tests.service.conftest import MODULE, NOW, WHO, Client, Hands, Serving
from tests.service.tables import laid
from tests.service.test_board import ADVICE, QUESTION, STORY
from tests.service.test_room_pages import do, join, met

pytestmark = pytest.mark.browser
SHORT = "<script>hit=1</script><img src=//192.0.2.1/a onerror=hit=1>"
NASTY = (
    f"{SHORT}</textarea></td></script></style><svg/onload=hit=1><iframe src=//192.0.2.1/b></iframe>"
    "[sini](javascript:hit=1) <a href='javascript:hit=1'>sana</a> ![](http://192.0.2.1/c.png) {{7*7}}"
)
"""What an attacker would type wherever a text is taken."""
CARD, ASKED = "a" * 16, "b" * 16
PAGES = {
    "k01": (
        "staff/", "staff/people", "staff/people?q=<img src=x onerror=hit=1>", "staff/people/p002",
        "staff/schedule", "staff/meetings", "staff/meetings/{meeting}", "staff/meetings/{meeting}/screen",
        "staff/cards", "staff/board", f"board/posts/{CARD}", f"board/posts/{ASKED}", f"board/posts/{'c' * 16}", "staff/audit",
        "staff/reports", "staff/reports/angkatan-a01-fasilitator.html", "staff/work/{work}", "board/",
    ),
    "g01": ("staff/", "staff/reports", "board/", f"board/posts/{CARD}"),
    "p002": (
        "", "privacy", "help", f"modules/{MODULE}/", f"modules/{MODULE}/receipts/{{code}}",
        f"modules/{MODULE}/feedback", f"modules/{MODULE}/feedback/module", "hadir/{meeting}", "board/",
        f"board/posts/{CARD}", f"board/posts/{CARD}/edit", f"board/posts/{ASKED}", "rooms/", "rooms/{room}/",
    ),
    "p004": ("board/", f"board/posts/{CARD}", "rooms/", "rooms/{room}/"),
}  # fmt: skip
BARE = ("staff/reports/", "/feedback")
"""Pages that were written elsewhere and are shown as they are, with a policy that lets nothing of them act."""
ACTIVE = """() => [...document.querySelectorAll('*')].filter(node =>
  ['IFRAME', 'OBJECT', 'EMBED', 'BASE'].includes(node.tagName)
  || [...node.attributes].some(it => it.name.startsWith('on') || /^\\s*javascript:/i.test(it.value))
  || (node.tagName === 'SCRIPT' && !node.src && node.type !== 'application/json')
).map(node => node.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def service(released_once, tmp_path_factory):
    found = laid(released_once, tmp_path_factory.mktemp("jahat") / "root", Hands())
    with closing(found.database):
        yield found


@pytest.fixture(scope="module")
def site(service):
    """Where it answers, and what stands in its addresses."""
    with Serving(service, rooms_tick=0.1) as serving:
        places = _written(service, Client(serving.address))
        yield f"{serving.address}/services/pamong/", places


def _written(service, client):
    with service.database.writing() as connection:
        person = people.find(connection, "p002")
        named = replace(person, name=SHORT, region=SHORT[:60], office="lurah")
        people.update(connection, named, at=NOW)
        schedule.extend(
            connection, service.course.programme, [person], MODULE, until=NOW + timedelta(days=30),
            reason=NASTY, by="k01", at=NOW,
        )  # fmt: skip
        meeting = _meeting(connection, service.course.programme)
    nasty, other = met(client, "p002"), met(client, "p004")
    join(nasty)
    room = join(other)["room"]
    for who in (nasty, other):
        assert do(who, room, "say", text=NASTY).status == 200
    sent = nasty.post(f"pamong/api/v1/modules/{MODULE}/submissions", {"statement": True}).said
    with service.database.writing() as connection:
        _board(connection, people.find(connection, "p002"))
        waits = written("saran", {**QUESTION, "title": SHORT, "masalah": NASTY})
        post.submit(connection, "c" * 16, people.find(connection, "p004"), waits, NOW)
        made = connection.execute(select(submissions.c.id)).scalar_one()
        page = f"<p>Umpan balik</p>{NASTY}".encode()
        handover.publish(connection, made, "module", page, by="k01", at=NOW)
    return {"meeting": meeting.id, "room": room, "code": sent["code"], "work": _files(service)}


def _meeting(connection, programme):
    made = meetings.plan(
        connection, programme, cohort="a01", module="", title=SHORT, starts=NOW,
        ends=NOW + timedelta(hours=2), by="k01", at=NOW,
    )  # fmt: skip
    attendance.note(connection, made.id, "p002", "izin", text=NASTY, by="k01", at=NOW)
    return made


def _board(connection, author):
    fields = {
        name: f"{STORY[name]} {NASTY}" for name in STORY if name not in ("problem", "component")
    }
    draft = written("praktik", {**STORY, **fields, "title": SHORT})
    assert post.submit(connection, CARD, author, draft, NOW) == "saved"
    question = written("saran", {**QUESTION, "title": SHORT, "masalah": NASTY, "pertanyaan": NASTY})
    assert post.submit(connection, ASKED, author, question, NOW) == "saved"
    for id in (CARD, ASKED):
        assert moderation.decide_post(connection, id, 1, "shown", "", by="k01", now=NOW) == "done"
    for who in ("p001", "p003", "p004", "p005", "p006"):
        if asking.request(connection, ASKED, who):
            asking.answer(connection, ASKED, who, f"{ADVICE} {NASTY}", NOW, anonymous=False)
            (waiting,) = moderation.answers(connection, ASKED)
            assert moderation.decide_answer(
                connection, waiting.id, 1, "shown", "", by="k01", now=NOW
            )
            return


def _files(service):
    course, work = service.course, "20261201T030000-report-0123abcd"
    course.reports.mkdir(parents=True)
    for edition in ("fasilitator", "pimpinan"):
        page = course.reports / f"angkatan-a01-{edition}.html"
        page.write_text(
            f"<title>Ringkasan &lt;script&gt;hit=1&lt;/script&gt;</title><p>Isi</p>{NASTY}"
        )
    folder = course.folder / "work" / work
    folder.mkdir(parents=True)
    (folder / "about.json").write_text(
        '{"step":"report","by":"k01","begun":"2026-12-01T03:00:00Z"}'
    )
    (folder / "end.json").write_text('{"status":1,"ended":"2026-12-01T03:01:00Z"}')
    (folder / "printed.txt").write_text(NASTY)
    return work


@pytest.mark.parametrize("who", sorted(PAGES))
def test_whoever_reads_them_on_a_telephone_sees_texts_and_nothing_acts(chromium, site, who):
    address, places = site
    size = {"width": 390, "height": 844}
    context = chromium.new_context(
        viewport=size, extra_http_headers={WHO: who}, reduced_motion="reduce"
    )
    watch, seen, stopped = Watch(context.new_page()), "", []
    watch.page.on(
        "requestfailed", lambda it: stopped.append(it.url) if it.failure == "csp" else None
    )
    for path in PAGES[who]:
        answer = watch.page.goto(f"{address}{path.format(**places)}", wait_until="load")
        assert answer.status == 200, (path, answer.status)
        if any(part in path for part in BARE):  # the policy stopped them in the browser
            watch.asked = [url for url in watch.asked if url not in stopped]
        watch.calm(own=address.removesuffix("services/pamong/"))
        seen += watch.page.locator("body").inner_text()
        if not any(part in path for part in BARE):
            assert watch.page.evaluate(ACTIVE) == [], path
            wide = watch.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert wide[0] <= wide[1], path
    assert "<script>hit=1</script>" in seen
    context.close()


def test_cards_are_printed_for_whoever_they_are_for_with_their_name_as_a_text(chromium, site):
    address, _ = site
    context = chromium.new_context(extra_http_headers={WHO: "k01"})
    watch = Watch(context.new_page())
    watch.page.goto(f"{address}staff/people/p002")
    with watch.page.expect_navigation():
        watch.page.locator("form[action$='staff/cards'] button").click()
    assert SHORT in watch.page.locator("main").inner_text()
    assert watch.page.evaluate(ACTIVE) == []
    watch.calm(own=address.removesuffix("services/pamong/"))
    context.close()
