"""Where a notebook shows one of several exercises: by lot, or by the office of the participant.

``module.by_lot("a", "b")`` in one place and ``module.by_lot("b", "a")`` in another give half of the
participants a first and the others b (counterbalancing; Campbell & Stanley, 1963).
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class Person:
    """Whose notebook it is: an id, and a role of the programme or nothing."""

    id: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The exercises that stand in one place; ``roles`` gives the office that each of them is for."""

    exercises: tuple[str, ...]
    roles: tuple[str, ...] = ()

    def pick(self, module: str, person: Person, played: Collection[str] = ()) -> str:
        """The exercise that ``person`` meets here.

        By office: their own; another one only where that is what they have ``played``.
        """
        if not self.roles:
            return self.exercises[lot(module, person.id, len(self.exercises))]
        offered = dict(zip(self.roles, self.exercises, strict=True))
        own = offered.get(person.role, "")
        done = [exercise for exercise in self.exercises if exercise in played]
        return done[0] if done and own not in done else own or self.exercises[0]


def lot(module: str, participant: str, count: int) -> int:
    """A number below ``count``, always the same one for a participant and module."""
    digest = sha256(f"{module}|{participant}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % count


@lru_cache(maxsize=1024)
def places(source: str, call: str) -> tuple[Place, ...]:
    """What a cell of the course asks for by ``module.exercise(…)`` or ``module.points(…)``."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    asked = (node for node in ast.walk(tree) if is_call(node, call) and node.args)
    return tuple(place for node in asked if (place := _place(node.args[0])) is not None)


def is_call(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    """Whether a node calls this method of ``module``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "module"
    )


def _place(asked: ast.expr) -> Place | None:
    if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
        return Place((asked.value,))
    if is_call(asked, "by_lot"):
        exercises = tuple(map(_text, asked.args))
        return Place(exercises) if exercises else None
    if is_call(asked, "by_role"):
        named = {word.arg: _text(word.value) for word in asked.keywords if word.arg}
        return Place(tuple(named.values()), tuple(named)) if named else None
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
