"""A module as its notebook sees it: show an exercise, or, where the keys are, its points.

The set-up cell opens the module; each exercise cell shows one form. While nbgrader executes the
notebook the form is a static picture, and ``points`` displays the outcome that the gradebook reads.
"""

from __future__ import annotations

import atexit
import contextlib
import html
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path
from shutil import rmtree
from stat import S_ISREG
from tempfile import mkdtemp
from typing import Any

import msgspec
from IPython.core.getipython import get_ipython
from IPython.display import HTML, display

from pamong import enrolment, log, outline
from pamong.answer import Answer, believable, read_answer
from pamong.catalogue import messages
from pamong.counterpart import Counterpart, LocalCounterpart, from_environment
from pamong.course import BRIEF, NOTEBOOK, Course, Shelf
from pamong.credit import credited
from pamong.dialogue import Dialogue, Where
from pamong.drafts import Drafts, is_source
from pamong.edition import Edition, Editions, File, cached_brief
from pamong.enrolment import Enrolment
from pamong.errors import CourseError, PamongError
from pamong.judgement import judge, replayed
from pamong.kind import AnyKind, Brief, replay
from pamong.kinds import KINDS
from pamong.outcome import Errored, Missing, Outcome, Scored
from pamong.place import Person, Place
from pamong.remote import Remote, RemoteDialogue, connected
from pamong.seal import Signet, key_beside
from pamong.store import FileStore, Store

OUTCOME_MIME = "application/vnd.pamong.outcome+json"
_PLAIN = repr(HTML(""))
"""What IPython shows of any HTML where there is only text."""


