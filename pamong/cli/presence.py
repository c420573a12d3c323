"""``pamong attendance``: meetings, who was there, and the work that makes up for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pamong.cli.acting import DryRun, acting, looking, say_dry
from pamong.cli.terminal import console, shown
from pamong.cli.timetable import moment

if TYPE_CHECKING:
    from pamong.service.attendance import Status

app = typer.Typer(no_args_is_help=True, help="Meetings, and who was there.")
MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="An id, as `show` tells it.")]
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="An id, as in the roster.")]


@app.command()
def plan(
    cohort: str,
    title: str,
    starts: Annotated[str, typer.Option(help="As 2026-12-01 08:00, perhaps with WITA.")],
    minutes: Annotated[int, typer.Option(min=1, help="How long it takes.")] = 120,
    module: Annotated[str, typer.Option(help="The module that it belongs to.")] = "",
) -> None:
    """Plan a meeting of a cohort; the same cohort, module and start are the same meeting."""
    from pamong.service import meetings  # noqa: PLC0415  # each command imports only what it needs

    with acting() as act:
        begins = moment(starts, act.course.programme.time_zone, begins=True)
        found = meetings.plan(
            act.connection, act.course.programme, cohort=cohort, module=module, title=title,
            starts=begins, ends=begins + timedelta(minutes=minutes), by=act.by, at=act.at,
        )  # fmt: skip
    console.print(f"{found.id}  {cohort}  {title}", markup=False)


@app.command()
def cancel(meeting: MeetingId) -> None:
    """Delete a meeting at which nobody is noted."""
    from pamong.service import meetings  # noqa: PLC0415

    with acting() as act:
        meetings.cancel(act.connection, meeting, by=act.by, at=act.at)
    console.print(f"{meeting} is cancelled.", markup=False)


@app.command()
def show(
    meeting: Annotated[str, typer.Argument(help="One meeting's list; all meetings without.")] = "",
    cohort: Annotated[str, typer.Option(help="Only this cohort.")] = "",
    summary: Annotated[
        bool, typer.Option("--summary", help="Every participant's attendance so far.")
    ] = False,
) -> None:
    """Tell the meetings, who was at one of them, or everybody's attendance so far."""
    if meeting:
        _show_list(meeting)
    elif summary:
        _show_summary(cohort)
    else:
        _show_meetings(cohort)


def _show_meetings(cohort: str) -> None:
    from pamong import locale  # noqa: PLC0415
    from pamong.service import meetings  # noqa: PLC0415

    with looking() as act:
        found = meetings.listing(act.connection, cohort=cohort)
        zone = act.course.programme.time_zone
    for one in found:
        when = f"{locale.moment(one.starts, zone)}, {(one.ends - one.starts).seconds // 60} min"
        console.print(f"{one.id}  {one.cohort}  {when}  {one.module}  {one.title}", markup=False)
    console.print(f"{len(found)} meetings.")


def _show_list(meeting: str) -> None:
    from pamong.service import attendance  # noqa: PLC0415

    with looking() as act:
        found = attendance.marks(act.connection, meeting)
    for mark in found.values():
        done = ", made up" if mark.made_up else ""
        makeup = f"  {mark.makeup}{done}" if mark.makeup else ""
        console.print(
            f"{mark.person}  {mark.status}  ({mark.how}, {mark.by})  {mark.note}{makeup}".rstrip(),
            markup=False,
        )
    console.print(f"{len(found)} are noted.")


def _show_summary(cohort: str) -> None:
    from pamong.service import attendance  # noqa: PLC0415

    with looking() as act:
        found = attendance.summaries(act.connection, now=act.at, cohort=cohort)
    for one in found:
        share = "–" if one.share is None else f"{one.share:.0%}"
        made_up = f", {one.made_up} made up" if one.made_up else ""
        console.print(
            f"{one.person}  {share}  {one.attended} of {one.meetings}{made_up}", markup=False
        )


@app.command()
def mark(
    meeting: MeetingId,
    person: PersonId,
    status: Annotated[str, typer.Argument(help="hadir, terlambat, izin, sakit, dinas or alpa.")],
    note: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
) -> None:
    """Note by hand how somebody was at a meeting."""
    from pamong.service import attendance  # noqa: PLC0415

    with acting() as act:
        changed = attendance.note(
            act.connection, meeting, person, cast("Status", status),
            text=note, by=act.by, at=act.at,
        )  # fmt: skip
    console.print(f"{person}: {status}{'' if changed else ', as before'}.", markup=False)


@app.command("import")
def import_list(meeting: MeetingId, file: Path, dry_run: DryRun = False) -> None:
    """Note what a CSV list says: id, status, perhaps catatan; an empty status changes nothing."""
    from pamong.service import attendance  # noqa: PLC0415

    with acting(dry=dry_run) as act:
        entries = attendance.read_list(act.connection, meeting, file)
        attendance.note_list(act.connection, meeting, entries, by=act.by, at=act.at)
    for entry in entries:
        console.print(f"{entry.person}  {entry.before or '–'} → {entry.status}", markup=False)
    console.print(f"{len(entries)} changes.")
    say_dry(dry_run)


@app.command("export")
def export_list(meeting: MeetingId, file: Path) -> None:
    """Write a meeting as a CSV list that `import` takes back, with everybody of the cohort."""
    from pamong.service import attendance  # noqa: PLC0415

    with looking() as act:
        text = attendance.written(act.connection, meeting)
    file.write_text(text, encoding="utf-8-sig", newline="")
    console.print(shown(file.resolve()), markup=False)


@app.command()
def close(meeting: MeetingId) -> None:
    """Note alpa for everybody of the cohort of whom nothing is noted, once a meeting has ended."""
    from pamong.service import attendance  # noqa: PLC0415

    with acting() as act:
        missing = attendance.close(act.connection, meeting, by=act.by, at=act.at)
    console.print(f"{len(missing)} are noted as alpa: {', '.join(missing) or 'nobody'}.")


@app.command()
def makeup(
    meeting: MeetingId,
    person: PersonId,
    task: Annotated[str, typer.Option(help="The work that makes up for the meeting.")] = "",
    done: Annotated[bool, typer.Option("--done", help="It has been done.")] = False,
) -> None:
    """Write down the work that makes up for a missed meeting, or that it is done."""
    if bool(task) == done:
        raise typer.BadParameter("Name either --task or --done.")
    from pamong.service import attendance  # noqa: PLC0415

    with acting() as act:
        if done:
            attendance.complete_makeup(act.connection, meeting, person, by=act.by, at=act.at)
        else:
            attendance.ask_makeup(act.connection, meeting, person, task, by=act.by, at=act.at)
    console.print(f"{person}: {'made up' if done else task}.", markup=False)
