"""Free text with a rubric for a person to mark, evidence picked from one's own log, and predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from random import Random
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pamong import kind
from pamong.catalogue import messages
from pamong.event import Data, Event
from pamong.kinds import legality, prose, wellformed
from pamong.kinds.prose import escape
from pamong.score import Context, Part, Score, weighted

LOG_LIMIT = 100_000
"""Highest event number that can be pointed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Events of another exercise that the writer must point at; ``acts`` limits which ones count."""

    exercise: str
    count: int
    acts: tuple[str, ...]

    def __post_init__(self) -> None:
        say = messages("reflection")
        if not 1 <= self.count <= 5:
            raise ValueError(say("author.count"))
        wellformed.between("evidence: acts", self.acts, 1, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    id: str
    text: str
    min_words: int = 40
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        wellformed.written(f"prompts {self.id}: text", self.text)
        if not 0 <= self.min_words <= 500:
            raise ValueError(messages("reflection")("author.words", prompt=self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One row of the rubric that participants and markers read; levels from worst to best."""

    id: str
    label: str
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        wellformed.between(f"rubric {self.id}: levels", self.levels, 2, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A forecast, 0..100, of one's own score in another exercise, asked before scores are shown."""

    id: str
    text: str
    exercise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    guidance: str = ""
    """What markers should look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    prompts: tuple[Prompt, ...]
    rubric: tuple[Criterion, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    marked: bool = True
    """Whether a person marks the texts; if not, only their completeness counts."""
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("prompts", self.prompts, 1, 12)
        wellformed.distinct_ids("prompts", (prompt.id for prompt in self.prompts))
        wellformed.distinct_ids("rubric", (criterion.id for criterion in self.rubric))
        wellformed.distinct_ids("predictions", (each.id for each in self.predictions))
        if self.id in needs(self):
            raise ValueError(messages("reflection")("author.itself"))


# Events of an attempt:
#   open     (system)      {}
#   text     (participant) {"prompt": id, "text": str}
#   evidence (participant) {"prompt": id, "events": [n, ...]}   numbers in the other exercise's log
#   predict  (participant) {"prediction": id, "value": 0..100}
#   finish   (participant) {}


def needs(brief: Brief) -> tuple[str, ...]:
    """The exercises that a reflection looks back on, in order of mention."""
    pointed = (prompt.evidence.exercise for prompt in brief.prompts if prompt.evidence)
    forecast = (prediction.exercise for prediction in brief.predictions)
    return tuple(dict.fromkeys((*pointed, *forecast)))


class State(Struct, frozen=True, kw_only=True):
    """``texts`` and ``evidence`` by prompt, ``predictions`` (0..100) by prediction."""

    attempt: int = 0
    finished: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    predictions: Mapping[str, float] = field(default_factory=dict)


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def opening(brief: Brief, rng: Random) -> Data:  # noqa: ARG001  # nothing is shuffled
    return {}


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        legality.may_open(brief, state, event)
        legality.fields(event)
        return State(attempt=event.attempt)
    legality.may_act(state, event)
    acts = {"text": _text, "evidence": _evidence, "predict": _predict, "finish": _finish}
    if event.act not in acts:
        raise kind.illegal(event, "illegal.act", "no such act")
    return acts[event.act](brief, state, event)


def _text(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "prompt", "text")
    prompt = legality.known(event, data["prompt"], [each.id for each in brief.prompts])
    return replace(state, texts={**state.texts, prompt: legality.text(event, data["text"])})


def _evidence(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "prompt", "events")
    wanted = {each.id: each.evidence.count for each in brief.prompts if each.evidence}
    prompt = legality.known(event, data["prompt"], wanted)
    numbers = data["events"]
    if not isinstance(numbers, list | tuple):
        raise kind.illegal(event, "illegal.data", "a list of event numbers was expected")
    if len(numbers) > wanted[prompt]:
        raise kind.illegal(event, "illegal.many", f"at most {wanted[prompt]} events may be named")
    chosen = [legality.whole(event, each, 1, LOG_LIMIT) for each in numbers]
    if len(set(chosen)) < len(chosen):
        raise kind.illegal(event, "illegal.repeated", "the same event occurs twice")
    return replace(state, evidence={**state.evidence, prompt: tuple(chosen)})


def _predict(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "prediction", "value")
    among = [each.id for each in brief.predictions]
    prediction = legality.known(event, data["prediction"], among)
    value = legality.number(event, data["value"], 0, 100)
    return replace(state, predictions={**state.predictions, prediction: value})


def _finish(brief: Brief, state: State, event: Event) -> State:  # noqa: ARG001  # as its siblings
    legality.fields(event)
    return replace(state, finished=True)


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    say = messages("reflection")
    found = [
        say("missing.prediction", number=place)
        for place, each in enumerate(brief.predictions, 1)
        if each.id not in state.predictions
    ]
    for place, prompt in enumerate(brief.prompts, 1):
        count = prose.count_words(state.texts.get(prompt.id, ""))
        if count < max(prompt.min_words, 1):
            least = max(prompt.min_words, 1)
            found.append(say("missing.text", number=place, least=least, count=count))
        chosen, wanted = len(state.evidence.get(prompt.id, ())), prompt.evidence
        if wanted and chosen < wanted.count:
            found.append(say("missing.evidence", number=place, of=wanted.count, count=chosen))
    return tuple(found)


def view(brief: Brief, state: State) -> dict[str, Any]:  # noqa: ARG001  # the contract of a kind
    return {
        "texts": dict(state.texts),
        "evidence": {prompt: list(numbers) for prompt, numbers in state.evidence.items()},
        "predictions": dict(state.predictions),
    }


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:  # noqa: ARG001  # as above
    """What a good answer looks at; never a judgement of the text, which is a person's."""
    return {"guidance": key.guidance} if state.finished else None


# ---- scoring: never the quality of a text ----


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # nothing secret
    """.4 completeness + .3 valid evidence + .3 calibrated predictions; absent tasks drop out."""
    parts = [_completeness(brief, state)]
    if any(prompt.evidence for prompt in brief.prompts):
        parts.append(_pointed(brief, state, context))
    if forecast := _calibration(brief, state, context):
        parts.append(forecast)
    return weighted(parts)


def _part(name: str, weight: float, value: float, reason: str, **values: object) -> Part:
    say = messages("reflection")
    return Part(name, say(f"part.{name}"), weight, value, say(f"reason.{reason}", **values))


def _completeness(brief: Brief, state: State) -> Part:
    """The mean share of the words asked for."""
    shares = [
        min(prose.count_words(state.texts.get(each.id, "")) / max(each.min_words, 1), 1.0)
        for each in brief.prompts
    ]
    value, full = sum(shares) / len(shares), sum(share == 1 for share in shares)
    reason = "completeness.full" if value == 1 else "completeness.part"
    if not brief.marked:
        reason += ".unmarked"
    return _part("completeness", 0.4, value, reason, count=full, of=len(shares))


def _pointed(brief: Brief, state: State, context: Context) -> Part:
    """The share of evidence asked for that names an act of the right sort in the writer's own log."""
    shares = []
    for prompt in brief.prompts:
        if prompt.evidence is not None:
            acts = _own_acts(context, prompt.evidence.exercise)
            named = (acts.get(number) for number in state.evidence.get(prompt.id, ()))
            valid = sum(act in prompt.evidence.acts for act in named)
            shares.append(min(valid / prompt.evidence.count, 1.0))
    value = sum(shares) / len(shares)
    reason = "evidence.full" if value == 1 else "evidence.part" if value else "evidence.none"
    return _part("evidence", 0.3, value, reason)


def _own_acts(context: Context, exercise: str) -> dict[int, str]:
    events = context.events.get(exercise, ())
    return {event.n: event.act for event in events if event.who == "participant"}


def _calibration(brief: Brief, state: State, context: Context) -> Part | None:
    """The mean of 1 - (p - s)² (after Brier, 1950); nothing for what was not predicted or not played.

    Where an exercise was played but its score is not to hand, its prediction is not judged.
    """
    say, gaps = messages("reflection"), []
    for each in brief.predictions:
        scored, said = context.scores.get(each.exercise), state.predictions.get(each.id)
        if scored is not None or not context.events.get(each.exercise):
            reached = None if scored is None else scored.value
            gaps.append(1.0 if said is None or reached is None else said / 100 - reached)
    if not gaps:
        return None
    value, widest = sum(1 - gap**2 for gap in gaps) / len(gaps), max(gaps, key=abs)
    reason = "near" if abs(widest) <= 0.1 else "high" if widest > 0 else "low"
    if not all(context.events.get(each.exercise) for each in brief.predictions):
        reason = "unplayed"
    elif len(state.predictions) < len(brief.predictions):
        reason = "open"
    label, text = say("part.prediction"), say(f"reason.prediction.{reason}")
    return Part("prediction", label, 0.3, value, text)


# ---- for the page ----


def picks(brief: Brief, context: Context) -> dict[str, list[dict[str, Any]]]:
    """Per prompt the events that may serve as evidence: number, attempt, what was done, the reply."""
    return {
        prompt.id: _fitting(prompt.evidence, context.events.get(prompt.evidence.exercise, ()))
        for prompt in brief.prompts
        if prompt.evidence is not None
    }


def _fitting(wanted: Evidence, events: tuple[Event, ...]) -> list[dict[str, Any]]:
    say, counts, found = messages("reflection"), Counter[tuple[int, str]](), []
    offered: dict[str, str] = {}
    for event, following in zip_longest(events, events[1:]):
        if event.who == "counterpart":
            offered = _offered(event) or offered
        if event.who != "participant" or event.act not in wanted.acts:
            continue
        counts[event.attempt, event.act] += 1
        label = say(f"act.{event.act}" if f"act.{event.act}" in say.entries else "act.other")
        place = counts[event.attempt, event.act]
        found.append(
            {
                "n": event.n,
                "attempt": event.attempt,
                "text": say("act.nth", act=label, number=place, n=event.n),
                "own": _own(event, offered),
                "reply": _reply(following),
            }
        )
    return found


def _offered(event: Event) -> dict[str, str]:
    """The options that the other side put up, text by id; empty where it put up none."""
    options = event.data.get("options")
    pairs = options if isinstance(options, list | tuple) else ()
    return {
        str(each.get("id")): each["text"]
        for each in pairs
        if isinstance(each, Mapping) and isinstance(each.get("text"), str)
    }


def _own(event: Event, offered: Mapping[str, str]) -> str:
    """What the participant chose or wrote, in short; empty where an act has no words."""
    chosen = offered.get(str(event.data.get("option")), "")
    words = chosen or event.data.get("reason", event.data.get("text", ""))
    return prose.within_quotes(prose.excerpt(words, 140)) if isinstance(words, str) else ""


def _reply(event: Event | None) -> str:
    """What the other side said to an act, in short; empty when it said nothing."""
    text = event.data.get("text") if event is not None and event.who == "counterpart" else ""
    return prose.excerpt(text, 140) if isinstance(text, str) else ""


def render(brief: Brief, state: State) -> str:
    say = messages("reflection")
    parts = [_forecasts(brief, state)]
    for place, prompt in enumerate(brief.prompts, 1):
        parts.append(f"<h4>{escape(say('part.prompt', number=place))}</h4>")
        parts.append(prose.paragraphs(prompt.text))
        text = prose.paragraphs(state.texts.get(prompt.id, ""))
        parts.append(f"<blockquote>{text or escape(say('render.unanswered'))}</blockquote>")
        if numbers := state.evidence.get(prompt.id, ()):
            named = say("render.evidence", numbers=", ".join(map(str, numbers)))
            parts.append(f"<p>{escape(named)}</p>")
    return prose.article(brief.title, *parts)


def _forecasts(brief: Brief, state: State) -> str:
    say = messages("reflection")
    rows = [
        (each.text, prose.decimal(state.predictions[each.id], 1))
        for each in brief.predictions
        if each.id in state.predictions
    ]
    head = (say("view.prediction"), say("view.value"))
    return prose.table(say("part.prediction"), head, rows) if rows else ""