class Module:
    """One module in one folder: its briefs, and the answer logs beside them.

    Where the module is being written, answers go to a folder that ends with the kernel, and today's
    keys play and judge.
    """

    def __init__(self, id: str, folder: Path) -> None:  # the module's own word
        self.id, self.folder = id, folder
        self._written_here = is_source(folder)
        self._answers = _passing() if self._written_here else folder
        self._logs = FileStore(self._answers)
        self._contents = _Logs(self._logs)

    def exercise(self, id: str) -> None:
        """Display an exercise: a live form, or a static picture while nbgrader executes the notebook."""
        if os.environ.get("NBGRADER_EXECUTION"):
            _show(self._picture(*self._find(id)))
            return
        from pamong.view.widget import ExerciseWidget  # noqa: PLC0415  # not wanted while grading

        display(ExerciseWidget(lambda: self._page(id)))

    def points(self, id: str, maximum: float) -> OutcomeDisplay:
        """The outcome of an exercise worth ``maximum`` points; works only where the keys are."""
        if self._written_here:
            return OutcomeDisplay(id, judge(id, maximum, self._contents, self._drafts()))
        graders = os.environ.get("PAMONG_GRADERS")
        if not graders:
            return OutcomeDisplay(id, Errored(maximum, "PAMONG_GRADERS is not set: no keys here."))
        shelf = _shelf(graders, self.id)
        return OutcomeDisplay(id, judge(id, maximum, self._contents, shelf, _signet(graders)))

    def answer(self, cell: str, **questions: str) -> Answer:
        """What a code answer left behind; before it is handed in, only the promise that it is graded.

        ``questions`` are further values by name: expressions of what the cell defines, worked out where
        it ran.
        """
        if os.environ.get("PAMONG_GRADERS") and not self._written_here:
            return read_answer(self.folder, cell)
        display(Plain(messages("code")("later")))
        return Answer(cell, _kernel_values(questions) if self._written_here else {}, open=True)

    def credit(self, cell: str, passed: float, of: int, maximum: float) -> OutcomeDisplay | Plain:
        """The outcome of a code answer of which ``passed`` of ``of`` checks hold."""
        if not (self._written_here or os.environ.get("PAMONG_GRADERS")):
            return Plain(messages("code")("later"))
        return OutcomeDisplay(cell, credited(passed, of, maximum))

    def by_lot(self, *exercises: str) -> str:
        """One of ``exercises``, drawn once for each participant, so that forms are counterbalanced."""
        return Place(exercises).pick(self.id, _person())

    def by_role(self, **exercises: str) -> str:
        """The exercise for the participant's office, named as in programme.yaml."""
        place = Place(tuple(exercises.values()), tuple(exercises))
        played = [each for each in place.exercises if self._logs.path(each).is_file()]
        return place.pick(self.id, _person(), played)

    def legal(self) -> None:
        """Display the module's legal cards, each with its source status and when it was checked."""
        path = self.folder / "legal.yaml"
        _show(_legal(File.at(path) if path.is_file() else None))

    @cached_property
    def _remote(self) -> Remote | None:
        """The way to the service that keeps the answers; None where they are kept here."""
        return None if self._written_here else connected(self.folder, self.id)

    def _page(self, id: str) -> Dialogue | RemoteDialogue:
        """Who answers the page of an exercise."""
        local, remote = self._dialogue(id), self._remote
        if remote is None:
            return local
        reactive = KINDS[local.brief.kind].reactive is not None
        return RemoteDialogue(remote, local, reactive=reactive, keep=self._kept)

    def _kept(self, store: Store) -> Store:
        return Editions(self.folder, store).store()

    def _dialogue(self, id: str) -> Dialogue:
        """The exercise as it is now, or in the version that was begun."""
        found = Edition(self._brief(id))
        store: Store = self._remote.store if self._remote else self._logs
        if not self._written_here:
            editions = Editions(self.folder, store)
            found, store = editions.find(id), editions.store()
        kind, enrolled = KINDS[found.brief.kind], _enrolled()
        zone = os.environ.get("PAMONG_TIME_ZONE", "Asia/Jakarta")
        return Dialogue(
            kind,
            found.brief,
            store,
            participant=_participant(),
            clock=lambda: datetime.now(UTC),
            counterpart=None if self._remote else self._counterpart(kind, found.brief),
            time_zone=enrolled.clock_zone if enrolled else zone,
            where=Where(
                course=enrolled.course_id if enrolled else os.environ.get("PAMONG_COURSE", ""),
                module=self.id,
                counts=self._counts(id),
                newer=found.newer,
            ),
        )

    def _counts(self, id: str) -> bool:
        """Whether points hang on an exercise where the notebook shows it."""
        with contextlib.suppress(PamongError, OSError):
            return id not in outline.uncounted(
                outline.read(self.folder / NOTEBOOK, self.id, _person())
            )
        return True

    def _find(self, id: str) -> tuple[AnyKind, Brief]:
        brief = self._brief(id)
        return KINDS[brief.kind], brief

    def _brief(self, id: str) -> Brief:
        try:
            return cached_brief(f"{self.folder}/{id}{BRIEF}")
        except FileNotFoundError as error:
            raise CourseError(f"No exercise {id!r} in {self.folder}.") from error

    def _drafts(self) -> Drafts:
        return Drafts(Course.load(self.folder), self.id)

    def _picture(self, kind: AnyKind, brief: Brief) -> str:
        say = messages("form")
        if brief.visibility != "marker":
            return f"<p>{html.escape(say(f'withheld.{brief.visibility}'))}</p>"
        try:
            return kind.render(*self._recalled(kind, brief))
        except PamongError:
            return f"<p>{html.escape(say('picture.unreadable'))}</p>"

    def _recalled(self, kind: AnyKind, brief: Brief) -> tuple[Brief, Any]:
        """What was played and the state it came to: as it is judged, or else as the log alone tells it."""
        graders = os.environ.get("PAMONG_GRADERS")
        if graders and brief.use == "graded" and not self._written_here:
            with contextlib.suppress(PamongError):
                content = self._contents.get(brief.id)
                shelf = _shelf(graders, self.id)
                if found := replayed(brief.id, content, shelf, _signet(graders)):
                    exercise, _, state = found
                    return exercise.brief, state
        content = self._contents.get(brief.id)
        return brief, replay(kind, brief, log.parse(content, brief.id).trusted())

    def _counterpart(self, kind: AnyKind, brief: Brief) -> Counterpart | None:
        if kind.reactive is None or brief.use == "practice" or not self._written_here:
            return from_environment(kind, brief, participant=_participant())
        found = self._drafts().find(brief.id)
        if found is None:
            return None
        secret = brief.id.encode()
        return LocalCounterpart(kind, brief, found.key, participant=_participant(), secret=secret)


