"""What ``scripts/bench`` measures: ratios, side by side in one run, on a course in a temporary folder."""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
from nbconvert import HTMLExporter
from papermill.execute import execute_notebook

import pamong
from pamong.course import Course
from pamong.demo import STEPS, demo
from pamong.grading import batch
from pamong.grading.crew.workers import local
from pamong.grading.execution.interpreter import SECONDS
from pamong.grading.intake.submission import load, submitters
from pamong.grading.pipeline import STAGES, Paper
from pamong.grading.source import load_source
from pamong.judgement import judge, replayed
from pamong.reports import report
from pamong.reports.pages import sections
from pamong.reports.report import everything
from pamong.reports.snapshot import save, take
from pamong.roster import Participant, read_roster
from pamong.transcripts.issue import Issued, issue

REPOSITORY = Path(__file__).resolve().parent.parent
COLLECTED, GRADED = STEPS[:4], STEPS[:5]
"""The steps of the demo up to where grading begins, and where reporting begins."""
COHORTS = 10
_COHORT = re.compile(r"(?:^  - \{id: a\d+, title:.*\n)+", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what", choices=("grade", "programme", "report", "transcripts"), nargs="?", default="grade"
    )
    parser.add_argument("--participants", type=int, default=64)
    parser.add_argument("--stock", type=int, default=5, help="submissions for the slow ones")
    parser.add_argument("--module", default="m5-negosiasi-mediasi")
    parser.add_argument("--course", type=Path, help="a graded course, not a new one")
    options = parser.parse_args()
    print(f"pamong {pamong.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    reported = {"report": _summaries, "transcripts": _transcripts}
    if options.course and options.what in reported:
        reported[options.what](Course.load(options.course))
        return
    with tempfile.TemporaryDirectory(prefix="pamong-bench-") as folder:
        course = demo(
            Course.load(REPOSITORY),
            Path(folder) / "demo",
            participants=options.participants,
            seed=1,
            workers=2,
            say=lambda _: None,
            bar=_quiet,
            steps=GRADED if options.what in reported else COLLECTED,
        )
        if options.what == "grade":
            _grade(course, options.module, options.stock)
        elif options.what == "programme":
            _programme(course)
        else:
            reported[options.what](_ten(course))


def _grade(course: Course, module: str, stock: int) -> None:
    """One module, every way, per submission."""
    people = submitters(course, module)
    few = _few(course, module, people[:stock])
    print(f"{module}: {len(people)} submissions, {stock} of them the slow ways; ms per submission")
    floor = _floor(course, module, people)
    one, two = (
        median(_pamong(course, [module], count) for _ in range(3)) / len(people) for count in (1, 2)
    )
    rows = {
        "nbgrader autograde, start-up not counted": _nbgrader(few, module),
        "plain nbclient, a kernel for each": _nbclient(few, module),
        "pamong grade, one process": one,
        "pamong grade, two processes": two,
        "floor: parse, replay, score, one insert": floor,
    }
    for name, seconds in rows.items():
        times = f"{seconds / one:7.1f} x one process {seconds / two:7.1f} x two"
        print(f"  {name:42} {seconds * 1000:9.2f}   {times}")


def _programme(course: Course) -> None:
    """All modules: time, memory, and growth from a quarter of the people to all of them."""
    modules = [plan.id for plan in course.programme.modules]
    people = {module: submitters(course, module) for module in modules}
    quarter = sorted({person for group in people.values() for person in group})[::4]
    count = sum(map(len, people.values()))
    some = sum(person in set(quarter) for group in people.values() for person in group)
    for module, group in people.items():  # the file system has seen everything once
        for person in group:
            load(course, person, module)
    few, _ = _anew(course, modules, quarter)
    with _memory() as peak:
        whole, burnt = _anew(course, modules)
    print(f"{count} submissions of {len(modules)} modules, two processes: {whole:.1f} s")
    print(f"  processor time per submission: {_spent(burnt, count)}")
    print(f"  peak memory of all processes together: {peak() / 1024**2:.0f} MiB")
    print(f"  {count / some:.2f} x the submissions take {whole / few:.2f} x the time")
    again = _seconds(lambda: batch.grade(course, modules, crew=local(2)))
    print(f"  once more with nothing changed: {again:.1f} s")


Burnt = tuple[float, float]
"""Seconds of processor time: of the process that writes, and of those that grade."""


def _anew(
    course: Course, modules: list[str], people: list[str] | None = None
) -> tuple[float, Burnt]:
    """Seconds to grade with two processes as if nothing had been graded, and what they burnt."""
    shutil.rmtree(course.folder / "autograded", ignore_errors=True)
    before = _burnt()
    seconds = _pamong(course, modules, 2, people)
    after = _burnt()
    return seconds, (after[0] - before[0], after[1] - before[1])


def _burnt() -> Burnt:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    writing, grading = (resource.getrusage(each) for each in who)
    return writing.ru_utime + writing.ru_stime, grading.ru_utime + grading.ru_stime


def _spent(burnt: Burnt, count: int) -> str:
    writing, grading = (seconds * 1000 / count for seconds in burnt)
    return f"{writing:.1f} ms to write, {grading:.1f} ms to grade"


def _pamong(
    course: Course, modules: list[str], processes: int, people: list[str] | None = None
) -> float:
    return _seconds(
        lambda: batch.grade(course, modules, participants=people, crew=local(processes), force=True)
    )


def _few(course: Course, module: str, people: tuple[str, ...]) -> Course:
    """A copy of the course with the submissions of a few."""
    root = course.root.with_name("few")
    shutil.copytree(course.root, root, ignore=shutil.ignore_patterns("submitted", "exchange"))
    found = Course.load(root)
    for person in people:
        shutil.copytree(course.submitted(person, module), found.submitted(person, module))
    return found


def _nbgrader(course: Course, module: str) -> float:
    """Seconds for one more submission in one run of ``nbgrader autograde``."""
    people = submitters(course, module)
    command = ["nbgrader", "autograde", module, "--force"]
    single = _seconds(lambda: _run(course, [*command, "--student", people[0]]))
    whole = _seconds(lambda: _run(course, command))
    return (whole - single) / (len(people) - 1)


def _nbclient(course: Course, module: str) -> float:
    """Seconds to execute one restored notebook in a kernel of its own."""
    from nbclient import NotebookClient
    from nbformat import from_dict

    source, people = load_source(course, module), submitters(course, module)
    environment = os.environ | {"NBGRADER_EXECUTION": "autograde"}
    environment |= {"PAMONG_GRADERS": str(course.graders)}

    def execute(person: str) -> None:
        submission = load(course, person, module)
        (name,) = source.pages
        paper = Paper(name=name, submission=submission)
        for stage in STAGES[:3]:
            paper = stage(source, paper)
        os.environ["PAMONG_PARTICIPANT"] = person
        NotebookClient(
            from_dict(paper.page()),
            timeout=SECONDS,
            resources={"metadata": {"path": str(course.submitted(person, module))}},
        ).execute(env=environment | {"PAMONG_PARTICIPANT": person})

    return sum(_seconds(lambda p=person: execute(p)) for person in people) / len(people)  # type: ignore[misc]


def _floor(course: Course, module: str, people: tuple[str, ...]) -> float:
    """Seconds for what cannot be left out: read, parse, replay and score every log, and one insert."""
    shelf = course.shelf(module)

    def judged(person: str, connection: sqlite3.Connection) -> None:
        logs = load(course, person, module).logs
        outcomes = {name: judge(name, 1.0, logs, shelf) for name in logs}
        connection.execute("insert into floor values (?, ?)", (person, repr(outcomes)))

    def all_of_them() -> None:
        replayed.cache_clear()
        with closing(sqlite3.connect(course.root / "floor.db")) as connection:
            connection.execute("create table if not exists floor (person, outcomes)")
            for person in people:
                judged(person, connection)
            connection.commit()

    return median(_seconds(all_of_them) for _ in range(3)) / len(people)


def _summaries(course: Course) -> None:
    """Summaries with everything that belongs to them, against notebooks and pages the stock way."""
    cohorts = [cohort.id for cohort in course.programme.cohorts][:COHORTS]
    ours, burnt = _measured(lambda: report.report(course, cohorts, workers=2))
    made = {cohort: _shown(page.with_suffix(".ipynb")) for cohort, page in _pages(course, cohorts)}
    print(f"{len(cohorts)} cohort summaries of {len(_people(course))} participants:")
    print(f"  notebook, page and PDF, two processes {ours:8.1f} s, processor {burnt:6.1f} s")
    with tempfile.TemporaryDirectory(prefix="pamong-stock-") as folder:
        stock = Path(folder)
        theirs, spent = _measured(lambda: _stock(course, cohorts, stock))
        same = all(_shown(stock / f"{cohort}.ipynb") == made[cohort] for cohort in cohorts)
        printed, used = _measured(lambda: _print(stock))
    print(f"  papermill, nbconvert: without the PDF {theirs:8.1f} s, processor {spent:6.1f} s")
    print(f"  their pages printed by Chromium       {printed:8.1f} s, processor {used:6.1f} s")
    figures = "the same figures" if same else "OTHER FIGURES"
    print(f"  without their PDF {theirs / ours:.1f} x faster, {spent / burnt:.1f} x less work")
    with_it, work = theirs + printed, spent + used
    print(
        f"  with it           {with_it / ours:.1f} x faster, {work / burnt:.1f} x less work, {figures}"
    )
    whole = everything(course)
    seconds, burnt = _measured(lambda: report.summaries(course, whole, workers=2))
    print(f"report --all, {len(whole)} summaries: {seconds:.1f} s, processor {burnt:.1f} s")


def _stock(course: Course, cohorts: list[str], folder: Path) -> None:
    """The course read once, then each notebook, then each page."""
    save(take(course), folder / "again.json")
    _papermill(course, cohorts, course.reports / "snapshot.json", folder)
    _nbconvert(folder)


def _measured(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds that it took, and of processor time that it and its children burnt."""
    before = sum(_burnt())
    seconds = _seconds(work)
    return seconds, sum(_burnt()) - before


def _transcripts(course: Course) -> None:
    """Everybody's transcript: read, sealed, typeset and written, two at a time."""
    made: list[Issued] = []
    first = _seconds(lambda: made.append(issue(course, workers=2)))
    again = _seconds(lambda: made.append(issue(course, workers=2)))
    count = len(made[0].files)
    print(f"{count} transcripts: {first:.1f} s, {1000 * first / max(count, 1):.1f} ms each")
    print(f"  once more with nothing changed: {again:.1f} s, {made[1].unchanged} unchanged")


def _people(course: Course) -> tuple[Participant, ...]:
    return read_roster(course.roster, course.programme).participants


def _pages(course: Course, cohorts: list[str]) -> Iterator[tuple[str, Path]]:
    for cohort in cohorts:
        yield cohort, course.reports / f"angkatan-{cohort}-fasilitator.html"


def _shown(notebook: Path) -> list[str]:
    return sections(nbformat.read(notebook, as_version=4))


def _papermill(course: Course, cohorts: list[str], snapshot: Path, folder: Path) -> None:
    """The template by stock papermill, given what was read once, as generously as it can be."""
    for cohort in cohorts:
        execute_notebook(
            str(course.root / report.TEMPLATE),
            str(folder / f"{cohort}.ipynb"),
            parameters={"root": str(course.root), "snapshot": str(snapshot), "cohort": cohort},
            kernel_name="python3",
            progress_bar=False,
            cwd=str(course.root),
        )


def _nbconvert(folder: Path) -> None:
    exporter = HTMLExporter()
    for notebook in sorted(folder.glob("*.ipynb")):
        html, _ = exporter.from_filename(str(notebook))
        notebook.with_suffix(".html").write_text(html, encoding="utf-8")


def _print(folder: Path) -> None:
    """The pages as PDF, as nbconvert's ``webpdf`` makes them: a browser prints each."""
    command = [os.environ["PAMONG_CHROMIUM"], "--headless", "--no-sandbox", "--disable-gpu"]
    for page in sorted(folder.glob("*.html")):
        target = page.with_suffix(".pdf")
        printing = [*command, f"--print-to-pdf={target}", page.as_uri()]
        subprocess.run(printing, check=True, capture_output=True)  # noqa: S603
        if not target.is_file():
            raise SystemExit(f"{command[0]} printed no {target.name}.")


def _ten(course: Course) -> Course:
    """The same people in COHORTS cohorts."""
    settings = course.root / "course" / "programme.yaml"
    text = settings.read_text(encoding="utf-8")
    known = len(course.programme.cohorts)
    more = [f"  - {{id: a{n:02}, title: Angkatan {n}}}\n" for n in range(known + 1, COHORTS + 1)]
    settings.write_text(_COHORT.sub(lambda m: m[0] + "".join(more), text, count=1), "utf-8")
    head, *rows = course.roster.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("cohort")
    cells = [row.split(",") for row in rows]
    for n, row in enumerate(cells):
        row[place] = f"a{1 + n % COHORTS:02}"
    course.roster.write_text("\n".join([head, *map(",".join, cells), ""]), encoding="utf-8")
    return Course.load(course.root)


def _seconds(work: Callable[[], Any]) -> float:
    os.sync()  # what was measured before must not be paid for now
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _memory() -> Iterator[Callable[[], int]]:
    """The most that this process and its children hold at once, shared pages counted once; bytes."""
    seen, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(sum(_held(pid) for pid in _family(os.getpid())))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: max(seen)
    finally:
        done.set()
        thread.join()


def _family(pid: int) -> list[int]:
    """A process and its children's children."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        found += [each for child in children for each in _family(int(child))]
    return found


def _held(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


def _run(course: Course, command: list[str]) -> None:
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)  # noqa: S603


@contextmanager
def _quiet(_: str) -> Any:
    yield lambda *_: None


if __name__ == "__main__":
    main()
