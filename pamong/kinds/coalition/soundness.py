"""Whether a brief and its key make a coalition worth building."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pamong.catalogue import messages
from pamong.kinds import wellformed
from pamong.kinds.coalition.case import HIGHEST, LOWEST, Brief, Key, expected, game_of, variants
from pamong.kinds.coalition.game import Game, solve
from pamong.kinds.coalition.scoring import decisive

TELLING = 2
"""Characters beyond which a variant's id, which stands in the participant's log, might tell its meaning."""


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Everything that is wrong, in plain Indonesian; empty for a sound case."""
    foreign = (*_unknown(brief, key), *_out_of_range(key))
    if foreign:
        return foreign
    return (
        *_undecided(brief, key),
        *_idle(brief, key),
        *_variant_names(brief, key),
        *(text for name in variants(key) for text in _unplayable(brief, key, name)),
    )


def _unknown(brief: Brief, key: Key) -> Iterator[str]:
    """Ids that the brief does not have, or that the key lacks."""
    yield from wellformed.same_ids("placement", key.placement, brief.people)
    yield from wellformed.same_ids("base", key.base, brief.people)
    yield from wellformed.same_ids("effects", key.effects, brief.moves)
    yield from _foreign("action", "stories", key.stories, brief.moves)
    yield from _foreign_changes(brief, "effects", key.effects)
    for variant in key.variants:
        name = f"variants.{variant.id}"
        yield from _foreign("action", f"{name}.effects", variant.effects, brief.moves)
        yield from _foreign("actor", f"{name}.base", variant.base, brief.people)
        yield from _foreign_changes(brief, f"{name}.effects", variant.effects)
    for link in key.links:
        yield from _foreign("actor", "links", (link.source, link.target), brief.people)
        if link.source == link.target:
            yield messages("coalition")("check.link_self", id=link.source)


def _foreign_changes(
    brief: Brief, field: str, effects: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    for move, changes in effects.items():
        yield from _foreign("actor", f"{field}.{move}", changes, brief.people)


def _foreign(sort: str, field: str, ids: Iterable[str], among: Iterable[str]) -> Iterator[str]:
    """A text for each id of ``sort`` (actor or action) that is not ``among`` those of the brief."""
    for each in sorted(set(ids) - set(among)):
        yield messages("coalition")(f"check.{sort}", field=field, id=each)


def _out_of_range(key: Key) -> Iterator[str]:
    say = messages("coalition")
    for actor, place in key.placement.items():
        if not (LOWEST <= place.power <= HIGHEST and LOWEST <= place.interest <= HIGHEST):
            yield say("check.scale", id=actor)
        elif expected(place) is None:
            yield say("check.middle", id=actor)
        if not place.reason.strip():
            yield say("check.reason", id=actor)
    bases = [key.base, *(variant.base for variant in key.variants)]
    for actor in dict.fromkeys(it for base in bases for it in base):
        if any(not 0 <= base.get(actor, 0) <= 100 for base in bases):
            yield say("check.base", id=actor)
    for link in key.links:
        if link.add <= 0:
            yield say("check.link_add", source=link.source, target=link.target)


def _undecided(brief: Brief, key: Key) -> Iterator[str]:  # noqa: ARG001  # public facts alone
    """A ranking of voters needs voters who differ."""
    if len(brief.deciders) < 3 or len(set(decisive(brief).values())) < 2:
        yield messages("coalition")("check.equal")


def _idle(brief: Brief, key: Key) -> Iterator[str]:
    for move in brief.moves:
        rows = [key.effects[move], *(it.effects.get(move, {}) for it in key.variants)]
        if not any(change for row in rows for change in row.values()):
            yield messages("coalition")("check.idle", id=move)


def _variant_names(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("coalition")
    names = [variant.id for variant in key.variants]
    if len(set(names)) < len(names) or not all(names):
        yield say("check.variants")
    if brief.use == "graded":
        yield from (say("check.telling", variant=name) for name in names if len(name) > TELLING)
        if brief.attempts > 1 and len(names) < 2:
            yield say("check.one_variant", attempts=brief.attempts)


def _unplayable(brief: Brief, key: Key, variant: str) -> Iterator[str]:
    say = messages("coalition")
    game = game_of(brief, key, variant)
    if game.wins(game.influenced(game.base)):
        yield say("check.won", variant=variant)
        return
    found = solve(game)
    if found.best is None:
        reached = game.support(found.reach)
        yield say(
            "check.no_plan",
            variant=variant,
            effort=brief.effort,
            actions=", ".join(brief.moves[place] for place in found.reach) or "–",
            votes=game.tally(reached),
            quorum=brief.quorum,
            vetoes=game.unmet(reached),
        )


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """What may stay but teaches little: useless or dominated actions, a map in one quadrant."""
    if check(brief, key):
        return ()
    say = messages("coalition")
    games = [game_of(brief, key, name) for name in variants(key)]
    needed = frozenset[int]().union(*(solve(game).needed for game in games))
    useless = [say("advise.useless", id=it) for n, it in enumerate(brief.moves) if n not in needed]
    quadrants = {expected(place) for place in key.placement.values()}
    one = [say("advise.quadrant")] if len(quadrants) == 1 else []
    same = [say("advise.one_variant")] if brief.attempts > 1 and len(key.variants) < 2 else []
    return (*_dominated(brief, games), *useless, *one, *same)


def _dominated(brief: Brief, games: list[Game]) -> Iterator[str]:
    for worse, move in enumerate(brief.moves):
        for better, other in enumerate(brief.moves):
            if worse != better and all(_beats(game, better, worse) for game in games):
                yield messages("coalition")("advise.dominated", id=move, other=other)
                break


def _beats(game: Game, better: int, worse: int) -> bool:
    """Whether one action is dearer than another and nowhere moves more."""
    pairs = zip(game.effects[better], game.effects[worse], strict=True)
    return game.costs[better] < game.costs[worse] and all(a >= b for a, b in pairs)
