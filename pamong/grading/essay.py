"""What a participant wrote for one prompt, told by the answer log, and how it is shown as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pamong import log

LENGTH_LIMIT = 200_000
"""Characters of one essay that are shown to a marker."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$^=:\"'@/])")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Essay:
    """The last text written for a prompt; ``cause`` says why the log cannot be believed (else empty).

    ``told`` is whether the log says anything about the prompt, even that its text was deleted.
    """

    text: str
    cause: str = ""
    told: bool = True


def read(content: bytes, exercise: str, prompt: str) -> Essay:
    """The essay that a log holds; the intact part of a damaged log is still shown to the marker."""
    found = log.parse(content, exercise)
    texts = [
        event.data.get("text")
        for event in found.events
        if event.act == "text" and event.data.get("prompt") == prompt
    ]
    last = texts[-1] if texts else ""
    cause = str(found.damage[0]) if found.damage else ""
    if not isinstance(last, str):
        return Essay("", cause or f"{exercise}: the text of {prompt} is not text.")
    return Essay(last, cause, bool(texts))


def literal(text: str) -> str:
    """Markdown that shows ``text`` exactly as it was typed and as nothing else: no HTML, no links."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:LENGTH_LIMIT]
    lines = [_line(line) for line in text.split("\n")]
    shown = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        shown.append(f"{line}  " if line and following else line)
    return "\n".join(shown).strip()


def _line(line: str) -> str:
    line = _CONTROL.sub(" ", line).strip()
    line = "".join(_ENTITIES.get(character, character) for character in line)
    return _SPECIAL.sub(r"\\\1", line)


def plain(markdown: str) -> str:
    """What was typed, from the Markdown that ``literal`` made of it."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("  \n", "\n")
    for character, entity in reversed(_ENTITIES.items()):
        text = text.replace(entity, character)
    return text
