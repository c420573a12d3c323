"""The design tokens: legible in both themes, complete, and the only source of colour there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pamong import palette

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "pamong" / "static"
SHEETS = [path for path in STATIC.rglob("*.css") if path.name != "tokens.css"]
TEMPLATES = [
    ROOT / "templates" / name for name in ("report.css", "worksheet.css", "feedback/page.css")
]
CODE = [path for path in STATIC.rglob("*.js") if "vendor" not in path.parts]
RAW = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)|\brgba?\(|\bhsla?\(")
THEMES = ("light", "dark")
GROUNDS = ("page", "paper", "wash")
INKS = ("ink", "soft", "quiet")
HUES = {"teal": "deep", "amber": "ink", "red": "ink"}
TONES = ("soft", "tint")
TEXT = 4.5
SHAPE = 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "soft", "quiet", "teal-deep") for ground in GROUNDS),
    *((ink, ground, TEXT) for ink in ("amber-ink", "red-ink", "red") for ground in GROUNDS),
    *((ink, "track", TEXT) for ink in ("ink", "soft", "quiet")),
    *((ink, f"{hue}-{tone}", TEXT) for hue in HUES for tone in TONES for ink in INKS),
    *((f"{hue}-{ink}", f"{hue}-{tone}", TEXT) for hue, ink in HUES.items() for tone in TONES),
    ("red", "red-soft", TEXT),
    *(("on-fill", fill, TEXT) for fill in ("teal", "teal-deep", "amber-deep", "red")),
    *(("edge", ground, SHAPE) for ground in ("paper", "wash", "teal-soft")),
    *(("teal", ground, SHAPE) for ground in (*GROUNDS, "teal-soft", "amber-soft", "red-soft")),
    *((fill, ground, SHAPE) for fill in ("amber-deep", "red") for ground in GROUNDS),
    ("teal", "track", SHAPE),
    ("red", "track", SHAPE),
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_greatest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_everything_that_must_be_legible_is(theme):
    known = palette.colours(theme)
    poor = {
        (ink, ground): round(contrast(known[ink], known[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(known[ink], known[ground]) < least
    }
    assert poor == {}


def test_both_ways_to_dark_give_the_same_colours_and_leave_none_out():
    source = (STATIC / "tokens.css").read_text(encoding="utf-8")
    first, second = re.findall(r":root[:\[][^{]*\{([^}]*)\}", source)
    assert first.split() == second.split()
    assert palette.colours("dark").keys() == palette.colours("light").keys()


def test_dark_is_for_screens_only():
    source = (STATIC / "tokens.css").read_text(encoding="utf-8")
    starts = [line for line in source.splitlines() if line.startswith("@media")]
    assert starts == ["@media screen and (prefers-color-scheme: dark) {", "@media screen {"]


@pytest.mark.parametrize(
    "path", [*SHEETS, *CODE, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_sheet_and_no_script_has_a_colour_of_its_own(path):
    found = [match[0] for match in RAW.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "path", [*SHEETS, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_sheet_uses_only_tokens_that_there_are(path):
    text = path.read_text(encoding="utf-8")
    known = set(re.findall(r"--([a-z0-9-]+):", palette.stylesheet() + text))
    given_by_scripts = {"threshold", "limit", "row"}
    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) - known - given_by_scripts == set()


def test_a_sheet_inside_a_page_asks_for_no_font():
    assert "url(" not in palette.stylesheet()
    assert "--teal: #0b7a75;" in palette.stylesheet()


def test_a_notebook_with_a_theme_of_its_own_gets_the_light_one_only():
    light = palette.stylesheet(dark=False)
    assert "--page: #f3f5f7;" in light
    assert "@media" not in light


def test_pictures_drawn_for_paper_are_legible_on_their_plate_in_both_themes():
    light, plates = palette.colours("light"), [palette.colours(it)["plate"] for it in THEMES]
    assert all(contrast(light[ink], plate) >= TEXT for ink in INKS for plate in plates)
