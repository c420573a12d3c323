"""Whether an indicator can be checked later: it names a figure and a deadline. Nothing else is read."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember)"
)
_DEADLINE = re.compile(
    rf"""\b(?:minggu|pekan|bulan|hari|triwulan|semester)\s+(?:ke[\s-]*)?(?:\d+|[ivx]+\b|terakhir)
    | \b(?:\d{{1,2}}\s+)?{_MONTH}\b(?:\s+\d{{4}})?
    | \b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b
    | \btahun\s+\d{{4}}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FIGURE = re.compile(
    r"\d|\b(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|separuh|setengah)\b",
    re.IGNORECASE,
)


def has_deadline(text: str) -> bool:
    return _DEADLINE.search(text) is not None


def has_figure(text: str) -> bool:
    """A figure that is not the deadline's."""
    return _FIGURE.search(_DEADLINE.sub(" ", text)) is not None


def checkable(text: str) -> bool:
    return has_figure(text) and has_deadline(text)
