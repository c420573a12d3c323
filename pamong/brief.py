"""Briefs and keys from YAML at run time: released files, already checked, read fast and strictly.

Authors are told everything that is wrong at once by ``pamong.authoring``; here the first fault stops.
"""

from __future__ import annotations

import difflib
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from pamong import document
from pamong.catalogue import messages
from pamong.document import Document
from pamong.errors import AuthoringError, Problem
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds import KINDS


def read_yaml(path: Path) -> dict[str, Any]:
    """The content of a YAML file; AuthoringError when it is too large, not UTF-8 or not YAML."""
    return document.read(path).data


def load_brief(path: Path) -> Brief:
    """A brief of whatever kind it says it is."""
    source = document.read(path)
    brief: Brief = document.convert(source, kind_in(source).brief)
    return brief


def load_key(path: Path, kind: AnyKind) -> Key:
    """The key of an exercise of ``kind``."""
    key: Key = document.convert(document.read(path), kind.key)
    return key


def kind_of(data: Any) -> AnyKind | None:
    """The kind that a brief's data says it is of; None when there is none of that name."""
    name = data.get("kind") if isinstance(data, dict) else None
    return KINDS.get(name) if isinstance(name, str) else None


def kind_in(source: Document) -> AnyKind:
    """The kind that a brief says it is of; AuthoringError suggests the one that was meant."""
    if (kind := kind_of(source.data)) is not None:
        return kind
    raise AuthoringError((_unknown_kind(source),))


def plain(brief: Brief) -> dict[str, Any]:
    """The brief as JSON-able data for a browser, without the model of a practice exercise."""
    data: dict[str, Any] = msgspec.to_builtins(brief)
    data.pop("model", None)
    return data


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def _unknown_kind(source: Document) -> Problem:
    say, known = messages("authoring"), ", ".join(KINDS)
    if "kind" not in source.data:
        return source.problem(("kind",), say("kind.missing", known=known))
    name = document.shown(source.data["kind"])
    near = difflib.get_close_matches(name.casefold(), KINDS, 1)
    text = (
        say("kind.near", kind=name, near=near[0]) if near else say("kind", kind=name, known=known)
    )
    return source.problem(("kind",), text)
