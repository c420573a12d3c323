"""How an order looks: the JSON that the browser draws, and static HTML."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.prose import escape
from pamong.kinds.ranking.case import Brief, Item
from pamong.kinds.ranking.play import State


def view(brief: Brief, state: State) -> dict[str, Any]:
    return {
        "criteria": [
            {"id": each.id, "label": each.label, "hint": each.hint} for each in brief.rated_on
        ],
        "order": {item: list(things) for item, things in state.order.items()},
        "ranked": {item: list(things) for item, things in state.ranked.items()},
        "rated": {
            item: {thing: dict(ratings) for thing, ratings in things.items()}
            for item, things in state.rated.items()
        },
        "totals": {item.id: state.totals(brief, item) for item in brief.items},
        "texts": dict(state.texts),
    }


def render(brief: Brief, state: State) -> str:
    return prose.article(
        brief.title,
        *(_rendered(brief, place, item, state) for place, item in enumerate(brief.items, 1)),
    )


def _rendered(brief: Brief, place: int, item: Item, state: State) -> str:
    say = messages("ranking")
    html = f"<h4>{escape(say('part.item', number=place))}</h4>" + prose.paragraphs(item.situation)
    if item.basis == "criteria":
        html += _ratings(brief, item, state)
    order = state.ranked.get(item.id, ())
    rows = "".join(f"<li>{escape(item.texts[thing])}</li>" for thing in order)
    html += f"<ol>{rows}</ol>" if order else _unanswered()
    if not brief.reasons:
        return html
    text = state.texts.get(item.id, "")
    html += f"<p><strong>{escape(item.why or say('view.why'))}</strong></p>"
    return html + (prose.paragraphs(text) if text.strip() else _unanswered())


def _ratings(brief: Brief, item: Item, state: State) -> str:
    say, rated = messages("ranking"), state.rated.get(item.id, {})
    head = (say("view.thing"), *(each.label for each in brief.rated_on), say("view.total"))
    totals = state.totals(brief, item) or {}
    rows = [
        (
            thing.text,
            *(str(rated.get(thing.id, {}).get(each.id, "–")) for each in brief.rated_on),
            str(totals.get(thing.id, "–")),
        )
        for thing in item.things
    ]
    return prose.table(say("view.ratings"), head, rows)


def _unanswered() -> str:
    return f"<p><em>{escape(messages('ranking')('render.unanswered'))}</em></p>"
