"""Authored YAML, checked for its author: everything wrong at once, with file, line, column and field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from pydantic import TypeAdapter, ValidationError

from pamong import document
from pamong.brief import kind_in
from pamong.catalogue import messages
from pamong.document import Document, Place, shown
from pamong.errors import AuthoringError, Problem, Severity
from pamong.kind import AnyKind, Brief, Key

T = TypeVar("T")
_TYPES = {
    "int": "whole", "float": "number", "finite": "number", "decimal": "number", "string": "text",
    "bool": "flag", "tuple": "list", "list": "list", "set": "list", "frozen": "list",
    "iterable": "list", "dict": "fields", "mapping": "fields", "dataclass": "fields",
    "none": "nothing",
}  # fmt: skip
"""First word of pydantic's error types → the catalogue's word for what was expected."""
_YES, _NO = ("yes", "y", "on", "ya", "true"), ("no", "n", "off", "tidak", "false")


def read_brief(path: Path) -> Brief:
    """A brief; AuthoringError lists every problem."""
    return brief_in(document.read(path))


def brief_in(source: Document) -> Brief:
    """The brief that a document holds; AuthoringError lists every problem."""
    brief: Brief = model_in(source, kind_in(source).brief)
    expected = source.path.name.removesuffix(".brief.yaml")
    if brief.id != expected:
        text = _say("id", id=shown(brief.id), file=expected)
        raise AuthoringError((source.problem(("id",), text),))
    return brief


def read_key(path: Path, kind: AnyKind, brief: Brief) -> Key:
    """The key of ``brief``; AuthoringError lists every problem, also those between the two."""
    return key_in(document.read(path), kind, brief)


def key_in(source: Document, kind: AnyKind, brief: Brief, given: Document | None = None) -> Key:
    """The key that a document holds; AuthoringError lists every problem.

    A problem that speaks only of what stands in ``given``, the file of the brief, is placed there.
    """
    key: Key = model_in(source, kind.key)
    if problems := kind.check(brief, key):
        raise AuthoringError(tuple(remark(source, text, given=given) for text in problems))
    return key


def model_in(source: Document, model: type[T]) -> T:
    """A document as a ``model``; AuthoringError lists every problem."""
    adapter = _adapter(cast("Any", model))
    try:
        valid: T = adapter.validate_json(msgspec.json.encode(source.data), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return valid
    found = _Findings(source, schema(model))
    problems = {(p.field, p.message): p for p in found.problems(details)}
    raise AuthoringError(tuple(sorted(problems.values(), key=lambda p: (p.line, p.column))))


def schema(model: type[Any]) -> dict[str, Any]:
    """The JSON Schema of what an author writes for ``model``."""
    return _schema(cast("Any", model))


def remark(
    source: Document,
    text: str,
    severity: Severity = "error",
    *,
    within: Place = (),
    given: Document | None = None,
) -> Problem:
    """A sentence about an exercise, at the line of the field or id it mentions, if it does.

    It is looked for ``within`` a place first; in the document ``given`` only if nowhere in ``source``.
    """
    words = _words(text)
    top = _spelt_out(source, words, ())
    if given is not None and not top and _spelt_out(given, words, ()):
        return remark(given, text, severity)
    place = _spoken_of(source, text, () if top else within)
    if place == within:
        place = _spoken_of(source, text, ()) or within
    if not place and given is not None and _spoken_of(given, text, ()):
        return remark(given, text, severity)
    return _placed(source, text, place, severity)


def _placed(source: Document, text: str, place: Place, severity: Severity = "error") -> Problem:
    if place:  # the field is told already
        text = re.sub(rf"^(?:[\w-]+:? ){{0,3}}{re.escape(str(place[-1]))}: ", "", text)
    return source.problem(place, text, severity)


class _Findings:
    """Turns pydantic's findings on one document into problems, without what only follows from others."""

    def __init__(self, source: Document, schema: Mapping[str, Any]) -> None:
        self._source, self._schema = source, schema
        self._meant: set[Place] = set()

    def problems(self, details: Collection[Any]) -> Iterator[Problem]:
        missing: list[Place] = []
        for detail in details:
            kind, place = detail["type"], _place(self._source.data, detail["loc"])
            if kind == "missing":
                missing.append(place)
            elif kind in ("unexpected_keyword_argument", "extra_forbidden"):
                yield self._source.problem(place, self._unknown(place))
            elif kind == "value_error":
                text = str(detail["ctx"]["error"])
                yield _placed(self._source, text, _mentioned(self._source, text, place))
            else:
                yield self._source.problem(place, _wrong(detail))
        for place in missing:
            if place not in self._meant:
                yield self._source.problem(place, _say("missing", field=place[-1]))

    def _unknown(self, place: Place) -> str:
        """That a field is not known, and which one was meant; no field is named twice."""
        owner, name = place[:-1], str(place[-1])
        given = self._source.value(owner)
        taken = {str(part[-1]) for part in self._meant if part[:-1] == owner}
        free = sorted(_properties(self._schema, place[:-1]) - set(given) - taken)
        translated = _translations().get(name.casefold(), "")
        near = difflib.get_close_matches(name.casefold(), free, 1, 0.6)
        near = [translated] if translated in free else near
        if near:
            self._meant.add((*owner, near[0]))
            return _say("unknown.near", field=shown(name), near=near[0])
        if free:
            return _say("unknown.free", field=shown(name), free=", ".join(free[:12]))
        return _say("unknown", field=shown(name))


