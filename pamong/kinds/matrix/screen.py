"""How a decision matrix looks: the JSON that the browser draws, and static HTML."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.matrix.case import Brief
from pamong.kinds.matrix.play import State
from pamong.kinds.prose import escape


def view(brief: Brief, state: State) -> dict[str, Any]:
    compared = state.compared(brief)
    return {
        "cells": {row: dict(cells) for row, cells in state.cells.items()},
        "weights": dict(state.weights),
        "compare": [{"a": a, "b": b, "ratio": ratio} for (a, b), ratio in state.ratios.items()],
        "shares": state.shares(brief),
        "consistency": None if compared is None else round(compared[1], 4),
        "totals": state.totals(brief),
        "rank": list(state.ranking) or None,
        "sensitive": state.claim,
        "recommend": {"alternative": state.choice, "text": state.text},
    }


def render(brief: Brief, state: State) -> str:
    parts = [_values(brief, state), _weights(brief, state)]
    if "rank" in brief.tasks:
        parts.append(_ranked(brief, state))
    if "sensitivity" in brief.tasks:
        parts.append(_claimed(brief, state))
    if "recommend" in brief.tasks:
        parts.append(_recommended(brief, state))
    return prose.article(brief.title, *parts)


def _values(brief: Brief, state: State) -> str:
    say = messages("matrix")
    data = brief.data if brief.data is not None else state.cells
    head = (say("view.alternative"), *(_headed(each.label, each.unit) for each in brief.criteria))
    rows = []
    for each in brief.alternatives:
        row = data.get(each.id, {})
        cells = (prose.decimal(row[id], 3) if id in row else "–" for id in brief.columns)
        rows.append((each.label, *cells))
    return prose.table(say("view.fill"), head, rows)


def _headed(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _weights(brief: Brief, state: State) -> str:
    say, shares = messages("matrix"), state.shares(brief)
    if "weight" not in brief.tasks:
        return ""
    if shares is None:
        return _titled(say("view.weight"), say("render.unanswered"))
    rows = [(each.label, prose.percent(shares[each.id])) for each in brief.criteria]
    return prose.table(say("view.weight"), (say("view.criterion"), say("view.share")), rows)


def _ranked(brief: Brief, state: State) -> str:
    say, labels = messages("matrix"), _labels(brief)
    if not state.ranking:
        return _titled(say("view.rank"), say("render.unanswered"))
    rows = "".join(f"<li>{escape(labels[each])}</li>" for each in state.ranking)
    return f"<h4>{escape(say('view.rank'))}</h4><ol>{rows}</ol>"


def _claimed(brief: Brief, state: State) -> str:
    say = messages("matrix")
    if state.claim is None:
        return _titled(say("view.sensitivity"), say("render.unanswered"))
    names = {each.id: each.label for each in brief.criteria}
    return _titled(say("view.sensitivity"), names.get(state.claim, say("view.none")))


def _recommended(brief: Brief, state: State) -> str:
    say = messages("matrix")
    chosen = _labels(brief).get(state.choice, say("render.unanswered"))
    return _titled(say("view.recommend"), chosen) + prose.paragraphs(state.text)


def _labels(brief: Brief) -> dict[str, str]:
    return {each.id: each.label for each in brief.alternatives}


def _titled(title: str, text: str) -> str:
    return f"<h4>{escape(title)}</h4><p>{escape(text)}</p>"
