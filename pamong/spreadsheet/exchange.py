"""One exercise out to a workbook and back into its YAML: checked, shown, and only then written."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pamong import authoring, document
from pamong.brief import kind_in
from pamong.catalogue import messages, speaking
from pamong.course import BRIEF, KEY, Course
from pamong.document import Document, spelt
from pamong.errors import AuthoringError, CourseError, Problem
from pamong.kinds import KINDS
from pamong.spreadsheet import bargains, items
from pamong.spreadsheet.changes import Change, differences
from pamong.spreadsheet.drawing import GUIDE, draw, save
from pamong.spreadsheet.reading import read_tables
from pamong.spreadsheet.rewriting import rewritten
from pamong.spreadsheet.tables import Cells, Table, plain
from pamong.spreadsheet.workbook import Sheet, read_workbook

FORMAT = "1"
NOTHING = "-"
"""Fingerprint of a key that is not there yet."""

Tables = Callable[[str, Mapping[str, Any], Mapping[str, Any]], tuple[Table, ...]]
Rebuild = Callable[[str, tuple[Table, ...], dict[str, Any], dict[str, Any]], tuple[Cells, Cells]]
SHAPES: Mapping[str, tuple[Tables, Rebuild]] = {
    "choice": (items.tables, items.rebuild),
    "negotiation": (bargains.tables, bargains.rebuild),
    "situational": (items.tables, items.rebuild),
}
"""The kinds that can be exported, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The YAML of one exercise; a practice exercise keeps its key in the brief."""

    module: str
    brief: Document
    key: Document | None
    key_path: Path

    @property
    def kind(self) -> str:
        return str(self.brief.data["kind"])

    @property
    def practice(self) -> bool:
        return "model" in self.brief.data

    @property
    def key_data(self) -> dict[str, Any]:
        if self.practice:
            model: dict[str, Any] = self.brief.data["model"]
            return model
        return self.key.data if self.key else {}

    @property
    def fingerprints(self) -> tuple[str, str]:
        key = _digest(self.key.path) if self.key else NOTHING
        return _digest(self.brief.path), key

    def tables(self) -> tuple[Table, ...]:
        return SHAPES[self.kind][0](self.kind, self.brief.data, self.key_data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a workbook would make of an exercise: shown first, written by ``apply``.

    ``stale`` when the YAML is not the one that was exported; ``released`` is the version that was
    released and may not change, 0 when there is none; ``version`` the one that would be written.
    """

    exercise: str
    changes: tuple[Change, ...]
    advice: tuple[str, ...]
    stale: bool
    released: int
    version: int
    _files: tuple[tuple[Path, Mapping[str, Any], Mapping[str, Any]], ...]

    def report(self) -> tuple[str, ...]:
        """What an author should know before ``apply``, line by line."""
        say = messages("spreadsheet")
        if not self.changes:
            return (say("import.none", exercise=self.exercise),)
        lines = [*map(str, self.changes), *(say("import.advice", text=x) for x in self.advice)]
        lines.append(say("import.count", exercise=self.exercise, count=len(self.changes)))
        if self.stale:
            lines.append(say("import.stale"))
        if self.released and self.version == self.released:
            lines.append(say("import.released", version=self.released))
        elif self.released:
            lines.append(say("import.version", old=self.released, new=self.version))
        return tuple(lines)

    @property
    def next(self) -> str:
        """What to do to have the changes written."""
        return messages("spreadsheet")("import.next")

    def written(self) -> str:
        """Apply, and say what was written."""
        names = ", ".join(path.name for path in self.apply())
        return messages("spreadsheet")("import.written", files=names)

    def apply(self) -> tuple[Path, ...]:
        """Write the YAML files that change; CourseError says why nothing was written."""
        say = messages("spreadsheet")
        if self.changes and self.stale:
            raise CourseError(say("apply.stale", exercise=self.exercise))
        if self.changes and self.released == self.version:
            raise CourseError(say("apply.released", exercise=self.exercise, version=self.released))
        made = [
            (path, _prepared(path, old, new))
            for path, old, new in (self._files if self.changes else ())
            if old != new
        ]
        for path, prepared in made:
            prepared.replace(path)
        return tuple(path for path, _ in made)


