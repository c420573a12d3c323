"""The grade ledger: one line for every graded cell whose standing changed, by whom, when and from what."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pamong import __version__


@dataclass(frozen=True, slots=True)
class Standing:
    """What the gradebook says of one graded cell without the marker's own points."""

    points: float | None
    needs_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One graded cell whose standing differs from what was recorded before (None: nothing was)."""

    participant: str
    module: str
    cell: str
    old: Standing | None
    new: Standing
    version: str
    """A fingerprint of the module's source and keys."""
    cause: str = ""


@contextmanager
def appended(path: Path, changes: Iterable[Change], *, by: str) -> Iterator[None]:
    """Write the changes durably, then do what is inside; if that fails, the lines are taken back."""
    lines = "".join(_line(change, by) for change in changes).encode()
    if not lines:
        yield
        return
    with path.open("ab") as file:
        start = file.tell()
        try:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
            yield
        except BaseException:
            os.ftruncate(file.fileno(), start)
            raise


def _line(change: Change, by: str) -> str:
    entry: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "by": f"{by} ({_account()})",
        "participant": change.participant,
        "module": change.module,
        "cell": change.cell,
        "old": _standing(change.old),
        "new": _standing(change.new),
        "version": change.version,
        "code": __version__,
    }
    if change.cause:
        entry["cause"] = change.cause
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _account() -> str:
    """Who runs this; a container may give its number no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {"points": standing.points, "needs_person": standing.needs_person}
