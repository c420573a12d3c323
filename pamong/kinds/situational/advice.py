"""What an author of a situational judgement test should look at, beyond what makes a key unusable."""

from __future__ import annotations

from collections.abc import Iterator

from pamong.catalogue import messages
from pamong.kinds import expertise, prose
from pamong.kinds.situational.play import Brief, Item, ItemKey, Key
from pamong.kinds.telltale import Asked, telltales

FEWEST_SORTED = 2
"""Items in the order of the judgement that may be a chance."""
APART = 1.0
"""Points of the experts' scale by which the best and the worst option should differ."""


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Telltales, items that hardly divide, and options that no expert finds best or worst."""
    asked, found = [], list[str]()
    for item in brief.items:
        rated = key.items.get(item.id)
        ids = tuple(option.id for option in item.options)
        if rated is None or set(rated.experts) != set(ids):
            continue
        best = next(iter(expertise.means(rated.experts)))
        texts = tuple(option.text for option in item.options)
        asked.append(Asked(item.id, texts, ids.index(best)))
        found += _item(brief, item, rated)
    hidden = brief.shuffle and brief.use == "practice"
    return (*found, *_sorted(brief, key), *telltales(asked, shuffled=hidden))


def _item(brief: Brief, item: Item, key: ItemKey) -> Iterator[str]:
    say = messages("situational")
    means = expertise.means(key.experts)
    apart = max(means.values()) - min(means.values())
    if apart < APART:
        yield say("advise.close", item=item.id, apart=prose.decimal(apart))
    fillers = list(_fillers(key))
    if brief.format == "best_worst" and 2 * len(fillers) >= len(means):
        options = ", ".join(f"“{option}”" for option in fillers)
        yield say("advise.filler", item=item.id, options=options)


def _fillers(key: ItemKey) -> Iterator[str]:
    """Options that no expert puts highest or lowest."""
    panels = list(zip(*key.experts.values(), strict=True))
    for option, ratings in key.experts.items():
        if not any(
            mark in (max(panel), min(panel)) for mark, panel in zip(ratings, panels, strict=True)
        ):
            yield option


def _sorted(brief: Brief, key: Key) -> tuple[str, ...]:
    """Items whose options stand in the order of the judgement: participants hold the file."""
    count = 0
    for item in brief.items:
        rated = key.items.get(item.id)
        if rated is None or set(rated.experts) != {option.id for option in item.options}:
            continue
        means = expertise.means(rated.experts)
        written = [means[option.id] for option in item.options]
        count += written in (sorted(written), sorted(written, reverse=True))
    if count <= FEWEST_SORTED or brief.use == "practice":
        return ()
    return (messages("kinds")("advise.sorted", count=count, of=len(brief.items)),)
