"""Situational judgement: what would you do, ranked or picked, scored against expert ratings."""

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
from pamong.kinds import expertise, itemised, legality, prose, wellformed
from pamong.kinds.expertise import LEVELS, Format, Marks, agreement, picked
from pamong.kinds.prose import escape
from pamong.score import Context, Part, Score, weighted

RATERS = 8
"""Fewest experts whose ratings make a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: str
    situation: str
    options: tuple[Option, ...]
    question: str = ""

    def __post_init__(self) -> None:
        wellformed.written(f"items {self.id}: situation", self.situation)
        wellformed.between(f"items {self.id}: options", self.options, 3, 8)
        wellformed.distinct_ids(f"items {self.id}: options", (each.id for each in self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKey:
    """Ratings 1..5 of each option by the same experts, and why each option is rated so."""

    experts: Mapping[str, tuple[int, ...]]
    reasons: Mapping[str, str]

    def __post_init__(self) -> None:
        for option, ratings in self.experts.items():
            if not ratings or not all(1 <= rating <= 5 for rating in ratings):
                raise ValueError(messages("situational")("author.ratings", option=option))
        if len({len(ratings) for ratings in self.experts.values()}) > 1:
            raise ValueError(messages("situational")("author.raters"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    items: Mapping[str, ItemKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    format: Format
    items: tuple[Item, ...]
    shuffle: bool = True
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("items", self.items, 1, 40)
        wellformed.distinct_ids("items", (item.id for item in self.items))


# Events of an attempt:
#   open    (system)      {"order": {item: [option, ...]}}
#   answer  (participant) {"item": id, "ranking": [option, ...]}            format ranking
#                         {"item": id, "best": option, "worst": option}     format best_worst
#                             one of the two may still be ""
#                         {"item": id, "ratings": {option: 1..4}}           format rating
#                             some options may still be missing
#   finish  (participant) {}
# A later answer to an item replaces the earlier one until finish. An incomplete one is kept, not scored.


class State(Struct, frozen=True, kw_only=True):
    attempt: int = 0
    finished: bool = False
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Marks] = field(default_factory=dict)


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
        item, marks = _answer(brief, event)
        return replace(state, answers={**state.answers, item: marks})
    if event.act == "finish":
        legality.fields(event)
        return replace(state, finished=True)
    raise kind.illegal(event, "illegal.act", "no such act")


def _answer(brief: Brief, event: Event) -> tuple[str, dict[str, int]]:
    names = {"ranking": ("ranking",), "best_worst": ("best", "worst"), "rating": ("ratings",)}
    data = legality.fields(event, "item", *names[brief.format])
    items = {item.id: item for item in brief.items}
    item = items[legality.known(event, data["item"], items)]
    options = _ids(item)
    if brief.format == "ranking":
        order = legality.permutation(event, data["ranking"], options)
        return item.id, {option: place for place, option in enumerate(order, 1)}
    if brief.format == "best_worst":
        picks = {
            mark: data[name] for mark, name in ((1, "best"), (-1, "worst")) if data[name] != ""
        }
        chosen = legality.several(event, list(picks.values()), options)
        return item.id, dict(zip(chosen, picks, strict=True))
    ratings = data["ratings"]
    if not isinstance(ratings, Mapping):
        raise kind.illegal(event, "illegal.data", "ratings per option were expected")
    return item.id, {
        legality.known(event, option, options): legality.whole(event, mark, LEVELS[0], LEVELS[-1])
        for option, mark in ratings.items()
    }


def _options(brief: Brief) -> dict[str, tuple[str, ...]]:
    return {item.id: _ids(item) for item in brief.items}


def _ids(item: Item) -> tuple[str, ...]:
    return tuple(option.id for option in item.options)


def _complete(brief: Brief, state: State, item: Item) -> Marks | None:
    """The answer to ``item`` once nothing is missing from it."""
    marks = state.answers.get(item.id, {})
    return marks if expertise.complete(brief.format, len(item.options), marks) else None


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    say = messages("situational")
    return tuple(
        say("missing", number=place)
        for place, item in enumerate(brief.items, 1)
        if _complete(brief, state, item) is None
    )


def view(brief: Brief, state: State) -> dict[str, Any]:
    return {
        "order": {item: list(options) for item, options in state.order.items()},
        "answers": {item: _shown(brief, marks) for item, marks in state.answers.items()},
    }


def _shown(brief: Brief, marks: Marks) -> dict[str, Any]:
    """An answer as its event gave it."""
    if brief.format == "ranking":
        return {"ranking": sorted(marks, key=marks.__getitem__)}
    if brief.format == "best_worst":
        return {"best": picked(marks, 1), "worst": picked(marks, -1)}
    return {"ratings": dict(marks)}


def answers(brief: Brief, state: State) -> Mapping[str, str]:
    return {item: _line(brief, marks) for item, marks in state.answers.items()}


def _line(brief: Brief, marks: Marks) -> str:
    """An answer as one line: ``b>a>c``, ``b/c`` or ``a=4 b=1``."""
    if brief.format == "ranking":
        return ">".join(sorted(marks, key=marks.__getitem__))
    if brief.format == "best_worst":
        return f"{picked(marks, 1)}/{picked(marks, -1)}"
    return " ".join(f"{option}={marks[option]}" for option in sorted(marks))


# ---- scoring ----


def _agreement(brief: Brief, key: Key, state: State) -> dict[str, float | None]:
    """Agreement beyond chance per item; None where there is no complete answer."""
    return {
        item.id: None if marks is None else agreement(brief.format, _means(key, item), marks)
        for item in brief.items
        for marks in [_complete(brief, state, item)]
    }


def _means(key: Key, item: Item) -> dict[str, float]:
    return expertise.means(key.items[item.id].experts)


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def item_scores(brief: Brief, key: Key, state: State) -> Mapping[str, float]:
    """Agreement beyond chance per answered item, floored at 0."""
    found = _agreement(brief, key, state)
    return {item: _clip(value) for item, value in found.items() if value is not None}


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """The mean agreement beyond chance over all items, floored once so that luck evens out.

    An item without an answer counts as a guess. Parts of weight 0 tell about single items.
    """
    say = messages("situational")
    found = _agreement(brief, key, state)
    mean = _clip(sum(value or 0.0 for value in found.values()) / len(found))
    band = "high" if mean >= 0.8 else "middle" if mean >= 0.4 else "low"
    total = Part("agreement", say("part.agreement"), 1.0, mean, say(f"reason.{band}"))
    items = (
        Part(
            item.id,
            say("part.item", number=place),
            0.0,
            _clip(found[item.id] or 0.0),
            _reason(brief, key, state, item),
        )
        for place, item in enumerate(brief.items, 1)
    )
    return weighted((total, *items))


def _reason(brief: Brief, key: Key, state: State, item: Item) -> str:
    """One sentence on an answer: that it agrees, or which option it differs on most and why."""
    say = messages("situational")
    marks, expert = _complete(brief, state, item), _means(key, item)
    if marks is None:
        return say("reason.unanswered")
    agreed = agreement(brief.format, expert, marks)
    if agreed >= 0.999:
        return say("reason.match")
    if brief.format == "rating" and len(set(marks.values())) == 1:
        return say("reason.flat")
    option = expertise.furthest(brief.format, expert, marks)
    return say(
        f"reason.{brief.format}",
        how=say("how.none" if agreed <= 0 else "how.part"),
        option=prose.excerpt(_texts(item)[option]),
        expert=list(expert).index(option) + 1,
        own=marks.get(option, ""),
        why=key.items[item.id].reasons.get(option, ""),
    ).strip()


def _texts(item: Item) -> dict[str, str]:
    return {option.id: option.text for option in item.options}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    if not state.finished:
        return None
    answered = ((item, _complete(brief, state, item)) for item in brief.items)
    return {
        "items": [
            {
                "id": item.id,
                "agreement": _clip(agreement(brief.format, _means(key, item), marks)),
                "reason": _reason(brief, key, state, item),
                "options": _explained(key, item, marks),
            }
            for item, marks in answered
            if marks
        ]
    }


def _explained(key: Key, item: Item, marks: Marks) -> list[dict[str, Any]]:
    """The options of an item, best first, with what the participant and the experts gave and why."""
    return [
        {
            "id": option,
            "place": place,
            "mean": round(mean, 2),
            "own": marks.get(option),
            "why": key.items[item.id].reasons.get(option, ""),
        }
        for place, (option, mean) in enumerate(_means(key, item).items(), 1)
    ]


def render(brief: Brief, state: State) -> str:
    return prose.article(brief.title, *(_rendered(brief, item, state) for item in brief.items))


def _rendered(brief: Brief, item: Item, state: State) -> str:
    say = messages("situational")
    head = f"<h4>{escape(say('part.item', number=brief.items.index(item) + 1))}</h4>"
    head += prose.paragraphs(item.situation) + prose.paragraphs(item.question)
    marks = _complete(brief, state, item)
    if marks is None:
        return head + f"<p><em>{escape(say('render.unanswered'))}</em></p>"
    texts = _texts(item)
    if brief.format == "ranking":
        rows = (texts[option] for option in sorted(marks, key=marks.__getitem__))
        return head + "<ol>" + "".join(f"<li>{escape(row)}</li>" for row in rows) + "</ol>"
    if brief.format == "best_worst":
        labels = {say("view.best"): picked(marks, 1), say("view.worst"): picked(marks, -1)}
    else:
        labels = {texts[option]: str(marks[option]) for option in _ids(item)}
        return head + _listed(labels)
    return head + _listed({label: texts[option] for label, option in labels.items()})


def _listed(pairs: Mapping[str, str]) -> str:
    items = (
        f"<li>{escape(label)}: <strong>{escape(text)}</strong></li>"
        for label, text in pairs.items()
    )
    return "<ul>" + "".join(items) + "</ul>"


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Items without a key, options without ratings or reasons, too few experts, discord, and ties."""
    problems = [*wellformed.same_ids("items", key.items, (item.id for item in brief.items))]
    for item in brief.items:
        if item.id in key.items:
            problems += _item_problems(brief, item, key.items[item.id])
    return tuple(problems)


def _item_problems(brief: Brief, item: Item, key: ItemKey) -> list[str]:
    say = messages("situational")
    options = _ids(item)
    problems = [
        *wellformed.same_ids(f"items {item.id}: experts", key.experts, options),
        *wellformed.same_ids(f"items {item.id}: reasons", key.reasons, options),
    ]
    if problems:
        return problems
    for option, ratings in key.experts.items():
        if len(ratings) < RATERS:
            return [say("check.few", item=item.id, count=len(ratings), least=RATERS)]
        if expertise.spread(ratings) > 1:
            figure = prose.decimal(expertise.spread(ratings))
            problems.append(say("check.discord", item=item.id, option=option, spread=figure))
    expert = expertise.means(key.experts)
    problems += (
        say("check.tied", item=item.id, a=a, b=b) for a, b in expertise.tied(brief.format, expert)
    )
    return problems
