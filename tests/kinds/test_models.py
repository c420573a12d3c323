"""Every YAML value to every model: a brief or key is read, or refused as an authoring error; nothing else."""

from contextlib import suppress
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pamong import document
from pamong.authoring import brief_in, model_in
from pamong.document import Document
from pamong.errors import AuthoringError
from pamong.kinds import KINDS
from tests.kinds.cases import HERE, NAMES, TEMPLATES, case

SPECIMENS = [name for name in NAMES if name.partition(":")[2] in ("", "template")]
ODD = (
    None, True, False, 0, 1, -1, 7, 100, 2**53, 0.5, -0.1, 1e300, "", " ", "x", "no", "01", "a b", "é" * 50,
    "x" * 2000, [], {}, [[]], [None], [1, 2], ["x", "x"], {"": ""}, {"id": "x"}, {"x": {"y": []}}, [{}],
)  # fmt: skip
plain = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@cache
def specimen(name):
    kind, _, template = name.partition(":")
    return document.read((TEMPLATES if template else HERE) / f"{kind}.brief.yaml").data


def held(data, name="contoh.brief.yaml"):
    """Data as a document whose places nobody wrote down."""
    return Document(Path(name), data, {})


@st.composite
def spoilt(draw, data):
    """``data`` with some values, however deep, replaced, removed, repeated or misnamed."""
    data = deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        owner, key = draw(st.sampled_from(list(_slots(data))))
        change = draw(st.sampled_from(["value", "value", "other", "drop", "name", "twice"]))
        if change == "value":
            owner[key] = deepcopy(draw(plain))
        elif change == "other":
            other, name = draw(st.sampled_from(list(_slots(data))))
            owner[key] = deepcopy(other[name])
        elif change == "drop":
            del owner[key]
        elif isinstance(owner, list):
            owner.insert(key, deepcopy(owner[key]))
        elif change == "name":
            owner[draw(st.sampled_from(["id", "x", f"{key}s", "model"]))] = owner.pop(key)
        if not data:
            break
    return data


def _slots(data):
    for key in list(data) if isinstance(data, dict) else range(len(data)):
        yield data, key
        if isinstance(data[key], dict | list) and data[key]:
            yield from _slots(data[key])


def judged(kind, data):
    """What an author is told about a brief with its model, as ``pamong check`` does."""
    source = held(data)
    try:
        brief = model_in(source, kind.brief)
    except AuthoringError:
        return
    assert document.convert(source, kind.brief) == brief
    key = getattr(brief, "model", None)
    if key is None:
        return
    problems = kind.check(brief, key)
    advice = kind.advise(brief, key)
    assert all(isinstance(text, str) and text for text in (*problems, *advice))


@pytest.mark.parametrize("name", SPECIMENS)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_a_spoilt_brief_is_read_alike_everywhere_or_refused(name, data):
    judged(case(name)[0], data.draw(spoilt(specimen(name))))


@pytest.mark.parametrize("name", SPECIMENS)
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_a_key_that_was_written_for_another_brief_is_told_what_differs(name, data):
    """Each may be sound by itself, so that only ``check`` can tell."""
    kind, brief, _ = case(name)
    source = held(data.draw(spoilt(specimen(name)["model"])), "contoh.key.yaml")
    try:
        key = model_in(source, kind.key)
    except AuthoringError:
        return
    problems = kind.check(brief, key)
    if not problems:
        kind.advise(brief, key)
        assert kind.endings(brief, key) is not None


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("part", ["brief", "key"])
@given(value=st.dictionaries(st.text(max_size=5), plain, max_size=4))
@settings(max_examples=15)
def test_any_value_is_a_model_or_an_authoring_error(name, part, value):
    model = getattr(KINDS[name], part)
    for read in (model_in, document.convert):
        with suppress(AuthoringError):
            assert isinstance(read(held(value), model), model)


@pytest.mark.parametrize("value", [*ODD, "choice", "Choice"])
def test_a_kind_may_be_anything_that_yaml_can_hold(value):
    with pytest.raises(AuthoringError) as error:
        brief_in(held({"kind": value}))
    assert len(str(error.value)) < 2000
