"""Whether anything that only a key should say stands where participants read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pamong.catalogue import messages
from pamong.document import Document, shown, spelt
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of, told

TELLING = 25
"""Characters from which a text of a key is too long to occur elsewhere by chance."""
READ = {".md", ".txt", ".svg", ".yaml", ".yml", ".csv", ".json", ".html", ".py"}
"""Files beside the briefs that a release hands out and that are searched as text."""
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?(?:### END HIDDEN TESTS|\Z)", re.DOTALL)
_SPACE = re.compile(r"\s+")


def problems(material: Material) -> Iterator[Problem]:
    """Texts of keys that occur in a brief, in the notebook, or in another file of the module."""
    secrets = _secrets(material)
    if not secrets:
        return
    say = messages("inspection")
    for source in _documents(material):
        for place, text in source.texts():
            for where in _leaks(secrets, text):
                yield source.problem(place, say("secret", **where))
    for cell in material.cells or ():
        for where in _leaks(secrets, _HIDDEN.sub("", cell["source"])):
            yield told(material.notebook, "secret.cell", at=at(cell), cell=name_of(cell), **where)
    for path in _others(material):
        for where in _leaks(secrets, path.read_text(encoding="utf-8", errors="replace")):
            yield told(path, "secret", **where)


def _secrets(material: Material) -> dict[str, tuple[Document, str]]:
    """Every telling text of a key, with the key and the field it stands in; promises tell nothing."""
    found: dict[str, tuple[Document, str]] = {}
    for work in material.works.values():
        if work.key_source is not None:
            for place, text in work.key_source.texts():
                if len(plain := _plain(text)) >= TELLING and place[:1] != ("calibration",):
                    found.setdefault(plain, (work.key_source, spelt(place)))
    return found


def _leaks(secrets: dict[str, tuple[Document, str]], text: str) -> Iterator[dict[str, Any]]:
    if len(text) < TELLING:
        return
    plain = _plain(text)
    for secret, (source, field) in secrets.items():
        if secret in plain:
            yield {"key": source.path.name, "field": field, "text": shown(secret)}


def _documents(material: Material) -> Iterator[Document]:
    yield from (work.source for work in material.works.values())
    if material.law is not None:
        yield material.law


def _others(material: Material) -> Iterator[Path]:
    known = {source.path for source in _documents(material)} | {material.notebook}
    for path in sorted(material.folder.rglob("*")):
        if path.suffix in READ and path.is_file() and path not in known:
            yield path


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
