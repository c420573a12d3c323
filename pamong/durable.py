"""What survives a power cut beyond the content of a file: the names in a folder."""

from __future__ import annotations

import os
from pathlib import Path


def sync(folder: Path) -> None:
    """Make what ``folder`` lists durable; OSError where it cannot be opened."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
