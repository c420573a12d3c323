"""The schema of a guided canvas: stages in order, their fields and tables, and the rules they obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import wellformed

Type = Literal[
    "text", "short", "choice", "several", "tag", "number", "date", "person", "rating", "link"
]
RuleName = Literal[
    "distinct", "covers", "number_and_date", "linked", "all_fields", "decision_reason"
]
OPTIONS: tuple[Type, ...] = ("choice", "several", "tag")
WRITTEN: tuple[Type, ...] = ("text", "short", "person")
ROWS = 30
"""Most rows that a table may hold."""
TAGS = 3
"""Most steps that one ``tag`` may name: who tags everything has tagged nothing."""


def wrong(key: str, **values: object) -> ValueError:
    return ValueError(messages("canvas")(f"author.{key}", **values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to fill in.

    ``min_words`` belongs to ``text``; ``low``, ``high``, ``unit`` and ``whole`` to ``number``;
    ``options`` to ``choice``, ``several`` and ``tag``; ``to`` (a stage with a table) to ``link``.
    """

    id: str
    type: Type
    label: str
    hint: str = ""
    example: str = ""
    required: bool = True
    min_words: int = 0
    options: tuple[Option, ...] = ()
    low: float = 0.0
    high: float = 1_000_000_000.0
    unit: str = ""
    whole: bool = False
    to: str = ""

    def __post_init__(self) -> None:
        wellformed.written(f"{self.id}: label", self.label)
        if (self.type in OPTIONS) != bool(self.options):
            raise wrong("options", field=self.id)
        if self.options:
            wellformed.between(f"{self.id}: options", self.options, 2, 20)
            wellformed.distinct_ids(f"{self.id}: options", (each.id for each in self.options))
        if (self.type == "link") != bool(self.to):
            raise wrong("to", field=self.id)
        if not 0 <= self.min_words <= 300 or (self.min_words and self.type != "text"):
            raise wrong("words", field=self.id)
        if not self.low < self.high:
            raise wrong("bounds", field=self.id)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table; ``row`` names one row ("Kegiatan"), ``verdict`` the word for a complete one.

    ``one_per`` names a column of type ``choice``: the table starts with a row for each of its
    options, which stay; with ``max_rows`` above that number more rows may be added.
    """

    row: str
    columns: tuple[Field, ...]
    min_rows: int = 1
    max_rows: int = 10
    one_per: str = ""
    verdict: str = ""

    def __post_init__(self) -> None:
        wellformed.written("rows: row", self.row)
        wellformed.between("columns", self.columns, 1, 12)
        wellformed.distinct_ids("columns", (each.id for each in self.columns))
        if not 0 <= self.min_rows <= self.max_rows <= ROWS or self.max_rows < 1:
            raise wrong("rows", row=self.row, least=self.min_rows, most=self.max_rows)
        if self.one_per:
            self._check_one_per()
        if not any(each.required and each.id != self.one_per for each in self.columns):
            raise wrong("optional", row=self.row)

    def _check_one_per(self) -> None:
        column = self.column(self.one_per)
        if column is None or column.type != "choice":
            raise wrong("one_per", row=self.row, column=self.one_per)
        if len(column.options) > self.max_rows:
            raise wrong("one_per.many", row=self.row, count=len(column.options), most=self.max_rows)

    def column(self, id: str) -> Field | None:
        return next((each for each in self.columns if each.id == id), None)

    @property
    def given(self) -> tuple[Option, ...]:
        """The options that have a row of their own from the start."""
        column = self.column(self.one_per)
        return column.options if column else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is checked about a stage, on the fields or columns named (none: all that fit)."""

    rule: RuleName
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step; while ``waits`` it opens when every stage before it has been complete."""

    id: str
    title: str
    hint: str = ""
    fields: tuple[Field, ...] = ()
    rows: Rows | None = None
    rules: tuple[Rule, ...] = ()
    waits: bool = True

    def __post_init__(self) -> None:
        wellformed.written(f"stages {self.id}: title", self.title)
        wellformed.distinct_ids(f"stages {self.id}", (each.id for each in self.parts))
        if len(self.fields) > 20:
            wellformed.between(f"stages {self.id}: fields", self.fields, 0, 20)
        least = self.rows.min_rows if self.rows else 0
        if not least and not any(each.required for each in self.fields):
            raise wrong("nothing", stage=self.id)
        twice = [
            name for name, count in Counter(each.rule for each in self.rules).items() if count > 1
        ]
        if twice:
            raise wrong("rule.twice", stage=self.id, rule=twice[0])
        for rule in self.rules:
            self._check_rule(rule)

    def _check_rule(self, rule: Rule) -> None:
        known = {each.id: each for each in self.parts}
        for each in rule.fields:
            if each not in known:
                raise wrong("rule.field", stage=self.id, rule=rule.rule, field=each)
        types = [known[each].type for each in rule.fields]
        in_rows = [self.in_rows(each) for each in rule.fields]
        fits = {
            "distinct": all(each == "text" for each in types)
            and any(each.type == "text" for each in self.parts),
            "covers": types in (["choice"], ["tag"]) and all(in_rows),
            "number_and_date": _measures(types) and len(set(in_rows)) == 1,
            "linked": types == ["link"] and all(in_rows),
            "all_fields": not types and self.rows is not None,
            "decision_reason": types == ["choice", "text"] and len(set(in_rows)) == 1,
        }
        if not fits[rule.rule]:
            raise wrong(f"rule.{rule.rule}", stage=self.id)

    @property
    def parts(self) -> tuple[Field, ...]:
        """The fields and the columns."""
        return (*self.fields, *(self.rows.columns if self.rows else ()))

    def part(self, id: str) -> Field:
        return next(each for each in self.parts if each.id == id)

    def in_rows(self, id: str) -> bool:
        return self.rows is not None and self.rows.column(id) is not None


def _measures(types: list[Type]) -> bool:
    """Whether fields of these types can hold both a number and a date."""
    written = {"text", "short"}
    fitting = all(each in {"number", "date", *written} for each in types)
    number = bool({"number", *written} & set(types))
    return fitting and number and bool({"date", *written} & set(types))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    """``weights`` of the parts of the score by name (a stage, ``<stage>.<rule>``, ``expected``; 1
    unless given), and the classifications that are ``expected`` of ``choice`` fields, by
    ``<stage>.<field>`` or, in a table with one row per option, ``<stage>.<option>.<column>``.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    expected: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if not 0 <= weight <= 100:
                raise wrong("weight", name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    stages: tuple[Stage, ...]
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("stages", self.stages, 1, 8)
        wellformed.distinct_ids("stages", (stage.id for stage in self.stages))
        tables: set[str] = set()
        for stage in self.stages:
            for each in stage.parts:
                if each.to and each.to not in tables:
                    raise wrong("link", stage=stage.id, field=each.id, to=each.to)
            if stage.rows:
                tables.add(stage.id)

    def stage(self, id: str) -> Stage:
        return next(each for each in self.stages if each.id == id)


def places(brief: Brief) -> dict[str, Field]:
    """Every ``choice`` that can be asked back for: ``stage.field`` and ``stage.option.column``."""
    found: dict[str, Field] = {}
    for stage in brief.stages:
        found |= {f"{stage.id}.{each.id}": each for each in stage.fields if each.type == "choice"}
        if stage.rows:
            found |= {
                f"{stage.id}.{option.id}.{column.id}": column
                for option in stage.rows.given
                for column in stage.rows.columns
                if column.type == "choice" and column.id != stage.rows.one_per
            }
    return found
