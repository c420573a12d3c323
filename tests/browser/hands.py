"""What a person's hands do in the form of each kind of exercise: every act by keys.

``HANDS[kind][act]`` does one act on the page as it stands. Controls are found as a reader finds
them: by place, by label, by the option they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Locator, expect

from .hand import WAIT, Act, Hand, place_of, written
from .talks import TALKS

# ---- questions with options ----


def _choose_options(hand: Hand, data: Mapping[str, Any]) -> None:
    box = hand.form.locator(".pm-body fieldset").nth(place_of(hand.brief.items, data["item"]))
    for chosen in data["chosen"]:
        hand.mark(chosen, box)


def _judge(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.items, data["item"])
    section = hand.form.locator(".pm-body > .pm-section").nth(place)
    if "ranking" in data:
        hand.order(section.locator("fieldset"), data["ranking"])
    for mark in ("best", "worst"):
        if mark in data:
            hand.keys.mark(section.locator(f"input[name$='-{mark}'][value='{data[mark]}']"))
    for option, level in data.get("ratings", {}).items():
        text = next(each.text for each in hand.brief.items[place].options if each.id == option)
        hand.mark(str(level), section.get_by_role("group", name=text))


def _rate(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.items, data["item"])
    section = hand.form.locator(".pm-body > .pm-section").nth(place)
    thing = section.locator(".pm-card").nth(place_of(hand.brief.items[place].things, data["thing"]))
    rated = [each if isinstance(each, str) else each.id for each in hand.brief.rated_on]
    select = thing.locator("select").nth(rated.index(data["criterion"]))
    hand.pick(select, data["value"])


def _rank(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.items, data["item"])
    section = hand.form.locator(".pm-body > .pm-section").nth(place)
    hand.order(section.locator("fieldset:has(> .pm-ranks)"), data["order"])


def _explain(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.items, data["item"])
    hand.type(hand.form.locator(".pm-body > .pm-section textarea").nth(place), data["text"])


# ---- a canvas ----


def _fill(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.stages, data["stage"])
    stage, box = hand.brief.stages[place], hand.form.locator(".pm-canvas-stage").nth(place)
    if "row" in data:
        box = box.locator(f"[data-row='{data['row']}']")
        given = hand.state.live(stage.id)[data["row"]].given
        fields = [each for each in stage.rows.columns if not given or each.id != stage.rows.one_per]
        spots = box.locator(".pm-canvas-grid > .pm-canvas-spot")
    else:
        fields, spots = list(stage.fields), box.locator("> .pm-canvas-part > .pm-canvas-spot")
    field = fields[place_of(fields, data["field"])]
    _FIELDS[field.type](hand, spots.nth(fields.index(field)), data["value"])


def _fill_text(hand: Hand, spot: Locator, value: Any) -> None:
    hand.type(spot.locator("textarea"), value)


def _fill_number(hand: Hand, spot: Locator, value: Any) -> None:
    hand.type(spot.locator("input"), written(value))


def _fill_choice(hand: Hand, spot: Locator, value: Any) -> None:
    if isinstance(value, (list, tuple)):
        for each in value:
            hand.mark(each, spot)
        return
    expect(spot.locator("select, input").first).to_be_visible(timeout=WAIT)
    if spot.locator("select").count():
        hand.pick(spot.locator("select"), str(value))
    else:
        hand.mark(str(value), spot)


def _fill_date(hand: Hand, spot: Locator, value: Any) -> None:
    hand.keys.date(spot.locator("input"), str(value))


_FIELDS: Mapping[str, Callable[[Hand, Locator, Any], None]] = {
    **dict.fromkeys(("text", "short", "person"), _fill_text),
    **dict.fromkeys(("choice", "several", "tag", "rating", "link"), _fill_choice),
    "number": _fill_number,
    "date": _fill_date,
}


def _add_row(hand: Hand, data: Mapping[str, Any]) -> None:
    stage = hand.form.locator(".pm-canvas-stage").nth(place_of(hand.brief.stages, data["stage"]))
    rows = stage.locator("[data-row]")
    before = rows.count()
    hand.keys.strike(stage.locator("[data-add] button"))
    expect(rows).to_have_count(before + 1, timeout=WAIT)


# ---- a decision matrix ----


def _cell(hand: Hand, data: Mapping[str, Any]) -> None:
    card = hand.form.locator(".pm-card").nth(place_of(hand.brief.alternatives, data["alternative"]))
    box = card.locator("input").nth(place_of(hand.brief.criteria, data["criterion"]))
    hand.type(box, written(data["value"]))


def _weighing(hand: Hand) -> Locator:
    filled = len(hand.brief.alternatives) if "fill" in hand.brief.tasks else 0
    return hand.form.locator(".pm-card").nth(filled)


def _weight(hand: Hand, data: Mapping[str, Any]) -> None:
    box = _weighing(hand).locator("input").nth(place_of(hand.brief.criteria, data["criterion"]))
    hand.type(box, written(data["value"]))


def _compare(hand: Hand, data: Mapping[str, Any]) -> None:
    names = [each.id for each in hand.brief.criteria]
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    strengths = [9, 7, 5, 3, 1, 1 / 3, 1 / 5, 1 / 7, 1 / 9]
    ratio = data["ratio"]
    near = min(strengths, key=lambda each: max(each / ratio, ratio / each))
    select = _weighing(hand).locator("select").nth(pairs.index((data["a"], data["b"])))
    hand.pick(select, str(strengths.index(near)))


def _order_alternatives(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.order(hand.form.locator("fieldset:has(> .pm-ranks)"), data["order"])


def _call_sensitive(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.mark(data["criterion"] or "none")


def _recommend(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.pick(hand.form.locator("select").last, data["alternative"])
    hand.type(hand.form.locator("textarea"), data["text"])


# ---- a reflection ----


def _predict(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.predictions, data["prediction"])
    hand.type(hand.form.locator(".pm-number input").nth(place), written(data["value"]))


def _reflect(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.type(
        hand.form.locator("textarea").nth(place_of(hand.brief.prompts, data["prompt"])),
        data["text"],
    )


def _show_evidence(hand: Hand, data: Mapping[str, Any]) -> None:
    asked = [each for each in hand.brief.prompts if each.evidence]
    box = hand.form.locator(".pm-section .pm-section").nth(place_of(asked, data["prompt"]))
    hand.keys.reach(box.locator("input, button").first)
    for event in data["events"]:
        hand.mark(str(event), box)


# ---- a plan ----


def _unfold(hand: Hand, field: str) -> None:
    head = hand.form.locator(f"button[data-field='{field}']")
    if head.count() and head.get_attribute("aria-expanded") == "false":
        hand.keys.strike(head)


def _field(hand: Hand, step: str, field: str) -> Locator:
    """The place of a field; the step, and on a phone the task, is unfolded first."""
    _unfold(hand, f"step.{step}")
    _unfold(hand, field)
    found = hand.form.locator(f"[data-field='{field}']")
    fold = hand.form.locator(".pm-fold-4", has=hand.form.page.locator(f"[data-field='{field}']"))
    return fold if fold.count() else found


def _choose_tasks(hand: Hand, data: Mapping[str, Any]) -> None:
    _unfold(hand, "step.choose")
    for task in data["tasks"]:
        hand.mark(task)


def _schedule(hand: Hand, data: Mapping[str, Any]) -> None:
    selects = _field(hand, "when", f"when.{data['task']}").locator("select")
    hand.pick(selects.first, str(data["start"]))
    hand.pick(selects.last, str(data["start"] + data["weeks"] - 1))


def _share_role(hand: Hand, data: Mapping[str, Any]) -> None:
    place = place_of(hand.brief.people, data["person"])
    select = _field(hand, "who", f"who.{data['task']}").locator("select").nth(place)
    hand.pick(select, data["role"] or "none")


def _counter(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.pick(_field(hand, "risks", f"risk.{data['risk']}").locator("select"), data["task"])


def _measure(hand: Hand, data: Mapping[str, Any], box: int) -> None:
    spot = _field(hand, "measures", f"measure.{data['task']}")
    hand.type(spot.locator("textarea").nth(box), data["text"])


HANDS: Mapping[str, Mapping[str, Act]] = {
    "canvas": {"set": _fill, "cell": _fill, "add": _add_row},
    "choice": {"answer": _choose_options},
    "matrix": {
        "cell": _cell,
        "weight": _weight,
        "compare": _compare,
        "rank": _order_alternatives,
        "sensitive": _call_sensitive,
        "recommend": _recommend,
    },
    "plan": {
        "choose": _choose_tasks,
        "schedule": _schedule,
        "role": _share_role,
        "mitigate": _counter,
        "indicator": lambda hand, data: _measure(hand, data, 0),
        "evidence": lambda hand, data: _measure(hand, data, 1),
    },
    "ranking": {"rate": _rate, "rank": _rank, "explain": _explain},
    "reflection": {"predict": _predict, "text": _reflect, "evidence": _show_evidence},
    "situational": {"answer": _judge},
    **TALKS,
}
