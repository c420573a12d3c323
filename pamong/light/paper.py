"""A receipt on paper: a PDF that can be kept, printed, and read aloud by a machine (PDF/UA-1)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from io import BytesIO
from typing import Any

import segno

from pamong.catalogue import PACKAGE, messages, spoken

TEMPLATE = PACKAGE / "light" / "templates" / "receipt.typ"
FONTS = PACKAGE / "fonts"
_STRANGE = re.compile("[^\\x00-\u024f\u2010-\u2026]")
"""Letters that our own font does not have."""


def pdf(values: dict[str, Any], mark: str, moment: datetime, *, keyword: str = "") -> bytes:
    """The receipt that ``values`` tell of; equal values give equal bytes. ``mark`` goes into the QR code.

    With a ``keyword`` for its signature the paper says that it is signed.
    """
    say = messages("handin")
    keys = ("title", "lead", "code", "hash", "exercises", "exercise", "state", "events", "note")
    texts = {key: say(f"page.{key}") for key in keys}
    texts["signed"] = say("page.signed") if keyword else ""
    texts["qr"] = say("page.qr", code=values["code"])
    data = {
        **values,
        "texts": texts,
        "mark": _svg(mark).decode(),
        "language": spoken(),
        "keyword": keyword,
    }
    try:
        return _compiled(json.dumps(data), moment)
    except RuntimeError:  # a letter that no font here has, which a reading machine must not meet
        plain = _STRANGE.sub("?", json.dumps(data, ensure_ascii=False))
        return _compiled(plain, moment)


def _compiled(data: str, moment: datetime) -> bytes:
    import typst  # noqa: PLC0415  # thirty megabytes that only a download needs

    content: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=[FONTS],
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards="ua-1",
        timestamp=int(moment.timestamp()),
    )
    return content


def picture(text: str) -> str:
    """A QR code as an address that stands for its own content."""
    return segno.make(text, error="m", boost_error=False).svg_data_uri(scale=1, border=2)


def _svg(text: str) -> bytes:
    content = BytesIO()
    segno.make(text, error="m", boost_error=False).save(content, kind="svg", border=0, scale=1)
    return content.getvalue()
