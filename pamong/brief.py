"""Briefs and keys from YAML at run time: released files, already checked, read fast and strictly.

Authors are told everything that is wrong at once by ``pamong.authoring``; here the first fault stops.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from pamong.errors import AuthoringError, Problem
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds import KINDS

T = TypeVar("T")
SIZE_LIMIT = 256 * 1024
"""Bytes of one authored file."""


class StrictLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML without its surprises: only true/false are booleans, dates stay text, keys occur once."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own attribute, replaced as a whole
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # PyYAML's signature
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"kunci {key!r} muncul dua kali", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file; AuthoringError when it is too large, not UTF-8 or not YAML."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise _fault(path, f"tidak dapat dibaca ({error.strerror})") from error
    if len(content) > SIZE_LIMIT:
        raise _fault(path, f"lebih besar dari {SIZE_LIMIT} bita")
    try:
        return yaml.load(content.decode(), StrictLoader)  # noqa: S506  # a SafeLoader subclass
    except UnicodeDecodeError as error:
        raise _fault(path, f"bukan teks UTF-8 (bita ke-{error.start})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise AuthoringError((Problem(path, line, column, "", str(error.problem)),)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _fault(path, "bukan YAML yang sah") from error


def load_brief(path: Path) -> Brief:
    """A brief of whatever kind it says it is."""
    data = read_yaml(path)
    kind = kind_of(data)
    if kind is None:
        raise _fault(path, f"kind tidak dikenal; pilih {', '.join(KINDS)}")
    brief: Brief = _convert(path, data, kind.brief)
    return brief


def kind_of(data: Any) -> AnyKind | None:
    """The kind that a brief's data says it is of; None when there is none of that name."""
    name = data.get("kind") if isinstance(data, dict) else None
    return KINDS.get(name) if isinstance(name, str) else None


def load_key(path: Path, kind: AnyKind) -> Key:
    """The key of an exercise of ``kind``."""
    key: Key = _convert(path, read_yaml(path), kind.key)
    return key


def plain(brief: Brief) -> dict[str, Any]:
    """The brief as JSON-able data for a browser, without the model of a practice exercise."""
    data: dict[str, Any] = msgspec.to_builtins(brief)
    data.pop("model", None)
    return data


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def _convert(path: Path, data: Any, model: type[T]) -> T:
    try:
        return msgspec.convert(data, model)
    except msgspec.ValidationError as error:
        raise _fault(path, str(error)) from error


def _fault(path: Path, message: str) -> AuthoringError:
    return AuthoringError((Problem(path, 0, 0, "", message),))
