"""What a server is told when it starts: never settings of its own for nbgrader, always a folder to work in."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pamong.hub import told, workplace
from pamong.hub.admission import GRADER
from pamong.hub.settings import from_environment
from pamong.service import people
from pamong.service.database import Database
from pamong.service.people import Person
from tests.conftest import MODULE

PERSON = Person(id="p001", name="Siti", role="peserta", office="lurah", cohort="a01")
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


def test_a_participant_has_a_folder_to_work_in_before_any_module_is_released(small, tmp_path):
    """Or the server would end at once, and its owner meet an error page."""
    settings = from_environment(small.root, {"PAMONG_RUN": str(small.root / "run")})
    with closing(Database(small.service_url)) as database:
        database.upgrade()
        with database.writing() as connection:
            people.add(connection, PERSON)
        own = told.tell(settings, small, database, PERSON.id, os.getuid(), NOW)
    workplace.prepare(Path(own[told.TOLD]), tmp_path)
    assert [*(tmp_path / workplace.FOLDER).iterdir()] == []
