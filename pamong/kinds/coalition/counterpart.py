"""The other side: tells what came of each turn, and sums up at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kinds.coalition.case import Brief, Key, game_of
from pamong.kinds.coalition.debriefing import debrief
from pamong.kinds.coalition.play import Attempt, State, supporters

ENGINE = 1


def respond(brief: Brief, key: Key, state: State) -> tuple[Action, ...]:
    """The consequences of a locked map or of a turn; the debrief after the end; else nothing."""
    attempt = state.current
    if attempt is None:
        return ()
    if attempt.waiting:
        return (_consequences(brief, key, attempt),)
    if attempt.finished and attempt.debrief is None:
        return (Action("debrief", debrief(brief, key, attempt)),)
    return ()


def _consequences(brief: Brief, key: Key, attempt: Attempt) -> Action:
    game = game_of(brief, key, attempt.variant)
    reached = game.support(brief.moves.index(move) for move in attempt.taken)
    support = dict(zip(brief.people, reached, strict=True))
    news = list(_news(brief, key, attempt, support))
    return Action("support", {"turn": attempt.turns, "support": support, "news": news})


def _news(brief: Brief, key: Key, attempt: Attempt, support: Mapping[str, int]) -> Iterator[str]:
    """What was seen and heard: the actions, who came over or fell away, and who moved whom."""
    before = attempt.support
    if before is None:
        return
    for move in attempt.rounds[-1].actions:
        if move in key.stories:
            yield key.stories[move]
    say, names = messages("coalition"), brief.names
    had, won = supporters(brief, before), supporters(brief, support)

    def told(text: str, actor: str, **values: str) -> str:
        seed = f"{brief.id}|{attempt.variant}|{attempt.number}|{attempt.turns}|{actor}"
        return say.vary(text, seed, name=names[actor], **values)

    yield from (told("news.won", actor) for actor in won if actor not in had)
    yield from (told("news.lost", actor) for actor in had if actor not in won)
    for link in key.links:
        if link.source in won and link.source not in had:
            yield told("news.drawn", link.target, source=names[link.source])
