"""Anything can be pasted into a form: it stays what was typed, and nothing but a text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from pamong.brief import load_brief
from pamong.catalogue import messages
from pamong.kinds import KINDS
from tests.test_bad_input import ALL

from .test_recovery import (
    AGREEMENT,
    WAIT,
    box,
    context,
    form,
    home,
    light,
    saved,
    served,
    status,
)

__all__ = ["context", "home", "served"]
pytestmark = pytest.mark.browser
SCAFFOLDS = Path(__file__).parents[2] / "templates" / "exercises"
DESK = {"width": 1366, "height": 768}
TEXTS = messages("form")
SETTLED = re.compile(f"Tersimpan pukul|{re.escape(TEXTS('status.held'))}")
FIELDS = ".pm-form :is(textarea, input[type=text]):not([readonly])"
PASTE = """(node, text) => {
  node.focus();
  node.select();
  const data = new DataTransfer();
  data.setData("text/plain", JSON.parse(text));
  if (node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true, bubbles: true })))
    document.execCommand("insertText", false, JSON.parse(text));
}"""
FOREIGN = ".pm-form :is(script, iframe, img, object, embed, [onerror], [onload], [onfocus], a[href^='javascript:'])"


def paste(field: Locator, text: str) -> None:
    """As from the clipboard; the text travels as JSON, since it may hold half a character."""
    field.evaluate(PASTE, json.dumps(text))


def acts(stage) -> str:
    return json.dumps([event.data for event in stage.session.events()], ensure_ascii=False)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_whatever_is_pasted_into_any_field_is_kept_and_shown_as_text(staged, kind):
    stage = staged(load_brief(SCAFFOLDS / f"{kind}.brief.yaml"))
    bot = "oracle" if "oracle" in stage.kind.bots else "perfect"
    stage.play(bot, 3)
    page = stage.open(DESK)
    page.evaluate("window.hit = 0")
    fields = page.locator(FIELDS)
    for place in range(fields.count()):
        field = fields.nth(place)
        if not field.is_visible():
            continue
        before = field.input_value()
        paste(field, ALL)
        kept = field.input_value()
        assert kept.replace("\ufffd", "\ud83d") == ALL
        field.blur()
        if field.evaluate("node => node.tagName") == "TEXTAREA":
            expect(page.locator(".pm-status")).to_contain_text(SETTLED, timeout=WAIT)
            shown = json.dumps(ALL.replace("\ud83d emoji", "\ufffd emoji"), ensure_ascii=False)[
                1:-1
            ]
            sent = TEXTS("status.held") not in page.locator(".pm-status").inner_text()
            assert (shown in acts(stage)) == sent
        else:
            expect(page.locator(".pm-error:visible").first).to_have_text(TEXTS("number.not"))
            field.fill(before or "1")
            field.blur()
    assert page.evaluate("window.hit") == 0
    assert page.locator(FOREIGN).count() == 0
    page.reload()
    expect(page.locator(".pm-body")).to_be_visible(timeout=WAIT)
    assert page.locator(FOREIGN).count() == 0


@pytest.mark.parametrize("kind", ["reflection", "canvas"])
def test_a_million_characters_stay_in_the_field_and_are_said_to_be_too_many(staged, kind):
    stage = staged(load_brief(SCAFFOLDS / f"{kind}.brief.yaml"))
    page = stage.open(DESK)
    field = page.locator(".pm-form textarea").first
    field.fill("Jawaban pendek.")
    field.blur()
    expect(page.locator(".pm-status")).to_contain_text("Tersimpan pukul", timeout=WAIT)
    before = acts(stage)
    long = "kata " * 200_000
    paste(field, long)
    field.blur()
    expect(page.locator(".pm-error:visible")).to_contain_text("980.000 karakter")
    expect(page.locator(".pm-error:visible")).not_to_contain_text("tersimpan")
    expect(page.locator(".pm-status")).to_have_text(TEXTS("status.stuck"))
    assert field.input_value() == long
    assert acts(stage) == before
    page.reload()
    field = page.locator(".pm-form textarea").first
    expect(field).to_have_value(long, timeout=WAIT)
    expect(page.locator(".pm-error:visible")).to_contain_text("980.000 karakter")
    expect(page.locator(".pm-status")).not_to_contain_text("Tersimpan pukul")
    field.fill(long[:20_000])
    field.blur()
    expect(page.locator(".pm-status")).to_contain_text("Tersimpan pukul", timeout=WAIT)
    assert long[:20_000] in acts(stage)


def test_words_are_counted_as_the_server_counts_them(staged):
    stage = staged(load_brief(SCAFFOLDS / "reflection.brief.yaml"))
    page = stage.open(DESK)
    field, count = page.locator(".pm-form textarea").first, page.locator(".pm-count").first
    for text in (
        ALL,
        "satu\u00a0dua\u3000tiga\ufeffempat\u200blima\x1fenam\x85tujuh",
        "👨\u200d👩\u200d👧 🇮🇩",
        " \n\t ",
    ):
        paste(field, text)
        seen = field.input_value()
        expect(count).to_contain_text(re.compile(rf"^\s*{len(seen.split())} kata"))


# ---- hands that are too quick, and messages from yesterday ----


def test_a_double_click_does_one_thing(context, home):
    page = light(context, home)
    practice = form(page, "pemanasan")
    practice.get_by_label(AGREEMENT).dblclick()
    practice.get_by_label("Perwakilan pedagang yang dipilih").check()
    saved(page, "pemanasan")
    practice.get_by_role("button", name=TEXTS("finish.practice")).dblclick()
    expect(practice.locator(".pm-score")).to_be_visible(timeout=WAIT)
    practice.get_by_role("button", name="Mulai percobaan ke-2 dari 2").dblclick()
    expect(practice.locator(".pm-head")).to_contain_text("percobaan ke-2 dari 2", timeout=WAIT)
    graded = form(page, "penataan")
    graded.get_by_label("Menolak tanpa membahasnya").check()
    graded.get_by_role("button", name=TEXTS("finish.graded")).dblclick()
    graded.get_by_role("button", name=TEXTS("confirm.yes")).dblclick()
    expect(graded).to_contain_text(TEXTS("done.graded"), timeout=WAIT)
    done = [[event["act"] for event in home.events(name)] for name in ("pemanasan", "penataan")]
    assert done == [["open", "answer", "answer", "finish", "open"], ["open", "answer", "finish"]]


SEND = """async ([address, body, xsrf]) => {
  const headers = { "Content-Type": "application/json" };
  if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(document.cookie.match(/_xsrf=([^;]*)/)[1]);
  const answer = await fetch(address, { method: "POST", headers, body });
  return [answer.status, await answer.json().catch(() => null)];
}"""


def test_messages_of_yesterday_sent_again_change_nothing(context, home):
    page, sent = light(context, home), []
    page.on(
        "request",
        lambda request: request.method == "POST" and sent.append((request.url, request.post_data)),
    )
    form(page, "pemanasan").get_by_label(AGREEMENT).check()
    box(page).fill("Sekali saja.")
    box(page).blur()
    saved(page)
    saved(page, "pemanasan")
    logs = {name: home.log(name).read_bytes() for name in ("pemanasan", "catatan")}
    for address, body in [*sent, *reversed(sent)]:
        assert page.evaluate(SEND, [address, body, True])[0] == 200
    assert logs == {name: home.log(name).read_bytes() for name in logs}


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        ("{", 400), ("[]", 400), ('{"type":"act"}', 400), ("[" * 50_000, 400),
        ('{"type":"act","seq":1,"id":7,"act":"text","data":{}}', 400),
        (json.dumps({"type": "act", "seq": 1, "id": "a", "act": "text", "data": {"x": "y" * 3_000_000}}), 413),
    ],
    ids=["cut", "list", "empty", "nested", "types", "large"],
)  # fmt: skip
def test_what_no_page_would_send_is_refused_in_a_plain_sentence(context, home, body, answered):
    page = light(context, home)
    address = home.address("pamong/modules/m0-contoh/exercises/catatan")
    status_code, said = page.evaluate(SEND, [address, body, True])
    assert status_code == answered
    assert re.fullmatch(r"[A-Z][^{}<>_]*\.", said["text"])
    assert page.evaluate(SEND, [address.split("?")[0], body, False])[0] == 403
    assert home.events("catatan") == []


def test_who_has_been_logged_out_goes_on_after_logging_in_again(context, home):
    page = light(context, home)
    cookies = context.cookies()
    context.clear_cookies()
    form(page, "pemanasan").get_by_label(AGREEMENT).check()
    expect(form(page, "pemanasan")).to_contain_text(TEXTS("refused.title"), timeout=WAIT)
    expect(status(page, "pemanasan")).not_to_contain_text("Tersimpan pukul")
    context.add_cookies(cookies)
    saved(page, "pemanasan")
    assert [event["act"] for event in home.events("pemanasan")] == ["open", "answer"]
