"""``pamong schedule`` and ``pamong extend``: when cohorts and single participants may work on a module."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pamong.cli.acting import Act, DryRun, acting, looking, print_rows, say_dry, short
from pamong.cli.terminal import ModuleName, console, shown
from pamong.errors import CourseError

if TYPE_CHECKING:
    from pamong.service.people import Person
    from pamong.service.schedule import Window

NONE = "none"
Cohorts = Annotated[list[str] | None, typer.Option(help="Only this cohort; repeatable.")]
MOMENT = "2026-12-11 16:00, perhaps with WIB, WITA or WIT; a day alone; or none"
schedule_app = typer.Typer(
    no_args_is_help=True, help="When each cohort works on each module; before programme.yaml."
)
app = typer.Typer()
app.add_typer(schedule_app, name="schedule")


@schedule_app.command("show")
def show(
    cohort: Cohorts = None,
    person: Annotated[str, typer.Option(help="One participant's, in their own time zone.")] = "",
) -> None:
    """Show the times of every cohort, or of one participant with their extensions."""
    from pamong.service import people, schedule  # noqa: PLC0415

    with looking() as act:
        programme = act.course.programme
        if person:
            who = people.require(act.connection, person)
            times = schedule.windows(act.connection, programme, who)
            zone = schedule.zone(programme, who)
            rows = [
                (module, *_times(window, zone), short(window.until, zone))
                for module, window in times.items()
            ]
            print_rows(("module", *_HEADS, "extended to"), rows)
            return
        found = schedule.calendar(act.connection, programme, cohort or None)
    zone = programme.time_zone
    rows = [(*place, *_times(window, zone)) for place, window in found.items()]
    print_rows(("cohort", "module", *_HEADS), rows)


_HEADS = ("opens", "class", "closes", "late until")


def _times(window: Window, zone: str) -> tuple[str, ...]:
    moments = (window.opens, window.class_starts, window.closes)
    late = "always" if window.deadline and window.ends is None else short(window.ends, zone)
    return (*(short(moment, zone) for moment in moments), late)


@schedule_app.command("set")
def set_times(
    module: ModuleName,
    cohort: Cohorts = None,
    opens: Annotated[str, typer.Option(help=MOMENT)] = "",
    class_starts: Annotated[str, typer.Option("--class", help="When the class begins.")] = "",
    closes: Annotated[str, typer.Option(help="After this, work is late.")] = "",
    grace: Annotated[
        str, typer.Option(help="Minutes for which late work is taken; none: always.")
    ] = "",
    dry_run: DryRun = False,
) -> None:
    """Set times of a module for all cohorts or some; what is not named stays as it is."""
    from pamong.service import schedule  # noqa: PLC0415

    given = {"opens": opens, "class_starts": class_starts, "closes": closes}
    with acting(dry=dry_run) as act:
        programme = act.course.programme
        zone = programme.time_zone
        changes: dict[str, datetime | timedelta | None] = {
            name: None if text == NONE else moment(text, zone, begins=name != "closes")
            for name, text in given.items()
            if text
        }
        if grace:
            changes["grace"] = None if grace == NONE else _minutes(grace)
        for each in cohort or [one.id for one in programme.cohorts]:
            before = schedule.cohort_window(act.connection, programme, each, module)
            wanted = replace(before, **changes)  # type: ignore[arg-type]  # by name
            changed = schedule.put(
                act.connection, programme, each, module, wanted, by=act.by, at=act.at
            )
            console.print(f"{each}  {module}: {'set' if changed else 'as it was'}.", markup=False)
    say_dry(dry_run)


@schedule_app.command("load")
def load(file: Path, dry_run: DryRun = False) -> None:
    """Set what a CSV list says: cohort, module, opens, class_starts, closes, grace."""
    from pamong.service import timetable  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        slots = timetable.read(file, act.course.programme)
        changed = timetable.put(act.connection, act.course.programme, slots, by=act.by, at=act.at)
    for slot in changed:
        console.print(f"{slot.cohort}  {slot.module}: set.", markup=False)
    console.print(f"{len(changed)} of {len(slots)} lines changed something.")
    say_dry(dry_run)


@schedule_app.command("save")
def save(file: Path) -> None:
    """Write the times of every cohort as a CSV list that `load` takes back."""
    from pamong.service import timetable  # noqa: PLC0415

    with looking() as act:
        text = timetable.written(act.connection, act.course.programme)
    file.write_text(text, encoding="utf-8-sig", newline="")
    console.print(shown(file.resolve()), markup=False)


@schedule_app.command("clear")
def clear(module: ModuleName, cohort: Cohorts = None) -> None:
    """Let programme.yaml count again, for all cohorts or some."""
    from pamong.service import schedule  # noqa: PLC0415

    with acting() as act:
        act.course.require_module(module)
        cohorts = cohort or [one.id for one in act.course.programme.cohorts]
        gone = [
            each
            for each in cohorts
            if schedule.clear(act.connection, each, module, by=act.by, at=act.at)
        ]
    console.print(f"{module}: cleared for {', '.join(gone) or 'nobody'}.", markup=False)


@app.command()
def extend(
    module: ModuleName,
    until: Annotated[str, typer.Option(help=MOMENT.removesuffix("; or none"))] = "",
    days: Annotated[int, typer.Option(min=0, help="So many days after the cohort's own end.")] = 0,
    reason: Annotated[str, typer.Option(help='As "dinas mendesak".')] = "",
    person: Annotated[list[str] | None, typer.Option(help="This one; repeatable.")] = None,
    cohort: Annotated[str, typer.Option(help="Everybody of a cohort.")] = "",
    region: Annotated[str, typer.Option(help="Everybody of a region, as the roster has it.")] = "",
    role: Annotated[str, typer.Option(help="Everybody in an office, as lurah.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Give participants more time for a module: those of whom all that is named is true."""
    if not (person or cohort or region or role):
        raise typer.BadParameter("Name participants: --person, --cohort, --region or --role.")
    if not remove and bool(until) == bool(days):
        raise typer.BadParameter("Name either --until or --days.")
    from pamong.service import people  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        act.course.require_module(module)
        chosen = people.listing(
            act.connection, ids=person or (), cohort=cohort, region=region, office=role
        )
        if strangers := sorted(set(person or ()) - {one.id for one in chosen}):
            raise CourseError(f"{', '.join(strangers)} cannot be found. Look at course/roster.csv.")
        if not chosen:
            raise CourseError("Nobody is all that. Look at course/roster.csv.")
        if remove:
            _withdraw(act, chosen, module)
        else:
            zone = act.course.programme.time_zone
            end = moment(until, zone) if until else timedelta(days=days)
            _extend(act, chosen, module, end, reason)
    say_dry(dry_run)


