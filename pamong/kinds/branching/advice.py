"""What an author should look at again: options that teach nothing, or that give themselves away."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pamong.catalogue import messages
from pamong.kinds.branching.appraisal import best_course
from pamong.kinds.branching.case import Brief, Key, variant_ids
from pamong.kinds.branching.graph import Graph, good, graph_of
from pamong.kinds.branching.regret import outlooks
from pamong.kinds.branching.soundness import check

UNEVEN = 1.4
"""An option this many times as long as the shortest beside it draws the eye."""
WEIGHTINGS = 40
"""Random weightings tried, besides each indicator alone, before an option counts as never best."""
_EQUAL = 1e-9

Weights = tuple[float, ...]


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Everything worth a second look, in plain Indonesian; silent about a case that ``check`` refuses."""
    if check(brief, key):
        return ()
    graphs = [graph_of(brief, key, variant) for variant in variant_ids(key)]
    return (
        *_lengths(key),
        *_giveaways(key, graphs),
        *_idle(key, graphs),
        *_useless(key, graphs),
        *_copies(key, graphs),
    )


def _lengths(key: Key) -> Iterator[str]:
    for name, node in key.nodes.items():
        sizes = sorted((len(it.text), it.id) for it in node.options)
        (short, least), (long, most) = sizes[0], sizes[-1]
        if long > UNEVEN * short:
            yield messages("branching")(
                "advise.length", node=name, long=long, short=short, most=most, least=least
            )


def _giveaways(key: Key, graphs: list[Graph]) -> Iterator[str]:
    """Whether the best options share a length or an id, so that nobody needs to read them."""
    say = messages("branching")
    best = _best_options(graphs)
    if len(best) < 3:
        return
    longest = {
        name: max(node.options, key=lambda it: len(it.text)).id for name, node in key.nodes.items()
    }
    if all(longest[node] == option for node, option in best.items()):
        yield say("advise.longest")
    if len(ids := set(best.values())) == 1:
        yield say("advise.same_id", option=ids.pop())


def _best_options(graphs: list[Graph]) -> dict[str, str]:
    """Per node the option that is best at most of its places."""
    votes: dict[str, Counter[str]] = {}
    for graph in graphs:
        for place, outlook in outlooks(graph).items():
            if outlook.best is not None:
                votes.setdefault(place.node, Counter())[outlook.best.id] += 1
    return {node: count.most_common(1)[0][0] for node, count in votes.items()}


def _idle(key: Key, graphs: list[Graph]) -> Iterator[str]:
    """Endings and situations that no play comes to, and flags that nothing asks for."""
    say = messages("branching")
    options = [(name, it) for name, node in key.nodes.items() for it in node.options]
    used = {flag for _, it in options for flag in (*it.needs, *it.lacks)}
    for name, it in options:
        for flag in sorted(set(it.sets) - used):
            yield say("advise.flag", option=f"{name}.{it.id}", flag=flag)
    seen = {place.node for graph in graphs for place in outlooks(graph)}
    yield from (say("advise.ending", ending=name) for name in key.endings if name not in seen)
    yield from (say("advise.node", node=name) for name in key.nodes if name not in seen)


def _useless(key: Key, graphs: list[Graph]) -> Iterator[str]:
    """Options never on offer, beaten on every indicator at once, or best under no weighting."""
    say = messages("branching")
    webs = [web_of(graph) for graph in graphs]
    offered = {name for web in webs for names, _ in web.choices for name in names}
    best: set[str] = set()
    for web in webs:
        for weights in web.weightings():
            if offered <= best:
                break
            best |= web.best_under(weights)
    for name in (f"{node}.{it.id}" for node, place in key.nodes.items() for it in place.options):
        if name not in offered:
            yield say("advise.never_offered", option=name)
        elif name not in best:
            rival = _rival(name, webs)
            entry = "advise.dominated" if rival else "advise.never_best"
            yield say(entry, option=name, rival=rival)


def _rival(name: str, webs: list[Web]) -> str:
    """An option that wherever both are on offer does at least as well on each indicator; else empty."""
    rivals: set[str] | None = None
    for web in webs:
        alone = [web.worths(weights) for weights in web.alone()]
        for names, afters in web.choices:
            if name not in names:
                continue
            mine = afters[names.index(name)]
            better = {
                other
                for other, after in zip(names, afters, strict=True)
                if other != name and all(it[after] >= it[mine] - _EQUAL for it in alone)
            }
            rivals = better if rivals is None else rivals & better
    return min(rivals).rpartition(".")[2] if rivals else ""


@dataclass(frozen=True, slots=True)
class Web:
    """Everything a play can come to, numbered so that what follows from a place stands before it.

    ``choices`` holds per place the options' names and the places they lead to, ``shares`` how good
    each indicator is there, in 0..1.
    """

    choices: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]
    shares: tuple[Weights, ...]
    own: Weights

    def worths(self, weights: Weights) -> list[float]:
        """The best that can still be had from every place under other weights."""
        known: list[float] = []
        for (_, afters), shares in zip(self.choices, self.shares, strict=True):
            if afters:
                known.append(max(known[after] for after in afters))
            else:
                known.append(sum(map(operator.mul, weights, shares)))
        return known

    def best_under(self, weights: Weights) -> set[str]:
        """Options that somewhere are as good as any beside them."""
        worth, found = self.worths(weights), set[str]()
        for (names, afters), top in zip(self.choices, worth, strict=True):
            pairs = zip(names, afters, strict=True)
            found |= {name for name, after in pairs if worth[after] >= top - _EQUAL}
        return found

    def alone(self) -> list[Weights]:
        """Each indicator as if it were the only one."""
        size = len(self.own)
        return [tuple(float(at == it) for it in range(size)) for at in range(size)]

    def weightings(self) -> Iterator[Weights]:
        """The author's own, each indicator alone, and random mixtures, the same each time."""
        rng = Random(1)  # noqa: S311  # weightings, not secrets
        yield self.own
        yield from self.alone()
        for _ in range(WEIGHTINGS):
            yield tuple(rng.expovariate(1.0) for _ in self.own)


def web_of(graph: Graph) -> Web:
    ahead = outlooks(graph)
    number = {place: at for at, place in enumerate(ahead)}
    choices = tuple(
        (
            tuple(f"{place.node}.{edge.id}" for edge in outlook.edges),
            tuple(number[graph.after(place, edge)] for edge in outlook.edges),
        )
        for place, outlook in ahead.items()
    )
    shares = tuple(tuple(map(good, graph.indicators, place.values)) for place in ahead)
    return Web(choices, shares, tuple(it.weight for it in graph.indicators))


def _copies(key: Key, graphs: list[Graph]) -> Iterator[str]:
    """Variants in which the same choices are best: a second attempt is a copy of the first."""
    names = variant_ids(key)
    courses = [best_course(graph, graph.origin) for graph in graphs]
    for at, course in enumerate(courses):
        if course in courses[:at]:
            earlier = names[courses.index(course)]
            yield messages("branching")("advise.copy", variant=names[at], earlier=earlier)
