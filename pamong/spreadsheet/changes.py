"""What an import would change, in the words of the sheet: cell, thing, heading, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pamong.catalogue import messages
from pamong.spreadsheet.tables import Entry, Table, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``what`` says whether a value differs, or a whole thing came, went or moved."""

    what: Literal["value", "added", "removed", "moved"]
    cell: str
    subject: str
    heading: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return messages("spreadsheet")(
            f"change.{self.what}",
            cell=self.cell,
            subject=self.subject,
            heading=self.heading,
            before=self.before,
            after=self.after,
        )


def differences(old: Sequence[Table], new: Sequence[Table]) -> tuple[Change, ...]:
    """Every difference between the sheets as they are exported now and as they came in."""
    return tuple(
        change
        for before, after in zip(old, new, strict=True)
        for change in _among(before, after, before.entries, after.entries, "", parts=False)
    )


def shown(value: Value) -> str:
    """A value as the difference shows it."""
    say = messages("spreadsheet")
    if value is None:
        return say("value.blank")
    if isinstance(value, bool):
        return say("value.yes")
    if isinstance(value, tuple):
        return ", ".join(value) or say("value.no_law")
    return str(value)


def _among(
    before: Table,
    after: Table,
    old: Sequence[Entry],
    new: Sequence[Entry],
    owner: str,
    *,
    parts: bool,
) -> Iterator[Change]:
    """Changes among things, or among the ``parts`` of one thing."""
    known, wanted = {each.id: each for each in old}, {each.id: each for each in new}
    for each in old:
        if each.id not in wanted:
            subject = _subject(owner, each, after, parts=parts)
            yield Change(what="removed", cell=after.sheet, subject=subject)
    for entry in new:
        subject = _subject(owner, entry, after, parts=parts)
        if entry.id not in known:
            start = after.parted if parts else after.thing
            yield Change(what="added", cell=entry.cells.get(start, ""), subject=subject)
        was = known.get(entry.id, Entry(id=entry.id))
        yield from _values(before, after, was, entry, subject, parts=parts)
        yield from _among(before, after, was.parts, entry.parts, entry.id, parts=True)
    kept = [each.id for each in old if each.id in wanted]
    now = [each.id for each in new if each.id in known]
    if kept != now:
        cell = messages("spreadsheet")("change.order", sheet=after.sheet, owner=owner).strip()
        yield Change(what="moved", cell=cell, subject=", ".join(now), before=", ".join(kept))


def _values(
    before: Table, after: Table, was: Entry, entry: Entry, subject: str, *, parts: bool
) -> Iterator[Change]:
    names = {each.id: each for each in (*before.columns, *after.columns) if each.part == parts}
    starts = {after.thing, after.parted} if not after.counted else {after.thing}
    for name, column in names.items():
        old, new = was.values.get(name) or None, entry.values.get(name) or None
        old, new = _kept(was.values.get(name), old), _kept(entry.values.get(name), new)
        if name not in starts and (old != new or type(old) is not type(new)):
            yield Change(
                what="value",
                cell=entry.cells.get(name, after.sheet),
                subject=subject,
                heading=column.heading,
                before=shown(old),
                after=shown(new),
            )


def _kept(value: Value, short: Value) -> Value:
    """Blank and no are the same; zero and an empty list of laws are not blank."""
    return short if isinstance(value, bool | str) else value


def _subject(owner: str, entry: Entry, table: Table, *, parts: bool) -> str:
    say = messages("spreadsheet")
    if not parts:
        return entry.id
    name = say("change.counted", number=entry.id) if table.counted else entry.id
    return say("change.part", owner=owner, part=name)
