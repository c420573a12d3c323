"""What ``pamong grade`` prints: a run as a table, a dry run by exercise, one cell explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import typer
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy import make_url

from pamong.cli.terminal import console, progress_bar
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading import batch
from pamong.grading.batch import Run, Tally, Trouble
from pamong.grading.crew.workers import Crew, local
from pamong.grading.explain import Explanation, explain
from pamong.grading.mark import Handed, Mark
from pamong.grading.path import printable, shortened
from pamong.grading.records.cause import FIRST
from pamong.grading.records.gradebook import Gradebook, effective
from pamong.grading.records.lateness import load_penalty
from pamong.grading.records.ledger import Change, Entry, Standing
from pamong.grading.records.reader import Recorded
from pamong.outcome import Errored, Missing, Scored
from pamong.programme import Due
from pamong.roster import read_roster

SHOWN = 10
"""Lines of a list, unless all of them are asked for."""


def people(
    course: Course, cohorts: Collection[str], participants: Collection[str]
) -> frozenset[str] | None:
    """Everybody in these cohorts and these participants; None for all. CourseError names the cohorts."""
    if not cohorts:
        return frozenset(participants) or None
    known = [cohort.id for cohort in course.programme.cohorts]
    if unknown := [cohort for cohort in cohorts if cohort not in known]:
        raise CourseError(
            f"There is no cohort {', '.join(unknown)} in course/programme.yaml. "
            f"There are: {', '.join(known)}."
        )
    roster = read_roster(course.roster, course.programme)
    chosen = {person.id for cohort in cohorts for person in roster.cohort(cohort)}
    return frozenset(chosen | set(participants))


def crew(workers: int | None, scheduler: str | None) -> Crew:
    """Who grades; wrong usage when both are named."""
    if scheduler is None:
        return local(workers)
    if workers is not None:
        raise typer.BadParameter("--workers and --scheduler cannot be combined.")
    from pamong.grading.crew.cluster import remote  # noqa: PLC0415  # an extra

    return remote(scheduler)


def run(
    course: Course,
    modules: Sequence[str],
    people: Collection[str] | None,
    crew: Crew,
    *,
    asked: Collection[str],
    dry_run: bool,
    force: bool,
    every: bool,
) -> None:
    """Grade, with a bar, and print what it came to. ``asked`` are the participants named one by one."""
    scheduled = dues(course)
    with progress_bar("submissions") as progress:
        made = batch.grade(
            course,
            modules,
            participants=people,
            crew=crew,
            dry_run=dry_run,
            force=force,
            progress=progress,
        )
    if scheduled and not dry_run:
        _schedule(course, scheduled)
    limit = None if every else SHOWN
    if made.dry:
        _say_all(_changes(made, limit))
    _print_tallies(made)
    _say_all(_troubles(made.troubles, limit))
    for person in sorted(set(made.unknown) & set(asked)):
        _say(f"{person} has handed in nothing.")
    _say_all(made.remarks)


def dues(course: Course) -> tuple[Due, ...]:
    """The schedule and extensions that the service keeps; none where there is no service."""
    address = make_url(course.service_url)
    is_file = address.get_backend_name() == "sqlite"
    if is_file and not Path(address.database or "").is_file():
        return ()
    from pamong.service import people, schedule  # noqa: PLC0415
    from pamong.service.service import Service  # noqa: PLC0415

    service = Service.open(course)
    with closing(service.database), service.database.reading() as connection:
        everybody = people.listing(connection, active=None)
        return schedule.dues(connection, course.programme, everybody)


def _schedule(course: Course, scheduled: Sequence[Due]) -> None:
    """Give the gradebook due dates and extensions, and late submissions the penalties that follow."""
    with closing(Gradebook.open(course)) as gradebook:
        changed = gradebook.schedule(scheduled, load_penalty(course))
    if changed:
        _say(f"The schedule gives {changed} submissions another deadline than they had.")


def tell(course: Course, what: tuple[str, str], modules: Sequence[str]) -> None:
    """Explain one cell of one participant."""
    if len(modules) > 1:
        raise typer.BadParameter("--explain takes one module at most.")
    found = explain(course, *what, *modules)
    for part in (_heading, _path, _score, _standing, _history):
        for line in part(found):
            # On a terminal the path is one line for each event, elsewhere it is whole.
            cut = part is _path and console.is_terminal
            _say(shortened(line, console.width) if cut else line)


def _say(text: str) -> None:
    console.print(text, markup=False)


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _print_tallies(made: Run) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_footer=True)
    whole = batch.total(made.tallies)
    table.add_column("module", "total")
    for head, count in _COLUMNS:
        table.add_column(head, str(count(whole)), justify="right", no_wrap=True)
    table.show_footer = len(made.tallies) > 1
    for tally in made.tallies:
        module = Text(tally.module, no_wrap=True, overflow="ellipsis")
        table.add_row(module, *(str(count(tally)) for _, count in _COLUMNS))
    console.print(table, soft_wrap=False)
    if made.dry:
        _say("A dry run: nothing was changed.")
    _say(
        "Scored, missing and errored count the graded cells of the submissions graded now; to mark "
        "counts every cell that waits for a person, those of unchanged submissions too."
    )


_COLUMNS: tuple[tuple[str, Callable[[Tally], int]], ...] = (
    ("submitted", lambda tally: tally.submissions),
    ("unchanged", lambda tally: tally.unchanged),
    ("scored", lambda tally: tally.scored),
    ("missing", lambda tally: tally.missing),
    ("errored", lambda tally: tally.errored),
    ("to mark", lambda tally: tally.to_mark),
)


def _troubles(troubles: Sequence[Trouble], limit: int | None) -> Iterator[str]:
    """The errored cells, those first that nobody has settled yet."""
    if not troubles:
        return
    settled = sum(trouble.settled for trouble in troubles)
    note = f", {settled} of them marked by hand since" if settled else ""
    yield ""
    yield f"{len(troubles)} errored{note}:"
    ordered = sorted(troubles, key=lambda trouble: trouble.settled)
    for trouble in ordered[:limit]:
        done = "marked by hand: " if trouble.settled else ""
        place = f"{trouble.participant}  {trouble.module}  {trouble.cell}"
        yield f"  {place}  {done}{printable(trouble.cause)}"
    if limit is not None and len(ordered) > limit:
        yield f"  and {len(ordered) - limit} more: `pamong grade --all` names them all, and"
        yield "  Formgrader shows each with its cause under Manual Grading."


def _changes(made: Run, limit: int | None) -> Iterator[str]:
    """Whose score would change and why, by exercise and cause."""
    people = {tally.module: tally.submissions for tally in made.tallies}
    places: dict[tuple[str, str], dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for change in made.changes:
        places[change.module, change.cell][change.cause].append(change)
    if not places:
        yield "No score would change."
    for (module, cell), causes in places.items():
        count = sum(map(len, causes.values()))
        verb = "changes" if count == 1 else "change"
        yield f"{module}  {cell}: {count} of {people[module]} scores {verb}"
        for cause, changes in causes.items():
            yield f"  {printable(cause)} ({len(changes)})"
            if cause == FIRST and limit is not None:
                continue
            for change in sorted(changes, key=lambda it: it.participant):
                yield f"    {change.participant}  {_moved(change)}"


def _moved(change: Change) -> str:
    moved = f"{_points(change.old)} → {_points(change.new)}"
    if change.manual is None:
        return moved
    again = ", to be looked at again" if change.new.needs_person else ""
    return f"{moved} (the manual mark {change.manual:g} stays{again})"


def _points(standing: Standing | None) -> str:
    if standing is None:
        return "nothing"
    if standing.points is None:
        return "for a person"
    return f"{standing.points:g}{' and a look' if standing.needs_person else ''}"


def _heading(found: Explanation) -> Iterator[str]:
    place = f", cell {found.cell}" if found.cell not in ("", found.exercise) else ""
    role = f" ({found.role})" if found.role else ""
    yield f"{found.participant}{role}  {found.module}  {found.exercise}{place}"
    if play := found.play:
        newest = "" if play.version == play.released[-1] else f", newest is {play.released[-1]}"
        yield f"{printable(play.title)}: {play.kind}, version {play.version}{newest}"
    yield f"handed in {found.submitted or 'at an unknown time'}; module source {found.source}"


def _path(found: Explanation) -> Iterator[str]:
    yield ""
    if found.play is None:
        yield f"Nothing was played: there is no answer log of {found.exercise}."
        return
    play = found.play
    state = "finished" if play.finished else "not finished"
    ending = f", ending {play.ending}" if play.ending else ""
    of = f"attempt {play.attempts} of {play.allowed}"
    yield f"What was played: {len(play.steps)} events, {of}, {state}{ending}"
    if play.visibility != "marker":
        yield f"  What it says is for its {play.visibility} only (visibility in the brief)."
    day = ""
    for step in play.steps:
        if step.day != day:
            day = step.day
            yield f"  {day}"
        attempt = f" #{step.attempt}" if play.allowed > 1 else ""
        fault = "✗ " if step.fault else "  "
        act = f"{step.who:<11} {step.act:<9}"
        yield f"{fault}{step.n:>3}{attempt} {step.at} {act} {step.text}".rstrip()
    if play.damage:
        yield f"✗ {printable(play.damage)}"
        return
    yield from (f"  still to do: {printable(text)}" for text in play.undone)


def _score(found: Explanation) -> Iterator[str]:
    yield ""
    if found.mark is None:
        yield "Practice: no graded cell asks for its points."
        return
    yield f"What it comes to now: {_came_to(found.mark)}"
    outcome = found.mark.outcome
    if not isinstance(outcome, Scored):
        return
    whole = sum(part.weight for part in outcome.score.parts)
    hidden = found.play is not None and found.play.visibility != "marker"
    for part in outcome.score.parts:
        share = f"{part.weight / whole:4.0%} × {part.value:.3f}" if whole else ""
        reason = "" if hidden else f": {printable(part.reason)}"
        yield f"  {share}  {printable(part.label)}{reason}"
    for cap in outcome.score.caps:
        reason = "" if hidden else f": {printable(cap.reason)}"
        yield f"  at most {cap.limit:.0%}{reason}"


def _came_to(mark: Mark) -> str:
    match mark.outcome:
        case Scored(points=points, maximum=maximum, score=score):
            return f"{points:g} of {maximum:g} points (score {score.value:.4f} × {maximum:g})"
        case Missing(maximum=maximum):
            return f"0 of {maximum:g} points, nothing was handed in"
        case Errored(cause=cause):
            return f"errored, for a person to settle. {printable(cause)}"
        case Handed(maximum=maximum):
            return f"an answer for a person to mark, out of {maximum:g} points"


def _standing(found: Explanation) -> Iterator[str]:
    if not found.cell:
        return
    yield ""
    if found.recorded is None:
        yield "Gradebook: nothing yet. Run `pamong grade` first."
        return
    row = found.recorded
    waits = "; waits for a person" if row.needs_person else ""
    yield (
        f"Gradebook: {_counted(row):g} of {row.maximum:g} (automatic {_number(row.auto)}, "
        f"manual {_number(row.manual)}, extra {_number(row.extra)}){waits}"
    )
    if found.mark is not None and found.mark.points != row.auto:
        yield "  That is not what it comes to now: `pamong grade` would record it anew."


def _counted(row: Recorded) -> float:

    return effective(row.auto, row.manual, row.extra)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _history(found: Explanation) -> Iterator[str]:
    if not found.cell:
        return
    yield "Ledger:" if found.history else "Ledger: no entry."
    for entry in found.history:
        if isinstance(entry, Entry):
            versions = f"source {entry.source or '?'}, code {entry.code or '?'}"
            moved = f"{_points(entry.old)} → {_points(entry.new)}"
            cause = f"  {printable(entry.cause)}" if entry.cause else ""
            yield f"  {entry.at}  {moved}{cause}  ({versions}, {entry.by})"
        else:
            yield f"  ✗ {printable(str(entry))}"
