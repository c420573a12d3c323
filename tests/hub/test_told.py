"""What the grading server is told when it starts keeps nbgrader from running on with settings of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from pamong.hub import told
from pamong.hub.admission import GRADER
from pamong.hub.settings import from_environment
from pamong.service.database import Database
from tests.conftest import MODULE

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [("\n(\n", "SyntaxError"), ("\nimport tidak_ada_sama_sekali\n", "ModuleNotFoundError")],
    ids=["syntax", "import"],
)
def test_a_broken_configuration_file_stops_nbgrader_on_the_grading_server(small, line, said):
    """Or it would say so, and grade into a gradebook of its own without sandbox and keys."""
    with (small.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(line)
    (small.folder / "submitted" / "p001" / MODULE).mkdir(parents=True)
    settings = from_environment(small.root, {"PAMONG_RUN": str(small.root / "run")})
    with closing(Database(small.service_url)) as database:
        own = told.tell(settings, small, database, GRADER, os.getuid(), NOW)
    before = {path for path in small.root.rglob("*") if "run" not in path.parts}
    command = [sys.executable, "-m", "nbgrader", "autograde", MODULE]
    run = subprocess.run(
        command, cwd=small.root, env=os.environ | own, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert said in run.stderr
    made = {path for path in small.root.rglob("*") if "run" not in path.parts} - before
    assert [path.name for path in made if path.suffix in (".db", ".ipynb")] == []
    assert not (small.folder / "autograded").exists()
