"""Why a graded cell stands otherwise than before, told by what the two gradings rested on."""

from __future__ import annotations

from pamong.grading.mark import Mark
from pamong.grading.records.origin import Origin
from pamong.outcome import Errored

FIRST = "first grading"
ANSWER = "the answer changed"
SOURCE = "the module or its key changed"
CODE = "Pamong changed"
ELSEWHERE = "something else in the submission changed"
UNKNOWN = "it is not known what the earlier grade rested on"
NOTHING = "nothing that it rests on changed"
ANEW = "graded anew: the earlier grading was errored, or nbgrader's"


def cause(
    mark: Mark, now: Origin, *, first: bool, answer: str | None, before: Origin | None
) -> str:
    """In one line: what differs from the earlier grading, then the error if there is one.

    ``answer`` names the answer that was graded before and ``before`` says what else that grade rested
    on; an empty fingerprint in it is unknown. All that differs is told: which of it moved the score
    only a grading with the rest as it was could say.
    """
    found = [FIRST] if first else _differences(mark, now, answer, before)
    if isinstance(mark.outcome, Errored):
        found.append(f"errored: {' '.join(mark.outcome.cause.split())}")
    return "; ".join(found)


def _differences(mark: Mark, now: Origin, answer: str | None, before: Origin | None) -> list[str]:
    if before is None:
        changed = mark.fingerprint and answer not in (None, mark.fingerprint)
        return [ANSWER if changed else UNKNOWN]
    same_answer = not mark.fingerprint or answer == mark.fingerprint
    elsewhere = before.submission and now.submission and before.submission != now.submission
    found = {
        ANSWER: not same_answer,
        SOURCE: before.source != now.source,
        CODE: before.code != now.code,
        ELSEWHERE: same_answer and bool(elsewhere),
    }
    nothing = NOTHING if before.submission else ANEW
    return [text for text, holds in found.items() if holds] or [nothing]
