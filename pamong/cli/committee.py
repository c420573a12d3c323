"""Commands of a committee: who takes part, when, who was there, how far they are, what is kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pamong.cli import personal, presence, timetable
from pamong.cli.acting import DryRun, acting, looking, print_rows, say_dry, short
from pamong.cli.terminal import console
from pamong.course import Course

if TYPE_CHECKING:
    from pamong.service.enrolling import Plan
    from pamong.service.people import Role

app = typer.Typer()
roster_app = typer.Typer(no_args_is_help=True, help="Who takes part: course/roster.csv.")
staff_app = typer.Typer(no_args_is_help=True, help="Who teaches, marks, runs and reads.")
move_app = typer.Typer(no_args_is_help=True, help="What happens to participants mid-course.")
app.add_typer(roster_app, name="roster")
app.add_typer(staff_app, name="staff")
app.add_typer(move_app, name="move")
app.add_typer(timetable.app)
app.add_typer(presence.app, name="attendance")
app.add_typer(personal.app, name="data")

PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="An id, as in the roster.")]


@roster_app.command("check")
def roster_check() -> None:
    """Read the roster and count it; every wrong line is named."""
    from pamong.roster import read_roster  # noqa: PLC0415  # each command imports only what it needs

    course = Course.load()
    people = read_roster(course.roster, course.programme)
    roles = ", ".join(f"{count} {role}" for role, count in people.roles().items())
    console.print(f"{len(people.participants)} participants: {roles}.")


@roster_app.command("import")
def roster_import(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV file that replaces course/roster.csv.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Enter everybody of the roster; who is in it no more takes part no more, and nothing is lost."""
    from pamong.grading.records.gradebook import Gradebook  # noqa: PLC0415
    from pamong.roster import read_roster  # noqa: PLC0415
    from pamong.service import enrolling  # noqa: PLC0415

    course = Course.load()
    path = file or course.roster
    roster = read_roster(
        path, course.programme
    )  # first: a list that is wrong changes nothing at all
    with acting(dry=dry_run) as act:
        plan = enrolling.plan_roster(act.connection, roster)
        enrolling.apply(act.connection, plan, by=act.by, at=act.at)
        if file is not None and not dry_run:
            enrolling.put_roster(act.course, path.read_bytes())
    _print_plan(plan)
    if not dry_run:
        added, updated, absent = Gradebook.open(act.course).enrol(roster)
        console.print(
            f"Gradebook: {added} added, {updated} updated, {absent} in it but not in the roster."
        )
    say_dry(dry_run)


@staff_app.command("import")
def staff_import(file: Path, dry_run: DryRun = False) -> None:
    """Let the staff be those of a CSV list: id, name, role; who is not in it is let in no more."""
    from pamong.service import enrolling  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        plan = enrolling.plan_staff(act.connection, enrolling.read_staff(file))
        enrolling.apply(act.connection, plan, by=act.by, at=act.at)
    _print_plan(plan)
    say_dry(dry_run)


@staff_app.command("add")
def staff_add(
    id: PersonId,
    name: str,
    role: Annotated[str, typer.Argument(help="widyaiswara, penyelenggara or pimpinan.")],
) -> None:
    """Add one of the staff, or change name and role of one."""
    from pamong.service import enrolling  # noqa: PLC0415
    from pamong.service.people import Person  # noqa: PLC0415

    person = Person(id=id, name=name.strip(), role=cast("Role", role))
    with acting() as act:
        step = enrolling.add_staff(act.connection, person, by=act.by, at=act.at)
    console.print(str(step) if step else f"{id} was so already.", markup=False)


@staff_app.command("remove")
def staff_remove(id: PersonId) -> None:
    """Let one of the staff in no more."""
    from pamong.service import enrolling  # noqa: PLC0415

    with acting() as act:
        step = enrolling.remove_staff(act.connection, id, by=act.by, at=act.at)
    console.print(str(step), markup=False)


@staff_app.command("list")
def staff_list() -> None:
    """Name everybody of the staff."""
    from pamong.service import people  # noqa: PLC0415

    with looking() as act:
        everybody = people.listing(act.connection, role=None)
    print_rows(
        ("id", "name", "role"),
        ((one.id, one.name, one.role) for one in everybody if one.role != "peserta"),
    )


