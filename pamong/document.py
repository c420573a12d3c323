"""One YAML document as a person wrote it: read within bounds, every value with its place.

PyYAML only splits the text into events. What an event means is decided here, so that YAML's surprises
do not reach an author: ``no``, ``on``, dates, ``01`` and ``12:30`` are text, keys are always text and
occur once, and anchors, aliases, tags, merge keys and second documents are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from pamong.catalogue import messages
from pamong.errors import AuthoringError, Problem, Severity

T = TypeVar("T")
Place = tuple[str | int, ...]
"""The way from the top of a document to a value: keys and positions."""
SIZE_LIMIT = 256 * 1024
"""Bytes of one authored file."""
DEPTH_LIMIT = 30
"""Lists and mappings inside one another."""
NUMBER_LIMIT = 2**53 - 1
"""The largest whole number that a browser keeps exactly."""
PROBLEM_LIMIT = 50
"""Problems that one file may name before the rest is left out."""

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_WORDS: Mapping[str, bool | None] = {
    "true": True, "false": False, "null": None, "~": None, "": None,
}  # fmt: skip
_COLON = re.compile(r"\s*:")
_GLUED_DASH = re.compile(r"\s*(?:- +)*-(?P<key>[^\W\d][\w-]*) *:")
_GLUED_COLON = re.compile(r"\s*(?:- +)*(?P<key>[^\W\d][\w-]*):(?P<value>[^\s:/].*)")
_BEGUN = ("while scanning a quoted", "while scanning an a")
"""What is best told where it begins: quotes, aliases and anchors."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """``marks`` gives line and column (from 1) of every key, and of every item of a list."""

    path: Path
    data: dict[str, Any]
    marks: Mapping[Place, tuple[int, int]]

    def problem(self, place: Place, message: str, severity: Severity = "error") -> Problem:
        """A problem of the value at ``place``, or of the nearest one around it that is there."""
        line, column = self.where(place)
        return Problem(self.path, line, column, spelt(place), message, severity)

    def where(self, place: Place) -> tuple[int, int]:
        for length in range(len(place), -1, -1):
            if place[:length] in self.marks:
                return self.marks[place[:length]]
        return (1, 1)

    def value(self, place: Place) -> Any:
        """What stands at ``place``; KeyError, IndexError or TypeError when nothing does."""
        found: Any = self.data
        for part in place:
            found = found[part]
        return found

    def texts(self) -> Iterator[tuple[Place, str]]:
        """Every text with its place, in the order of the file."""
        return texts(self.data)


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in plain data with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(inner, (*place, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from texts(inner, (*place, number))


def spelt(place: Place) -> str:
    """``place`` as authors read it: ``items[0].options[2].text``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).lstrip(".")


