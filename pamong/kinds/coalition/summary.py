"""A coalition as static HTML, for markers, feedback and print: no script, everything escaped."""

from __future__ import annotations

from collections.abc import Iterator

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.coalition.case import Brief
from pamong.kinds.coalition.play import Attempt, State, outcome, supporters, tally
from pamong.kinds.prose import escape


def render(brief: Brief, state: State) -> str:
    """The attempt that counts: map, order, turns, result, and the debrief where there is one."""
    say = messages("coalition")
    attempt = state.counted
    if attempt is None:
        return prose.article(brief.title, _paragraph(say("render.untouched")))
    parts = [_paragraph(say("render.attempt", number=attempt.number))] if brief.attempts > 1 else []
    parts += [_result(brief, attempt), _map(brief, attempt), _order(brief, attempt)]
    parts += [_turns(brief, attempt), _debrief(attempt)]
    return prose.article(brief.title, *parts)


def _result(brief: Brief, attempt: Attempt) -> str:
    say = messages("coalition")
    if attempt.support is None:
        return _paragraph(say("render.map_only"))
    came_to = outcome(brief, attempt) if attempt.finished else "open"
    names = ", ".join(brief.names[actor] for actor in supporters(brief, attempt.support))
    return _paragraph(
        say(
            f"render.{came_to}",
            have=tally(brief, attempt.support),
            quorum=brief.quorum,
            names=names or "–",
            spent=brief.cost(attempt.taken),
            of=brief.effort,
        )
    )


def _map(brief: Brief, attempt: Attempt) -> str:
    say = messages("coalition")
    head = ("render.actor", "render.power", "render.interest", "render.strategy")
    return prose.table(say("render.map"), tuple(map(say, head)), _placed(brief, attempt))


def _placed(brief: Brief, attempt: Attempt) -> Iterator[tuple[str, ...]]:
    say = messages("coalition")
    for actor in brief.actors:
        position = attempt.positions.get(actor.id)
        strategy = attempt.strategies.get(actor.id)
        yield (
            actor.name,
            str(position.power or "–") if position else "–",
            str(position.interest or "–") if position else "–",
            say(f"strategy.{strategy}") if strategy else "–",
        )


def _order(brief: Brief, attempt: Attempt) -> str:
    if not attempt.order:
        return ""
    names = ", ".join(brief.names[actor] for actor in attempt.order)
    return _paragraph(messages("coalition")("render.order", names=names))


def _turns(brief: Brief, attempt: Attempt) -> str:
    say = messages("coalition")
    if not attempt.turns:
        return ""
    head = ("render.turn", "render.actions", "render.effort", "render.votes")
    return prose.table(say("render.turns"), tuple(map(say, head)), _taken(brief, attempt))


def _taken(brief: Brief, attempt: Attempt) -> Iterator[tuple[str, ...]]:
    for number, each in enumerate(attempt.rounds[1:], 1):
        labels = "; ".join(move.label for move in brief.actions if move.id in each.actions)
        votes = "–" if each.support is None else str(tally(brief, each.support))
        yield str(number), labels, str(brief.cost(each.actions)), votes


def _debrief(attempt: Attempt) -> str:
    content = attempt.debrief
    if not content:
        return ""
    paragraphs = content.get("paragraphs")
    texts = [content.get("headline"), *(paragraphs if isinstance(paragraphs, list | tuple) else ())]
    told = "".join(_paragraph(text) for text in texts if isinstance(text, str))
    return f"<h4>{escape(messages('coalition')('render.debrief'))}</h4>{told}"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
