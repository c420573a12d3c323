"""The secrets of one hub, made at its first start, in a file that its account alone can read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from pamong.errors import CourseError

FILE = "tokens.json"
NAMES = ("pamong", "operator", "pemangkas", "proxy")
"""The service, whoever runs the machine, who stops idle servers, and the proxy's own interface."""


def tokens(state: Path) -> dict[str, str]:
    """Every token by name; made where there is none. CourseError when the file is damaged."""
    path = state / FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        made = {name: secrets.token_hex(32) for name in NAMES}
        json.dump(made, file)
    return made


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        return {name: found[name] for name in NAMES}
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is damaged. Delete it while the hub is stopped.") from error
