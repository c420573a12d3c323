"""``docs/pemeriksaan.md`` explains every warning that is left about the modules, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.inspection import inspect

ROOT = Path(__file__).parents[1]
COURSE = Course.load(ROOT)
MODULES = [plan.id for plan in COURSE.programme.modules]
ROW = re.compile(r"^\| (m\d) \| (.+?) \| (.+?) \|$", re.MULTILINE)
SUBJECT = re.compile(r"“([^”]+)”")


def explained(module: str) -> set[str]:
    """The cards, steps and actions of a module that the page has a sentence for."""
    rows = ROW.findall((ROOT / "docs/pemeriksaan.md").read_text(encoding="utf-8"))
    named = (re.findall(r"`([^`]+)`", what) for nth, what, _ in rows if nth == module[:2])
    return {name for names in named for name in names}


@pytest.mark.parametrize("module", MODULES)
def test_every_remaining_warning_is_explained_and_nothing_else_is(module):
    problems = inspect(COURSE, module)
    assert [str(each) for each in problems if each.severity == "error"] == []
    found = [SUBJECT.search(each.message) for each in problems]
    assert None not in found
    warned = {match.group(1) for match in found if match}
    places = {path.name.split(".")[0] for path in COURSE.source(module).glob("*.brief.yaml")}
    assert warned <= explained(module)
    assert explained(module) <= warned | places
