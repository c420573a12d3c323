"""What an instructor sees of the people, the module and the item they chose, and the answers behind it.

For facilitators: names are shown. Marks are never shown by office, nor what fewer than five of one
office answered, be it by subtraction; an answer is opened only where a marker may read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Final, Literal

import numpy as np
import pandas as pd

from pamong import locale, log
from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import PamongError
from pamong.grading.intake.submission import moment, read
from pamong.grading.path import steps
from pamong.kind import replay
from pamong.reports import charts, ranges
from pamong.reports.logbook import may_read
from pamong.reports.markup import Html, Section, Table, figure, join, number, paragraph, percent
from pamong.reports.snapshot import Snapshot
from pamong.reports.statistics import Array
from pamong.reports.suppression import SMALLEST, hidden
from pamong.reports.tidy import frames

say: Final = messages("exploration")
SHOWN = 15
"""Items of a chart: those that were solved least."""
Frames = Mapping[str, pd.DataFrame]
Names = tuple[tuple[str, str], ...]
"""What can be chosen: what it is called, and its id."""
Place = tuple[str, str, str, str]
"""Whose answer: participant, module, exercise, form."""
_MARKS = ("grades", "parts", "deals")
"""Tables that say how well somebody did."""
_PEOPLE = ("cohort", "role", "region")
_ITEM = ["module", "exercise", "form", "item"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is looked at; an empty filter lets everything through. ``item`` is ``form/item``."""

    cohort: str = ""
    role: str = ""
    region: str = ""
    module: str = ""
    item: str = ""


