"""One line of JSON for every line of log: when, who says it, how bad, what."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any


class Lines(logging.Formatter):
    """Formats records for programs that read logs; a traceback is one field."""

    def __init__(self, *_: Any, **__: Any) -> None:  # a traitlets application names a format
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line, whatever is in it."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def settings() -> dict[str, Any]:
    """For ``logging_config`` of a traitlets application."""
    lines = {"class": "pamong.hub.journal.Lines"}
    return {"formatters": {"console": lines}}


def to_standard_error() -> None:
    """Log in this way from now on; for processes that are not traitlets applications."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
