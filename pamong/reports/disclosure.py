"""What an edition without names may tell about a programme: which groups are counted, whose mean is shown.

Everything is decided once for all pages in one fixed order, so that two pages laid side by side tell
no more than either of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pamong.reports.suppression import SMALLEST, Group, Ledger, hidden

MANY = 1000
"""People in cohorts that cannot tell all; beyond them totals are not weighed but left out."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The groups of people that may be counted, and the cohorts that may be seen at all.

    ``statuses`` are the groups that a report counts, the most important first; ``regions`` divides the
    people of a cohort, and ``region_status`` is counted within them.
    """

    cohorts: npt.NDArray[np.str_]
    seen: frozenset[str]
    told: frozenset[bytes] = field(repr=False)

    def counts(self, group: Group) -> bool:
        """Whether the number of people in ``group`` may be shown."""
        return group.tobytes() in self.told

    def averages(self, known: Group) -> frozenset[str]:
        """The cohorts whose mean may be shown of a value that is known of some people only.

        The empty name stands for everybody.
        """
        sizes = {
            str(name): int(known[self.cohorts == name].sum()) for name in np.unique(self.cohorts)
        }
        out = hidden(sizes)
        whole = {""} if known.sum() >= SMALLEST and _rest(sizes, out) else set()
        return frozenset({name for name in sizes if name not in out and sizes[name]} | whole)


def disclosure(
    cohorts: npt.NDArray[np.str_],
    statuses: Mapping[str, Group],
    regions: npt.NDArray[np.str_],
    status: str,
) -> Disclosure:
    """Decide what may be counted, cohort by cohort, then over all of them.

    ``status`` names the one that is counted by region too.
    """
    sizes = {str(name): int((cohorts == name).sum()) for name in np.unique(cohorts)}
    unseen = hidden(sizes)
    everybody = np.ones(cohorts.size, dtype=np.bool_)
    wanted = [*statuses.values(), *_by_region(everybody, regions, statuses[status])]
    told: list[Group] = []
    open_blocks: list[tuple[Group, list[Group]]] = []
    for name in sorted(set(sizes) - unseen):
        block = cohorts == name
        found = _within(block, [block & group for group in wanted])
        told += [block, *found]
        if len(found) < len(wanted):
            open_blocks.append((block, found))
    open_blocks += [(cohorts == name, []) for name in sorted(unseen)]
    told += _over_all(open_blocks, wanted)
    if cohorts.size >= SMALLEST:
        told.append(everybody)
    return Disclosure(
        cohorts=cohorts,
        seen=frozenset(sizes) - unseen,
        told=frozenset(group.tobytes() for group in told),
    )


def _rest(sizes: Mapping[str, int], out: frozenset[str]) -> bool:
    """Whether the groups that are left out are none or enough people together."""
    left = sum(sizes[name] for name in out)
    return left == 0 or left >= SMALLEST


def _by_region(people: Group, regions: npt.NDArray[np.str_], status: Group) -> Iterator[Group]:
    """The regions, the largest first, each with those of them who have the status."""
    names, sizes = np.unique(regions[people], return_counts=True)
    for name in names[np.argsort(-sizes, kind="stable")]:
        group = people & (regions == name)
        yield group
        yield group & status


def _within(block: Group, wanted: list[Group]) -> list[Group]:
    """The groups of one cohort that may be counted, nobody and everybody among them."""
    ledger = Ledger()
    ledger.know(block[block])
    return [group for group in wanted if ledger.tell(group[block])]


def _over_all(blocks: list[tuple[Group, list[Group]]], wanted: list[Group]) -> list[Group]:
    """The groups that may be counted over all cohorts.

    A cohort that tells them all adds nothing to what a total gives away, so only the others count.
    """
    if not blocks:
        return wanted
    people = np.any([block for block, _ in blocks], axis=0)
    if not SMALLEST <= people.sum() <= MANY:
        return []
    ledger = Ledger()
    for block, groups in blocks:
        ledger.know(block[people])
        for group in groups:
            ledger.know(group[people])
    return [group for group in wanted if ledger.tell(group[people])]