@move_app.command("replace")
def move_replace(
    old: PersonId,
    new: Annotated[str, typer.Argument(metavar="ID", help="The id of who takes over.")],
    name: str,
    nip: str = "",
    dry_run: DryRun = False,
) -> None:
    """Let somebody new take a participant's place, with empty logs; what the other did is kept."""
    from pamong.service import enrolling, moves  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        person = moves.take_over(act.connection, old, new, name, nip=nip, by=act.by, at=act.at)
        if not dry_run:
            enrolling.keep_roster(act.connection, act.course)
    console.print(
        f"{new} {name} takes the place of {old}: {person.office}, {person.region}, {person.cohort}.",
        markup=False,
    )
    say_dry(dry_run)


@move_app.command("cohort")
def move_cohort(id: PersonId, cohort: str, dry_run: DryRun = False) -> None:
    """Move a participant to another cohort; their work stays, its schedule counts from now on."""
    from pamong.service import enrolling, moves, people, schedule  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        before = people.require(act.connection, id, "peserta")
        programme = act.course.programme
        person = moves.change_cohort(act.connection, programme, id, cohort, by=act.by, at=act.at)
        times = schedule.windows(act.connection, programme, person)
        if not dry_run:
            enrolling.keep_roster(act.connection, act.course)
    console.print(f"{id} {person.name}: {before.cohort} → {person.cohort}.", markup=False)
    for module, window in times.items():
        told = schedule.told(programme, person, window.deadline) or "no deadline"
        console.print(f"  {module}: {told}", markup=False)
    say_dry(dry_run)


@move_app.command("office")
def move_office(
    id: PersonId,
    role: Annotated[str | None, typer.Option(help="The new office, as camat.")] = None,
    region: Annotated[str | None, typer.Option(help="The new region.")] = None,
    superior: Annotated[
        str | None, typer.Option(help="The id of the new superior; empty for none.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Give a participant another office, region or superior; cases that they have begun stay theirs."""
    from pamong.service import enrolling, moves  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        person = moves.rotate(
            act.connection, act.course.programme, id,
            office=role, region=region, superior=superior, by=act.by, at=act.at,
        )  # fmt: skip
        if not dry_run:
            enrolling.keep_roster(act.connection, act.course)
    above = person.superior or "nobody"
    console.print(
        f"{id} {person.name}: {person.office}, {person.region}, superior {above}.", markup=False
    )
    say_dry(dry_run)


@app.command()
def audit(
    who: Annotated[str, typer.Option(help="What this person or account did.")] = "",
    whom: Annotated[str, typer.Option(help="What was done to this person.")] = "",
    act: Annotated[str, typer.Option(help="Only such acts, as extension.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
) -> None:
    """Tell what staff have done, the newest first."""
    from pamong.service import audit as record  # noqa: PLC0415

    with looking() as look:
        lines = record.read(look.connection, who=who, whom=whom, act=act, limit=limit)
    for line in lines:
        what = ", ".join(f"{name} {value}" for name, value in line.what.items() if value)
        whom = f" {line.whom}" if line.whom else ""
        console.print(
            f"{line.at:%Y-%m-%d %H:%M:%S}Z  {line.who}  {line.act}{whom}  {what}".rstrip(),
            markup=False,
        )


@app.command()
def progress(
    cohort: Annotated[str, typer.Option(help="Only this cohort.")] = "",
    totals: Annotated[
        bool, typer.Option("--totals", help="Counts alone, as leaders may see them.")
    ] = False,
) -> None:
    """Tell how far everybody has come in every module: counts, never answers or scores."""
    from pamong.service import people  # noqa: PLC0415
    from pamong.service import progress as standing  # noqa: PLC0415

    with looking() as look:
        listed = people.listing(look.connection, cohort=cohort)
        found = standing.standings(look.connection, look.course, listed)
    if totals:
        heads = ("cohort", "module", "people", "started", "finished", "submitted", "late")
        rows = standing.totals(listed, found)
        print_rows(heads, ([_count(getattr(row, head)) for head in heads] for row in rows))
        return
    print_rows(
        ("person", "module", "exercises", "submitted", "late", "feedback"),
        (
            (
                one.person,
                one.module,
                f"{one.finished}/{one.exercises}" if one.begun else "–",
                short(one.submitted, look.course.programme.time_zone),
                "late" if one.late else "",
                "yes" if one.feedback else "",
            )
            for one in found
        ),
    )


def _count(value: object) -> str:
    return "hidden" if value is None else str(value)


def _print_plan(plan: Plan) -> None:
    for step in plan.steps:
        console.print(str(step), markup=False)
    console.print(str(plan))
