"""The rules of a stage, as data in the brief: what each finds, how much of it is met, and where not.

None of them judges what a text means. They count what can be counted: copies, figures, links, slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.kinds.canvas import filling, telling
from pamong.kinds.canvas.case import Brief, Field, Rows, Rule, Stage
from pamong.kinds.canvas.sheet import Cells, Row, State, place, used
from pamong.kinds.memo import remembered


@dataclass(frozen=True, slots=True)
class Note:
    """What a rule has to say at one place: a stage, one of its rows, one field."""

    stage: str
    row: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """``met`` of ``of`` things are as the rule wants them; ``notes`` say where they are not."""

    met: int
    of: int
    notes: tuple[Note, ...]

    @property
    def value(self) -> float:
        return self.met / self.of if self.of else 0.0


def find(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:
    """What ``rule`` finds in ``stage``; nothing is met in a stage that is still locked."""
    return FINDERS[rule.rule](brief, state, stage, rule)


def notes(brief: Brief, state: State) -> tuple[Note, ...]:
    """What the rules of all open stages have to say."""
    return tuple(
        note
        for stage in brief.stages
        if stage.id in state.opened
        for rule in stage.rules
        for note in find(brief, state, stage, rule).notes
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A text on the canvas, with what people call the place where it stands."""

    stage: str
    row: str
    field: str
    called: str
    words: telling.Words
    sound: bool


@remembered(4)
def texts(brief: Brief, state: State) -> tuple[Text, ...]:
    """Every text that is long enough, in the order of the canvas."""
    return tuple(text for stage in brief.stages for text in _texts_in(state, stage))


def _texts_in(state: State, stage: Stage) -> Iterator[Text]:
    spots: list[tuple[str, Cells, tuple[Field, ...]]] = [("", state.cells(stage.id), stage.fields)]
    columns = stage.rows.columns if stage.rows else ()
    spots += [(id, row.cells, columns) for id, row in used(state, stage).items()]
    for row, cells, fields in spots:
        for each in fields:
            if each.type == "text" and filling.worth(each, cells, state) == 1:
                written = str(cells[each.id])
                called = _called(state, stage, row, each)
                sound = not telling.repetitive(written)
                yield Text(stage.id, row, each.id, called, telling.words(written), sound)


def _called(state: State, stage: Stage, row: str, field: Field) -> str:
    return f"“{field.label}” ({place(state, stage, row) if row else stage.title})"


