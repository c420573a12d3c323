"""A process that ends with the one that started it, however that ends."""

from __future__ import annotations

import shutil


def bound(command: list[str]) -> list[str]:
    """``command`` so that the system asks it to stop when its parent has died, where that can be."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--", *command] if setpriv else command
