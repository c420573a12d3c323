"""Whether a canvas can be completed, and whether it asks for more than its minutes allow."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds.canvas.case import TAGS, Brief, Key, Rule, Stage, places
from pamong.kinds.canvas.scoring import EXPECTED, names

FIELDS = 12
"""Fields and columns of one stage that people can take in."""
WORDS = 400
"""Words asked for in one canvas, at most."""
PACE = 15
"""Words that people compose per minute when they think as they write (19 when they do not have to;
Karat et al., 1999)."""


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Rules that nobody can fulfil, and names in the key that the brief does not know."""
    say, problems = messages("canvas"), []
    for stage in brief.stages:
        problems += [text for rule in stage.rules if (text := _impossible(brief, stage, rule))]
    known, asked = names(brief), places(brief)
    problems += [say("check.weight", name=each) for each in key.weights if each not in known]
    if all(key.weights.get(each, 1.0) == 0 for each in known if each != EXPECTED or key.expected):
        problems.append(say("check.weights"))
    for name, option in key.expected.items():
        if name not in asked:
            problems.append(say("check.expected", name=name))
        elif option not in asked[name].ids:
            problems.append(say("check.option", name=name, option=option))
    return tuple(problems)


def _impossible(brief: Brief, stage: Stage, rule: Rule) -> str:
    say, rows = messages("canvas"), stage.rows
    if rows is None or rule.rule not in ("covers", "linked"):
        return ""
    column = stage.part(rule.fields[0])
    if rule.rule == "covers":
        each = TAGS if column.type == "tag" else 1
        count = len(column.options)
        values = {"stage": stage.id, "field": column.id, "count": count, "most": rows.max_rows}
        return say("check.covers", **values) if count > each * rows.max_rows else ""
    above = brief.stage(column.to).rows
    least = above.min_rows if above else 0
    values = {"stage": stage.id, "to": column.to, "least": least, "most": rows.max_rows}
    return say("check.linked", **values) if least > rows.max_rows else ""


def words(stage: Stage) -> int:
    """Words that a stage asks for: the least of each text, once per row of the least number."""
    rows = stage.rows
    in_rows = sum(each.min_words for each in rows.columns if each.required) if rows else 0
    in_fields = sum(each.min_words for each in stage.fields if each.required)
    return in_fields + in_rows * (rows.min_rows if rows else 0)


def _several_texts(stage: Stage) -> bool:
    written = [stage.in_rows(each.id) for each in stage.parts if each.type == "text"]
    return len(written) > 1 or any(written)


def advise(brief: Brief, key: Key) -> tuple[str, ...]:  # noqa: ARG001  # the contract of a kind
    say, advice = messages("canvas"), []
    for stage in brief.stages:
        if len(stage.parts) > FIELDS:
            advice.append(say("advise.fields", stage=stage.id, count=len(stage.parts), most=FIELDS))
        if _several_texts(stage) and not any(each.rule == "distinct" for each in stage.rules):
            advice.append(say("advise.distinct", stage=stage.id))
    asked, most = sum(map(words, brief.stages)), min(WORDS, PACE * brief.minutes)
    if asked > most:
        advice.append(say("advise.words", count=asked, most=most, minutes=brief.minutes))
    return tuple(advice)
