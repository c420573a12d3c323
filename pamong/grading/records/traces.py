"""What the folders and the gradebook of a course hold of one person, to be deleted when it must go.

Grades, ledger and the register of transcripts stay: they name the id alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, Table, select

from pamong.course import Course


def folders(course: Course, person: str) -> tuple[Path, ...]:
    """Where work and feedback of a person lie; nothing of anybody whose id begins alike."""
    own = [course.folder / name / person for name in ("submitted", "autograded", "feedback")]
    inbound = course.exchange / course.programme.course_id / "inbound"
    own += sorted(inbound.glob(f"{person}+*"))
    return tuple(path for path in own if path.is_dir())


def forget_folders(course: Course, person: str) -> tuple[Path, ...]:
    """Delete them; returns which. OSError."""
    found = folders(course, person)
    for path in found:
        shutil.rmtree(path)
    return found


def forget_name(connection: Connection, tables: Mapping[str, Table], person: str) -> None:
    """Take a person's name out of the gradebook, and what markers wrote to them."""
    student, submitted = tables["student"], tables["submitted_assignment"]
    sheet, comment = tables["submitted_notebook"], tables["comment"]
    nobody = {name: None for name in ("first_name", "last_name", "email") if name in student.c}
    connection.execute(student.update().where(student.c.id == person).values(nobody))
    its = select(sheet.c.id).join(submitted, submitted.c.id == sheet.c.assignment_id)
    theirs = comment.c.notebook_id.in_(its.where(submitted.c.student_id == person))
    wordless = {"auto_comment": None, "manual_comment": None}
    connection.execute(comment.update().where(theirs).values(wordless))
