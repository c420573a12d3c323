"""Frozen values of either sort, a dataclass or a struct, with something in them changed."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

Value = TypeVar("Value")


def replace(value: Value, **changes: Any) -> Value:
    """``value`` with ``changes``."""
    other = structs.replace if isinstance(value, Struct) else dataclasses.replace
    return other(value, **changes)  # type: ignore[type-var]  # it is one of the two
