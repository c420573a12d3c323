"""What checks of code that somebody wrote come to."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.outcome import Errored, Outcome, Scored
from pamong.score import Part, weighted


def credited(passed: float, of: int, maximum: float) -> Outcome:
    """The outcome of code of which ``passed`` of ``of`` checks hold; errored where that makes no sense."""
    sensible = isinstance(passed, int | float) and isinstance(of, int) and 0 <= passed <= of > 0
    if not sensible:
        return Errored(maximum, f"The check counts {passed!r} of {of!r}.")
    say, share = messages("code"), passed / of
    reason = say("checks.passed", passed=f"{passed:g}", of=of)
    score = weighted((Part("checks", say("checks"), 1.0, share, reason),))
    return Scored(round(share * maximum, 4), maximum, score)
