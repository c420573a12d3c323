"""What sounds right without deciding anything: how the ``normative`` bots choose.

Senior officials who fill in a form under their own name tend to the courteous, procedural answer
(impression management; Paulhus, 1984). A case that such an answer wins measures nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from pamong.catalogue import messages


def procedural(text: str) -> int:
    """How many of the marks of procedure and courtesy in the catalogue ``text`` bears."""
    line = f"{text.casefold()} "
    return sum(mark in line for mark in messages("normative").entries["marks"])


def most_procedural(texts: Sequence[str]) -> int:
    """The place of the text that bears most marks; among equals the longest, then the first."""
    return max(
        range(len(texts)), key=lambda place: (procedural(texts[place]), len(texts[place]), -place)
    )


def by_procedure(texts: Sequence[str]) -> tuple[int, ...]:
    """The places of the texts, the most procedural one first."""
    return tuple(
        sorted(
            range(len(texts)),
            key=lambda place: (-procedural(texts[place]), -len(texts[place]), place),
        )
    )
