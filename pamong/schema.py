"""JSON Schemas of what authors write, so that an editor completes fields and says what each is for.

The descriptions are the comments of ``templates/exercises/<kind>.brief.yaml``: what an author reads in
the worked example is what the editor shows, and there is one place to correct it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pamong import authoring, document
from pamong.catalogue import messages
from pamong.course import BRIEF, Course
from pamong.document import Document
from pamong.errors import CourseError
from pamong.kinds import KINDS
from pamong.legal import LegalCards
from pamong.programme import Programme

FOLDER = ".schema"
"""Where the schemas lie, in the course folder."""
SUFFIX = ".schema.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ANY = "*"
"""Stands for a name that the author is free to choose, such as that of an item."""
Names = tuple[str, ...]
"""The way to a field by names alone, without positions in lists."""


def schemas(course: Course) -> dict[str, dict[str, Any]]:
    """Every schema by name: ``<kind>.brief``, ``<kind>.key``, ``brief`` of any kind, and the settings."""
    found: dict[str, dict[str, Any]] = {}
    for name, kind in KINDS.items():
        path = course.root / "templates" / "exercises" / f"{name}{BRIEF}"
        told = _comments(path) if path.is_file() else {}
        found[f"{name}.brief"] = _described(authoring.schema(kind.brief), told)
        found[f"{name}.brief"]["properties"]["kind"]["const"] = name
        below = {place[1:]: text for place, text in told.items() if place[0] == "model"}
        found[f"{name}.key"] = _described(authoring.schema(kind.key), below)
    found["brief"] = _any_brief()
    found["legal"] = _described(authoring.schema(LegalCards), {})
    found["programme"] = _described(authoring.schema(Programme), {})
    return found


def write(course: Course, folder: Path | None = None) -> tuple[Path, ...]:
    """Write every schema; ``course/.schema`` by default."""
    target = folder or course.folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in schemas(course).items():
        path = target / f"{name}{SUFFIX}"
        path.write_text(as_text(schema), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def one(course: Course, name: str) -> dict[str, Any]:
    """The schema of that name; CourseError lists the names there are."""
    found = schemas(course)
    if name not in found:
        raise CourseError(
            messages("schema")("unknown", name=document.shown(name), known=", ".join(found))
        )
    return found[name]


def as_text(schema: Mapping[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _any_brief() -> dict[str, Any]:
    """A brief of the kind that it names, by reference to the schemas beside this one."""
    return {
        "$schema": _DIALECT,
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(KINDS), "description": _general("kind")}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"{name}.brief{SUFFIX}"},
            }
            for name in KINDS
        ],
    }


def _described(schema: Mapping[str, Any], told: Mapping[Names, str]) -> dict[str, Any]:
    """A schema of pydantic's with Indonesian descriptions instead of English titles and docstrings."""
    plain: dict[str, Any] = deepcopy(dict(schema))
    for node in (plain, *plain.get("$defs", {}).values()):
        node.pop("title", None)
        node.pop("description", None)
    seen: set[int] = set()
    _describe(plain, plain, (), told, seen)
    return {"$schema": _DIALECT, **plain}


def _describe(
    root: Mapping[str, Any],
    node: dict[str, Any],
    place: Names,
    told: Mapping[Names, str],
    seen: set[int],
) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    for name, inner in node.get("properties", {}).items():
        inner.pop("title", None)
        inner.pop("description", None)
        text = _told(told, (*place, name)) or (_general(name) if not place else "")
        if text:
            inner["description"] = text
        _describe(root, inner, (*place, name), told, seen)
    if isinstance(node.get("additionalProperties"), dict):
        _describe(root, node["additionalProperties"], (*place, _ANY), told, seen)
    for inner in _parts(root, node):
        _describe(root, inner, place, told, seen)


def _told(told: Mapping[Names, str], place: Names) -> str:
    """What is told about a field; below a free name, about the first such field that is."""
    if _ANY not in place:
        return told.get(place, "")
    alike = (
        text
        for names, text in told.items()
        if len(names) == len(place)
        and all(own in (_ANY, name) for own, name in zip(place, names, strict=True))
    )
    return next(alike, "")


def _parts(root: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a node stands for or holds a list of."""
    if "$ref" in node:
        yield root["$defs"][node["$ref"].rpartition("/")[2]]
    if isinstance(node.get("items"), dict):
        yield node["items"]
    yield from (each for key in ("anyOf", "oneOf") for each in node.get(key, ()))


def _general(name: str) -> str:
    """What the catalogue says about a field that every kind has; empty when it is none of those."""
    known = messages("schema").entries.get(f"field.{name}", "")
    return known if isinstance(known, str) else ""


def _comments(path: Path) -> dict[Names, str]:
    """What the comments in a YAML file say about its fields: beside each, or on the lines above it."""
    source = document.read(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    found: dict[Names, str] = {}
    for line, place in _first_fields(source).items():
        beside = _beside(lines[line - 1])
        text = beside or " ".join(_above(lines, line))
        names = tuple(part for part in place if isinstance(part, str))
        if text and names not in found:
            found[names] = text
    return found


def _first_fields(source: Document) -> dict[int, tuple[str | int, ...]]:
    """The first field that begins on each line."""
    found: dict[int, tuple[int, tuple[str | int, ...]]] = {}
    for place, (line, column) in source.marks.items():
        if isinstance(place[-1], str) and column < found.get(line, (10**6, ()))[0]:
            found[line] = (column, place)
    return {line: place for line, (_, place) in sorted(found.items())}


def _beside(line: str) -> str:
    """The comment at the end of a line; a ``#`` within quotes is none."""
    for found in re.finditer(r"\s#\s", line):
        before = line[: found.start()]
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            return line[found.end() :].strip()
    return ""


def _above(lines: list[str], line: int) -> list[str]:
    """The whole-line comments right above a line, except those that head the file."""
    texts: list[str] = []
    number = line - 2
    while number >= 0 and lines[number].lstrip().startswith("#"):
        texts.insert(0, lines[number].lstrip().lstrip("# ").strip())
        number -= 1
    return texts if number >= 0 else []
