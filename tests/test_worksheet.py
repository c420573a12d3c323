"""Worksheets: everything a participant needs on paper, and nothing of a key."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pamong.brief import load_brief, plain
from pamong.kinds import KINDS, paper
from pamong.worksheet import sheet, worksheets

SCAFFOLDS = Path(__file__).parents[1] / "templates" / "exercises"
MODULE = "m0-contoh"


@pytest.fixture(params=sorted(KINDS))
def brief(request):
    return load_brief(SCAFFOLDS / f"{request.param}.brief.yaml")


def texts(value, longest=25):
    """Every text of some length in plain data."""
    if isinstance(value, str):
        return {value.strip()} if len(value.strip()) >= longest else set()
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list | tuple):
        return set().union(*(texts(each, longest) for each in inner))
    return set()


def test_a_sheet_holds_nothing_of_the_key(brief):
    told = texts(msgspec.to_builtins(brief.model)) - texts(plain(brief))
    assert [text for text in told if text in sheet(brief)] == []


def test_a_sheet_has_a_title_a_place_for_a_name_and_room_to_write(brief):
    html = sheet(brief)
    assert html.count("<section") == html.count("</section>") == 1
    assert "<span>Nama</span><span>Tanggal</span>" in html
    assert any(room in html for room in ('class="box"', 'class="lines"', "<td></td>"))


def test_what_an_author_writes_is_never_markup(brief):
    html = sheet(replace(brief, title="<b>Judul</b>", intro="<script>x</script>"))
    assert "<b>Judul" not in html
    assert "<script" not in html


def test_every_option_of_a_test_is_there_in_an_order_that_tells_nothing():
    brief = load_brief(SCAFFOLDS / "choice.brief.yaml")
    html = sheet(brief)
    for item in brief.items:
        assert [option.text for option in item.options if option.text not in html] == []
    assert sheet(brief) == html
    written = ["satu", "dua", "tiga", "empat", "lima"]
    assert sorted(paper.mixed(written, "x")) == sorted(written)
    assert len({paper.mixed(written, str(seed)) for seed in range(20)}) > 5


def test_a_module_has_one_sheet_for_each_exercise_in_its_own_order(small):
    html = worksheets(small, MODULE)
    shown = ["latihan", "pemahaman", "sikap", "refleksi"]
    places = [html.index(f'<section id="{id}"') for id in shown]
    assert places == sorted(places)
    assert html.count("<section") == len(shown)
    assert "@page" in html
    assert "http" not in html
