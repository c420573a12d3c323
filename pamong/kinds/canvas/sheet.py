"""What stands on a canvas: the values of its fields and rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from pamong.kinds import prose
from pamong.kinds.canvas.case import Brief, Stage

Value = str | float | tuple[str, ...]
Cells = Mapping[str, Value]
NOTHING: Cells = MappingProxyType({})


class Row(Struct, frozen=True, kw_only=True):
    """``given``: there from the start, one per option. ``removed``: out of sight, but kept."""

    cells: Cells = field(default_factory=dict)
    given: bool = False
    removed: bool = False

    @property
    def blank(self) -> bool:
        """Whether nobody has written anything; a given row holds its option from the start."""
        return len(self.cells) == (1 if self.given else 0)


class State(Struct, frozen=True, kw_only=True):
    """``fields`` by stage and field, ``rows`` by stage and row id, and the stages ever ``opened``."""

    attempt: int = 0
    finished: bool = False
    fields: Mapping[str, Cells] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()

    def cells(self, stage: str, row: str = "") -> Cells:
        """The values of the fields of ``stage``, or of one of its rows."""
        if row:
            return self.rows[stage][row].cells
        return self.fields.get(stage, NOTHING)

    def live(self, stage: str) -> dict[str, Row]:
        """The rows of ``stage`` that have not been removed, in order."""
        return {id: row for id, row in self.rows.get(stage, {}).items() if not row.removed}


def used(state: State, stage: Stage) -> dict[str, Row]:
    """The rows of ``stage`` in which something stands."""
    return {id: row for id, row in state.live(stage.id).items() if not row.blank}


def place(state: State, stage: Stage, id: str) -> str:
    """What people call a row: its option where rows are given, else its number among the others."""
    if stage.rows is None:
        return ""
    row = state.rows[stage.id][id]
    given = {option.id: option.text for option in stage.rows.given}
    if row.given:
        return given[str(row.cells[stage.rows.one_per])]
    ids = [each for each, other in state.live(stage.id).items() if not other.given]
    number = ids.index(id) + 1 if id in ids else 0
    return f"{stage.rows.row} {number}" if number else stage.rows.row


def name(state: State, stage: Stage, id: str) -> str:
    """A row as another table's menu lists it: what people call it, and how its text begins."""
    row, called = state.rows[stage.id][id], place(state, stage, id)
    columns = stage.rows.columns if stage.rows else ()
    written = (row.cells.get(each.id) for each in columns if each.type in ("text", "short"))
    text = prose.excerpt(str(next(filter(None, written), "")), 60)
    return f"{called}: {text}" if text else called


def stages_before(brief: Brief, stage: Stage) -> tuple[Stage, ...]:
    return brief.stages[: brief.stages.index(stage)]
