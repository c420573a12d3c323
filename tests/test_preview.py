"""What a preview copies and what its kernels may know; the running one is in tests/browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.view.preview import _environment, _fill, running

MODULE = "m0-contoh"


@pytest.fixture
def small(tmp_path) -> Course:
    shutil.copytree(Path(__file__).parent / "browser" / "course", tmp_path / "root")
    return Course.load(tmp_path / "root")


def test_the_source_is_shown_without_its_hidden_tests(small, tmp_path):
    assert _fill(small, MODULE, tmp_path / "work") is False
    text = (tmp_path / "work" / NOTEBOOK).read_text(encoding="utf-8")
    assert "HIDDEN TESTS" not in text
    assert "module.points" not in text
    cells = json.loads(text)["cells"]
    assert [cell["source"] for cell in cells if cell["id"] == "penataan"] == [
        'module.exercise("penataan")'
    ]


def test_a_release_is_preferred_to_the_source(small, tmp_path):
    shutil.copytree(small.source(MODULE), small.release(MODULE))
    assert _fill(small, MODULE, tmp_path / "work") is True


def test_answers_of_an_earlier_preview_are_kept(small, tmp_path):
    _fill(small, MODULE, tmp_path / "work")
    log = tmp_path / "work" / "pemanasan.jsonl"
    log.write_text("{}\n", encoding="utf-8")
    (small.source(MODULE) / "pemanasan.jsonl").write_text("other\n", encoding="utf-8")
    _fill(small, MODULE, tmp_path / "work")
    assert log.read_text(encoding="utf-8") == "{}\n"


def test_the_kernel_is_told_nothing_about_the_graders(small, tmp_path, monkeypatch):
    monkeypatch.setenv("PAMONG_GRADERS", str(small.graders))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    environment = _environment(small, tmp_path)
    assert "NBGRADER_EXECUTION" not in environment
    assert {name for name in environment if name.startswith("PAMONG_")} == {
        "PAMONG_PARTICIPANT",
        "PAMONG_TIME_ZONE",
    }


def test_an_unknown_module_is_named_with_those_there_are(small, tmp_path):
    with (
        pytest.raises(CourseError, match=r"No module 'm9' in the programme\. It has: m0-contoh\."),
        running(small, "m9", folder=tmp_path),
    ):
        pass
