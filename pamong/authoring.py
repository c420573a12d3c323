"""Authored YAML, checked for its author: everything wrong at once, with file, line, column and field."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import yaml
from pydantic import TypeAdapter, ValidationError

from pamong.brief import StrictLoader, kind_of, read_yaml
from pamong.catalogue import messages
from pamong.errors import AuthoringError, Problem
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds import KINDS

T = TypeVar("T")


def read_brief(path: Path) -> Brief:
    """A brief; AuthoringError lists every problem."""
    data = read_yaml(path)
    kind = kind_of(data)
    if kind is None:
        name = data.get("kind") if isinstance(data, dict) else None
        raise AuthoringError(
            (_problem(path, ("kind",), _say("kind", kind=name, known=", ".join(KINDS))),)
        )
    brief: Brief = validate(path, data, kind.brief)
    expected = path.name.removesuffix(".brief.yaml")
    if brief.id != expected:
        raise AuthoringError((_problem(path, ("id",), _say("id", id=brief.id, file=expected)),))
    return brief


def read_key(path: Path, kind: AnyKind, brief: Brief) -> Key:
    """The key of ``brief``; AuthoringError lists every problem, also those between the two."""
    key: Key = validate(path, read_yaml(path), kind.key)
    if problems := kind.check(brief, key):
        raise AuthoringError(tuple(_problem(path, (), text) for text in problems))
    return key


def validate(path: Path, data: Any, model: type[T]) -> T:
    """``data`` read from ``path`` as a ``model``; AuthoringError lists every problem."""
    try:
        valid: T = _adapter(cast("Any", model)).validate_json(
            msgspec.json.encode(data), strict=True
        )
    except ValidationError as error:
        problems = [_translate(path, detail, model) for detail in error.errors()]
    except TypeError as error:
        problems = [_problem(path, (), str(error))]
    else:
        return valid
    raise AuthoringError(tuple(sorted(problems, key=lambda p: (p.line, p.column))))


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _translate(path: Path, detail: Any, model: type[Any]) -> Problem:
    place = tuple(part for part in detail["loc"] if not _is_type_name(part))
    kind = detail["type"]
    text = {
        "missing": "missing",
        "unexpected_keyword_argument": "unknown",
        "extra_forbidden": "unknown",
        "literal_error": "choice",
    }.get(kind, "value" if kind == "value_error" else "type")
    reason = str(detail.get("ctx", {}).get("error", detail["msg"]))
    if text == "unknown":
        near = difflib.get_close_matches(str(place[-1]), _field_names(model), 1)
        reason = _say("suggestion", name=near[0]) if near else ""
    message = _say(
        text,
        field=place[-1] if place else "",
        reason=reason,
        expected=detail.get("ctx", {}).get("expected", detail["msg"]),
    )
    return _problem(path, place, message.strip())


def _field_names(model: type[Any]) -> set[str]:
    """Every field name in the schema, however deep: a misspelt one is near one of these."""
    schema = _adapter(cast("Any", model)).json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def _is_type_name(part: object) -> bool:
    """Whether a part of pydantic's location names a union member rather than something in the file."""
    return isinstance(part, str) and (
        part[:1].isupper() or "[" in part or part in {"tuple", "none"}
    )


def _problem(path: Path, place: tuple[Any, ...], message: str) -> Problem:
    line, column = _locate(path, place)
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return Problem(path, line, column, field.lstrip("."), message)


def _locate(path: Path, place: tuple[Any, ...]) -> tuple[int, int]:
    """Line and column of the deepest node on the way to ``place``."""
    node = yaml.compose(path.read_text(encoding="utf-8"), StrictLoader)
    mark = node.start_mark if node else None
    for part in place:
        found = _child(node, part)
        if found is None:
            break
        node, mark = found
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _child(node: Any, part: Any) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(part):
                return value, key.start_mark
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark
    return None


def _say(key: str, **values: object) -> str:
    return messages("authoring")(key, **values)
