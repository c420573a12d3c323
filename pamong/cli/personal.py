"""``pamong data``: what is stored about one person, to hand out or to delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pamong.cli.acting import acting, looking
from pamong.cli.terminal import console, shown
from pamong.course import Course

if TYPE_CHECKING:
    from pamong.service.privacy import Deleted

app = typer.Typer(no_args_is_help=True, help="Personal data: hand out, delete, let expire.")
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="An id, as in the roster.")]
Sure = Annotated[bool, typer.Option("--yes", help="Really; without it nothing is deleted.")]
NOT_YET = "Nothing was deleted. Run the command again with --yes to delete it for good."


@app.command()
def export(person: PersonId, file: Path) -> None:
    """Write everything that is stored about a person into a ZIP that this account alone can read."""
    from pamong.service import privacy  # noqa: PLC0415  # each command imports only what it needs

    with acting() as act:
        found = privacy.exported(act.connection, person, by=act.by, at=act.at)
    if marks := _marks(act.course, person):
        found["nilai.csv"] = marks
    privacy.put(file, privacy.archive(found))
    console.print(f"{shown(file.resolve())}: {len(found)} files.", markup=False)


@app.command()
def delete(
    person: PersonId,
    reason: Annotated[str, typer.Option(help="Who asked for it, or which rule.")],
    yes: Sure = False,
) -> None:
    """Delete everything about a person but their lines in the grade ledger, which hold no name."""
    from pamong.service import enrolling, people, privacy  # noqa: PLC0415

    if not reason.strip():
        raise typer.BadParameter("--reason is empty.")
    with looking() as act:
        who = people.require(act.connection, person)
    if yes:  # first, so that the same command goes on where it was interrupted
        _forget(act.course, person)
    with acting(dry=not yes) as act:
        gone = privacy.delete(act.connection, person, reason=reason, by=act.by, at=act.at)
        if yes and who.role == "peserta":
            enrolling.keep_roster(act.connection, act.course, gone=person)
    _tell(gone)
    if not yes:
        console.print(NOT_YET)


@app.command()
def expire(yes: Sure = False) -> None:
    """Delete everybody whose cohort ended more than `retention_days` ago (programme.yaml)."""
    from pamong.service import enrolling, privacy  # noqa: PLC0415

    with looking() as act:
        programme = act.course.programme
        over = privacy.expired(act.connection, programme, act.at.date())
    if programme.retention_days is None:
        console.print("programme.yaml sets no retention_days: nobody's data expire.")
        return
    for person in over:
        if not yes:
            console.print(f"{person.id}  {person.cohort}", markup=False)
            continue
        _forget(act.course, person.id)
        with acting() as act:
            reason = f"retention_days {programme.retention_days}"
            gone = privacy.delete(act.connection, person.id, reason=reason, by=act.by, at=act.at)
            enrolling.keep_roster(act.connection, act.course, gone=person.id)
        _tell(gone)
    console.print(f"{len(over)} people's data {'are deleted' if yes else 'have expired'}.")
    if over and not yes:
        console.print(NOT_YET)


def _tell(gone: Deleted) -> None:
    rows = ", ".join(f"{count} {name}" for name, count in gone.rows.items() if count)
    console.print(
        f"{gone.person}: {rows or 'no work'}; {len(gone.receipts)} receipts stay by hash."
    )


def _marks(course: Course, person: str) -> bytes:
    """What the gradebook says of a person, as CSV; empty where it says nothing."""
    from pamong.errors import CourseError  # noqa: PLC0415
    from pamong.grading.records.gradebook import Gradebook  # noqa: PLC0415
    from pamong.service.privacy import as_csv  # noqa: PLC0415

    if not course.gradebook.exists() and "sqlite" in course.gradebook_url:
        return b""
    try:
        gradebook = Gradebook(course.gradebook_url, course.ledger)
    except CourseError:  # nothing was released yet
        return b""
    rows = [
        {
            "modul": plan.id,
            "sel": row.cell,
            "nilai": f"{row.score:g}",
            "maksimum": f"{row.maximum:g}",
            "komentar": row.comment,
        }
        for plan in course.programme.modules
        for row in gradebook.rows(plan.id, (person,))
    ]
    gradebook.close()
    return as_csv(rows)


def _forget(course: Course, person: str) -> None:
    """Delete what the course's folders hold of a person, and their name in the gradebook."""
    from pamong.grading.records.gradebook import Gradebook  # noqa: PLC0415
    from pamong.grading.records.traces import forget_folders  # noqa: PLC0415

    for path in forget_folders(course, person):
        console.print(f"  deleted {shown(path)}", markup=False)
    if course.gradebook.exists() or "sqlite" not in course.gradebook_url:
        gradebook = Gradebook.open(course)
        gradebook.forget(person)
        gradebook.close()
