"""``collect``: everybody's newest submission out of the service, laid where grading reads it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.abc import ExchangeCollect
from sqlalchemy.exc import SQLAlchemyError

from pamong import wire
from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import PamongError, ServiceError, ServiceRefused, ServiceUnreachable
from pamong.grading.door.exchange import Door
from pamong.grading.door.office import Office, find
from pamong.grading.intake import collect as intake
from pamong.grading.intake.collect import Collected, Note, Tally, lay, moment_of
from pamong.grading.intake.inbound import Refused, shown
from pamong.grading.intake.submission import PARTICIPANT, SECRET
from pamong.receipt import digest

Place = Callable[[str], Path]
"""Where a participant's submission is laid."""
RECEIPT = "receipt.json"


def take_in(
    office: Office,
    module: str,
    place: Place,
    released: Path,
    *,
    wanted: str = "*",
    update: bool = True,
    before: datetime | None = None,
) -> Collected:
    """Lay the newest submission of everybody whose id fits ``wanted``; ServiceError.

    With ``before`` it is the newest until then, where there is one. One that cannot be read stops none of
    the others.
    """
    tally = Tally()
    for person, handed in sorted(_by_person(office.handed_in(module), wanted).items()):
        chosen = _chosen(handed, before)
        target = place(person)
        there, since = os.path.lexists(target), moment_of(target)
        if there and (since == chosen.moment or not (update and _is_newer(chosen, since, before))):
            tally.unchanged += 1
            continue
        try:
            fill = partial(_fill, office.bundle(chosen.id))
            notices = lay(target, released, chosen.moment, fill)
        except (Refused, ServiceError) as refusal:
            if _concerns_all(refusal):
                raise
            tally.refused.append(Note(_name(chosen), str(refusal)))
            continue
        tally.notices += [Note(_name(chosen), str(Refused(entry))) for entry in notices]
        tally.updated += there
        tally.new += not there
    return tally.so_far(module)


def collect(course: Course, module: str) -> Collected:
    """Collect from the service where there is one, from nbgrader's folder otherwise; PamongError."""
    office = find(course)
    if office is None:
        return intake.collect(course, module)
    course.require_module(module)
    taken = take_in(
        office, module, lambda person: course.submitted(person, module), course.release(module)
    )
    passed_by = len(list(course.exchange.glob(f"*/inbound/*+{module}+*")))
    if not passed_by:
        return taken
    told = messages("collect")("passed_by", count=passed_by)
    return replace(taken, notices=(*taken.notices, Note(str(course.exchange), told)))


class Collect(Door, ExchangeCollect):
    """nbgrader's ``collect``; ``tally`` says what came of it."""

    def init_src(self) -> None:
        self.require_course(Course.load(Path(self.folder.root)).programme.course_id)

    def init_dest(self) -> None:
        """Everybody's folder is made when something is laid in it."""

    def copy_files(self) -> None:
        folder, module = self.folder, self.folder.assignment_id

        def place(person: str) -> Path:
            return Path(folder.format_path(folder.submitted_directory, person, module))

        self.tally = take_in(
            self.office,
            module,
            place,
            Path(folder.format_path(folder.release_directory, ".", module)),
            wanted=folder.student_id or "*",
            update=self.update or self.before_duedate,
            before=self._due() if self.before_duedate else None,
        )
        for note in self.tally.refused:
            self.log.warning("Refused %s: %s", note.submission, note.reason)
        self.log.info("Collected %s: %s", module, str(self.tally).partition("\n")[0])

    def _due(self) -> datetime | None:
        with (
            suppress(MissingEntry),
            Gradebook(self.folder.db_url, self.folder.course_id) as gradebook,
        ):
            found = gradebook.find_assignment(self.folder.assignment_id).duedate
            return found.replace(tzinfo=UTC) if isinstance(found, datetime) else None
        return None


def _concerns_all(error: PamongError) -> bool:
    """Whether it is the service or the database that fails, not one person's submission."""
    match error:
        case ServiceUnreachable() | ServiceRefused(again=True):
            return True
        case ServiceError(__cause__=SQLAlchemyError()):
            return True
    return False


def _by_person(handed: Sequence[wire.Handed], wanted: str) -> Mapping[str, Sequence[wire.Handed]]:
    """Who handed in what, each person's newest first."""
    found: dict[str, list[wire.Handed]] = defaultdict(list)
    for each in sorted(handed, key=lambda it: it.moment, reverse=True):
        if fnmatchcase(each.participant, wanted) and PARTICIPANT.fullmatch(each.participant):
            found[each.participant].append(each)
    return found


def _chosen(handed: Sequence[wire.Handed], before: datetime | None) -> wire.Handed:
    in_time = [each for each in handed if before is None or each.moment <= before]
    return (in_time or handed)[0]


def _is_newer(chosen: wire.Handed, since: datetime | None, before: datetime | None) -> bool:
    """Whether to lay it in the place of what is there: newer, or nearer to what was asked for."""
    return since is None or chosen.moment > since or before is not None


def _fill(found: wire.Bundle, fresh: Path) -> None:
    """Write a submission's files; Refused where they are not what its receipt says."""
    content = {name: data for name, data in found.files.items() if name != RECEIPT}
    if digest(content) != found.content:
        raise Refused("unlike")
    fresh.mkdir(parents=True)
    for name, data in found.files.items():
        if Path(name).name != name or name.startswith("."):
            raise Refused("special", name=shown(name))
        (fresh / name).write_bytes(data)
    (fresh / SECRET).write_text(found.secret, encoding="ascii")


def _name(handed: wire.Handed) -> str:
    return f"{handed.participant}+{handed.module}+{handed.moment:%Y-%m-%d %H:%M:%S.%f UTC}"
