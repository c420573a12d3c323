import math

import pytest

from pamong.credit import credited
from pamong.outcome import Errored, Scored


def test_credit_is_a_share_with_its_reason():
    outcome = credited(2, 3, 40)
    assert isinstance(outcome, Scored)
    assert (outcome.points, outcome.maximum) == (26.6667, 40)
    assert [part.reason for part in outcome.score.parts] == ["2 dari 3 pemeriksaan terpenuhi."]


@pytest.mark.parametrize(
    ("passed", "of"), [(4, 3), (-1, 3), (0, 0), (math.nan, 3), ("1", 3), (1, 2.5), (None, 1)]
)
def test_credit_that_makes_no_sense_is_errored(passed, of):
    assert credited(passed, of, 40) == Errored(40, f"The check counts {passed!r} of {of!r}.")
