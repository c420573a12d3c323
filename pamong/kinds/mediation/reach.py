"""Which interests no play can bring to light: a bound that is generous to the case."""

from __future__ import annotations

from collections.abc import Iterator

from pamong.kinds.mediation.answers import HIGHEST_TRUST
from pamong.kinds.mediation.case import JOINT, Brief, Interest, Key, usable


def unreachable(brief: Brief, key: Key) -> Iterator[tuple[str, str]]:
    """Ids of interests with the reason: ``never`` opens at all, or not within the ``steps``."""
    owners = {it.id: (party, it) for party, group in key.interests.items() for it in group}
    reached: set[str] = set()
    while True:
        more = {
            name
            for name, (party, it) in owners.items()
            if name not in reached and _opens(brief, key, party, it, reached)
        }
        if not more:
            break
        reached |= more
    for name in owners:
        if name not in reached:
            yield name, "never"
        elif _cost(key, owners, name) > brief.steps:
            yield name, "too_late"


def _opens(brief: Brief, key: Key, party: str, interest: Interest, reached: set[str]) -> bool:
    opens = interest.opens
    if opens.after and opens.after not in reached:
        return False
    if _most_trust(brief, key, party, reached) < opens.trust:
        return False
    places = (party,) if opens.place == "caucus" else (JOINT, party)
    return any(
        key.wordings.get(it.id) == "good"
        for act in opens.acts
        for place in places
        for it in usable(brief, act, place, party)
    )


def _most_trust(brief: Brief, key: Key, party: str, reached: set[str]) -> int:
    """The opening, a reframing, a paraphrase per own interest known, a disclosure per other one."""
    own = {it.id for it in key.interests[party]}
    heard = sum(bool(brief.wordings.get(act)) for act in ("begin", "reframe"))
    gains = heard + len(reached & own) + len(reached - own)
    return min(HIGHEST_TRUST, key.trust[party] + gains)


def _cost(key: Key, owners: dict[str, tuple[str, Interest]], name: str) -> int:
    """The fewest steps to an interest: one per point of trust, the way, the question, what it waits for."""
    chain: list[str] = []
    while name and name not in chain:
        chain.append(name)
        name = owners[name][1].opens.after
    steps = 0
    for each in chain:
        party, it = owners[each]
        steps += 1 + (it.opens.place == "caucus") + (each != chain[0])
        steps += max(0, it.opens.trust - key.trust[party])
    return steps
