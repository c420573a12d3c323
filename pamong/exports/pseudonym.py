"""Facts about people whom an export does not name, and of whom it says only what others share.

A pseudonym is the same in every export of a course; only who holds the graders' secret can make it.
That is no anonymity: who knows when somebody was at work may recognise them.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.notebook import parse
from pamong.place import places
from pamong.reports import tidy
from pamong.reports.facts import Play
from pamong.reports.snapshot import Snapshot
from pamong.reports.suppression import SMALLEST, hidden
from pamong.roster import Participant

LENGTH = 12
"""Characters of a pseudonym behind its P: 60 bits, so that two of 5,000 people never share one."""
_PURPOSE = b"pamong export, pseudonyms 1"
LEVELS = ("cohort", "role", "region")
"""What a row says about a person; what comes last is withheld first."""
Shown = Mapping[str, Participant]
"""Everybody of an export as it tells of them, by their real id."""


def pseudonym(secret: bytes, participant: str) -> str:
    """A name that begins with a letter, so that no program takes it for a number."""
    key = hmac.digest(secret, _PURPOSE, sha256)
    return "P" + b32encode(hmac.digest(key, participant.encode(), sha256)).decode()[:LENGTH]


def disguised(people: Sequence[Participant], cohorts: Collection[str], secret: bytes) -> Shown:
    """Everybody of these cohorts under a pseudonym, with what at least four others share.

    CourseError when the cohorts give people away: too few of them, or told apart from cohorts that
    are only told together.
    """
    _require_many(people, cohorts)
    chosen = [person for person in people if person.cohort in cohorts]
    return {
        id: replace(
            person, id=pseudonym(secret, id), name="", superior="", zone="", nip=""
        )
        for id, person in _blurred({person.id: person for person in chosen}, LEVELS)
    }  # fmt: skip


def _require_many(people: Sequence[Participant], cohorts: Collection[str]) -> None:
    sizes = Counter(person.cohort for person in people)
    together = hidden(sizes)
    chosen = sum(sizes[cohort] for cohort in cohorts)
    if 0 < chosen < SMALLEST:
        raise CourseError(
            f"An export of {chosen} people gives them away by any name. "
            "Add cohorts, or export them with --named for those who may know them."
        )
    if (apart := together - set(cohorts)) and together & set(cohorts):
        raise CourseError(
            f"Cohort {', '.join(sorted(together & set(cohorts)))} would show by subtraction who is in "
            f"{', '.join(sorted(apart))}, which is too small. Export them together, or with --named."
        )


def _blurred(
    group: Mapping[str, Participant], levels: Sequence[str]
) -> Iterator[tuple[str, Participant]]:
    """The group with every small value withheld, level by level."""
    if not levels:
        yield from group.items()
        return
    level, *deeper = levels
    small = hidden(Counter(getattr(person, level) for person in group.values()))
    groups: dict[str, dict[str, Participant]] = defaultdict(dict)
    for id, person in group.items():
        value = getattr(person, level)
        value = "" if value in small else value
        groups[value][id] = replace(person, **{level: value})
    for inner in groups.values():
        yield from _blurred(inner, deeper)


def by_office(course: Course) -> frozenset[str]:
    """The exercises that are for one office, so that who played one is known to hold it."""
    found: set[str] = set()
    for plan in course.programme.modules:
        path = course.source(plan.id) / NOTEBOOK
        if not path.is_file():
            continue
        for cell in parse(path.read_bytes(), path.name)["cells"]:
            for place in places("".join(cell.get("source", "")), "exercise"):
                found.update(place.exercises if place.roles else ())
    return frozenset(found)


def retold(snapshot: Snapshot, shown: Shown, office: Collection[str]) -> Snapshot:
    """What a snapshot says about the people who are ``shown``, under their names there.

    Where somebody's office is withheld, so is which of the ``office`` exercises they met, and what
    they answered in it.
    """

    def silent(participant: str, form: str) -> bool:
        return form in office and not shown[participant].role

    return replace(
        snapshot,
        people=tuple(shown[it.id] for it in snapshot.people if it.id in shown),
        submissions=tuple(
            replace(it, participant=shown[it.participant].id)
            for it in snapshot.submissions
            if it.participant in shown
        ),
        grades=tuple(
            replace(it, participant=shown[it.participant].id)
            for it in snapshot.grades
            if it.participant in shown
        ),
        plays=tuple(
            replace(
                _silenced(it) if silent(it.participant, tidy.form_of(it)) else it,
                participant=shown[it.participant].id,
            )
            for it in snapshot.plays
            if it.participant in shown
        ),
        deals=tuple(
            replace(it, participant=shown[it.participant].id)
            for it in snapshot.deals
            if it.participant in shown and not silent(it.participant, it.exercise)
        ),
        opinions=(),
    )


def open_plays(
    snapshot: Snapshot, shown: Shown, office: Collection[str]
) -> Iterator[tuple[Play, str]]:
    """The plays whose log an export may tell, each with its person's name there, ordered by name."""
    mine = [play for play in tidy.told(snapshot) if play.participant in shown]
    for play in sorted(mine, key=lambda it: shown[it.participant].id):
        person = shown[play.participant]
        if person.role or tidy.form_of(play) not in office:
            yield play, person.id


def _silenced(play: Play) -> Play:
    return replace(play, form="", items={}, answers={}, parts={}, steps=(), ending="")