def _wrong(detail: Mapping[str, Any]) -> str:
    """What is wrong with a value, whatever pydantic says about it in English."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        near = difflib.get_close_matches(str(value).casefold()[:80], known, 1)
        entry = "choice.near" if near else "choice"
        return _say(entry, value=shown(value), near="".join(near), known=", ".join(known))
    bound = {name: context[name] for name in ("min_length", "max_length") if name in context}
    if kind in ("too_short", "string_too_short"):
        return _say("short", least=bound.get("min_length", 1))
    if kind in ("too_long", "string_too_long"):
        return _say("long", most=bound.get("max_length", ""))
    if kind.startswith(("greater_than", "less_than")):
        return _say(kind, bound=next(iter(context.values()), ""))
    if (word := _TYPES.get(kind.partition("_")[0])) is not None:
        return _expected(word, value)
    return _say("other", value=shown(value))


def _expected(word: str, value: object) -> str:
    """What was expected instead of ``value``, and how to write it."""
    if value is None and word != "nothing":
        return _say("expected.blank", what=_say(f"what.{word}"))
    if isinstance(value, dict | list):
        got = _say("got.fields" if isinstance(value, dict) else "got.list")
        return _say("expected.instead", what=_say(f"what.{word}"), got=got)
    text = shown(str(value).lower() if isinstance(value, bool) else value)
    if word == "text":
        return _say("expected.text", value=text)
    if word == "flag":
        meant = [name for name, words in (("true", _YES), ("false", _NO)) if text.lower() in words]
        return _say("expected.flag.near", near=meant[0]) if meant else _say("expected.flag")
    if word == "number" and re.fullmatch(r"-?\d+,\d+", text):
        return _say("expected.comma", what=_say(f"what.{word}"), near=text.replace(",", "."))
    if word in ("number", "whole") and re.fullmatch(r"-?\d+", text) and isinstance(value, str):
        return _say("expected.unquote", what=_say(f"what.{word}"), near=str(int(text)))
    if word == "list":
        return _say("expected.list", value=text)
    return _say("expected", what=_say(f"what.{word}"), value=text)


def _place(data: Any, loc: tuple[str | int, ...]) -> Place:
    """Pydantic's location without the names of union members, which are in no file."""
    place: Place = ()
    for number, part in enumerate(loc):
        inside = (
            part in data
            if isinstance(data, dict)
            else isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if inside:
            place, data = (*place, part), data[part]
        elif number == len(loc) - 1 and isinstance(data, dict) and part != "[key]":
            place = (*place, part)
    return place


def _properties(schema: Mapping[str, Any], place: Place) -> set[str]:
    """The names of the fields that the schema knows at ``place``."""
    nodes = [schema]
    for part in place:
        nodes = [inner for node in _resolved(schema, nodes) for inner in _inside(node, part)]
    return {name for node in _resolved(schema, nodes) for name in node.get("properties", {})}


def _resolved(schema: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The nodes with every reference followed and every alternative laid beside the others."""
    found: list[Mapping[str, Any]] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop(0)
        if "$ref" in node:
            waiting.append(schema["$defs"][node["$ref"].rpartition("/")[2]])
        elif "anyOf" in node or "oneOf" in node:
            waiting += node.get("anyOf", ()) or node["oneOf"]
        else:
            found.append(node)
    return found


def _inside(node: Mapping[str, Any], part: str | int) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, int):
        inner = node.get("items")
    else:
        inner = node.get("properties", {}).get(part) or node.get("additionalProperties")
    if isinstance(inner, dict):
        yield inner


def _mentioned(source: Document, text: str, within: Place = ()) -> Place:
    """The place that ``text`` speaks of: by the fields it begins with, then by ids, ever deeper."""
    words = _words(text)
    from_top = _spelt_out(source, words, ())
    inside = from_top[: len(within)] == within
    place = from_top if inside else _spelt_out(source, words, within)
    heads = re.match(r"(?:\S+ ){0,2}?([\w-]+):", text)
    quoted = re.findall(r"[“\"']([^”\"']{1,80})[”\"']", text)
    for name in (*(heads.groups() if heads else ()), *quoted):
        place = _below(source, place, name) or place
    return place


def _spoken_of(source: Document, text: str, within: Place) -> Place:
    """As ``_mentioned``; where nothing is quoted, also by ids that stand bare in the sentence."""
    place = _mentioned(source, text, within)
    if not re.search('[“"]', text):
        for name in _words(text)[1:]:
            place = _below(source, place, name, field=place != within) or place
    return place


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text[:200])


def _below(source: Document, place: Place, name: str, *, field: bool = True) -> Place:
    """The first place under ``place`` that is the id ``name``, lists it, or is a ``field`` of that name."""
    owner = place[:-1] if place[-1:] == ("id",) else place
    for here in source.marks:
        if len(here) <= len(owner) or here[: len(owner)] != owner:
            continue
        if (field and here[-1] == name) or _lists(source, here, name):
            return here
    return ()


def _lists(source: Document, here: Place, name: str) -> bool:
    """Whether ``name`` stands as an id, or in a list, at ``here``; a workbook marks more than it holds."""
    if here[-1] != "id" and not isinstance(here[-1], int):
        return False
    try:
        return bool(source.value(here) == name)
    except (KeyError, IndexError, TypeError):
        return False


def _spelt_out(source: Document, words: list[str], place: Place) -> Place:
    """As far down from ``place`` as the first of ``words`` name fields, or items by their id."""
    data = source.value(place)
    for word in words:
        if isinstance(data, dict) and word in data:
            place, data = (*place, word), data[word]
        elif isinstance(data, list):
            ids = [item.get("id") if isinstance(item, dict) else None for item in data]
            if word not in ids:
                break
            place, data = (*place, ids.index(word)), data[ids.index(word)]
        else:
            break
    return place


@cache
def _translations() -> dict[str, str]:
    """Indonesian words for fields, which authors write by habit."""
    return dict(pair.split(" ") for pair in messages("authoring").entries["translations"])


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


@cache
def _schema(model: Any) -> dict[str, Any]:
    return _adapter(model).json_schema()


def _say(key: str, **values: object) -> str:
    return messages("authoring")(key, **values)
