"""Whether a brief and its key make a case that can be played, searched and scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pamong.catalogue import messages
from pamong.kinds.branching.case import Brief, Key, Node, Option, variant_ids
from pamong.kinds.branching.graph import Graph, graph_of
from pamong.kinds.branching.regret import LIMIT, count_places, outlooks

TELLING = 2
"""Characters beyond which a variant's id, which stands in the participant's log, might tell its meaning."""


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Everything that is wrong, in plain Indonesian; empty for a sound case."""
    broken = (*_references(brief, key), *_changes(brief, key), *_names(brief, key))
    if broken:
        return broken
    shape = tuple(_shape(brief, key))
    if shape:
        return shape
    return tuple(
        problem
        for variant in variant_ids(key)
        for problem in _playable(brief, key, variant, graph_of(brief, key, variant))
    )


def _references(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("branching")
    if key.start not in key.nodes:
        yield say("check.start", id=key.start)
    known = {it.id for it in brief.indicators}
    flags = {flag for _, option in _options(key) for flag in option.sets}
    for name, option in _options(key):
        where = f"{name}.{option.id}"
        if option.to not in key.nodes and option.to not in key.endings:
            yield say("check.target", option=where, to=option.to)
        for indicator in sorted({*option.effects, *option.condition} - known):
            yield say("check.indicator", option=where, indicator=indicator)
        for flag in sorted({*option.needs, *option.lacks} - flags):
            yield say("check.flag", option=where, flag=flag)
        for principle in sorted(set(option.principles) - set(key.principles)):
            yield say("check.principle", option=where, principle=principle)


def _changes(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("branching")
    known = {f"{name}.{option.id}" for name, option in _options(key)}
    indicators = {it.id for it in brief.indicators}
    for variant in key.variants:
        for where, change in variant.changes.items():
            if where not in known:
                yield say("check.change", variant=variant.id, option=where)
            if change.to and change.to not in key.nodes and change.to not in key.endings:
                yield say("check.target", option=f"{variant.id}: {where}", to=change.to)
            for indicator in sorted(set(change.effects or {}) - indicators):
                yield say("check.indicator", option=f"{variant.id}: {where}", indicator=indicator)


def _names(brief: Brief, key: Key) -> Iterator[str]:
    """A graded variant's id is in the participant's log, so it must not describe the variant."""
    if brief.use == "graded":
        telling = [it.id for it in key.variants if len(it.id) > TELLING]
        yield from (messages("branching")("check.telling", variant=name) for name in telling)


def _shape(brief: Brief, key: Key) -> Iterator[str]:
    """Cycles and nodes that nothing leads to, in any variant."""
    say = messages("branching")
    reached: set[str] = set()
    for variant in variant_ids(key):
        targets = _targets(graph_of(brief, key, variant))
        if cycle := _cycle(targets):
            yield say("check.cycle", path=" → ".join(cycle))
            return
        reached |= _reach(targets, key.start)
    for name in key.nodes:
        if name not in reached:
            yield say("check.unreachable", node=name)


def _targets(graph: Graph) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(it.to for it in edges)) for name, edges in graph.nodes}


def _cycle(targets: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The first cycle as the nodes it passes, the first again at its end; empty when there is none."""
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done:
            return ()
        path.append(name)
        found = next((it for to in targets.get(name, ()) if (it := visit(to))), ())
        path.pop()
        done.add(name)
        return found

    return next((found for name in targets if (found := visit(name))), ())


def _reach(targets: Mapping[str, Iterable[str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        fresh = set(targets.get(waiting.pop(), ())) - seen
        seen |= fresh
        waiting += fresh
    return seen


def _playable(brief: Brief, key: Key, variant: str, graph: Graph) -> Iterator[str]:
    """What only a search of everything that can happen shows."""
    say = messages("branching")
    if count_places(graph) > LIMIT:
        yield say("check.places", variant=variant, limit=LIMIT)
        return
    ahead = outlooks(graph)
    origin = ahead[graph.origin]
    if origin.paths > LIMIT:
        yield say("check.paths", variant=variant, count=origin.paths, limit=LIMIT)
    stuck = [it for it, look in ahead.items() if it.node in key.nodes and not look.edges]
    for node in sorted({it.node for it in stuck}):
        place = next(it for it in stuck if it.node == node)
        pairs = zip(brief.indicators, place.values, strict=True)
        values = ", ".join(f"{it.id} {value}" for it, value in pairs)
        yield say("check.stuck", variant=variant, node=node, values=values)
    if stuck:
        return
    if origin.dirty:
        yield say("check.unclean", variant=variant)
    if origin.worst <= 0:
        yield say("check.flat", variant=variant)


def _options(key: Key) -> Iterator[tuple[str, Option]]:
    node: Node
    for name, node in key.nodes.items():
        yield from ((name, option) for option in node.options)
