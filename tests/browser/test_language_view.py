"""Numbers and days in a browser: as the server writes them, and read as they are written there."""

import pytest

from pamong import locale
from pamong.catalogue import languages, messages, speaking
from tests.kinds.cases import case

from .conftest import Stage

WRITTEN = """async ([tag, values, days]) => {
  const { speak, number, percent, day } = await import("/components.js");
  speak(tag);
  return [values.map((each) => number(each, 2)), values.map(percent), days.map(day)];
}"""
READ = """async ([tag, texts]) => {
  const { speak, parsed } = await import("/components.js");
  speak(tag);
  return texts.map(parsed);
}"""
VALUES = [0, 0.5, -0.25, 12, 1234.5, 1250000, 99.999]
DAYS = ["2026-01-02", "2026-12-31"]


@pytest.fixture(scope="module")
def page(chromium):
    """A page of a form; which one does not matter."""
    _, brief, _ = case("ranking:template")
    stage = Stage(brief, chromium)
    yield stage.open({"width": 390, "height": 800})
    stage.close()


@pytest.mark.parametrize("language", languages())
def test_a_browser_writes_numbers_and_days_as_the_server_does(page, language):
    tag = messages("form", language)("intl")
    numbers, shares, days = page.evaluate(WRITTEN, [tag, VALUES, DAYS])
    with speaking(language):
        assert numbers == [locale.decimal(value) for value in VALUES]
        assert shares[:2] == [locale.percent(value) for value in VALUES[:2]]
        assert days == [locale.day(on) for on in DAYS]


@pytest.mark.parametrize(
    ("language", "texts", "values"),
    [
        ("id", ["12,5", "12.5", "1.250", "1.250.000,75", "0.125", "-1.000", ",5"], [12.5, 12.5, 1250, 1250000.75, 0.125, -1000, 0.5]),
        ("en", ["12.5", "12,5", "1,250", "1,250,000.75", "0,125", "-1,000", ".5"], [12.5, 12.5, 1250, 1250000.75, 0.125, -1000, 0.5]),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_of_that_language_write_it(page, language, texts, values):
    tag = messages("form", language)("intl")
    assert page.evaluate(READ, [tag, texts]) == values


@pytest.mark.parametrize("text", ["", "dua belas", "1.2.3", "12 50x", "--1"])
def test_what_is_no_number_is_not_read_as_one(page, text):
    (value,) = page.evaluate(READ, ["id", [text]])
    assert value != value  # noqa: PLR0124  # NaN
