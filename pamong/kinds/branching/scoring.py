"""How well a branching case was played: one part per decision, under the cap of integrity."""

from __future__ import annotations

from collections.abc import Mapping

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.branching.appraisal import Appraisal, Decision, appraise
from pamong.kinds.branching.case import Brief, Key
from pamong.kinds.branching.graph import option_of
from pamong.kinds.branching.play import State
from pamong.score import Cap, Context, Part, Score, weighted


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """1 less the sum of what the decisions cost, as a share of what random play loses (Savage, 1951).

    A part's weight is what the decision cost and its share of what is left of the score, dealt out
    by what it saved; so a best choice has the value 1, a worst one 0, and the mean is the score.
    """
    attempt = state.counted
    say = messages("branching")
    if attempt is None:
        return weighted([Part("decisions", say("part.none"), 1.0, 0.0, say("reason.nothing"))])
    found = appraise(brief, key, attempt)
    parts = _parts(key, found)
    if found.rest > 0 or not parts:
        reason = say("reason.unfinished", count=len(found.decisions))
        parts.append(Part("rest", say("part.rest"), max(found.rest, 1e-6), 0.0, reason))
    return weighted(parts, caps(brief, key, found))


def _parts(key: Key, found: Appraisal) -> list[Part]:
    saved = [it.stake - it.loss for it in found.decisions]
    if sum(saved) <= 0:
        saved = [it.stake or 1.0 for it in found.decisions]
    parts = []
    for decision, share in zip(found.decisions, saved, strict=True):
        kept = found.value * share / sum(saved)
        weight = decision.loss + kept
        value = kept / weight if weight > 0 else 1.0
        label = messages("branching")(
            "part.decision",
            number=decision.number,
            title=key.nodes[decision.place.node].title,
        )
        reason = told(key, decision)
        name = f"decision-{decision.number}"
        parts.append(Part(name, label, weight, min(1.0, max(0.0, value)), reason))
    return parts


def told(key: Key, decision: Decision) -> str:
    """What a decision cost, in one sentence."""
    say = messages("branching")
    text = option_of(key, decision.place.node, decision.option).text
    choice = prose.within_quotes(prose.excerpt(text))
    choice = choice.rstrip(".")
    if decision.stake == 0:
        return say("reason.alike", choice=choice)
    if decision.points == 0:
        return say("reason.best", choice=choice)
    worst = decision.loss >= decision.stake - 1e-9
    return say("reason.worst" if worst else "reason.cost", choice=choice, points=decision.points)


def caps(brief: Brief, key: Key, found: Appraisal) -> tuple[Cap, ...]:
    """One cap for each violation and each limit that was passed."""
    say = messages("branching")
    texts = []
    limit = prose.percent(brief.cap)
    for it in found.decisions:
        where = {"number": it.number, "title": key.nodes[it.place.node].title, "limit": limit}
        if it.violation:
            texts.append(say("cap.violation", rule=it.violation, **where))
        texts += [say("cap.limit", indicator=label, **where) for label in it.breached]
    return tuple(Cap(brief.cap, text) for text in texts)


def answers(brief: Brief, state: State) -> Mapping[str, str]:  # noqa: ARG001  # the contract of a kind
    """What was chosen at each situation that the scored attempt came to."""
    attempt = state.counted
    if attempt is None:
        return {}
    pairs = zip(attempt.scenes, attempt.choices, strict=False)
    return {scene.node: choice.option for scene, choice in pairs}


def item_scores(brief: Brief, key: Key, state: State) -> Mapping[str, float]:
    """How good each choice was, between the worst (0) and the best on offer (1)."""
    attempt = state.counted
    if attempt is None:
        return {}
    decisions = appraise(brief, key, attempt).decisions
    return {it.place.node: round(min(1.0, max(0.0, it.kept)), 6) for it in decisions}
