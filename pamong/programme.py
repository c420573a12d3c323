"""The one settings file of a course, ``course/programme.yaml``, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pamong import locale
from pamong.catalogue import LANGUAGE, languages, messages

_ZONED = re.compile(rf"(.*?)\s*\b({'|'.join(locale.ZONES.values())})", re.IGNORECASE)
_POINT = re.compile(r"(?<=[T ]\d\d)\.(?=\d\d\b)")
_LANGUAGE = re.compile(r"^language:\s*[\"']?(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePlan:
    """One module in the programme; ``deadline`` is a moment as ``due`` reads it, or empty."""

    id: str
    title: str
    jp: int
    weight: float = 1.0
    deadline: str = ""

    def __post_init__(self) -> None:
        if self.deadline:
            due(self.deadline, "UTC")
        if self.weight < 0:
            raise ValueError(messages("course")("weight"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """``starts`` and ``ends`` are its first and last day, as 2026-12-11, or empty."""

    id: str
    title: str
    starts: str = ""
    ends: str = ""

    def __post_init__(self) -> None:
        _require_day("starts", self.starts)
        _require_day("ends", self.ends)
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError(messages("course")("days", first=self.starts, last=self.ends))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a cohort works on a module, in moments as ``due`` reads them; without ``cohort``, every cohort.

    It opens, its class begins, it closes; an empty one has no bound. Work is late after ``closes`` and
    is taken for ``grace`` more minutes, without ``grace`` at any time.
    """

    module: str
    cohort: str = ""
    opens: str = ""
    class_starts: str = ""
    closes: str = ""
    grace: int | None = None

    def __post_init__(self) -> None:
        say = messages("course")
        if self.grace is not None and self.grace < 0:
            raise ValueError(say("grace"))
        fields = ("opens", "class_starts", "closes")
        moments = []
        for field in fields:
            try:
                moments.append(self.moment(field, "Asia/Jakarta"))
            except ValueError as error:
                value = getattr(self, field)
                raise ValueError(say("moment", field=field, value=value)) from error
        there = [moment for moment in moments if moment is not None]
        if there != sorted(there):
            raise ValueError(say("order"))

    def moment(self, field: str, time_zone: str) -> datetime | None:
        """``opens``, ``class_starts`` or ``closes`` as a moment; a day alone begins with its first minute.

        But for ``closes``, which is its last.
        """
        text = getattr(self, field)
        return due(text, time_zone, begins=field != "closes") if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The deadlines of a module as nbgrader keeps them: the earliest, and what each person has more."""

    module: str
    earliest: datetime
    more: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A qualification from ``start`` points (inclusive) upwards."""

    label: str
    start: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Qualifications with where they come from and whether that was checked.

    ``since`` is the day from which the source holds, as 2023-05-17, or empty.
    """

    source: str
    status: str
    levels: tuple[Band, ...]
    since: str = ""

    def __post_init__(self) -> None:
        _require_day("since", self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Everything that differs from one programme to the next."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    title: str
    course_id: str
    modules: tuple[ModulePlan, ...]
    cohorts: tuple[Cohort, ...]
    roles: tuple[str, ...]
    time_zone: str = "Asia/Jakarta"
    language: str = LANGUAGE
    """What participants and leaders read, and authors unless PAMONG_LANGUAGE names another."""
    graders: str = "graders"
    gradebook: str = ""
    """Where the gradebook is instead of ``course/gradebook.db``, as a URL of SQLAlchemy."""
    pass_mark: float = 70.0
    bands: Bands | None = None
    retention: str = ""
    """How long answers and grades are kept, as a sentence that participants read."""
    contact: str = ""
    """Whom participants ask, such as a name with a telephone number."""
    schedule: tuple[Slot, ...] = ()
    """When the cohorts work on the modules; a module without a line has its ``deadline`` alone."""
    retention_days: int | None = None
    """Days after a cohort's end on which what the service keeps of its people may expire."""

    def __post_init__(self) -> None:
        say = messages("course")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(say("zone", zone=self.time_zone)) from error
        if self.language not in languages():
            known = ", ".join(languages())
            raise ValueError(say("language", language=self.language, known=known))
        for name, values in (("modules", self.modules), ("cohorts", self.cohorts)):
            ids = [value.id for value in values]
            if len(set(ids)) != len(ids):
                raise ValueError(say("twice", field=name))
        if self.retention_days is not None and self.retention_days < 0:
            raise ValueError(say("retention_days"))
        self._check_schedule()

    def _check_schedule(self) -> None:
        say = messages("course")
        modules = [plan.id for plan in self.modules]
        cohorts = ["", *(cohort.id for cohort in self.cohorts)]
        seen: set[tuple[str, str]] = set()
        for slot in self.schedule:
            for name, value, known in (
                ("module", slot.module, modules),
                ("cohort", slot.cohort, cohorts),
            ):
                if value not in known:
                    there = ", ".join(filter(None, known))
                    raise ValueError(say("slot", field=name, value=value, known=there))
            if (slot.cohort, slot.module) in seen:
                raise ValueError(say("slot.twice", cohort=slot.cohort, module=slot.module))
            seen.add((slot.cohort, slot.module))

    def slot(self, cohort: str, module: str) -> Slot | None:
        """What ``schedule`` says of a cohort and a module, or of every cohort; None when nothing."""
        found = {slot.cohort: slot for slot in self.schedule if slot.module == module}
        return found.get(cohort) or found.get("")

    def module(self, id: str) -> ModulePlan:  # the field's own name
        """The plan of a module; KeyError when the programme has none of that id."""
        return next(plan for plan in self.modules if plan.id == id)

    def deadline(self, module: str) -> datetime | None:
        """The deadline of a module with the programme's time zone."""
        text = self.module(module).deadline
        return due(text, self.time_zone) if text else None


