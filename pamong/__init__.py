"""Pamong: leadership training as notebook modules that are played, graded and reported on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pamong.module import Module, open_module

__version__ = "0.1.0"
__all__ = ["Module", "open_module"]


def __getattr__(name: str) -> Any:
    """Import what a notebook needs only when it asks, so that commands do not import IPython."""
    if name in __all__:
        from pamong import module  # noqa: PLC0415

        return getattr(module, name)
    raise AttributeError(f"module 'pamong' has no attribute {name!r}")