def export_items(course: Course, name: str, to: Path | None = None) -> Path:
    """Write the exercise ``MODULE/EXERCISE`` as a workbook, beside its key unless told otherwise.

    Its headings are in the programme's language, whoever writes and whoever reads it back.
    """
    with speaking(course.programme.language):
        return _exported(course, name, to)


def _exported(course: Course, name: str, to: Path | None) -> Path:
    say, source = messages("spreadsheet"), _source(course, name)
    id = source.brief.data["id"]
    path = (to or source.key_path.with_name(f"{id}.xlsx")).absolute()
    if path.suffix.lower() != ".xlsx":
        raise CourseError(say("export.suffix", file=path.name))
    open_folders = (course.folder / "source", course.folder / "release", course.exchange)
    if any(path.resolve().is_relative_to(each.resolve()) for each in open_folders):
        raise CourseError(say("export.open", folder=path.parent))
    brief, key = source.fingerprints
    about = {
        "title": str(source.brief.data["title"]),
        "exercise": f"{source.module}/{id}",
        "kind": source.kind,
        "version": str(source.brief.data["version"]),
        "brief": brief,
        "key": key,
        "format": FORMAT,
    }
    lines = messages("spreadsheet").entries
    guide = [*lines["guide.lines"], *lines[f"guide.{source.kind}"]]
    warning = "" if source.practice else say("guide.secret")
    book = draw(source.tables(), about, lines=guide, warning=warning)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        save(book, path)
    except FileExistsError:
        raise CourseError(say("export.exists", file=path)) from None
    return path


def import_items(course: Course, path: Path, *, raise_version: bool = False) -> Draft:
    """Check a workbook like YAML and say what it changes; AuthoringError names every wrong cell."""
    with speaking(course.programme.language):
        return _imported(course, path, raise_version=raise_version)


def _imported(course: Course, path: Path, *, raise_version: bool) -> Draft:
    sheets = read_workbook(path)
    about = _about(path, sheets)
    source = _source(course, about["exercise"])
    id = str(source.brief.data["id"])
    if about["kind"] != source.kind:
        raise CourseError(messages("spreadsheet")("import.kind", file=path.name))
    before = source.tables()
    tables = read_tables(path, sheets, before)
    changes = differences(before, tables)
    brief, key = deepcopy(source.brief.data), deepcopy(source.key_data)
    if source.practice:
        brief["model"] = key
    found = SHAPES[source.kind][1](source.kind, tables, brief, key)
    version = int(brief["version"])
    versions = course.shelf(source.module).versions(id)
    released = version if version in versions else 0
    if changes and released and raise_version:
        brief["version"] = max(versions) + 1
    advice = _checked(path, source, brief, key, found) if changes else ()
    files = [(source.brief.path, source.brief.data, brief)]
    if not source.practice:
        files.append((source.key_path, source.key_data, key))
    return Draft(
        exercise=f"{source.module}/{id}",
        changes=changes,
        advice=advice,
        stale=(about["brief"], about["key"]) != source.fingerprints,
        released=released,
        version=int(brief["version"]),
        _files=tuple(files),
    )


def _source(course: Course, name: str) -> Source:
    """The YAML of ``MODULE/EXERCISE``; CourseError when there is none, or its kind has no tables."""
    say = messages("spreadsheet")
    module, _, exercise = name.partition("/")
    course.require_module(module)
    known = [path.name.removesuffix(BRIEF) for path in course.source(module).glob(f"*{BRIEF}")]
    if exercise not in known:
        text = say(
            "exercise.unknown", module=module, exercise=exercise, known=", ".join(sorted(known))
        )
        raise CourseError(text)
    brief = document.read(course.source(module) / f"{exercise}{BRIEF}")
    kind = kind_in(brief)
    if kind.name not in SHAPES:
        raise CourseError(say("exercise.kind", kind=kind.name, known=", ".join(SHAPES)))
    authoring.brief_in(brief)
    path = course.keys(module) / f"{exercise}{KEY}"
    key = None if "model" in brief.data or not path.is_file() else document.read(path)
    if key is not None:
        authoring.model_in(key, kind.key)
    return Source(module=module, brief=brief, key=key, key_path=path)


