"""Results remembered by the identity of their arguments.

Briefs, keys and states are frozen, but hold mappings and so have no hash. A tuple is known by what it
holds. The arguments are kept as long as their result is, so that no identity is given twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def remembered(size: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Remember the last ``size`` results of a pure function; TypeError for an argument by keyword."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        found: dict[Hashable, tuple[tuple[Any, ...], R]] = {}

        @wraps(function)
        def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs:
                raise TypeError(f"{function.__name__} takes no arguments by keyword")
            key = tuple(map(_identity, args))
            if key not in found:
                result = function(*args, **kwargs)
                if len(found) >= size:
                    del found[next(iter(found))]
                found[key] = args, result
            return found[key][1]

        return remembering

    return decorate


def _identity(value: object) -> Hashable:
    if isinstance(value, str):
        return value
    return tuple(map(id, value)) if type(value) is tuple else id(value)
