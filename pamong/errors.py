"""Every error Pamong raises on purpose, as one tree.

PamongError
├── AuthoringError       a brief, key, programme or roster file is wrong; carries every problem found
├── LogError
│   ├── DamagedLog       a line of an answer log cannot be believed
│   └── LogFull          an event or a log would exceed its bound
├── DamagedReceipt       a receipt cannot be believed
├── Undelivered          a submission did not reach the exchange, or could not be read back there
├── StaleAppend          the log has grown since the caller last read it
├── IllegalEvent         an event breaks the rules of its exercise
├── TamperedLog          a recorded counterpart reply is not the one the key gives
├── OtherEngine          a log was played against a counterpart of another engine number
├── UnknownVersion       a log was played on a version that was never released
├── CounterpartError
│   └── CounterpartUnavailable   nobody plays the other side right now
├── ServiceError         the service or its database cannot do what was asked
│   ├── ServiceUnreachable   no answer came from it, so nobody knows whether it did
│   └── ServiceRefused       it answered that it will not
└── CourseError          something the command needs is missing; the message says what to do

Each message says what is wrong, where, and what to do next. ``code`` of an IllegalEvent names the
catalogue entry that a participant reads instead of the English text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]
"""Whether a problem stands in the way of a release, or is for its author to weigh."""


class PamongError(Exception):
    """Root of the tree; the command line prints it without a traceback and exits with 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one authored file; line and column count from 1, 0 when unknown."""

    path: Path
    line: int
    column: int
    field: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else str(self.path)
        return f"{where}: {self.field + ': ' if self.field else ''}{self.message}"


class AuthoringError(PamongError):
    """Authored files are wrong; ``problems`` lists everything found, in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class LogError(PamongError):
    """An answer log cannot be read or extended."""


class DamagedLog(LogError):
    """A line of an answer log cannot be believed; the other lines are intact and kept.

    Line 0 stands for the whole log.
    """

    def __init__(self, name: str, line: int, reason: str) -> None:
        self.name, self.line, self.reason = name, line, reason
        where, others = name, ""
        if line:
            where, others = f"{name}, line {line}", "; the other lines are intact"
        super().__init__(f"{where}: {reason}. Keep the file as it is and ask for support{others}.")


class LogFull(LogError):
    """An event or a log would exceed its bound; nothing was written."""

    def __init__(self, name: str, size: int, limit: int) -> None:
        self.name, self.size, self.limit = name, size, limit
        super().__init__(f"{name}: {size} bytes exceed the limit of {limit}. Nothing was written.")


class DamagedReceipt(PamongError):
    """A receipt is not what Pamong wrote; what was handed in is untouched by that."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}. Keep the file as it is and ask for support.")


class Undelivered(PamongError):
    """Nothing was handed in; ``code`` is a key of the catalogue ``handin`` below ``undelivered.``."""

    def __init__(self, code: str, where: object, reason: str) -> None:
        self.code, self.where, self.reason = code, where, reason
        super().__init__(
            f"{where}: {reason}. Nothing was handed in; mend the exchange, then try again."
        )


class StaleAppend(LogError):
    """The log holds more events than the caller has read; read again, then append."""

    def __init__(self, exercise: str, expected: int, actual: int) -> None:
        self.exercise, self.expected, self.actual = exercise, expected, actual
        super().__init__(
            f"{exercise}: expected {expected} events but the log holds {actual}. Read it again."
        )


class IllegalEvent(PamongError):
    """An event breaks the rules of its exercise; ``code`` is a key of the message catalogue."""

    def __init__(self, exercise: str, n: int, act: str, code: str, reason: str) -> None:
        self.exercise, self.n, self.act, self.code, self.reason = exercise, n, act, code, reason
        super().__init__(f"{exercise}, event {n} ({act}): {reason}.")


class TamperedLog(PamongError):
    """A recorded counterpart reply differs from the one recomputed with the key."""

    def __init__(self, exercise: str, n: int, reason: str) -> None:
        self.exercise, self.n, self.reason = exercise, n, reason
        super().__init__(
            f"{exercise}, event {n}: {reason}. The log is not scored; a person decides."
        )


class OtherEngine(PamongError):
    """A log was played against a counterpart whose policy or wording is not the one installed here."""

    def __init__(self, exercise: str, n: int, played: object, installed: int) -> None:
        self.exercise, self.n, self.played, self.installed = exercise, n, played, installed
        super().__init__(
            f"{exercise}, event {n}: played against counterpart engine {played}, engine {installed} "
            "is installed. Grade it with the release of Pamong that it was played on."
        )


class UnknownVersion(PamongError):
    """A log names a version of an exercise that was never released here."""

    def __init__(self, exercise: str, version: int, released: tuple[int, ...]) -> None:
        self.exercise, self.version, self.released = exercise, version, released
        known = ", ".join(map(str, released)) or "none"
        super().__init__(
            f"{exercise}: played on version {version}, released versions are {known}. "
            "Restore the frozen brief and key of that version beside the keys, then grade again."
        )


class CounterpartError(PamongError):
    """The other side refused the transcript it was sent."""


class CounterpartUnavailable(CounterpartError):
    """Nobody plays the other side right now; the participant is offered practice instead."""


class CourseError(PamongError):
    """Something a command needs is missing or unusable; the message says what to do next."""


class ServiceError(PamongError):
    """The service or its database cannot do what was asked; the message says what to do."""


class ServiceUnreachable(ServiceError):
    """The service gave no answer that can be used; what was asked may have happened or not."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"{url} does not answer ({reason}). Try again; if it stays so, ask whoever runs the hub."
        )


class ServiceRefused(ServiceError):
    """The service answered no; ``text`` is its own sentence, ``again`` whether to ask once more."""

    def __init__(self, url: str, status: int, text: str, *, again: bool = False) -> None:
        self.url, self.status, self.text, self.again = url, status, text, again
        super().__init__(f"{text} ({url}: {status})")