def _about(path: Path, sheets: Mapping[str, Sheet]) -> dict[str, str]:
    """What the first page says the workbook is; CourseError when it does not say it."""
    say, names = messages("spreadsheet"), ("exercise", "kind", "brief", "key", "format")
    sheet = sheets.get(GUIDE)
    rows = sheet.rows if sheet else ()
    given = {
        str(row[0].value).strip(): str(plain(row[1].value) or "") for row in rows if len(row) > 1
    }
    about = {name: given.get(say(f"about.{name}"), "") for name in names}
    if not all(about.values()) or about["format"] != FORMAT:
        raise CourseError(say("import.foreign", file=path.name, sheet=GUIDE))
    return about


def _checked(
    path: Path,
    source: Source,
    brief: dict[str, Any],
    key: dict[str, Any],
    found: tuple[Cells, Cells],
) -> tuple[str, ...]:
    """Advice on the result; AuthoringError with the cell of everything that YAML would be refused for."""
    kind, (cells, key_cells) = KINDS[source.kind], found
    if source.practice:
        cells = {**cells, **{("model", *place): cell for place, cell in key_cells.items()}}
    valid = _validated(path, brief, kind.brief, cells)
    if source.practice:
        model = valid.model
    else:
        cells, model = {**cells, **key_cells}, _validated(path, key, kind.key, key_cells)
    problems = kind.check(valid, model)
    if problems:
        raise AuthoringError(
            tuple(Problem(path, 0, 0, _mentioned(each, cells), each) for each in problems)
        )
    advice: tuple[str, ...] = kind.advise(valid, model)
    return advice


def _mentioned(text: str, cells: Cells) -> str:
    """The cell of the place that most of the names in ``text`` belong to: before a colon, or quoted."""
    heads = (head for head in text.split(":")[:-1] if "“" not in head)
    names = {*re.findall(r"[\w-]+", " ".join(heads)), *re.findall(r"“([\w-]+)”", text)}
    fits = {place: sum(part in names for part in place) for place in cells}
    best = max(cells, key=lambda place: (fits[place], -len(place)), default=())
    return cells[best] if best and fits[best] else ""


def _validated(path: Path, data: dict[str, Any], model: type[Any], cells: Cells) -> Any:
    try:
        return authoring.model_in(Document(path, data, dict.fromkeys(cells, (0, 0))), model)
    except AuthoringError as error:
        placed = (_placed(problem, cells) for problem in error.problems)
        raise AuthoringError(tuple(dict.fromkeys(placed))) from None


def _placed(problem: Problem, cells: Cells) -> Problem:
    """``problem`` with the cell instead of the field: its own, that around it, or the first within."""
    named = {spelt(place): cell for place, cell in cells.items()}
    field = problem.field
    while field and field not in named:
        inside = (
            cell for name, cell in named.items() if re.match(rf"{re.escape(field)}[.\[]", name)
        )
        if first := next(inside, None):
            named[field] = first
            break
        field = re.sub(r"(?:^|\.)[^.\[]+$|\[[^\[]*\]$", "", field)
    return Problem(problem.path, 0, 0, named.get(field, ""), problem.message, problem.severity)


def _prepared(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Path:
    """The new content of ``path`` in a file beside it, on disk and read back."""
    text = path.read_bytes().decode() if path.is_file() else ""
    mode = path.stat().st_mode & 0o777 if path.is_file() else 0o600
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in rewritten(text, old, new):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode())
            file.flush()
            os.fsync(file.fileno())
        prepared = Path(name)
        prepared.chmod(mode)
        if _holds(prepared, new):
            return prepared
        prepared.unlink()
    raise CourseError(messages("spreadsheet")("apply.layout", file=path.name))


def _holds(path: Path, data: Mapping[str, Any]) -> bool:
    try:
        return document.read(path).data == data
    except AuthoringError:
        return False


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