def shown(value: object, limit: int = 40) -> str:
    """A value as it may stand in a message: short, on one line."""
    text = " ".join(str(value)[: 4 * limit].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read(path: Path) -> Document:
    """The document in ``path``; AuthoringError names what YAML or this course does not allow."""
    text = _text(path)
    reading = _Reading(path, text)
    try:
        data = reading.whole()
    except yaml.MarkedYAMLError as error:
        found = dict.fromkeys((*reading.problems, reading.broken(error)))
        raise AuthoringError(tuple(found)) from error
    except yaml.YAMLError as error:
        raise AuthoringError((*reading.problems, _fault(path, "yaml"))) from error
    if not reading.problems and not isinstance(data, dict):
        entry = "empty" if data is None else "list" if isinstance(data, list) else "bare"
        reading.problems.append(_fault(path, entry))
    if reading.problems:
        raise AuthoringError(tuple(reading.problems[:PROBLEM_LIMIT]))
    return Document(path, data, reading.marks)


def convert(document: Document, model: type[T]) -> T:
    """The document as a ``model``; the first mistake is an AuthoringError.

    Fast and without pydantic: for files that were checked before, and for a participant's kernel.
    """
    try:
        return msgspec.convert(document.data, model)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        place = tuple(
            int(number) if number else name
            for name, number in re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", path)
        )
        raise AuthoringError((document.problem(place, _translated(text)),)) from error


def _translated(text: str) -> str:
    """What msgspec says, in Indonesian; a ValueError of our own is Indonesian already."""
    say = messages("document")
    if found := re.search(r"Expected `(.+?)`, got `(.+?)`", text):
        return say("run.expected", expected=found[1], got=found[2])
    if found := re.search(r"required field `(.+?)`", text):
        return say("run.missing", field=found[1])
    if found := re.search(r"Invalid enum value (.+)", text):
        return say("run.choice", value=shown(found[1]))
    return text


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise AuthoringError((_fault(path, "unreadable", reason=error.strerror),)) from error
    if len(content) > SIZE_LIMIT:
        raise AuthoringError((_fault(path, "large", limit=SIZE_LIMIT // 1024),))
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise AuthoringError((_fault(path, "utf16"),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode(errors="replace")) + 1
        raise AuthoringError((_fault(path, "encoding", line, column),)) from error
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        entry = "nul" if found[0] == "\x00" else "control"
        raise AuthoringError((_fault(path, entry, line, column, code=f"{ord(found[0]):04X}"),))
    return text


@dataclass(slots=True)
class _Cut:
    """The last name and value in ``{…}``, and the names without a value that follow them."""

    key: Any = None
    value: Any = None
    rest: list[tuple[Any, str]] = field(default_factory=list)

    def is_number(self) -> bool:
        """Whether a decimal comma has cut a number in two."""
        (_, name), *more = self.rest
        whole = not self.value.style and _WHOLE.fullmatch(self.value.value)
        return bool(whole and not more and name.isdecimal())


@dataclass(slots=True)
class _Reading:
    """Turns events into plain data; what is refused is noted and reading goes on where it can."""

    path: Path
    text: str
    problems: list[Problem] = field(default_factory=list)
    marks: dict[Place, tuple[int, int]] = field(default_factory=dict)
    events: Iterator[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.events = yaml.parse(self.text, _Loader)

    def whole(self) -> Any:
        """The content of the only document; None when there is none."""
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.note(event, "documents")
                    break
                data = self.node(next(self.events), ())
        return data

    def node(self, event: Any, place: Place) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self.note(event, "alias", name=shown(event.anchor))
            return None
        if event.anchor is not None:
            self.note(event, "anchor", name=shown(event.anchor))
        if event.tag is not None:
            self.note(event, "tag", tag=shown(event.tag))
        if len(place) > DEPTH_LIMIT:
            self.note(event, "deep", limit=DEPTH_LIMIT)
            raise AuthoringError(tuple(self.problems[-1:]))
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(place)
        return self.mapping(place, inline=bool(event.flow_style))

    def sequence(self, place: Place) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            here = (*place, len(items))
            self.marks[here] = _mark(event)
            items.append(self.node(event, here))
        return items

    def mapping(self, place: Place, *, inline: bool) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        cut = _Cut()
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, place)
            value = next(self.events)
            if inline and self.is_bare(event, value):
                cut.rest.append((event, key))
                continue
            self.cut(cut)
            cut = _Cut(event, value)
            here = (*place, key)
            if key in entries and not _is_glued(event):
                self.note(event, "twice", key=shown(key), line=self.marks[here][0])
            self.marks.setdefault(here, _mark(event))
            entries.setdefault(key, self.node(value, here))
        self.cut(cut)
        return entries

    def is_bare(self, key: Any, value: Any) -> bool:
        """Whether a name in ``{…}`` stands there without a colon: YAML gives it an empty value."""
        empty = isinstance(value, yaml.ScalarEvent) and not value.value and not value.style
        named = isinstance(key, yaml.ScalarEvent)
        return empty and named and not _COLON.match(self.text, key.end_mark.index)

    def cut(self, cut: _Cut) -> None:
        """Note what a comma in ``{…}`` has cut off from the text or number before it."""
        if not cut.rest:
            return
        event, name = cut.rest[0]
        if glued := _GLUED_COLON.fullmatch(name):
            self.note(event, "colon", near=f"{glued['key']}: {shown(glued['value'])}")
        elif not isinstance(cut.value, yaml.ScalarEvent) or not cut.value.value:
            self.note(event, "bare.key", key=shown(name))
        elif cut.is_number():
            near = f"{cut.key.value}: {cut.value.value}.{name}"
            self.note(cut.key, "comma.number", near=shown(near))
        else:
            text = ", ".join((cut.value.value, *(each for _, each in cut.rest)))
            quote = "'" if '"' in text else '"'
            near = f"{cut.key.value}: {quote}{shown(text, 80)}{quote}"
            self.note(cut.key, "comma", near=near)

    def key(self, event: Any, place: Place) -> str:
        """A key, always as text, exactly as it is written."""
        if not isinstance(event, yaml.ScalarEvent):
            self.note(event, "key.complex")
            self.node(event, (*place, ""))
            return ""
        if event.anchor is not None or event.tag is not None:
            self.note(event, "key.complex")
        if not event.value.strip():
            self.note(event, "key.empty")
        elif event.value == "<<" and event.implicit[0]:
            self.note(event, "merge")
        elif _NOT_TEXT.search(event.value):
            self.note(event, "escape")
        elif _is_glued(event):
            self.note(event, "dash", key=shown(event.value[1:]))
        return str(event.value)

    def scalar(self, event: Any) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            if _NOT_TEXT.search(text):
                self.note(event, "escape")
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            if len(text) > 17 or abs(int(text)) > NUMBER_LIMIT:
                self.note(event, "number", value=shown(text))
                return 0
            return int(text)
        if _FRACTION.fullmatch(text):
            if abs(number := float(text)) > NUMBER_LIMIT:
                self.note(event, "number", value=shown(text))
                return 0.0
            return number
        return text

    def note(self, event: Any, entry: str, /, **values: object) -> None:
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(_fault(self.path, entry, *_mark(event), **values))

    def broken(self, error: yaml.MarkedYAMLError) -> Problem:
        """Where and why the text stops being YAML."""
        begun = error.context_mark or error.problem_mark
        scanning = str(error.context).startswith(_BEGUN)
        mark = begun if scanning else error.problem_mark or begun
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        lines = self.text.splitlines()
        for number in (line, line - 1):
            here = lines[number - 1] if 0 < number <= len(lines) else ""
            indent = here[: len(here) - len(here.lstrip())]
            if "\t" in indent:
                return _fault(self.path, "tab", number, indent.index("\t") + 1)
        if not scanning and (glued := self.glued(lines, begun, line)):
            return glued
        before = lines[line - 1][: column - 1].rstrip() if 0 < line <= len(lines) else ""
        if before.endswith(('"', "'")) and "expected key" in str(error.problem):
            return _fault(self.path, "quoted", line, column)
        known = messages("document").entries
        said = f"{error.problem} {error.context}"
        for entry in known:
            if entry.startswith("yaml: ") and entry.removeprefix("yaml: ") in said:
                return _fault(self.path, entry, line, column, opened=begun.line + 1 if begun else 0)
        return _fault(self.path, "yaml", line, column)

    def glued(self, lines: list[str], begun: Any, line: int) -> Problem | None:
        """The space that is missing after a dash or a colon, where that is why nothing fits."""
        for number in (begun.line + 1 if begun else 0, line - 1, line):
            here = lines[number - 1] if 0 < number <= len(lines) else ""
            column = len(here) - len(here.lstrip()) + 1
            if found := _GLUED_DASH.match(here):
                return _fault(self.path, "dash", number, column, key=shown(found["key"]))
            if found := _GLUED_COLON.fullmatch(here.rstrip()):
                near = f"{found['key']}: {shown(found['value'])}"
                return _fault(self.path, "colon", number, column, near=near)
        return None


def _is_glued(key: Any) -> bool:
    """Whether a name begins with a dash that was meant to begin an item."""
    return isinstance(key, yaml.ScalarEvent) and bool(
        not key.style and _GLUED_DASH.match(f"{key.value}:")
    )


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _fault(path: Path, entry: str, line: int = 0, column: int = 0, /, **values: object) -> Problem:
    return Problem(path, line, column, "", messages("document")(entry, **values))
