"""What one participant hands in of one module, into the database: files, row and receipt at once.

The moment is the server's. Nothing counts as handed in before it was read back; handing in the same
once more gives the receipt that there is. Receipts are signed with a key of the service's own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, timedelta
from functools import partial
from secrets import token_hex

from sqlalchemy import Connection, RowMapping, Select, select
from sqlalchemy.exc import IntegrityError

from pamong import receipt
from pamong.errors import DamagedReceipt, ServiceError, Undelivered
from pamong.outbox import Feedback, Proof
from pamong.portfolio import TOTAL_LIMIT, Portfolio
from pamong.receipt import Receipt
from pamong.service import proof
from pamong.service.bundle import pack, unpack
from pamong.service.database import Database
from pamong.service.schedule import Window
from pamong.service.service import Service
from pamong.service.tables import bundles, feedback, people, submissions

log = logging.getLogger(__name__)


class Submissions:
    """The submissions of ``person`` in ``module``: an ``Outgoing``."""

    open = True

    def __init__(self, service: Service, person: str, module: str, window: Window) -> None:
        self._service, self._person, self._module = service, person, module
        self._window = window

    @property
    def over(self) -> bool:
        return self._window.state(self._service.clock()) == "closed"

    def receipts(self) -> tuple[Receipt, ...]:
        return tuple(made for row in self._rows() if (made := _believed(row)) is not None)

    def unread(self) -> int:
        return sum(_believed(row) is None for row in self._rows())

    def outdated(self, events: Mapping[str, int], pages: Mapping[str, bytes]) -> bool:  # noqa: ARG002
        """As ``Outgoing`` says; notebooks are not written in here."""
        last = next(iter(self.receipts()), None)
        if last is None:
            return False
        held = {played.exercise: played.events for played in last.exercises}
        return any(count != held.get(exercise, 0) for exercise, count in events.items())

    def find(self, code: str) -> Receipt | None:
        wanted = receipt.read_code(code)
        return next((made for made in self.receipts() if made.code == wanted), None)

    def proof(self, made: Receipt) -> Proof | None:
        query = self._mine(submissions.c.signature).where(submissions.c.code == made.code)
        with self._service.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        signature = row["signature"] if row is not None else b""
        text = proof.written(made, signature, proof.keys(self._service.course))
        if not text:
            return None
        signer = proof.signer(self._service.course)
        keyword = proof.SEAL.keyword(text, signer)
        return Proof(text, keyword, partial(proof.SEAL.sealed, signer=signer))

    def submit(self, read: Callable[[], Portfolio], *, statement: bool, seen: str = "") -> Receipt:
        before = self.content()
        portfolio = read()
        if seen and portfolio.content != seen:
            raise Undelivered("changed", self._module, "answers have changed meanwhile")
        if sum(map(len, portfolio.files.values())) > TOTAL_LIMIT:
            raise Undelivered("large", self._module, f"it has more than {TOTAL_LIMIT} bytes")
        packed, signer = pack(portfolio.files), proof.signer(self._service.course)
        try:
            with self._service.database.writing() as connection:
                last = self._last(connection)
                if last is not None and _holds(last, portfolio, statement=statement):
                    made = last
                else:
                    self._require_newest(portfolio, last, before)
                    made = self._made(portfolio, last, statement=statement)
                _put(connection, made.content, packed)
                if made is not last:
                    self._add(connection, made, proof.sign(made, signer))
            self._read_back(made)
        except ServiceError as error:
            raise Undelivered("unreachable", self._module, str(error)) from error
        return made

    def content(self) -> str:
        """The content hash of the newest submission; empty where there is none."""
        newest = self._mine(submissions.c.content).order_by(submissions.c.moment.desc()).limit(1)
        with self._service.database.reading() as connection:
            found: str | None = connection.execute(newest).scalar()  # type: ignore[assignment]
        return found or ""

    def settle(self) -> None:
        """Nothing is ever left half done: a transaction is whole or not at all."""

    def feedback(self) -> tuple[Feedback, ...]:
        query = (
            self._mine(submissions.c.receipt, feedback.c.submission, feedback.c.notebook)
            .join(feedback, feedback.c.submission == submissions.c.id)
            .order_by(submissions.c.moment.desc(), feedback.c.notebook)
        )
        with self._service.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            Feedback(made, row["notebook"], partial(self._page, row["submission"], row["notebook"]))
            for row in rows
            if row["submission"] == rows[0]["submission"] and (made := _believed(row)) is not None
        )

    def _page(self, submission: int, notebook: str) -> bytes:
        query = select(feedback.c.page).where(
            feedback.c.submission == submission, feedback.c.notebook == notebook
        )
        with self._service.database.reading() as connection:
            page: bytes | None = connection.execute(query).scalar()
        return page or b""

    def _rows(self) -> list[RowMapping]:
        query = self._mine(submissions.c.receipt).order_by(submissions.c.moment.desc())
        with self._service.database.reading() as connection:
            return list(connection.execute(query).mappings())

    def _mine(self, *columns: object) -> Select[tuple[object, ...]]:
        return select(*columns).where(  # type: ignore[call-overload,no-any-return]
            submissions.c.person == self._person, submissions.c.module == self._module
        )

    def _last(self, connection: Connection) -> Receipt | None:
        """The newest submission, while nobody else hands in for this person."""
        query = select(people.c.id).where(people.c.id == self._person)
        if connection.execute(query.with_for_update(key_share=True)).first() is None:
            raise ServiceError(f"There is nobody with the id {self._person}.")
        newest = self._mine(submissions.c.receipt).order_by(submissions.c.moment.desc()).limit(1)
        row = connection.execute(newest).mappings().first()
        return _believed(row) if row is not None else None

    def _require_newest(self, portfolio: Portfolio, last: Receipt | None, before: str) -> None:
        """Undelivered when somebody handed in after this was read: whoever waited longest is not newest.

        Answers are only ever added, so fewer than the newest submission has were read before it.
        """
        if last is None:
            return
        held = {played.exercise: played.events for played in last.exercises}
        older = any(count < held.get(name, 0) for name, count in portfolio.events.items())
        if older or last.content not in (before, portfolio.content):
            raise Undelivered("changed", self._module, "something newer was handed in meanwhile")

    def _made(self, portfolio: Portfolio, last: Receipt | None, *, statement: bool) -> Receipt:
        moment = self._service.clock().astimezone(UTC)
        if self._window.state(moment) == "closed":
            raise Undelivered("over", self._module, f"it closed at {self._window.ends}")
        if last is not None and moment <= last.moment:
            moment = last.moment + timedelta(microseconds=1)  # or a clock set back would hide this
        return Receipt(
            course=self._service.course.programme.course_id,
            participant=self._person,
            module=self._module,
            moment=moment,
            content=portfolio.content,
            exercises=tuple(entry.played for entry in portfolio.entries),
            statement=statement,
            late=self._window.is_late(moment),
        )

    def _add(self, connection: Connection, made: Receipt, signature: bytes) -> None:
        connection.execute(
            submissions.insert().values(
                person=self._person,
                module=self._module,
                moment=made.moment,
                content=made.content,
                code=made.code,
                receipt=made.canonical(),
                signature=signature,
                secret=token_hex(64),
            )
        )

    def _read_back(self, made: Receipt) -> None:
        """Undelivered unless the database gives back, in another look, what was put into it."""
        query = (
            self._mine(submissions.c.receipt, submissions.c.signature, bundles.c.files)
            .join(bundles, bundles.c.content == submissions.c.content)
            .where(submissions.c.code == made.code)
        )
        with self._service.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or _believed(row) != made:
            raise Undelivered("unlike", self._module, "the receipt is not there")
        if receipt.digest(unpack(row["files"])) != made.content:
            raise Undelivered("unlike", self._module, "the files are not those that were sent")
        if not proof.is_genuine(made, row["signature"], proof.keys(self._service.course)):
            raise Undelivered("unlike", self._module, "the signature does not hold")


def kept(database: Database, content: str) -> Mapping[str, bytes]:
    """The files that were handed in under that hash; ServiceError when they cannot be read."""
    query = select(bundles.c.files).where(bundles.c.content == content)
    with database.reading() as connection:
        packed = connection.execute(query).scalar()
    return unpack(packed or b"")


def _holds(last: Receipt, portfolio: Portfolio, *, statement: bool) -> bool:
    """Whether that receipt says all there is to say; a statement given since is something new."""
    return last.content == portfolio.content and (last.statement or not statement)


def _put(connection: Connection, content: str, packed: bytes) -> None:
    """Keep the files of that hash; what should be there already is mended if it is not."""
    its = bundles.c.content == content
    there = connection.execute(select(bundles.c.files).where(its)).scalar()
    if there is None:
        with suppress(IntegrityError), connection.begin_nested():  # somebody else had the same
            connection.execute(bundles.insert().values(content=content, files=packed))
    elif there != packed:
        connection.execute(bundles.update().where(its).values(files=packed))


def _believed(row: RowMapping) -> Receipt | None:
    try:
        return receipt.parse(row["receipt"], "a receipt")
    except DamagedReceipt as error:
        log.warning("%s", error)
        return None
