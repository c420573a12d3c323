"""A PDF inside the HTML page that it is the print of, since nbgrader's exchange carries HTML alone."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from html import escape

_BEFORE = b'href="data:application/pdf;base64,'
"""No text of a page can hold it: a quotation mark is escaped there."""
_SIGN = b"%PDF-"


def address(pdf: bytes) -> str:
    """The value of the ``href`` under which a page encloses ``pdf``; empty for none."""
    return f"data:application/pdf;base64,{b64encode(pdf).decode()}" if pdf else ""


def enclosed(page: bytes) -> bytes:
    """The PDF that ``page`` encloses; empty where it encloses none that is whole."""
    _, content, quote, _ = _parted(page)
    try:
        found = b64decode(content, validate=True) if quote else b""
    except binascii.Error:
        return b""
    return found if found.startswith(_SIGN) else b""


def outside(page: bytes, href: str) -> bytes:
    """``page`` with ``href`` in place of the PDF that it encloses, for whoever serves both."""
    before, content, quote, after = _parted(page)
    if not content:
        return page
    return b'%shref="%s%s%s' % (before, escape(href).encode(), quote, after)


def _parted(page: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before the link, what it encloses, its quotation mark, and the rest."""
    before, _, rest = page.partition(_BEFORE)
    content, quote, after = rest.partition(b'"')
    return before, content, quote, after
