"""What gives an answer away to somebody who does not know the subject.

After the item-writing guidelines of Haladyna, Downing & Rodriguez (2002): keep the place of the right
answer varied and the length of the options about equal. The procedural answer is our own addition:
senior officials find it by courtesy alone (see ``normative``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.kinds.normative import most_procedural, procedural
from pamong.kinds.prose import count_words

SHARE = 0.6
"""The share of items from which a telltale is worth following."""
FEWEST = 4
"""Items below which a share says nothing."""
UNEVEN, WORDS = 2.5, 8
"""Options are very unequal when one has so many times the words of another, and so many more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One item: its id, the texts of its options as written, and the place of the best one."""

    id: str
    texts: tuple[str, ...]
    best: int


def telltales(items: Sequence[Asked], *, shuffled: bool) -> tuple[str, ...]:
    """What an author should look at, in plain Indonesian; ``shuffled`` options have no fixed place.

    Those of a graded exercise have one all the same: participants hold the file with the brief.
    """
    return (*_unequal(items), *_patterns(items, shuffled=shuffled))


def _patterns(items: Sequence[Asked], *, shuffled: bool) -> Iterator[str]:
    say = messages("kinds")
    if len(items) < FEWEST:
        return
    found = {
        "advise.longest": sum(_longest(item.texts) == item.best for item in items),
        "advise.shortest": sum(_shortest(item.texts) == item.best for item in items),
        "advise.procedural": sum(_procedural(item) for item in items),
    }
    if not shuffled:
        places = [item.best for item in items]
        found["advise.place"] = max(map(places.count, places))
    for entry, count in found.items():
        if count >= SHARE * len(items):
            yield say(entry, count=count, of=len(items))


def _unequal(items: Sequence[Asked]) -> Iterator[str]:
    for item in items:
        lengths = [count_words(text) for text in item.texts]
        short, long = min(lengths), max(lengths)
        if long >= UNEVEN * max(short, 1) and long - short >= WORDS:
            yield messages("kinds")("advise.unequal", item=item.id, short=short, long=long)


def _longest(texts: Sequence[str]) -> int:
    """The place of the longest text; -1 when several are."""
    lengths = [len(text) for text in texts]
    return lengths.index(max(lengths)) if lengths.count(max(lengths)) == 1 else -1


def _shortest(texts: Sequence[str]) -> int:
    lengths = [len(text) for text in texts]
    return lengths.index(min(lengths)) if lengths.count(min(lengths)) == 1 else -1


def _procedural(item: Asked) -> bool:
    """Whether the best option is the one that sounds most procedural, and sounds so at all."""
    place = most_procedural(item.texts)
    return place == item.best and procedural(item.texts[place]) > 0
