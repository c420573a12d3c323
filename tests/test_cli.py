"""The command line, as typed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = Path(__file__).parent / "course_small"


def pamong(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pamong.cli import main; main()", *words]
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_outside_a_course_the_error_says_where_to_run(tmp_path: Path) -> None:
    run = pamong("check", cwd=tmp_path)
    assert run.returncode == 1
    assert run.stderr == (
        f"No course/programme.yaml at or above {tmp_path}. Run this from the repository root.\n"
    )


def test_an_unknown_module_is_an_error_that_lists_the_known_ones(root: Path) -> None:
    run = pamong("check", "m9", cwd=root)
    assert (run.returncode, run.stderr) == (
        1,
        "No module 'm9' in the programme. It has: m0-contoh.\n",
    )


def test_wrong_usage_has_its_own_status(root: Path) -> None:
    assert pamong("simulate", "--seed", "x", "m0-contoh", cwd=root).returncode == 2


def test_simulating_before_releasing_says_what_to_do_first(root: Path) -> None:
    run = pamong("simulate", "m0-contoh", cwd=root)
    assert run.returncode == 1
    assert "m0-contoh has not been released. Run `pamong release m0-contoh` first." in run.stderr


def test_grading_before_collecting_says_what_to_do_first(root: Path) -> None:
    run = pamong("grade", cwd=root)
    assert run.returncode == 1
    assert "pamong release" in run.stderr


def test_a_wrong_roster_is_named_line_by_line(root: Path) -> None:
    path = root / "course" / "roster.csv"
    path.write_text("id,name,role,region,cohort,superior\nP1,,raja,,x,\n", encoding="utf-8")
    run = pamong("roster", "check", cwd=root)
    assert run.returncode == 1
    assert run.stderr.count("roster.csv:2:1: ") == 5


def test_the_roster_is_counted_by_role(root: Path) -> None:
    run = pamong("roster", "check", cwd=root)
    assert run.returncode == 0
    assert "participants: " in run.stdout


def test_every_command_explains_itself(root: Path) -> None:
    overview = pamong("--help", cwd=root).stdout
    for command in (
        "roster", "check", "playtest", "preview", "release", "simulate", "collect", "grade",
        "feedback", "report", "doctor", "demo",
    ):  # fmt: skip
        assert command in overview
        assert pamong(command, "--help", cwd=root).returncode == 0


def test_a_playtest_that_breaks_a_promise_fails(root: Path) -> None:
    key = root / "graders" / "m0-contoh" / "pemahaman.key.yaml"
    key.write_text(
        key.read_text(encoding="utf-8") + 'calibration: {random: ">= 0.99"}\n', encoding="utf-8"
    )
    run = pamong("playtest", "m0-contoh", "--rounds", "3", cwd=root)
    assert run.returncode == 1
    assert "Broken promises: 1." in run.stdout
