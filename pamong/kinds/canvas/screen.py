"""How a canvas looks: the JSON that the browser draws, and static HTML."""

from __future__ import annotations

from typing import Any

from pamong import locale
from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.canvas import filling, rules
from pamong.kinds.canvas.case import Brief, Field, Stage
from pamong.kinds.canvas.sheet import Cells, Row, State, Value, name, place
from pamong.kinds.prose import escape


def view(brief: Brief, state: State) -> dict[str, Any]:
    found = rules.notes(brief, state)
    return {"stages": [_stage(brief, state, stage, found) for stage in brief.stages]}


def _stage(
    brief: Brief, state: State, stage: Stage, notes: tuple[rules.Note, ...]
) -> dict[str, Any]:
    open_ = stage.id in state.opened
    done, of = filling.progress(state, stage)
    gaps = filling.gaps(state, stage) if open_ else ()
    here = [note for note in notes if note.stage == stage.id]
    return {
        "id": stage.id,
        "open": open_,
        "opens": "" if open_ else _opens(brief, state, stage),
        "done": done,
        "of": of,
        "fields": _plain(state.cells(stage.id)),
        "gaps": [gap.field for gap in gaps if gap.field and not gap.row],
        "short": any(not gap.row and not gap.field for gap in gaps),
        "rows": [
            _row(state, stage, id, row, gaps, here) for id, row in state.live(stage.id).items()
        ],
        "removed": _removed(state, stage),
        "notes": [{"field": note.field, "text": note.text} for note in here if not note.row],
    }


def _opens(brief: Brief, state: State, stage: Stage) -> str:
    before = filling.waits_for(brief, state, stage)
    done, of = filling.progress(state, before)
    return messages("canvas")("view.opens", stage=before.title, left=of - done)


def _row(
    state: State,
    stage: Stage,
    id: str,
    row: Row,
    gaps: tuple[filling.Gap, ...],
    notes: list[rules.Note],
) -> dict[str, Any]:
    gap = next((each for each in gaps if each.row == id), None)
    return {
        "id": id,
        "place": place(state, stage, id),
        "name": name(state, stage, id),
        "given": row.given,
        "used": not row.blank,
        "cells": _plain(row.cells),
        "gap": gap.field if gap else "",
        "verdict": _verdict(state, stage, row),
        "notes": [{"field": note.field, "text": note.text} for note in notes if note.row == id],
    }


def _verdict(state: State, stage: Stage, row: Row) -> dict[str, Any]:
    """The word that a row has earned, in full: for the eye and for a screen reader alike."""
    say = messages("canvas")
    if row.blank:
        return {"good": False, "text": say("view.row.blank")}
    earned = rules.verdict(stage, state, row)
    if earned is None:
        good = filling.complete_row(state, stage, row)
        return {"good": good, "text": say("view.row.complete" if good else "view.row.open")}
    word = stage.rows.verdict if stage.rows else ""
    return {"good": earned, "text": word if earned else say("view.row.not", word=word)}


def _removed(state: State, stage: Stage) -> list[dict[str, str]]:
    """Removed rows in which something stands: these can be brought back."""
    rows = state.rows.get(stage.id, {}).items()
    return [
        {"id": id, "name": name(state, stage, id)}
        for id, row in rows
        if row.removed and not row.blank
    ]


def _plain(cells: Cells) -> dict[str, Any]:
    return {id: list(value) if isinstance(value, tuple) else value for id, value in cells.items()}


# ---- static ----


def render(brief: Brief, state: State) -> str:
    return prose.article(brief.title, *(_rendered(brief, state, stage) for stage in brief.stages))


def _rendered(brief: Brief, state: State, stage: Stage) -> str:
    say = messages("canvas")
    done, of = filling.progress(state, stage)
    parts = [f"<h4>{escape(stage.title)}</h4>"]
    if stage.id not in state.opened:
        return "".join((*parts, f"<p>{escape(say('render.locked'))}</p>"))
    parts.append(f"<p>{escape(say('view.progress', done=done, of=of))}</p>")
    if stage.fields:
        parts.append(_table(brief, state, stage.title, stage.fields, state.cells(stage.id)))
    columns = stage.rows.columns if stage.rows else ()
    for id, row in state.live(stage.id).items():
        if not row.blank:
            status = _verdict(state, stage, row)["text"]
            caption = f"{place(state, stage, id)} ({status})"
            given = stage.rows.one_per if stage.rows and row.given else ""
            shown = tuple(each for each in columns if each.id != given)
            parts.append(_table(brief, state, caption, shown, row.cells))
    return "".join(parts)


def _table(
    brief: Brief, state: State, caption: str, fields: tuple[Field, ...], cells: Cells
) -> str:
    say = messages("canvas")
    head = (say("render.field"), say("render.value"))
    rows = [(each.label, _said(brief, state, each, cells)) for each in fields]
    return prose.table(caption, head, rows)


def _said(brief: Brief, state: State, field: Field, cells: Cells) -> str:
    if field.id not in cells:
        return messages("canvas")("view.unanswered")
    value = cells[field.id]
    if field.type == "link":
        id = str(value)
        gone = state.rows[field.to][id].removed
        return messages("canvas")("view.gone") if gone else name(state, brief.stage(field.to), id)
    return said(field, value)


def said(field: Field, value: Value) -> str:
    """A value as people read it: labels of options, 30 September 2026, 1.250 warga, 4 dari 5."""
    if isinstance(value, tuple) or field.type == "choice":
        labels = {option.id: option.text for option in field.options}
        ids = value if isinstance(value, tuple) else (str(value),)
        return "; ".join(labels[each] for each in ids)
    if field.type == "rating":
        return messages("canvas")("view.rating", value=value)
    if isinstance(value, str):
        return locale.day(value) if field.type == "date" else value
    return f"{locale.decimal(value)} {field.unit}".strip()
