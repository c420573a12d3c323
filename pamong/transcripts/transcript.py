"""One participant's results as plain values: everything a transcript states, and nothing that it does not.

Marks, statuses and what stands in the way are the reports' own (``everybody``, ``eligibility``), so
that a transcript never says anything else than the record that the committee signs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import msgspec

from pamong import programme
from pamong.receipt import short_code
from pamong.reports import everybody
from pamong.reports.eligibility import Status, qualification, rounded
from pamong.reports.facts import ModuleFacts
from pamong.reports.snapshot import Snapshot

State = Literal["done", "below", "waiting", "missing", "open", "unmarked"]
"""Of a module: marked; marked below the pass mark; handed in and waiting for a marker; due and not
handed in; not due yet; handed in, where no marks are given."""
DECIDED: Final[tuple[Status, ...]] = ("eligible", "remedial")
"""Statuses under which a final mark may be stated."""
NO_DAYS = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One module; ``mark`` is out of 100 and known once everything in it is marked. ``weight`` is its
    part of the final mark, 0 where no marks are given.
    """

    module: str
    title: str
    jp: int
    weight: float
    state: State
    mark: float | None
    band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The rules that results were judged by, with where they come from."""

    pass_mark: float
    bands: tuple[tuple[str, float], ...] = ()
    source: str = ""
    status: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was issued to one participant: the ``number``-th time, on the day ``on``.

    ``final`` and ``band`` are stated only under a status that rests on all marks that are due.
    """

    course: str
    programme: str
    participant: str
    name: str
    nip: str
    role: str
    region: str
    cohort: str
    starts: str
    ends: str
    results: tuple[Result, ...]
    status: Status
    final: float | None
    band: str
    basis: Basis
    on: str
    number: int
    format: Literal[1] = 1

    _encoder: ClassVar[msgspec.json.Encoder] = msgspec.json.Encoder(order="sorted")

    @property
    def code(self) -> str:
        """Sixteen letters that stand for exactly these values."""
        return short_code(self._encoder.encode(self))

    @property
    def jp(self) -> int:
        """Lesson hours of the whole programme."""
        return sum(result.jp for result in self.results)

    @property
    def attended(self) -> int:
        """Lesson hours of the modules that were handed in."""
        return sum(it.jp for it in self.results if it.state not in ("missing", "open"))

    @property
    def part(self) -> bool:
        """Whether the final mark is of a part of the modules only, since others are not due yet."""
        return any(result.state == "open" and result.weight > 0 for result in self.results)

    def titles(self, *states: State) -> tuple[str, ...]:
        """The modules in one of these states, by title."""
        return tuple(result.title for result in self.results if result.state in states)


def transcripts(
    snapshot: Snapshot, course: str, bands: programme.Bands | None, on: str
) -> Iterator[Transcript]:
    """Everybody's, in the order of the roster, as if issued for the first time on the day ``on``."""
    all_ = everybody.programme(snapshot)
    basis = _basis(snapshot, bands)
    titles = dict(snapshot.cohorts)
    for row, person in enumerate(snapshot.people):
        results = tuple(_result(all_, module, row) for module in snapshot.modules)
        status: Status = all_.verdicts.statuses[row].item()
        final = _known(float(all_.final[row])) if status in DECIDED else None
        yield Transcript(
            course=course,
            programme=snapshot.programme,
            participant=person.id,
            name=" ".join(person.name.split()),
            nip=person.nip,
            role=person.role,
            region=person.region,
            cohort=titles[person.cohort],
            starts=snapshot.dates.get(person.cohort, NO_DAYS)[0],
            ends=snapshot.dates.get(person.cohort, NO_DAYS)[1],
            results=results,
            status=status,
            final=final,
            band="" if final is None else qualification(snapshot.bands, final),
            basis=basis,
            on=on,
            number=1,
        )


def _basis(snapshot: Snapshot, bands: programme.Bands | None) -> Basis:
    if bands is None:
        return Basis(pass_mark=snapshot.pass_mark)
    return Basis(
        pass_mark=snapshot.pass_mark,
        bands=snapshot.bands,
        source=bands.source,
        status=bands.status,
        since=bands.since,
    )


def _result(all_: everybody.Programme, module: ModuleFacts, row: int) -> Result:
    column = all_.column[module.id]
    state = _state(all_, module, row, column)
    mark = _known(float(all_.percent[row, column])) if state in ("done", "below") else None
    return Result(
        module=module.id,
        title=module.title,
        jp=module.jp,
        weight=module.weight if module.graded else 0.0,
        state=state,
        mark=mark,
        band="" if mark is None else qualification(all_.snapshot.bands, mark),
    )


def _state(all_: everybody.Programme, module: ModuleFacts, row: int, column: int) -> State:
    if not all_.submitted[row, column]:
        return "missing" if all_.verdicts.missing[row, column] else "open"
    if not module.graded:
        return "unmarked"
    if all_.waiting[row, column]:
        return "waiting"
    return "below" if all_.verdicts.below[row, column] else "done"


def _known(mark: float) -> float | None:
    return None if math.isnan(mark) else rounded(mark)
