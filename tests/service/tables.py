"""A course with cases for live rooms, and people of several areas and lines of command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pamong.catalogue import PACKAGE
from pamong.course import Course
from pamong.service import people
from pamong.service.people import Person
from pamong.service.service import Service

from .conftest import MODULE, service_at

TEMPLATES = PACKAGE.parent / "templates" / "exercises"
NEGOTIATION, MEDIATION, GRADED = "negotiation", "dinding-rembes", "berat"
MORE = (
    Person(id="p004", name="Dewi Rekaan", role="peserta", region="Umpama Utara", cohort="a01"),
    Person(id="p005", name="Eka Rekaan", role="peserta", region="Umpama Barat", cohort="a01"),
    Person(id="p006", name="Fajar Rekaan", role="peserta", region="Umpama Barat", cohort="a02"),
)


def with_cases(root: Path) -> Course:
    """The released small course with a negotiation, a mediation and a graded negotiation in its module."""
    released, keys = root / "course/release" / MODULE, root / "graders" / MODULE / "released"
    (keys / "index.json").unlink()
    briefs = {
        NEGOTIATION: (TEMPLATES / "negotiation.brief.yaml").read_text(encoding="utf-8"),
        MEDIATION: (TEMPLATES / "mediation.brief.yaml").read_text(encoding="utf-8"),
    }
    open_part, model = briefs[NEGOTIATION].split("model:\n", 1)
    graded = open_part.replace("id: negotiation", f"id: {GRADED}", 1)
    briefs[GRADED] = graded.replace("use: practice", "use: graded", 1)
    key = "".join(line[2:] for line in model.splitlines(keepends=True))
    (keys / f"{GRADED}.v1.key.yaml").write_text(key, encoding="utf-8")
    for name, text in briefs.items():
        (released / f"{name}.brief.yaml").write_text(text, encoding="utf-8")
        (keys / f"{name}.v1.brief.yaml").write_text(text, encoding="utf-8")
    notebook = released / "module.ipynb"
    content = json.loads(notebook.read_text(encoding="utf-8"))
    like = next(cell for cell in content["cells"] if "latihan" in "".join(cell["source"]))
    for name in briefs:
        cell = json.loads(json.dumps(like).replace("latihan", name))
        content["cells"].append(cell)
    notebook.write_text(json.dumps(content), encoding="utf-8")
    return Course.load(root)


def laid(released: Path, root: Path, clock: object = None, *, url: str = "") -> Service:
    """A service over that course with its own database and ``MORE`` people."""
    shutil.copytree(released, root)
    course = with_cases(root)
    service = service_at(course, url or course.service_url, clock)
    with service.database.writing() as connection:
        for person in MORE:
            people.add(connection, person)
    return service


DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.heavy))


def over(request: pytest.FixtureRequest, released: Path, folder: Path) -> Iterator[Service]:
    """The service over the database that a fixture with ``DATABASES`` asks for."""
    there = request.param == "postgresql"
    url = request.getfixturevalue("server").database() if there else ""
    found = laid(released, folder / "root", url=url)
    with closing(found.database):
        yield found
