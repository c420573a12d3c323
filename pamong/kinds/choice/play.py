"""Multiple choice with distractors, each of which names the misconception it catches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pamong import kind
from pamong.catalogue import messages
from pamong.event import Data, Event
from pamong.kinds import itemised, legality, prose, wellformed
from pamong.kinds.prose import escape
from pamong.score import Context, Part, Score, weighted


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: str
    stem: str
    options: tuple[Option, ...]
    several: bool = False
    """True when more than one option may be chosen."""

    def __post_init__(self) -> None:
        wellformed.written(f"items {self.id}: stem", self.stem)
        wellformed.between(
            f"items {self.id}: options", self.options, 3 if not self.several else 4, 8
        )
        wellformed.distinct_ids(f"items {self.id}: options", (each.id for each in self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKey:
    """The right options, and for every option what choosing it shows (the debrief)."""

    correct: tuple[str, ...]
    reasons: Mapping[str, str]

    def __post_init__(self) -> None:
        wellformed.between("correct", self.correct, 1, 7)
        wellformed.distinct_ids("correct", self.correct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    items: Mapping[str, ItemKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    items: tuple[Item, ...]
    shuffle: bool = True
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("items", self.items, 1, 60)
        wellformed.distinct_ids("items", (item.id for item in self.items))


# Events of an attempt:
#   open    (system)      {"order": {item: [option, ...]}}
#   answer  (participant) {"item": id, "chosen": [option, ...]}
#       exactly one option unless the item allows several; none takes the answer back
#   finish  (participant) {}


class State(Struct, frozen=True, kw_only=True):
    """``answers`` holds the chosen options of each answered item, in the order of the brief."""

    attempt: int = 0
    finished: bool = False
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def opening(brief: Brief, rng: Random) -> Data:
    return itemised.drawn(_options(brief), rng, shuffle=brief.shuffle)


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        order = itemised.opened(brief, state, event, _options(brief))
        return State(attempt=event.attempt, order=order)
    legality.may_act(state, event)
    if event.act == "answer":
        return replace(state, answers=_answered(brief, state, event))
    if event.act == "finish":
        legality.fields(event)
        return replace(state, finished=True)
    raise kind.illegal(event, "illegal.act", "no such act")


def _answered(brief: Brief, state: State, event: Event) -> dict[str, tuple[str, ...]]:
    data = legality.fields(event, "item", "chosen")
    items = {item.id: item for item in brief.items}
    item = items[legality.known(event, data["item"], items)]
    chosen = legality.several(event, data["chosen"], _ids(item))
    if not item.several and len(chosen) > 1:
        raise kind.illegal(event, "illegal.one", "only one option may be chosen")
    others = {id: options for id, options in state.answers.items() if id != item.id}
    return {**others, item.id: tuple(sorted(chosen, key=_ids(item).index))} if chosen else others


def _options(brief: Brief) -> dict[str, tuple[str, ...]]:
    return {item.id: _ids(item) for item in brief.items}


def _ids(item: Item) -> tuple[str, ...]:
    return tuple(option.id for option in item.options)


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    say = messages("choice")
    return tuple(
        say("missing", number=place)
        for place, item in enumerate(brief.items, 1)
        if item.id not in state.answers
    )


def view(brief: Brief, state: State) -> dict[str, Any]:  # noqa: ARG001  # the contract of a kind
    return {
        "order": {item: list(options) for item, options in state.order.items()},
        "answers": {item: list(chosen) for item, chosen in state.answers.items()},
    }


def answers(brief: Brief, state: State) -> Mapping[str, str]:  # noqa: ARG001  # as above
    return {item: "+".join(chosen) for item, chosen in state.answers.items()}


# ---- scoring ----


def worth(item: Item, key: ItemKey, chosen: tuple[str, ...]) -> float:
    """What an answer earns in 0..1: one option is right or not; several earn right minus wrong."""
    if not item.several:
        return float(chosen == key.correct)
    right = sum(option in key.correct for option in chosen)
    return max(0.0, (2 * right - len(chosen)) / len(key.correct))


def item_scores(brief: Brief, key: Key, state: State) -> Mapping[str, float]:
    return {
        item.id: worth(item, key.items[item.id], state.answers[item.id])
        for item in brief.items
        if item.id in state.answers
    }


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """The mean over all items, one part each; an item without an answer earns nothing."""
    say, earned = messages("choice"), item_scores(brief, key, state)
    return weighted(
        [
            Part(
                item.id,
                say("part.item", number=place),
                1.0,
                earned.get(item.id, 0.0),
                _reason(item, key.items[item.id], state.answers.get(item.id, ())),
            )
            for place, item in enumerate(brief.items, 1)
        ]
    )


def _reason(item: Item, key: ItemKey, chosen: tuple[str, ...]) -> str:
    """Why an answer is right or not yet: about the first wrong option, else the first one left out."""
    say = messages("choice")
    if not chosen:
        return say("reason.unanswered")
    wrong = [option for option in chosen if option not in key.correct]
    left_out = [option for option in _ids(item) if option in key.correct and option not in chosen]
    if not wrong and not left_out:
        why = key.reasons.get(chosen[0], "") if len(chosen) == 1 else ""
        return say("reason.right" if len(chosen) == 1 else "reason.all", why=why).strip()
    option = (wrong or left_out)[0]
    code = "reason.wrong" if not item.several else "reason.extra" if wrong else "reason.left"
    text = prose.excerpt(_texts(item)[option])
    how = say("how.part" if worth(item, key, chosen) else "how.none")
    return say(code, how=how, option=text, why=key.reasons.get(option, "")).strip()


def _texts(item: Item) -> dict[str, str]:
    return {option.id: option.text for option in item.options}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    if not state.finished:
        return None
    return {
        "items": [
            _explained(item, key.items[item.id], state.answers[item.id])
            for item in brief.items
            if item.id in state.answers
        ]
    }


def _explained(item: Item, key: ItemKey, chosen: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": item.id,
        "worth": worth(item, key, chosen),
        "reason": _reason(item, key, chosen),
        "options": [
            {
                "id": option,
                "chosen": option in chosen,
                "correct": option in key.correct,
                "why": key.reasons.get(option, ""),
            }
            for option in _ids(item)
        ],
    }


def render(brief: Brief, state: State) -> str:
    say = messages("choice")
    rendered = []
    for place, item in enumerate(brief.items, 1):
        texts, chosen = _texts(item), state.answers.get(item.id, ())
        head = f"<h4>{escape(say('part.item', number=place))}</h4>" + prose.paragraphs(item.stem)
        rows = "".join(f"<li>{escape(texts[option])}</li>" for option in chosen)
        unanswered = f"<p><em>{escape(say('render.unanswered'))}</em></p>"
        rendered.append(head + (f"<ul>{rows}</ul>" if chosen else unanswered))
    return prose.article(brief.title, *rendered)


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Items without a key, options without a reason, and right answers that cannot be given."""
    say = messages("choice")
    problems = [*wellformed.same_ids("items", key.items, (item.id for item in brief.items))]
    for item in brief.items:
        if item.id not in key.items:
            continue
        found, options = key.items[item.id], _ids(item)
        problems += wellformed.same_ids(f"items {item.id}: reasons", found.reasons, options)
        foreign = sorted(set(found.correct) - set(options))
        problems += (say("check.foreign", item=item.id, option=each) for each in foreign)
        if not item.several and len(found.correct) != 1:
            problems.append(say("check.one", item=item.id))
        if len(found.correct) >= len(options):
            problems.append(say("check.all", item=item.id))
    return tuple(problems)
