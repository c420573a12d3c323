"""While a module is being written: refresh its working copy on every save, and say what is wrong with it.

What the page shows its author is one JSON file: ``revision`` counts the changes, ``book`` is the one
that last changed the notebook, ``exercises`` maps each exercise to the one that last changed it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

from pamong.catalogue import messages
from pamong.course import BRIEF, KEY, Course
from pamong.drafts import Stamp, stamp
from pamong.errors import PamongError, Problem
from pamong.view.workplace import Workplace

PAUSE = 0.4
"""Seconds between two looks at the files."""
Check = Callable[[], Sequence[Problem]]
"""What is wrong with the module; asked after every change."""
Tell = Callable[[str], None]


class Watch:
    """Follows the source and keys of ``module`` from ``start`` to ``stop``."""

    def __init__(
        self,
        course: Course,
        module: str,
        place: Workplace,
        status: Path,
        *,
        check: Check,
        tell: Tell,
    ) -> None:
        self._course, self._module, self._place, self._path = course, module, place, status
        self._check, self._tell = check, tell
        self._revision, self._book = 0, 0
        self._exercises: dict[str, int] = {}
        self._aside: set[str] = set()
        self._stop = Event()
        self._thread = Thread(target=self._follow, name="pamong-watch", daemon=True)
        self._seen = self._stamps()

    def start(self) -> None:
        """Check the module as it is, then follow it."""
        self._publish()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(PAUSE):
            now = self._stamps()
            if now != self._seen:
                changed = {name for name in now.keys() | self._seen.keys() if now.get(name) != self._seen.get(name)}  # fmt: skip  # noqa: E501
                self._seen = now
                self._refresh(changed)

    def _refresh(self, changed: set[Path]) -> None:
        try:
            done = self._place.refresh()
        except (PamongError, OSError) as error:
            self._tell(str(error))
            return
        keys = {path.name.removesuffix(KEY) for path in changed if path.name.endswith(KEY)}
        briefs = {name.removesuffix(BRIEF) for name in done.files if name.endswith(BRIEF)}
        self._revision += 1
        others = set(done.files) - {f"{name}{BRIEF}" for name in briefs}
        self._book = self._revision if others else self._book
        self._exercises |= dict.fromkeys(keys | briefs | set(done.set_aside), self._revision)
        again = {exercise for exercise in self._aside if self._place.is_begun(exercise)}
        self._aside = self._aside - again | set(done.set_aside)
        self._publish()

    def _publish(self) -> None:
        say = messages("preview")
        try:
            problems = tuple(self._check())
        except PamongError as error:
            problems = (Problem(self._place.origin, 0, 0, "", str(error)),)
        wrong = sum(problem.severity == "error" for problem in problems)
        headline = say(
            "check.sound" if not problems else "check.found",
            errors=wrong,
            warnings=len(problems) - wrong,
        )
        notes = [say("aside", exercise=exercise) for exercise in sorted(self._aside)]
        moment = datetime.now(ZoneInfo(self._course.programme.time_zone))
        lines = [self._line(problem) for problem in problems]
        self._write(
            {
                "revision": self._revision,
                "book": self._book,
                "exercises": self._exercises,
                "severity": "error" if wrong else "warning" if problems else "ok",
                "headline": say("headline", headline=headline, time=f"{moment:%H.%M.%S}"),
                "lines": lines,
                "notes": notes,
            }
        )
        self._tell("\n".join((headline, *(f"  {line}" for line in (*lines[:wrong], *notes)))))

    def _line(self, problem: Problem) -> str:
        root = self._course.root
        path = problem.path.relative_to(root) if problem.path.is_relative_to(root) else problem.path
        return str(Problem(path, problem.line, problem.column, problem.field, problem.message))

    def _write(self, content: dict[str, Any]) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        draft.replace(self._path)

    def _stamps(self) -> dict[Path, Stamp]:
        folders = (self._course.source(self._module), self._course.keys(self._module))
        return {
            path: stamp(path)
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".") and "released" not in path.parts
        }
