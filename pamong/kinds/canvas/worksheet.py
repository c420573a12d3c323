"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.canvas.case import Brief, Field, Rows


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parts = []
    for number, stage in enumerate(brief.stages, 1):
        title = say("stage", number=number, title=stage.title)
        parts += [paper.heading(title), paper.text(stage.hint), *map(_field, stage.fields)]
        if stage.rows:
            parts.append(_table(stage.rows))
    return "".join(parts)


def _field(field: Field) -> str:
    label = f"{field.label}. {field.hint}" if field.hint else field.label
    if field.options:
        return paper.note(label) + paper.boxes(option.text for option in field.options)
    if field.type == "rating":
        return paper.note(f"{label}   {messages('worksheet')('rating')}")
    return paper.words(field.min_words, label) if field.min_words else paper.lines(1, label)


def _table(rows: Rows) -> str:
    given = next((each for each in rows.columns if each.id == rows.one_per), None)
    head = [each.label for each in rows.columns]
    if given is None:
        return paper.grid(head, [["" for _ in head]] * max(rows.min_rows + 1, 3))
    place = rows.columns.index(given)
    return paper.grid(
        head,
        [
            [option.text if column == place else "" for column in range(len(head))]
            for option in given.options
        ],
    )
