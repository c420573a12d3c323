"""What simulated participants write on a canvas: plain sentences put together from a pool."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.canvas import telling

LONGEST = 40
"""Sentences of one text, at most."""
TRIES = 20


def own_text(rng: Random, least: int, others: list[telling.Words], *, measured: bool) -> str:
    """At least ``least`` words that resemble none of ``others``; measured: with a figure and a date."""
    named, text = [(other, "other") for other in others], ""
    for _ in range(TRIES):
        text = _paragraph(rng, least, measured=measured)
        if not telling.first_alike(telling.words(text), named):
            break
    return text


def _paragraph(rng: Random, least: int, *, measured: bool) -> str:
    pool = messages("canvas").entries["person.sentences"]
    sentences = [_target(rng)] if measured else [_sentence(rng, pool)]
    while prose.count_words(" ".join(sentences)) < least and len(sentences) < LONGEST:
        sentences.append(_sentence(rng, pool))
    return " ".join(sentences)


def short_text(rng: Random, *, measured: bool) -> str:
    """A few words; measured: with a figure and a date."""
    return _target(rng) if measured else _sentence(rng, messages("canvas").entries["person.short"])


def role(rng: Random) -> str:
    """Who does something, as an office and not as a name."""
    return rng.choice(messages("canvas").entries["person.roles"])


def boilerplate(least: int) -> str:
    """The sentence that fits everywhere, as often as it takes."""
    sentence = messages("canvas")("normative")
    times = -(-max(least, 1) // prose.count_words(sentence))
    return " ".join([sentence] * times)


def _target(rng: Random) -> str:
    return _sentence(rng, messages("canvas").entries["person.targets"])


def _sentence(rng: Random, pool: Sequence[str]) -> str:
    """One of the pool with its blanks filled in, beginning with a capital."""
    entries = messages("canvas").entries
    text = rng.choice(pool).format(
        place=rng.choice(entries["person.places"]),
        party=rng.choice(entries["person.parties"]),
        thing=rng.choice(entries["person.things"]),
        reason=rng.choice(entries["person.reasons"]),
        month=rng.choice(entries["person.months"]),
        number=rng.randint(12, 95),
    )
    return text[0].upper() + text[1:]