def distinct(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:
    """Complete texts that no earlier text on the whole canvas resembles."""
    say, met, found = messages("canvas"), 0, []
    before: list[tuple[telling.Words, str]] = []
    names = rule.fields or tuple(each.id for each in stage.parts if each.type == "text")
    for text in texts(brief, state):
        if text.stage == stage.id and text.field in names:
            copied = telling.first_alike(text.words, before)
            met += not copied and text.sound
            at = (stage.id, text.row, text.field)
            if copied:
                found.append(Note(*at, say("note.copied", own=text.called, other=copied)))
            elif not text.sound:
                found.append(Note(*at, say("note.repetitive", own=text.called)))
        before.append((text.words, text.called))
    in_rows = sum(stage.in_rows(each) for each in names)
    of = len(names) - in_rows + in_rows * (_rows_judged(state, stage) if in_rows else 0)
    return Finding(met, max(of, met), tuple(found))


def covers(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:  # noqa: ARG001  # as its siblings
    """Options of the column that at least one complete row stands for."""
    say, column = messages("canvas"), stage.part(rule.fields[0])
    covered: set[str] = set()
    for row in used(state, stage).values():
        if filling.complete_row(state, stage, row):
            value = row.cells.get(column.id, ())
            covered.update(value if isinstance(value, tuple) else (str(value),))
    open_ = [option.text for option in column.options if option.id not in covered]
    note = say("note.uncovered", field=column.label, options=filling.listing(open_))
    started = open_ and used(state, stage)
    found = (Note(stage.id, "", column.id, note),) if started else ()
    return Finding(len(column.options) - len(open_), len(column.options), found)


def number_and_date(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:  # noqa: ARG001  # as its siblings
    """Fields, or rows, that say both how much and by when."""

    def lacks(cells: Cells) -> str:
        named = [each for each in stage.parts if each.id in rule.fields]
        if not any(each.id in cells for each in named):
            return "untouched"
        number = any(_numbered(each, cells) for each in named)
        dated = any(_dated(each, cells) for each in named)
        return "" if number and dated else "date" if number else "number" if dated else "both"

    return _each(state, stage, rule, lacks)


def _numbered(field: Field, cells: Cells) -> bool:
    value = cells.get(field.id, "")
    if field.type == "number":
        return field.id in cells
    return field.type != "date" and telling.has_number(str(value))


def _dated(field: Field, cells: Cells) -> bool:
    value = cells.get(field.id, "")
    if field.type == "date":
        return field.id in cells
    return field.type != "number" and telling.has_date(str(value))


def decision_reason(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:  # noqa: ARG001  # as its siblings
    """Decisions that come with a reason of the length asked for."""
    decision, reason = (stage.part(each) for each in rule.fields)

    def lacks(cells: Cells) -> str:
        reasoned = filling.worth(reason, cells, state) == 1
        if decision.id not in cells:
            return "decision" if reason.id in cells else "untouched"
        return "" if reasoned else "reason"

    return _each(state, stage, rule, lacks)


def all_fields(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:  # noqa: ARG001  # as its siblings
    """Rows in which every column is filled in, whether required or not."""
    say, rows, found = messages("canvas"), used(state, stage), []
    for id, row in rows.items():
        open_ = [
            each.label for each in _columns(stage) if filling.worth(each, row.cells, state) < 1
        ]
        if open_:
            values = {"row": place(state, stage, id), "fields": filling.listing(open_)}
            found.append(Note(stage.id, id, "", say("note.open", **values)))
    return Finding(len(rows) - len(found), _rows_judged(state, stage), tuple(found))


def linked(brief: Brief, state: State, stage: Stage, rule: Rule) -> Finding:
    """Rows that lead up to a row of the table before, and rows there that some row leads up to."""
    say, column = messages("canvas"), stage.part(rule.fields[0])
    above = brief.stage(column.to)
    children, parents = used(state, stage), used(state, above)
    up = {id: str(row.cells.get(column.id, "")) for id, row in children.items()}
    words = {"row": _row_word(stage), "above": _row_word(above)}
    found = [
        Note(stage.id, id, column.id, say("note.orphan.up", **words, place=place(state, stage, id)))
        for id, to in up.items()
        if to not in parents
    ]
    served = set(up.values())
    found += [
        Note(above.id, id, "", say("note.orphan.down", **words, place=place(state, above, id)))
        for id in parents
        if id not in served and children
    ]
    met = sum(to in parents for to in up.values()) + sum(id in served for id in parents)
    of = _rows_judged(state, stage) + _rows_judged(state, above)
    return Finding(met, of, tuple(found))


def _each(state: State, stage: Stage, rule: Rule, lacks: Callable[[Cells], str]) -> Finding:
    """One judgement per row in use, or one for the fields; ``lacks`` names what is not there."""
    say, name = messages("canvas"), rule.fields[0]
    in_rows = stage.in_rows(name)
    spots = (
        {id: row.cells for id, row in used(state, stage).items()}
        if in_rows
        else {"": state.cells(stage.id)}
    )
    lacking = {id: lacks(cells) for id, cells in spots.items()}
    last = stage.part(rule.fields[-1])
    found = tuple(
        Note(
            stage.id,
            id,
            last.id,
            say(f"note.{rule.rule}.{what}", field=_called(state, stage, id, stage.part(name))),
        )
        for id, what in lacking.items()
        if what and what != "untouched"
    )
    of = _rows_judged(state, stage) if in_rows else 1
    return Finding(sum(not what for what in lacking.values()), of, found)


def _rows_judged(state: State, stage: Stage) -> int:
    """The rows that a share refers to: those in use, but no fewer than the least number."""
    return max(len(used(state, stage)), stage.rows.min_rows if stage.rows else 0)


def _columns(stage: Stage) -> tuple[Field, ...]:
    return stage.rows.columns if stage.rows else ()


def _row_word(stage: Stage) -> str:
    return stage.rows.row.lower() if stage.rows else ""


def verdict(stage: Stage, state: State, row: Row) -> bool | None:
    """Whether ``row`` earns the word of its table; None where the table has no such word."""
    rows: Rows | None = stage.rows
    if rows is None or not rows.verdict:
        return None
    return all(filling.worth(each, row.cells, state) == 1 for each in rows.columns)


FINDERS: dict[str, Callable[[Brief, State, Stage, Rule], Finding]] = {
    "distinct": distinct,
    "covers": covers,
    "number_and_date": number_and_date,
    "linked": linked,
    "all_fields": all_fields,
    "decision_reason": decision_reason,
}
