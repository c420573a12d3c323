"""What an author of a test should look at: answers that can be told without knowing them."""

from __future__ import annotations

from pamong.kinds.choice.play import Brief, Key
from pamong.kinds.telltale import Asked, telltales


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Telltales of the items that have exactly one right answer."""
    asked = []
    for item in brief.items:
        right = key.items[item.id].correct if item.id in key.items else ()
        places = [place for place, option in enumerate(item.options) if option.id in right]
        if len(places) == 1:
            texts = tuple(option.text for option in item.options)
            asked.append(Asked(item.id, texts, places[0]))
    return telltales(asked, shuffled=brief.shuffle and brief.use == "practice")