def _extend(
    act: Act,
    chosen: tuple[Person, ...],
    module: str,
    until: datetime | timedelta,
    reason: str,
) -> None:
    from pamong.service import schedule  # noqa: PLC0415

    programme = act.course.programme
    given = schedule.extend(
        act.connection, programme, chosen, module,
        until=until, reason=reason, by=act.by, at=act.at,
    )  # fmt: skip
    known = {one.id: one for one in chosen}
    for one in given:
        who = known[one.person]
        told = schedule.told(programme, who, one.until)
        console.print(f"{who.id}  {who.name}, {who.cohort}: {told}", markup=False)
    left = len(chosen) - len(given)
    console.print(f"{len(given)} have more time for {module}, {left} had as much already.")


def _withdraw(act: Act, chosen: tuple[Person, ...], module: str) -> None:
    from pamong.service import schedule  # noqa: PLC0415

    gone = schedule.withdraw(act.connection, chosen, module, by=act.by, at=act.at)
    for id in gone:
        console.print(id, markup=False)
    console.print(f"{len(gone)} of {len(chosen)} had an extension of {module}; it is taken back.")


def moment(text: str, zone: str, *, begins: bool = False) -> datetime:
    """What somebody typed as a moment; wrong usage when it is none."""
    from pamong.programme import due  # noqa: PLC0415

    try:
        return due(text, zone, begins=begins)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment. Write {MOMENT}.") from error


def _minutes(text: str) -> timedelta:
    if not text.isdecimal():
        raise typer.BadParameter(f"--grace {text!r} is no number of minutes, nor {NONE}.")
    return timedelta(minutes=int(text))