def due(text: str, time_zone: str, *, begins: bool = False) -> datetime:
    """A moment as it is written: local time, or with WIB, WITA, WIT or an offset of its own.

    A day alone is its last minute, or its first when something ``begins``. ValueError when it is neither.
    """
    zone = ZoneInfo(time_zone)
    written = zone
    if zoned := _ZONED.fullmatch(text.strip()):
        names = {letters: name for name, letters in locale.ZONES.items()}
        text, written = zoned[1], ZoneInfo(names[zoned[2].upper()])
    moment = datetime.fromisoformat(_POINT.sub(":", text.strip()))
    if moment.tzinfo is not None:
        if zoned:
            raise ValueError(f"{text!r} has an offset and a zone")
        return moment.astimezone(zone)
    alone = len(text.strip()) == len("2026-12-11")
    last = {} if begins or not alone else {"hour": 23, "minute": 59}
    return moment.replace(tzinfo=written, **last).astimezone(zone)


def _require_day(field: str, text: str) -> None:
    """ValueError unless ``text`` is empty or one day, written in the one way that sorts."""
    with suppress(ValueError):
        if not text or date.fromisoformat(text).isoformat() == text:
            return
    raise ValueError(messages("course")("day", field=field, value=text))


def language_at(start: Path) -> str:
    """The language of the programme around ``start``, found in its text; empty when it names none.

    For the command line, which has to speak before it knows whether the file can be read at all.
    """
    root = find_root(start)
    if root is None:
        return ""
    with suppress(OSError):
        text = (root / "course" / "programme.yaml").read_text(encoding="utf-8", errors="replace")
        if found := _LANGUAGE.search(text):
            return found[1]
    return ""


def find_root(start: Path) -> Path | None:
    """The nearest folder at or above ``start`` that holds ``course/programme.yaml``.

    None where a course has lost it: another one above is not what is meant.
    """
    for folder in (start, *start.parents):
        if (folder / "course" / "programme.yaml").is_file():
            return folder
        if (folder / "course" / "source").is_dir():
            return None
    return None
