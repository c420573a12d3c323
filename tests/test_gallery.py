"""The gallery: every kind, drawn from real dialogues, on pages that ask for nothing from outside."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pamong.kinds import KINDS
from pamong.view import gallery

TEMPLATES = Path(__file__).parents[1] / "templates"


@pytest.fixture(scope="module")
def scenes():
    return gallery.scenes(TEMPLATES)


def of(scenes, state):
    return {scene.kind: scene for scene in scenes if scene.state == state}


def test_every_kind_has_a_scene_for_every_state(scenes):
    alike = {scene.state for scene in scenes} - {"absent", "silent"}
    assert {kind: len([it for it in scenes if it.kind == kind]) for kind in KINDS} == {
        name: len(alike) + (2 if kind.reactive else 0) for name, kind in KINDS.items()
    }


def test_every_scene_can_be_drawn_except_where_the_log_is_damaged(scenes):
    assert {scene.state for scene in scenes if "view" not in scene.screen} == {"damaged"}


def test_a_scene_is_in_the_state_that_it_is_named_after(scenes):
    assert all(it.screen["n"] == 0 for it in of(scenes, "new").values())
    assert all(it.screen["missing"] for it in of(scenes, "missing").values())
    assert all(it.screen["finished"] for it in of(scenes, "locked").values())
    assert all(it.screen["score"] is None for it in of(scenes, "locked").values())
    assert all(it.screen["attempt"]["number"] == 2 for it in of(scenes, "second").values())
    assert all(it.screen["newer"] for it in of(scenes, "newer").values())
    assert all(it.answer["type"] == "refuse" for it in of(scenes, "refused").values())
    assert all(it.screen["counterpart"] == "absent" for it in of(scenes, "absent").values())
    assert all(it.screen["problem"] for it in of(scenes, "silent").values())


def test_a_good_play_earns_more_than_a_poor_one(scenes):
    good, poor = of(scenes, "debrief-good"), of(scenes, "debrief-poor")
    earned = {kind: (good[kind].screen["score"], poor[kind].screen["score"]) for kind in KINDS}
    scored = {kind: pair for kind, pair in earned.items() if None not in pair}
    assert len(scored) >= len(KINDS) - 1
    assert {
        kind for kind, (best, worst) in scored.items() if best["value"] < worst["value"]
    } == set()


def test_two_looks_at_the_gallery_show_the_same(scenes):
    assert gallery.pages(scenes) == gallery.pages(gallery.scenes(TEMPLATES))


def test_the_page_carries_its_scenes_as_data_that_no_text_can_break_out_of(scenes):
    page = gallery.pages(scenes)["/scenes"].decode()
    block = re.search(
        r'<script type="application/json" id="scenes">(.*?)</script>', page, re.DOTALL
    )
    assert len(json.loads(block[1])["scenes"]) == len(scenes)
    assert not re.search(r'(?:src|href)="(?!/static/|#|data:,)', page)


def test_nothing_but_what_browsers_get_is_served():
    with gallery.showing(TEMPLATES) as address:
        with urllib.request.urlopen(f"{address}static/tokens.css") as answer:  # noqa: S310
            assert b"--teal" in answer.read()
        for path in ("static/../gallery.py", "static/%2e%2e/session.py", "static/", "etc/passwd"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}{path}")  # noqa: S310
