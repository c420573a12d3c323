"""How hard a text is to read, by what can be counted: the length of its sentences and words.

LIX (Björnsson, 1968) = words per sentence + per cent of words longer than six letters. It needs no
syllables and no word list, so it travels between languages; Indonesian affixes make long words, hence
a bound above the 60 that Björnsson calls very difficult.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.document import Place, shown
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of

LONG_WORD = 6
"""Letters beyond which LIX counts a word as long."""
LONG_SENTENCE = 25
"""Words that one sentence may have."""
HARD = 65.0
"""LIX that a text may reach."""
FEWEST = 40
"""Words below which LIX says too little."""
LONG_TEXT, LONG_CELL = 250, 450
"""Words that one field of a brief, and one cell of a notebook, may have."""
EXCERPT = 120
"""Characters of a sentence that a message quotes."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_END = re.compile(r"(?<=[.!?:;])[\"”’)\]*]*\s+|\n\s*\n|\n(?=\s*(?:[-*|>]|\d+[.)]))")
_CODE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|<[^>]*>|^\s*\|.*$|^#+ .*$", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Reading:
    """``lix`` of a text of so many ``words``; ``longest`` is its longest sentence."""

    words: int
    lix: float
    longest: str
    longest_words: int


def measure(text: str) -> Reading:
    """What can be counted about a plain text; a text without words reads as 0."""
    words = _WORD.findall(text)
    sentences = [each.strip() for each in _END.split(text) if _WORD.search(each)]
    if not words:
        return Reading(0, 0.0, "", 0)
    counts = [len(_WORD.findall(each)) for each in sentences]
    place = max(range(len(counts)), key=counts.__getitem__)
    long = sum(len(word.replace("-", "")) > LONG_WORD for word in words)
    lix = len(words) / len(sentences) + 100 * long / len(words)
    return Reading(len(words), lix, sentences[place], counts[place])


def problems(material: Material) -> Iterator[Problem]:
    """Texts that are too long, or too hard for a reader who is in a hurry."""
    for work in material.works.values():
        for place, text in work.source.texts():
            if _is_prose(place):
                for message in _complaints(text, LONG_TEXT):
                    yield work.source.problem(place, message, "warning")
    for cell in material.cells or ():
        if cell["cell_type"] == "markdown":
            for message in _complaints(_plain(cell["source"]), LONG_CELL):
                entry = messages("inspection")("reading.cell", cell=name_of(cell), message=message)
                yield Problem(material.notebook, 0, 0, at(cell), entry, "warning")


def _complaints(text: str, most: int) -> Iterator[str]:
    say, read = messages("inspection"), measure(text)
    if read.words > most:
        yield say("reading.long", words=read.words, most=most)
    if read.longest_words > LONG_SENTENCE:
        yield say(
            "reading.sentence",
            words=read.longest_words,
            most=LONG_SENTENCE,
            sentence=shown(read.longest, EXCERPT),
        )
    elif read.words >= FEWEST and read.lix > HARD:
        yield say(
            "reading.hard",
            lix=f"{read.lix:.0f}",
            most=f"{HARD:.0f}",
            sentence=shown(read.longest, EXCERPT),
        )


def _is_prose(place: Place) -> bool:
    """Whether a participant reads what stands there: not an id, and not how bots are held to it."""
    return place[-1] != "id" and "calibration" not in place


def _plain(markdown: str) -> str:
    """Markdown without headings, tables, code, links' targets and emphasis."""
    text = _LINK.sub(r"\1", _CODE.sub(" ", markdown))
    return re.sub(r"[*_>#|]", "", text) if text.strip() else ""
