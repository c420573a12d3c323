"""Every released module can be worked through in a browser by keyboard alone, from the first cell to the last.

Nothing is stubbed: the release, a Jupyter server, kernels, the other side, keys. Each module is walked
once, and between them the six walks take both widths, all offices, and both the notebook and the light
page, which is the quicker one. No mouse is used, so that whatever keys cannot do fails here; so does a
focus that is lost, hidden, unmarked or out of order (``keyboard``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.outcome import Scored
from pamong.view.preview import running, running_home

from .walk import opened

pytestmark = pytest.mark.browser
COURSE = Course.load(Path(__file__).parents[2])
WALKS = (
    ("m1-komunikasi-kolaborasi", 390, "camat"),
    ("m2-manajemen-perubahan", 1366, "walikota"),
    ("m3-pemecahan-masalah-keputusan", 390, "lurah"),
    ("m4-kepemimpinan", 1366, "camat"),
    ("m5-negosiasi-mediasi", 390, "bupati"),
    ("m6-integritas-pelayanan", 1366, "lurah"),
)
IN_THE_NOTEBOOK = ("m2-manajemen-perubahan",)
LEAST = 0.9
"""What somebody who knows the answers reaches in every exercise."""


def test_every_module_width_and_office_is_walked():
    modules, widths, offices = map(set, zip(*WALKS, strict=True))
    assert modules == {plan.id for plan in COURSE.programme.modules}
    assert widths == {390, 1366}
    assert offices == set(COURSE.programme.roles)


@pytest.mark.parametrize(("module", "width", "office"), WALKS, ids=[walk[0][:2] for walk in WALKS])
def test_a_module_is_worked_through_by_keyboard_from_its_first_cell_to_its_last(
    chromium, tmp_path, module, width, office
):
    light = module not in IN_THE_NOTEBOOK
    served = (
        running_home(COURSE, role=office, folder=tmp_path)
        if light
        else running(COURSE, module, released=True, role=office, folder=tmp_path)
    )
    with served as site:
        walk = opened(chromium, COURSE, module, site, width=width, light=light)
        assert walk.faults() == []
        finished = list(walk.through())
        assert walk.faults() == []
        found = {name: walk.outcome(name) for name in finished}
        walk.page.context.close()
    assert len(finished) == len(set(finished)) == asked(module)
    weak = {
        name: outcome
        for name, outcome in found.items()
        if not isinstance(outcome, Scored) or not LEAST <= outcome.points <= 1
    }
    assert weak == {}


def asked(module: str) -> int:
    """How many places of the notebook show an exercise."""
    source = (COURSE.release(module) / "module.ipynb").read_text(encoding="utf-8")
    return len(re.findall(r'"module\.exercise\(', source))
