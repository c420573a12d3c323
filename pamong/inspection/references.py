"""Whether what one file names is there in another: keys, legal cards, exercises, and nothing left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pamong.catalogue import messages
from pamong.course import BRIEF, KEY
from pamong.document import Place
from pamong.errors import Problem
from pamong.inspection.material import LEGAL, Material, told


def problems(material: Material) -> Iterator[Problem]:
    """Keys without a brief, answer logs, unknown legal cards and exercises."""
    for path in sorted(material.course.keys(material.module).glob(f"*{KEY}")):
        if (name := path.name.removesuffix(KEY)) not in material.named:
            yield told(path, "key.orphan", brief=name + BRIEF)
    for path in sorted(material.folder.rglob("*.jsonl")):
        yield told(path, "source.log")
    say = messages("inspection")
    for work in material.works.values():
        for place, card in _legal_basis(work.source.data):
            if material.cards is not None and card not in {each.id for each in material.cards}:
                yield work.source.problem(place, say("legal.unknown", card=card, file=LEGAL))
        for needed in work.kind.needs(work.brief):
            if needed not in material.named:
                yield work.source.problem((), say("exercise.unknown", exercise=needed))


def _legal_basis(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every legal card that authored data names, however deep, with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = (*place, key)
            if key == "legal_basis" and isinstance(inner, list):
                yield from (((*here, number), str(card)) for number, card in enumerate(inner))
            else:
                yield from _legal_basis(inner, here)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _legal_basis(inner, (*place, number))