class Plain:
    """A text that a cell shows as it is, without quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class OutcomeDisplay:
    """What a graded cell ends in: the number for nbgrader, the whole outcome for Pamong."""

    BUNDLE_IS_ALL = True
    """There is nothing else to be asked for, as ``grading.execution.shell`` may take into account."""

    def __init__(self, exercise: str, outcome: Outcome) -> None:
        self.exercise, self.outcome = exercise, outcome

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/plain": repr(self.outcome.points if isinstance(self.outcome, Scored) else 0.0),
            OUTCOME_MIME: outcome_data(self.exercise, self.outcome),
        }


def outcome_data(exercise: str, outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: exercise, outcome, maximum, and points with parts and caps, or the cause."""
    data: dict[str, Any] = {"exercise": exercise, "maximum": outcome.maximum}
    match outcome:
        case Scored(points=points, score=score):
            return {**data, "outcome": "scored", "points": points, **msgspec.to_builtins(score)}
        case Missing():
            return {**data, "outcome": "missing", "points": 0.0}
        case Errored(cause=cause):
            return {**data, "outcome": "errored", "cause": cause}


def open_module(id: str, folder: str | os.PathLike[str] = ".") -> Module:
    """The module whose notebook lies in ``folder`` (by default the kernel's working folder)."""
    return Module(id, Path(folder).resolve())


class _Logs(dict[str, bytes]):
    """Answer logs read when they are asked for, one byte beyond the limit at most.

    A log is read again once it has another size or time of change.
    """

    def __init__(self, store: FileStore) -> None:
        super().__init__()
        self._store = store
        self._read: dict[str, tuple[tuple[int, ...], bytes]] = {}
        self._paths: dict[str, str] = {}

    def get(self, exercise: str, default: Any = b"") -> Any:
        if exercise not in self._paths:
            self._paths[exercise] = str(self._store.path(exercise))  # made once: it costs most
        path = self._paths[exercise]
        try:
            found = os.stat(path)  # noqa: PTH116  # likewise
        except OSError:
            return default
        known = found.st_ino, found.st_size, found.st_mtime_ns
        if self._read.get(exercise, ((), b""))[0] != known:
            if not S_ISREG(found.st_mode):
                return default
            wanted = min(found.st_size, log.LOG_LIMIT) + 1  # room for four megabytes costs time
            handle = os.open(path, os.O_RDONLY)
            try:
                self._read[exercise] = known, os.read(handle, wanted)
            finally:
                os.close(handle)
        return self._read[exercise][1]


def _kernel_values(questions: Mapping[str, str]) -> dict[str, Any]:
    """The plain values in the namespace of an author's kernel, where a check is tried out."""
    shell = get_ipython()
    names = dict(shell.user_ns) if shell is not None else {}
    asked = {name: eval(text, names) for name, text in questions.items()}  # noqa: S307  # the author's
    return {name: each for name, each in (names | asked).items() if not believable(each)}


@cache
def _passing() -> Path:
    """A folder of this process, gone with it."""
    folder = Path(mkdtemp(prefix="pamong-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=16)
def _legal(file: File | None) -> str:
    """The legal cards in a file, read once for as long as the file stays as it is; none without one."""
    from pamong.legal import cards, table  # noqa: PLC0415  # only one cell needs it

    return table(cards(Path(file.path)) if file else ())


def _show(page: str) -> None:
    """Display HTML, without asking the formatter of every type for what is known."""
    display({"text/html": page, "text/plain": _PLAIN}, raw=True)


def warm(module: str, files: Iterable[Path], graders: Path) -> None:
    """Read briefs, legal cards and released keys once, before processes are forked from this one.

    Silent about what is wrong with them: it is told to whoever asks for it.
    """
    with contextlib.suppress(PamongError):
        for path in files:
            if path.name == "legal.yaml":
                _legal(File.at(path))
            elif path.name.endswith(BRIEF):
                cached_brief(path)
        _shelf(str(graders), module).latest()


@lru_cache(maxsize=16)
def _shelf(graders: str, module: str) -> Shelf:
    return Shelf(Path(graders) / module / "released")


def _signet(graders: str) -> Signet | None:
    """What the participant's seals are known by; None where no key of seals is at hand."""
    key = _sealing_key(graders)
    return Signet(key, _participant()) if key else None


@lru_cache(maxsize=16)
def _sealing_key(graders: str) -> bytes:
    return key_beside(Path(graders))


def _enrolled() -> Enrolment | None:
    """What this kernel was told of its participant; None where it was told nothing, or nothing readable."""
    with contextlib.suppress(CourseError):
        return enrolment.from_environment()
    return None


def _participant() -> str:
    return os.environ.get("PAMONG_PARTICIPANT") or os.environ.get("JUPYTERHUB_USER") or "peserta"


def _person() -> Person:
    return Person(_participant(), os.environ.get("PAMONG_ROLE", ""))
