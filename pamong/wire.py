"""What the service and those who ask it say to each other, as values; ``bytes`` travel as base64.

``docs/openapi.json`` is made from them, and ``pamong.client`` reads them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

State = Literal["early", "open", "grace", "closed"]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
"""A module or an exercise."""
Person = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
File = Annotated[str, Meta(min_length=1, max_length=255)]
NOTEBOOK_LIMIT = 20
"""Notebooks of one submission."""


class Me(Struct, kw_only=True, frozen=True):
    """Who asks, as the service knows them."""

    id: str
    name: str
    role: str
    office: str
    cohort: str
    course: str
    programme: str
    language: str
    zone: str


class Window(Struct, kw_only=True, frozen=True):
    """When a module may be worked on; None is no bound. ``words`` say it on the reader's own clock.

    What comes after ``deadline`` is late, after ``ends`` nothing is taken.
    """

    state: State
    opens: datetime | None
    class_starts: datetime | None
    deadline: datetime | None
    ends: datetime | None
    extended: bool
    words: str


class Module(Struct, kw_only=True, frozen=True):
    """A module of the programme, as the one who asks meets it."""

    id: str
    title: str
    released: bool
    notebooks: list[str]
    window: Window
    submissions: int


class FileInfo(Struct, kw_only=True, frozen=True):
    """One released file; ``name`` has slashes where it lies in a folder."""

    name: str
    size: int
    sha256: str


class Event(Struct, kw_only=True, frozen=True):
    """One line of an answer log."""

    n: int
    id: str
    at: str
    who: str
    act: str
    data: dict[str, Any]
    exercise: str
    version: int
    attempt: int


class Events(Struct, kw_only=True, frozen=True):
    """The events after the ``since`` that was asked for; ``n`` counts all there are."""

    n: int
    events: list[Event]


class Handin(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What a participant hands in: notebooks as they lie there. Answer logs are the service's own."""

    notebooks: Annotated[dict[File, bytes], Meta(max_length=NOTEBOOK_LIMIT)] = {}
    statement: bool = False
    seen: Annotated[str, Meta(max_length=64)] = ""


class Submission(Struct, kw_only=True, frozen=True):
    """One submission of the participant who asks; ``receipt`` is canonical, ``proof`` its signed text.

    ``feedback`` is the SHA-256 of every published page, by notebook.
    """

    code: str
    moment: datetime
    content: str
    late: bool
    statement: bool
    receipt: str
    proof: str
    feedback: dict[str, str]


class Handed(Struct, kw_only=True, frozen=True):
    """One submission as staff see it before it is collected."""

    id: int
    participant: str
    module: str
    moment: datetime
    content: str
    code: str
    late: bool
    feedback: dict[str, str]


class Bundle(Struct, kw_only=True, frozen=True):
    """One submission with everything in it; ``secret`` is nbgrader's."""

    id: int
    participant: str
    module: str
    moment: datetime
    content: str
    secret: str
    files: dict[str, bytes]


class Extension(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One participant's own deadline of one module, with the reason that others will ask for."""

    person: Person
    module: Name
    until: Annotated[datetime, Meta(tz=True)]
    reason: Annotated[
        str, Meta(pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$", max_length=500)
    ]


class Progress(Struct, kw_only=True, frozen=True):
    """How far one participant has come in a module: counts and moments, never an answer or a score."""

    participant: str
    cohort: str
    exercises: int
    begun: int
    finished: int
    last: datetime | None
    submissions: int
    submitted: datetime | None
    late: bool
    feedback: bool


class Total(Struct, kw_only=True, frozen=True):
    """How many of a cohort have come how far; null where that tells of fewer than five people."""

    cohort: str
    module: str
    people: int | None
    started: int | None
    finished: int | None
    submitted: int | None
    late: int | None
    feedback: int | None


class Done(Struct, kw_only=True, frozen=True):
    """What was changed: nothing where it was so already."""

    changed: int


class Trouble(Struct, kw_only=True, frozen=True):
    """Why something was not done, for a person; ``again`` says that asking again may help."""

    text: str
    again: bool
