"""What every reactive kind asks of the event that opens an attempt."""

import pytest

from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kinds import KINDS
from tests.kinds.cases import case
from tests.values import replace

REACTIVE = sorted(name for name, kind in KINDS.items() if kind.reactive)
OPEN = Event(
    n=1, id="e1", at="2026-01-01T00:00:00.000Z", who="system", act="open",
    data={}, exercise="x", version=1, attempt=1,
)  # fmt: skip


def opened(name, variant):
    kind, brief, _ = case(f"{name}:template")
    return kind.apply(brief, kind.start(brief), replace(OPEN, data={"variant": variant}))


@pytest.mark.parametrize("name", REACTIVE)
def test_an_attempt_is_opened_on_a_variant_of_its_case(name):
    kind, _, key = case(f"{name}:template")
    state = opened(name, kind.reactive.variants(key)[0])
    assert (state.attempt, state.finished, state.current.number) == (1, False, 1)


@pytest.mark.parametrize("name", REACTIVE)
@pytest.mark.parametrize(
    ("variant", "code"),
    [
        ("zz", "illegal.unknown"),
        ("", "illegal.data"),
        ("a" * 101, "illegal.data"),
        (None, "illegal.data"),
        ("\ud800", "illegal.unknown"),
    ],
)
def test_no_other_variant_opens_a_practice_attempt(name, variant, code):
    with pytest.raises(IllegalEvent) as error:
        opened(name, variant)
    assert error.value.code == code
