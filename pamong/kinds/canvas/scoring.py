"""What a canvas is worth: how full each stage is, what its rules find, and right classifications.

Nobody's wording is judged here; that is for people. Copying one sentence into every field fills a
form too, which is why completeness alone never carries a score.
"""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds.canvas import filling, rules
from pamong.kinds.canvas.case import Brief, Field, Key, Rule, Stage, places
from pamong.kinds.canvas.sheet import State
from pamong.score import Context, Part, Score, above_baseline, weighted

EXPECTED = "expected"


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """The weighted mean of completeness per stage, of each rule, and of expected classifications."""
    parts = []
    for stage in brief.stages:
        parts.append(_filled(key, state, stage))
        parts += [_ruled(brief, key, state, stage, rule) for rule in stage.rules]
    if key.expected:
        parts.append(_classified(brief, key, state))
    return weighted(parts)


def names(brief: Brief) -> tuple[str, ...]:
    """The names of the parts of a score that a key may weigh."""
    found = [stage.id for stage in brief.stages]
    found += [f"{stage.id}.{rule.rule}" for stage in brief.stages for rule in stage.rules]
    return (*found, EXPECTED)


def _filled(key: Key, state: State, stage: Stage) -> Part:
    say, weight = messages("canvas"), key.weights.get(stage.id, 1.0)
    label = say("part.filled", stage=stage.title)
    if stage.id not in state.opened:
        return Part(stage.id, label, weight, 0.0, say("reason.locked"))
    value, done, of = filling.measured(state, stage)
    reason = "full" if done == of else "some" if value else "none"
    return Part(stage.id, label, weight, value, say(f"reason.filled.{reason}", done=done, of=of))


def _ruled(brief: Brief, key: Key, state: State, stage: Stage, rule: Rule) -> Part:
    say, name = messages("canvas"), f"{stage.id}.{rule.rule}"
    label = say(f"part.{rule.rule}", stage=stage.title)
    weight, finding = key.weights.get(name, 1.0), rules.find(brief, state, stage, rule)
    if stage.id not in state.opened:
        return Part(name, label, weight, 0.0, say("reason.locked"))
    if finding.met == finding.of:
        return Part(name, label, weight, finding.value, say(f"reason.{rule.rule}"))
    text = say("reason.none") if not finding.met else ""
    text = text or say("reason.some", met=finding.met, of=finding.of)
    if finding.notes:
        text = f"{text} {finding.notes[0].text}"
    return Part(name, label, weight, finding.value, text)


def classified(brief: Brief, key: Key, state: State) -> dict[str, tuple[Field, str, str]]:
    """Per classification asked for: its field, what was chosen (empty: nothing), what is expected."""
    found = {}
    for name, field in places(brief).items():
        if name in key.expected:
            found[name] = (field, chosen(brief, state, name), key.expected[name])
    return found


def chosen(brief: Brief, state: State, name: str) -> str:
    """What stands at ``stage.field`` or ``stage.option.column``; empty when nothing does."""
    parts = name.split(".")
    stage = brief.stage(parts[0])
    if len(parts) == 2:
        return str(state.cells(stage.id).get(parts[1], ""))
    rows = state.live(stage.id).values()
    column = stage.rows.one_per if stage.rows else ""
    given = next((row for row in rows if row.given and row.cells.get(column) == parts[1]), None)
    return str(given.cells.get(parts[2], "")) if given else ""


def item_scores(brief: Brief, key: Key, state: State) -> dict[str, float]:
    found = classified(brief, key, state)
    return {name: float(own == right) for name, (_, own, right) in found.items()}


def answers(brief: Brief, state: State) -> dict[str, str]:
    """What was chosen wherever a canvas asks for one of several options."""
    found = {name: chosen(brief, state, name) for name in places(brief)}
    return {name: own for name, own in found.items() if own}


def _classified(brief: Brief, key: Key, state: State) -> Part:
    """The share of right classifications, beyond what guessing would earn."""
    say, found = messages("canvas"), classified(brief, key, state)
    right = sum(own == expected for _, own, expected in found.values())
    chance = sum(1 / len(field.options) for field, _, _ in found.values()) / len(found)
    value = above_baseline(right / len(found), chance)
    reason = "all" if right == len(found) else "some" if right else "none"
    text = say(f"reason.expected.{reason}", right=right, of=len(found))
    weight = key.weights.get(EXPECTED, 1.0)
    return Part(EXPECTED, say("part.expected"), weight, value, text)


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    """After the end: each classification beside the expected one; nothing about texts."""
    if not state.finished:
        return None
    say, items = messages("canvas"), []
    for name, (field, own, expected) in classified(brief, key, state).items():
        labels = {option.id: option.text for option in field.options}
        items.append(
            {
                "label": _place_label(brief, name, field),
                "own": labels.get(own, say("view.unanswered")),
                "expected": labels[expected],
                "right": own == expected,
            }
        )
    return {"items": items}


def _place_label(brief: Brief, name: str, field: Field) -> str:
    parts = name.split(".")
    rows = brief.stage(parts[0]).rows
    given = {option.id: option.text for option in rows.given} if rows else {}
    return f"{given[parts[1]]}: {field.label}" if len(parts) == 3 else field.label
