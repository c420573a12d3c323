"""YAML with new values in it: comments, quotes and layout of what did not change stay."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

_NOT_PLAIN = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|true|false|null|~|")
"""Texts that ``pamong.document`` would not read as text without quotes."""
_INDENTS = ((2, 4, 2), (2, 2, 0), (4, 6, 4), (4, 4, 2), (4, 4, 0))
"""Spaces of a mapping, of a sequence, and before its dash, as people write them."""


class _AllText(VersionedResolver):
    """Takes no scalar for a number or a date, so that each is written as it was read."""

    @property
    def versioned_resolver(self) -> Any:
        return {}


def rewritten(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """``text``, which holds the data ``old``, holding ``new`` instead: what to try, best first.

    The first keeps the layout of all lines that do not change; the second lays out the whole anew.
    The caller reads back what it writes.
    """
    if old == new:
        return (text,)
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n")
    base, yaml = _closest(clean)
    tree = yaml.load(clean)
    changed = _dumped(yaml, _merged(CommentedMap() if tree is None else tree, old, new))
    head, end = ("\ufeff" if text.startswith("\ufeff") else ""), "\r\n" if "\r\n" in text else "\n"
    found = (_patched(clean, base, changed), changed)
    return tuple(dict.fromkeys(head + each.replace("\n", end) for each in found))


def _closest(text: str) -> tuple[str, YAML]:
    """The dump that is most like ``text`` of all ways of indenting, and the dumper that made it."""
    made = []
    for mapping, sequence, offset in _INDENTS:
        yaml = YAML()
        yaml.Resolver = _AllText
        yaml.preserve_quotes = True
        yaml.width = 1_000_000
        yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
        dump = _dumped(yaml, yaml.load(text)) if text.strip() else ""
        if dump == text:
            return dump, yaml
        same = sum(a == b for a, b in zip(dump.splitlines(), text.splitlines(), strict=False))
        made.append((same, dump, yaml))
    _, dump, yaml = max(made, key=lambda each: each[0])
    return dump, yaml


def _dumped(yaml: YAML, tree: Any) -> str:
    stream = io.StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()


def _merged(node: Any, old: Any, new: Any) -> Any:
    """``node``, which holds ``old``, changed in place where ``new`` differs."""
    if old == new and type(old) is type(new):
        return node
    if isinstance(node, CommentedMap) and isinstance(new, Mapping):
        for key in [key for key in node if key not in new]:
            del node[key]
        for key, value in new.items():
            if key in node:
                node[key] = _merged(node[key], old[key], value)
            else:
                node[key] = _made(value, node)
        return node
    if isinstance(node, CommentedSeq) and isinstance(new, Sequence) and not isinstance(new, str):
        return _merged_list(node, old, new)
    return _made(new, node)


def _merged_list(node: CommentedSeq, old: Sequence[Any], new: Sequence[Any]) -> CommentedSeq:
    """Things with ids are matched by id, all others by place."""
    before = {_name(each, n): n for n, each in enumerate(old)}
    like = node[0] if len(node) else node
    names = [_name(each, n) for n, each in enumerate(new)]
    for name in [name for name in reversed(before) if name not in names]:
        del node[before[name]]
    left = [name for name in before if name in names]
    for n, (name, value) in enumerate(zip(names, new, strict=True)):
        if name not in before:
            node.insert(n, _made(value, like))
            left.insert(n, name)
            continue
        if (place := left.index(name)) != n:
            node.insert(n, node.pop(place))
            left.insert(n, left.pop(place))
        node[n] = _merged(node[n], old[before[name]], value)
    return node


def _name(thing: Any, place: int) -> object:
    return str(thing["id"]) if isinstance(thing, Mapping) and "id" in thing else place


def _made(value: Any, like: Any) -> Any:
    """A new node; on one line where ``like`` is on one line, or where it is a list of plain values."""
    if isinstance(value, Mapping):
        tree = CommentedMap((key, _made(each, like)) for key, each in value.items())
        if _on_one_line(like) and not any(
            isinstance(each, Mapping | list) for each in value.values()
        ):
            tree.fa.set_flow_style()
        return tree
    if isinstance(value, list):
        nodes = CommentedSeq(_made(each, like) for each in value)
        if not any(isinstance(each, Mapping | list) for each in value):
            nodes.fa.set_flow_style()
        return nodes
    return _scalar(value, like)


def _on_one_line(node: Any) -> bool:
    return isinstance(node, CommentedMap | CommentedSeq) and bool(node.fa.flow_style())


def _scalar(value: Any, like: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if not isinstance(value, str):
        return repr(value)
    if "\n" in value and not _on_one_line(like):
        return LiteralScalarString(value)
    if isinstance(like, DoubleQuotedScalarString) or _NOT_PLAIN.fullmatch(value) or "\n" in value:
        return DoubleQuotedScalarString(value)
    return value


def _patched(text: str, base: str, changed: str) -> str:
    """What turns ``base`` into ``changed``, done to ``text``; ``changed`` where the two lie apart."""
    if text == base:
        return changed
    own, dump, wanted = (each.splitlines(keepends=True) for each in (text, base, changed))
    place: dict[int, int] = {}
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, dump, own, autojunk=False).get_opcodes():
        if tag == "equal" or a2 - a1 == b2 - b1:
            place.update({a1 + n: b1 + n for n in range(a2 - a1 + 1)})
    found, done = list[str](), 0
    for tag, a1, a2, c1, c2 in SequenceMatcher(None, dump, wanted, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if a1 not in place or a2 not in place:
            return changed
        near = a1 if a1 < a2 else a1 - 1
        shift = _indent(own[place[near]]) - _indent(dump[near]) if near in place else 0
        found += [*own[done : place[a1]], *(_shifted(line, shift) for line in wanted[c1:c2])]
        done = place[a2]
    return "".join([*found, *own[done:]])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shifted(line: str, by: int) -> str:
    return " " * by + line if by > 0 else line[min(-by, _indent(line)) :]
