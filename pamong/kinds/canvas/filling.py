"""How far a canvas is filled in: what each stage asks for, what is there, and what still lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from pamong import locale
from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.canvas.case import Brief, Field, Stage
from pamong.kinds.canvas.sheet import Cells, Row, State, place, stages_before, used


@dataclass(frozen=True, slots=True)
class Gap:
    """Something asked for that is not there: in a field, in a row (first at ``field``), or rows."""

    row: str
    field: str
    text: str


def worth(field: Field, cells: Cells, state: State) -> float:
    """How much of one field is there, 0..1; a text counts by the share of its words."""
    value = cells.get(field.id)
    if value is None:
        return 0.0
    if field.type in ("text", "short", "person"):
        count, least = prose.count_words(str(value)), field.min_words or 1
        return 1.0 if count >= least else count / least
    if field.type == "link":
        return float(str(value) in state.live(field.to))
    return 1.0


def asked(stage: Stage, row: Row | None = None) -> tuple[Field, ...]:
    """The required fields of a stage, or the required columns of ``row`` without its given one."""
    if row is None:
        return tuple(each for each in stage.fields if each.required)
    columns = stage.rows.columns if stage.rows else ()
    given = stage.rows.one_per if stage.rows and row.given else ""
    return tuple(each for each in columns if each.required and each.id != given)


def due(state: State, stage: Stage) -> dict[str, Row]:
    """The rows to be completed: those in use, and as many empty ones as the least number asks for."""
    if stage.rows is None:
        return {}
    live = state.live(stage.id)
    empty = [id for id, row in live.items() if row.blank]
    more = max(stage.rows.min_rows - (len(live) - len(empty)), 0)
    return {id: row for id, row in live.items() if not row.blank or id in empty[:more]}


def lacking_rows(state: State, stage: Stage) -> int:
    """How many rows have to be added to reach the least number."""
    return max(stage.rows.min_rows - len(state.live(stage.id)), 0) if stage.rows else 0


def complete_row(state: State, stage: Stage, row: Row) -> bool:
    return all(worth(each, row.cells, state) == 1 for each in asked(stage, row))


def measured(state: State, stage: Stage) -> tuple[float, int, int]:
    """The mean of everything that a stage asks for (0 untouched, 1 complete), how many of its fields
    and rows are complete, and how many it has.
    """
    fields = [worth(each, state.cells(stage.id), state) for each in asked(stage)]
    rows = [
        [worth(each, row.cells, state) for each in asked(stage, row)]
        for row in due(state, stage).values()
    ]
    lacking = lacking_rows(state, stage)
    found = [*fields, *chain.from_iterable(rows)]
    found += [0.0] * (lacking * len(asked(stage, Row())))
    done = fields.count(1.0) + sum(all(value == 1 for value in row) for row in rows)
    mean = sum(found) / len(found) if found else 1.0
    return mean, done, len(fields) + len(rows) + lacking


def progress(state: State, stage: Stage) -> tuple[int, int]:
    """How many fields and rows of a stage are complete, and how many it has."""
    return measured(state, stage)[1:]


def complete(state: State, stage: Stage) -> bool:
    """Whether nothing lacks; looks first at what people fill in last."""
    cells, rows = state.cells(stage.id), used(state, stage)
    if (
        stage.rows and len(rows) < stage.rows.min_rows
    ):  # a row without anything in it is not complete
        return False
    return all(worth(each, cells, state) == 1 for each in reversed(asked(stage))) and all(
        complete_row(state, stage, row) for row in reversed(rows.values())
    )


def open_stages(brief: Brief, state: State) -> frozenset[str]:
    """The stages that are open: once open, a stage stays so, whatever becomes of those before it."""
    found = {stage.id for stage in brief.stages if not stage.waits or stage.id in state.opened}
    for number, stage in enumerate(brief.stages):
        if stage.id not in found:
            if not all(complete(state, each) for each in reversed(brief.stages[:number])):
                break
            found.add(stage.id)
    return frozenset(found)


def waits_for(brief: Brief, state: State, stage: Stage) -> Stage:
    """The first stage that has to be completed before ``stage`` opens."""
    return next(each for each in stages_before(brief, stage) if not complete(state, each))


def gaps(state: State, stage: Stage) -> tuple[Gap, ...]:
    """What an open stage lacks, in the order of the form: fields, rows, then rows to add."""
    return (*_field_gaps(state, stage), *_row_gaps(state, stage))


def _field_gaps(state: State, stage: Stage) -> Iterator[Gap]:
    for each in asked(stage):
        text = lack(each, state.cells(stage.id), state)
        if text:
            yield Gap("", each.id, text)


def _row_gaps(state: State, stage: Stage) -> Iterator[Gap]:
    say = messages("canvas")
    for id, row in due(state, stage).items():
        open_ = [each for each in asked(stage, row) if worth(each, row.cells, state) < 1]
        if open_:
            fields = listing([each.label for each in open_])
            called = place(state, stage, id)
            yield Gap(id, open_[0].id, say("gap.row", row=called, fields=fields))
    if stage.rows and lacking_rows(state, stage):
        values = {"least": stage.rows.min_rows, "row": stage.rows.row}
        yield Gap("", "", say("gap.rows", **values, count=len(state.live(stage.id))))


def lack(field: Field, cells: Cells, state: State) -> str:
    """What a single field lacks, as a sentence; empty when it is complete."""
    say, value = messages("canvas"), worth(field, cells, state)
    if value == 1:
        return ""
    if field.id in cells and field.type == "link":
        return say("gap.gone", field=field.label)
    if field.min_words:
        count = prose.count_words(str(cells.get(field.id, "")))
        return say("gap.short", field=field.label, least=field.min_words, count=count)
    return say("gap.empty", field=field.label)


def listing(labels: list[str]) -> str:
    """Labels in quotation marks, as a sentence names them."""
    return locale.listing([f"“{each}”" for each in labels])


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    """Everything that lacks, stage by stage; a locked stage is one entry."""
    say, found = messages("canvas"), []
    for stage in brief.stages:
        if stage.id in state.opened:
            found += [say("missing", stage=stage.title, gap=gap.text) for gap in gaps(state, stage)]
        else:
            before = waits_for(brief, state, stage).title
            found.append(say("missing.locked", stage=stage.title, before=before))
    return tuple(found)