@dataclass(frozen=True)
class Exploration:
    """All facts of a course as tidy tables, to be narrowed and looked at."""

    course: Course
    snapshot: Snapshot

    @cached_property
    def frames(self) -> Frames:
        """Every table but the events, by name; their columns are told in docs/data.md. Without NIP."""
        found = frames(self.snapshot)
        return found | {"participants": found["participants"].drop(columns="nip")}

    def narrowed(self, choice: Choice) -> Frames:
        """The tables about these people and this module; a table without such a column stays.

        Of an office there are no marks, and no responses that would tell of fewer than SMALLEST people.
        """
        people = self.frames["participants"]
        for field in _PEOPLE:
            if wanted := getattr(choice, field):
                people = people[people[field] == wanted]
        kept = {name: self._about(table, people, choice) for name, table in self.frames.items()}
        if choice.role:
            few = ("responses",) if self._gives_away(choice) else ()
            kept |= {name: kept[name][:0] for name in (*_MARKS, *few)}
        return kept | {"participants": people}

    def _gives_away(self, choice: Choice) -> bool:
        """Whether what one office answered tells of too few people, by itself or by subtraction.

        Each filter that is set divides the people whom the others leave; what must be hidden in one of
        these tables is hidden here.
        """
        chosen = {field: value for field in _PEOPLE if (value := getattr(choice, field))}
        everybody = self.frames["participants"]
        for field, value in chosen.items():
            people = everybody
            for other in chosen.keys() - {field}:
                people = people[people[other] == chosen[other]]
            if value in hidden(Counter(people[field].astype(str))):
                return True
        return False

    def _compared(self, name: str, shown: Frames, choice: Choice) -> pd.DataFrame:
        """The same table about everybody else."""
        table = self.narrowed(Choice(module=choice.module, item=choice.item))[name]
        return table[~table["participant"].isin(set(shown["participants"]["participant"]))]

    def _about(self, table: pd.DataFrame, people: pd.DataFrame, choice: Choice) -> pd.DataFrame:
        if "participant" in table:
            table = table[table["participant"].isin(people["participant"])]
        if choice.module and "module" in table:
            table = table[table["module"] == choice.module]
        if choice.item and {"form", "item"} <= set(table.columns):
            form, _, item = choice.item.partition("/")
            table = table[(table["form"] == form) & (table["item"] == item)]
        return table

    def cohorts(self) -> Names:
        return tuple((title, id) for id, title in self.snapshot.cohorts)

    def values(self, field: str) -> Names:
        """The offices or the regions that there are."""
        found = sorted(set(self.frames["participants"][field]))
        return tuple((value, value) for value in found)

    def modules(self) -> Names:
        return tuple((module.title, module.id) for module in self.snapshot.modules)

    def items(self, module: str) -> Names:
        """The items of one module that anybody answered."""
        found = self.frames["responses"]
        found = found[found["module"] == module].drop_duplicates(["exercise", "form", "item"])
        order = {id: place for place, (id, _) in enumerate(self._stages(module, "played"))}
        keys = zip(found["exercise"], found["form"], found["item"], strict=True)
        ordered = sorted(
            keys, key=lambda key: (order.get(key[0], len(order)), key[1], _natural(key[2]))
        )
        return tuple(
            (self._item(module, exercise, form, item), f"{form}/{item}")
            for exercise, form, item in ordered
        )

    @cached_property
    def titles(self) -> Mapping[tuple[str, str], str]:
        """What an exercise is called, by module and id."""
        table = self.frames["exercises"]
        keys = zip(table["module"], table["exercise"], strict=True)
        return dict(zip(keys, table["title"], strict=True))

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Who is called what."""
        table = self.frames["participants"]
        return dict(zip(table["participant"], table["name"], strict=True))

    def _item(self, module: str, exercise: str, form: str, item: str) -> str:
        title = self.titles.get((module, exercise), exercise)
        return say("item", exercise=title, form=form, item=item)

    # ------------------------------------------------------------ what it looks like

    def page(self, choice: Choice) -> Html:
        """Who is looked at, how far they came, their marks and their items."""
        shown = self.narrowed(choice)
        if self.frames["submissions"].empty:
            return paragraph(say("empty"))
        if shown["participants"].empty:
            return paragraph(say("nobody"))
        parts = (self._completion, self._marks, self._items)
        return join((self._about_whom(shown), *(part(shown, choice) for part in parts)))

    def _about_whom(self, shown: Frames) -> Html:
        people, everybody = len(shown["participants"]), len(self.frames["participants"])
        taken = moment(self.snapshot.taken)
        at = locale.moment(taken, self.snapshot.time_zone) if taken else self.snapshot.taken
        return paragraph(say("whom", people=people, everybody=everybody, taken=at))

    def _completion(self, shown: Frames, choice: Choice) -> Html:
        everybody = self.narrowed(Choice(module=choice.module))
        stages = self._stages(choice.module, "played")
        here = _reached(shown, dict(stages), choice)
        others = _reached(everybody, dict(stages), choice)
        people = set(shown["participants"]["participant"])
        whole = max(len(everybody["participants"]), 1)
        rows = [
            charts.Bar(
                label=label, done=len(here[key][0]), well=len(here[key][1]),
                well_text=str(len(here[key][1])), total=len(people),
                elsewhere=len(others[key][0]) / whole,
                text=say("completion.of", done=len(here[key][0]), people=len(people)),
            )
            for key, label in stages
        ]  # fmt: skip
        told = [(row.label, row.text, row.well_text) for row in rows]
        alt = say("completion.alt", rows="; ".join(": ".join(row[:2]) for row in told))
        return Section(
            id="penyelesaian",
            heading=say("completion.heading"),
            body=figure(charts.bars(rows, alt)),
            note=say("completion.note.exercises" if choice.module else "completion.note.modules"),
            data=Table([say(f"completion.head.{it}") for it in ("label", "done", "well")], told),
        ).html()

    def _stages(self, module: str, kind: Literal["played", "cells"]) -> list[tuple[str, str]]:
        """The modules, or what stands in the one that is chosen, as ids and titles."""
        chosen = [it for it in self.snapshot.modules if it.id == module]
        found = getattr(chosen[0], kind) if chosen else self.snapshot.modules
        return [(it.id, it.title) for it in found]

    def _marks(self, shown: Frames, choice: Choice) -> Html:
        heading = say("marks.heading")
        if choice.role:
            return Section(id="nilai", heading=heading, body=paragraph(say("marks.role"))).html()
        key = "exercise" if choice.module else "module"
        here = shown["grades"].dropna(subset="points")
        others = self._compared("grades", shown, choice).dropna(subset="points")
        spreads = (
            charts.Spread(
                label=label,
                here=_percentages(here, key, id),
                others=_many(_percentages(others, key, id)),
            )
            for id, label in self._stages(choice.module, "cells")
        )
        rows = [row for row in spreads if row.here.size]
        if not rows:
            return Section(id="nilai", heading=heading, body=paragraph(say("marks.none"))).html()
        told = [(it.label, str(it.here.size), number(float(np.median(it.here)))) for it in rows]
        alt = say("marks.alt", rows="; ".join(f"{label} {middle}" for label, _, middle in told))
        return Section(
            id="nilai",
            heading=heading,
            body=figure(charts.spreads(rows, self.snapshot.pass_mark, alt)),
            note=say("marks.note"),
            data=Table([say(f"marks.head.{it}") for it in ("label", "people", "median")], told),
        ).html()

    def _items(self, shown: Frames, choice: Choice) -> Html:
        heading = say("items.heading.one" if choice.item else "items.heading")
        here = shown["responses"]
        others = self._compared("responses", shown, choice)
        few = choice.role and self._gives_away(choice)
        if choice.role:
            here = _answered(here, others)
            few = few or here.empty
        if here.empty:
            text = say("items.few", smallest=SMALLEST) if few else say("items.none")
            return Section(id="butir", heading=heading, body=paragraph(text)).html()
        others = _answered(others)
        rows = list(self._options(here, others) if choice.item else self._solved(here, others))
        told = [(it.label, percent(it.here), percent(it.others)) for it in rows]
        alt = say(
            "items.alt.one" if choice.item else "items.alt",
            rows="; ".join(" ".join(row[:2]) for row in told),
        )
        return Section(
            id="butir",
            heading=heading,
            body=figure(ranges.levels(rows, alt)),
            note=say("items.note.one" if choice.item else "items.note", shown=SHOWN),
            data=Table([say(f"items.head.{it}") for it in ("label", "here", "others")], told),
        ).html()

    def _solved(self, here: pd.DataFrame, others: pd.DataFrame) -> Iterator[ranges.Level]:
        """The items that were solved least."""
        theirs = others.groupby(_ITEM, as_index=False)["score"].mean()
        both = here.groupby(_ITEM, as_index=False)["score"].mean().merge(theirs, "left", _ITEM)
        hardest = both.sort_values("score_x", kind="stable").head(SHOWN)
        for place, row in enumerate(hardest.itertuples(index=False, name=None)):
            *key, mine, other = row
            label = self._item(*map(str, key))
            yield ranges.Level(label=label, here=float(mine), others=float(other), low=place < 3)

    def _options(self, here: pd.DataFrame, others: pd.DataFrame) -> Iterator[ranges.Level]:
        """How many took which option of one item; or its mean score where it has no options."""
        first = here.iloc[0]
        asked = next(
            (it for it in self.snapshot.questions
             if (it.module, it.form, it.id) == (first["module"], first["form"], first["item"])),
            None,
        )  # fmt: skip
        if asked is None:
            yield from self._solved(here, others)
            return
        for id, text in asked.options:
            right = id in asked.correct
            yield ranges.Level(
                label=say("option.right", text=text) if right else text, low=not right,
                here=_took(here, id), others=_took(others, id),
            )  # fmt: skip

    # ------------------------------------------------------------ the answers behind it

    def answers(self, choice: Choice) -> tuple[tuple[str, Place], ...]:
        """The answers that may be opened: what each is called, and whose it is."""
        shown = self.narrowed(choice)
        table = shown["plays"]
        if choice.item:
            table = table[table["form"] == choice.item.partition("/")[0]]
        found = [
            (self._answer(place, finished=bool(finished)), place)
            for *place_, finished in table[
                ["participant", "module", "exercise", "form", "finished"]
            ].itertuples(index=False, name=None)
            for place in [(place_[0], place_[1], place_[2], place_[3])]
        ]
        return tuple(sorted(found))

    def _answer(self, place: Place, *, finished: bool) -> str:
        participant, module, exercise, _ = place
        state = say("answer.finished" if finished else "answer.unfinished")
        title = self.titles.get((module, exercise), exercise)
        return f"{self.people[participant]} · {title} · {state}"

    def answer(self, place: Place) -> Html:
        """One answer as its exercise tells it, and its log step by step."""
        participant, module, _, form = place
        try:
            content = read(
                self.course.submitted(participant, module) / f"{form}.jsonl", log.LOG_LIMIT
            )
            events = log.parse(content or b"", form).trusted()
            if not events:
                return paragraph(say("answer.gone"))
            source = self.course.shelf(module).get(form, events[0].version)
            if not may_read(source):
                return paragraph(say("answer.closed"))
            state = replay(source.kind, source.brief, events)
        except PamongError as error:
            return paragraph(say("answer.unreadable", reason=str(error)))
        told = steps(source.brief, events, zone=self.course.programme.time_zone)
        days = ["", *(it.day for it in told)]
        rows = [
            (str(it.n), it.at if it.day == day else f"{it.day} {it.at}", say(f"who.{it.who}"),
             it.act, it.text)
            for it, day in zip(told, days, strict=False)
        ]  # fmt: skip
        head = [say(f"answer.head.{it}") for it in ("n", "at", "who", "act", "text")]
        path = Table(head, rows, left=(0, 1, 2, 3, 4)).html()
        return Html(
            f'<section class="part" id="jawaban"><h2>{escape(self.people[participant])}</h2>'
            f"{source.kind.render(source.brief, state)}<details class='data'>"
            f"<summary>{escape(say('answer.path', count=len(events)))}</summary>{path}</details></section>"
        )


def _answered(responses: pd.DataFrame, rest: pd.DataFrame | None = None) -> pd.DataFrame:
    """The responses to items that enough people answered, and enough of the ``rest``, or none of it."""
    known = responses.groupby(_ITEM)["participant"].transform("nunique")
    kept = responses[known >= SMALLEST]
    if rest is None or kept.empty:
        return kept
    others = rest.groupby(_ITEM)["participant"].nunique().rename("others")
    counts = kept.join(others, on=_ITEM)["others"].fillna(SMALLEST)
    return kept[counts >= SMALLEST]


def _many(values: Array) -> Array:
    """Values to compare with; none where they are of too few people."""
    return values if values.size >= SMALLEST else values[:0]


Reached = Mapping[str, tuple[set[str], set[str]]]
"""Who came to a module or an exercise, and who of them finished it."""


def _reached(shown: Frames, stages: Iterable[str], choice: Choice) -> Reached:
    """By the modules, or by the exercises of the one that is chosen."""
    plays = shown["plays"]
    if choice.module:
        done = plays[plays["finished"].astype(bool)]
        return {it: (_who(plays, "exercise", it), _who(done, "exercise", it)) for it in stages}
    begun = plays[~plays["finished"].astype(bool)]
    came = {it: _who(shown["submissions"], "module", it) for it in stages}
    return {it: (people, people - _who(begun, "module", it)) for it, people in came.items()}


def _natural(id: str) -> tuple[str, int]:
    """So that s2 stands before s10."""
    letters = id.rstrip("0123456789")
    return letters, int(id[len(letters) :] or 0)


def _who(table: pd.DataFrame, column: str, value: str) -> set[str]:
    return set(table.loc[table[column] == value, "participant"])


def _percentages(grades: pd.DataFrame, column: str, value: str) -> Array:
    """The percentage of each person over the points that are decided."""
    mine = grades[grades[column] == value].groupby("participant")[["points", "maximum"]].sum()
    return np.asarray(100 * mine["points"] / mine["maximum"], dtype=float)


def _took(responses: pd.DataFrame, option: str) -> float:
    """The share of those who answered that chose an option."""
    chosen = [option in str(answer).split("+") for answer in responses["answer"]]
    return sum(chosen) / len(chosen) if chosen else float("nan")
