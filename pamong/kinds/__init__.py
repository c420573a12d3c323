"""The kinds of exercise there are, by name: every package in this folder that ends in a ``KIND``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from pamong.kind import AnyKind


class _Kinds(Mapping[str, AnyKind]):
    """Imports a kind when it is first asked for: a participant's kernel loads only those it shows."""

    def __init__(self) -> None:
        self._names = tuple(sorted(each.name for each in iter_modules(__path__) if each.ispkg))

    def __getitem__(self, name: str) -> AnyKind:
        if name not in self._names:
            raise KeyError(name)
        found: AnyKind = import_module(f"{__name__}.{name}").KIND
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


KINDS: Mapping[str, AnyKind] = _Kinds()
