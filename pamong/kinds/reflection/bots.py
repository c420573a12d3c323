"""Players of a reflection. What a person writes is put together from a pool of plain sentences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot, Seat
from pamong.kinds import prose
from pamong.kinds.reflection.play import Brief, Evidence, Key, Prediction, Prompt, State

Place = Seat[Brief, Key, State]

PAUSE = 0.01
"""Chance, per action, that a person stops there."""
EARLIEST, LATEST = 2, 12
"""Event numbers that are named when the other exercise's log is not at hand."""
LONGEST = 40
"""Sentences that a person writes at most."""


def perfect(seat: Place) -> Action | None:
    return _next(seat, _true_forecast, _valid_evidence, partial(_written, 1.0))


def random(seat: Place) -> Action | None:
    return _next(seat, lambda seat, _: 100 * seat.rng.random(), _any_evidence, _babble)


def middle(seat: Place) -> Action | None:
    """Predicts 50, names the first events, writes half of what is asked."""
    return _next(seat, lambda *_: 50.0, _first_evidence, partial(_written, 0.5))


def person(seat: Place) -> Action | None:
    """Writes at some length, rather more with skill; sometimes too little, sometimes not to the end."""
    if seat.state.attempt and seat.rng.random() < PAUSE:
        return None if seat.state.finished else Action("finish")
    evidence = _valid_evidence if seat.rng.random() < 0.4 + 0.6 * seat.skill else _any_evidence
    return _next(seat, _rough_forecast, evidence, _personal)


def _next(
    seat: Place,
    forecast: Callable[[Place, Prediction], float],
    evidence: Callable[[Place, Evidence], list[int]],
    write: Callable[[Place, Prompt], str],
) -> Action | None:
    """The first thing that is not there yet, in the order of the form."""
    if seat.state.finished:
        return None
    for each in seat.brief.predictions:
        if each.id not in seat.state.predictions:
            return Action("predict", {"prediction": each.id, "value": forecast(seat, each)})
    for prompt in seat.brief.prompts:
        if prompt.id not in seat.state.texts:
            return Action("text", {"prompt": prompt.id, "text": write(seat, prompt)})
        if prompt.evidence and prompt.id not in seat.state.evidence:
            events = evidence(seat, prompt.evidence)
            return Action("evidence", {"prompt": prompt.id, "events": events})
    return Action("finish")


def _true_forecast(seat: Place, prediction: Prediction) -> float:
    score = seat.context.scores.get(prediction.exercise)
    return 100 * score.value if score else 50.0


def _rough_forecast(seat: Place, prediction: Prediction) -> float:
    """Too high, and the more so the less able (Kruger & Dunning, 1999)."""
    score = seat.context.scores.get(prediction.exercise)
    centre = score.value if score else seat.skill
    guess = centre + 0.3 * (1 - seat.skill) + seat.rng.gauss(0, 0.12)
    return float(round(20 * min(max(guess, 0.0), 1.0)) * 5)


def _fitting(seat: Place, evidence: Evidence) -> list[int]:
    events = seat.context.events.get(evidence.exercise, ())
    return [each.n for each in events if each.who == "participant" and each.act in evidence.acts]


def _valid_evidence(seat: Place, evidence: Evidence) -> list[int]:
    fitting = _fitting(seat, evidence)
    if len(fitting) < evidence.count:
        return _any_evidence(seat, evidence)
    return sorted(seat.rng.sample(fitting, evidence.count))


def _any_evidence(seat: Place, evidence: Evidence) -> list[int]:
    return sorted(seat.rng.sample(range(EARLIEST, LATEST + 1), evidence.count))


def _first_evidence(seat: Place, evidence: Evidence) -> list[int]:  # noqa: ARG001  # as its siblings
    return list(range(1, evidence.count + 1))


def _babble(seat: Place, prompt: Prompt) -> str:
    words = seat.rng.randint(0, max(prompt.min_words // 3, 1))
    return " ".join("".join(seat.rng.choices("aeiknrtu", k=5)) for _ in range(words))


def _personal(seat: Place, prompt: Prompt) -> str:
    share = seat.rng.gauss(0.95 + 0.45 * seat.skill, 0.3)
    return _written(min(max(share, 0.1), 2.5), seat, prompt)


def _written(share: float, seat: Place, prompt: Prompt) -> str:
    """Sentences until ``share`` of the words asked for is reached, in up to three paragraphs."""
    say, rng = messages("reflection_person"), seat.rng
    pools = {key: list(value) for key, value in say.entries.items()}
    fill = {name: rng.choice(pools[name]) for name in ("party", "issue", "step", "plan")}
    stages = ("opening", "event", "reason", "lesson", "plan_sentence")
    paragraphs: list[list[str]] = [[]]
    for place in range(LONGEST):
        if paragraphs[-1] and _long_enough(paragraphs, share * prompt.min_words):
            break
        pool = pools[stages[min(place, 4)] if place < 5 else rng.choice(stages[1:])]
        if not pool:
            continue
        if len(paragraphs[-1]) >= 3 and len(paragraphs) < 3 and rng.random() < 0.4:
            paragraphs.append([])
        sentence = pool.pop(rng.randrange(len(pool))).format(**fill)
        paragraphs[-1].append(sentence[0].upper() + sentence[1:])
    return "\n\n".join(" ".join(sentences) for sentences in paragraphs)


def _long_enough(paragraphs: list[list[str]], least: float) -> bool:
    return prose.count_words(" ".join(" ".join(each) for each in paragraphs)) >= least


BOTS: dict[str, Bot] = {"perfect": perfect, "random": random, "middle": middle, "person": person}
