"""What passes between staff and participants: modules released, submissions collected, feedback given back.

The API and the commands on the service's own machine both end here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, select

from pamong import receipt, wire
from pamong.course import Course
from pamong.errors import DamagedReceipt, ServiceError
from pamong.notebook import SIZE_LIMIT
from pamong.outbox import FEEDBACK_LIMIT
from pamong.service import audit
from pamong.service.bundle import unpack
from pamong.service.tables import bundles, feedback, releases, submissions

log = logging.getLogger(__name__)


def released(connection: Connection) -> Mapping[str, datetime]:
    """Since when each module that participants may see has been released."""
    rows = connection.execute(select(releases.c.module, releases.c.at))
    return {row.module: row.at for row in rows}


def release(connection: Connection, course: Course, module: str, *, by: str, at: datetime) -> bool:
    """Let participants have a module; whether they did not. ServiceError without a frozen release."""
    if not list(course.release(module).glob("*.ipynb")):
        raise ServiceError(f"{module} has no release yet. Run `pamong release {module}` first.")
    if module in released(connection):
        return False
    connection.execute(releases.insert().values(module=module, at=at, by=by))
    audit.record(connection, at=at, who=by, act="module.released", module=module)
    return True


def unrelease(connection: Connection, module: str, *, by: str, at: datetime) -> bool:
    """Take a module back; whether it was there. What participants have done stays."""
    gone = connection.execute(releases.delete().where(releases.c.module == module)).rowcount > 0
    if gone:
        audit.record(connection, at=at, who=by, act="module.unreleased", module=module)
    return gone


def files(course: Course, module: str) -> Mapping[str, Path]:
    """The released files of a module by name, with slashes; nothing hidden, nothing too large."""
    root = course.release(module)
    found: dict[str, Path] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_symlink() or not path.is_file() or any(p.startswith(".") for p in name.parts):
            continue
        if path.stat().st_size <= SIZE_LIMIT:
            found[name.as_posix()] = path
    return found


def handed_in(connection: Connection, module: str, person: str = "") -> list[wire.Handed]:
    """Every submission of a module, or of one person, the newest first."""
    query = select(
        submissions.c.id,
        submissions.c.person,
        submissions.c.moment,
        submissions.c.content,
        submissions.c.code,
        submissions.c.receipt,
    ).where(submissions.c.module == module)
    if person:
        query = query.where(submissions.c.person == person)
    rows = connection.execute(query.order_by(submissions.c.moment.desc(), submissions.c.id)).all()
    pages = published(connection, module)
    return [
        wire.Handed(
            id=row.id,
            participant=row.person,
            module=module,
            moment=row.moment,
            content=row.content,
            code=row.code,
            late=_is_late(row.receipt, row.code),
            feedback=pages.get(row.id, {}),
        )
        for row in rows
    ]


def _is_late(content: bytes, code: str) -> bool:
    """What a receipt says of its submission; one that cannot be believed hides none of the others."""
    try:
        return receipt.parse(content, code).late
    except DamagedReceipt as error:
        log.warning("%s", error)
        return False


def bundle(connection: Connection, id: int) -> wire.Bundle | None:
    """One submission with everything in it; None where there is none of that number."""
    query = select(submissions, bundles.c.files).join(bundles).where(submissions.c.id == id)
    row = connection.execute(query).first()
    if row is None:
        return None
    return wire.Bundle(
        id=id,
        participant=row.person,
        module=row.module,
        moment=row.moment,
        content=row.content,
        secret=row.secret,
        files={**unpack(row.files), "receipt.json": row.receipt},
    )


def publish(
    connection: Connection, id: int, notebook: str, page: bytes, *, by: str, at: datetime
) -> bool | None:
    """Give a page back to its owner; whether it is another than before, None without a submission.

    ServiceError for one that is too large.
    """
    if len(page) > FEEDBACK_LIMIT:
        raise ServiceError(
            f"A page of feedback has at most {FEEDBACK_LIMIT} bytes, not {len(page)}."
        )
    query = select(submissions.c.person, submissions.c.module).where(submissions.c.id == id)
    owner = connection.execute(query).first()
    if owner is None:
        return None
    place = (feedback.c.submission == id) & (feedback.c.notebook == notebook)
    digest = sha256(page).hexdigest()
    if connection.execute(select(feedback.c.digest).where(place)).scalar() == digest:
        return False
    connection.execute(feedback.delete().where(place))
    values = {"submission": id, "notebook": notebook, "page": page, "digest": digest, "at": at}
    connection.execute(feedback.insert().values(values))
    audit.record(
        connection,
        at=at,
        who=by,
        act="feedback.published",
        whom=owner.person,
        module=owner.module,
        notebook=notebook,
    )
    return True


def page(
    connection: Connection, person: str, module: str, code: str, notebook: str
) -> bytes | None:
    """A page of feedback for its owner alone; None for everybody else."""
    query = (
        select(feedback.c.page)
        .join(submissions)
        .where(
            submissions.c.person == person,
            submissions.c.module == module,
            submissions.c.code == code,
            feedback.c.notebook == notebook,
        )
    )
    return connection.execute(query).scalar()


def published(connection: Connection, module: str) -> Mapping[int, dict[str, str]]:
    """The hashes of published pages by submission and notebook."""
    query = (
        select(feedback.c.submission, feedback.c.notebook, feedback.c.digest)
        .join(submissions)
        .where(submissions.c.module == module)
    )
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.submission, {})[row.notebook] = row.digest
    return found
