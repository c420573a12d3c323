"""What one participant hands in of one module: written down before it leaves, kept once it has arrived.

A crash at any moment leaves either nothing, or a submission that the next look at the outbox finds
whole in the exchange and writes the receipt for. The secret, under which feedback will be found,
stays in a folder laid out as nbgrader's cache, so that ``nbgrader fetch_feedback`` finds it too.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import msgspec

from pamong import exchange, notebook, receipt
from pamong.durable import sync
from pamong.errors import DamagedReceipt, PamongError, Undelivered
from pamong.exchange import Parcel
from pamong.portfolio import Portfolio
from pamong.receipt import Receipt

RECEIPT = "receipt.json"
"""The receipt's name in a submission."""
FEEDBACK_LIMIT = 32 * 1024 * 1024
"""Bytes of one feedback page."""
_PENDING, _LOCK = ".pending", ".lock"
_SECRET_LIMIT = 4096
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feedback:
    """The published feedback on one notebook of a submission; ``read`` gives the page, or OSError."""

    receipt: Receipt
    notebook: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt under a signature: ``text`` for a QR code, ``keyword`` for a PDF that ``seal`` then signs."""

    text: str
    keyword: str
    seal: Callable[[bytes], bytes]


class Outgoing(Protocol):
    """What one participant hands in of one module, wherever it goes. Every method may block."""

    @property
    def open(self) -> bool:
        """Whether there is anywhere to hand in to."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more is taken, because the time is over."""
        ...

    def receipts(self) -> tuple[Receipt, ...]:
        """Every receipt of this participant that can be believed, the newest first."""
        ...

    def unread(self) -> int:
        """How many receipts there are that cannot be believed."""
        ...

    def outdated(self, events: Mapping[str, int], pages: Mapping[str, bytes]) -> bool:
        """Whether the newest submission lacks something that the participant has done since.

        ``events`` counts those of every exercise whose log can be read, ``pages`` holds the notebooks as
        they would be handed in. A new release of the module alone is nothing that they have done.
        """
        ...

    def find(self, code: str) -> Receipt | None:
        """The receipt with this code, as somebody may have typed it."""
        ...

    def proof(self, made: Receipt) -> Proof | None:
        """The signature of a receipt; None where nobody signs."""
        ...

    def submit(self, read: Callable[[], Portfolio], *, statement: bool, seen: str = "") -> Receipt:
        """Hand in what ``read`` gives; the last receipt where nothing has changed since.

        Raises Undelivered; then nothing counts as handed in. With ``seen`` that is also so where the
        content is no longer the one with that hash.
        """
        ...

    def settle(self) -> None:
        """Bring to an end what a crash interrupted; silent where that is not possible now."""
        ...

    def feedback(self) -> tuple[Feedback, ...]:
        """What has been published on the newest submission that has feedback, by notebook."""
        ...


class _Pending(msgspec.Struct, frozen=True):
    """A submission on its way."""

    temporary: str
    secret: str
    receipt: str


class Outbox:
    """``home`` is a folder of the participant's own, ``place`` nbgrader's exchange or empty."""

    def __init__(
        self,
        home: Path,
        module: str,
        *,
        participant: str,
        course: str,
        place: str,
        deadline: datetime | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._participant, self._course, self._module = participant, course, module
        self._place, self._deadline, self._clock = place, deadline, clock
        self._home = home
        self._receipts = home / "receipts" / module
        self._kept = home / "nbgrader_cache" / course

    @property
    def open(self) -> bool:
        return bool(self._place)

    @property
    def over(self) -> bool:
        return False  # whoever collects decides

    def receipts(self) -> tuple[Receipt, ...]:
        """Every receipt of this participant and course that can be believed, the newest first.

        One from so far ahead that nobody collects it (a clock was wrong) stands behind all others.
        """
        horizon = self._clock() + exchange.FUTURE
        found: list[Receipt] = []
        for path in sorted(self._receipts.glob("[!.]*.json")):
            try:
                with path.open("rb") as file:
                    found.append(receipt.parse(file.read(receipt.LIMIT + 1), path.name))
            except (DamagedReceipt, OSError) as error:
                log.warning("%s: %s", path, error)
        own = (each for each in found if self._is_own(each))
        return tuple(sorted(own, key=lambda it: (it.moment < horizon, it.moment), reverse=True))

    def unread(self) -> int:
        return len(list(self._receipts.glob("[!.]*.json"))) - len(self.receipts())

    def outdated(self, events: Mapping[str, int], pages: Mapping[str, bytes]) -> bool:
        last = next(iter(self.receipts()), None)
        if last is None:
            return False
        held = {played.exercise: played.events for played in last.exercises}
        if any(count != held.get(exercise, 0) for exercise, count in events.items()):
            return True
        folder = self._kept / self._parcel(last, "", {}).record
        return any(_differs(folder / name, text) for name, text in pages.items())

    def proof(self, made: Receipt) -> None:  # noqa: ARG002
        return None  # a folder signs nothing

    def find(self, code: str) -> Receipt | None:
        wanted = receipt.read_code(code)
        return next((each for each in self.receipts() if each.code == wanted), None)

    def submit(self, read: Callable[[], Portfolio], *, statement: bool, seen: str = "") -> Receipt:
        """As ``Outgoing`` says; whoever submits meanwhile waits."""
        with self._locked():
            self._recover()
            portfolio = read()
            if seen and portfolio.content != seen:
                raise Undelivered("changed", self._module, "answers have changed meanwhile")
            last = next(iter(self.receipts()), None)
            same = last is not None and last.content == portfolio.content
            if last is not None and same and (secret := self._secret(last)):
                return self._again(last, secret, portfolio)
            return self._send(self._written(portfolio, statement, last), token_hex(64), portfolio)

    def settle(self) -> None:
        if not (self._receipts / _PENDING).exists():
            return
        try:
            with self._locked():
                self._recover()
        except Undelivered as error:
            log.warning("%s: %s", self._module, error)

    def feedback(self) -> tuple[Feedback, ...]:
        for each in self.receipts() if self._place else ():
            if found := tuple(self._published(each)):
                return found
        return ()

    def _is_own(self, made: Receipt) -> bool:
        mine = (self._course, self._participant, self._module)
        return (made.course, made.participant, made.module) == mine

    def _written(self, portfolio: Portfolio, statement: bool, last: Receipt | None) -> Receipt:  # noqa: FBT001
        moment = self._clock().astimezone(UTC)
        if last is not None and moment <= last.moment < moment + exchange.FUTURE:
            moment = last.moment + timedelta(microseconds=1)  # or a clock set back would hide this
        return Receipt(
            course=self._course,
            participant=self._participant,
            module=self._module,
            moment=moment,
            content=portfolio.content,
            exercises=tuple(entry.played for entry in portfolio.entries),
            statement=statement,
            late=self._deadline is not None and moment > self._deadline,
        )

    def _send(self, made: Receipt, secret: str, portfolio: Portfolio) -> Receipt:
        parcel = self._parcel(made, secret, portfolio.files)
        temporary = f"{exchange.TEMPORARY}{token_hex(16)}"
        self._note(_Pending(temporary, secret, made.canonical().decode()))
        exchange.deliver(self._inbound(), parcel, temporary=temporary)
        self._keep(made, parcel)
        return made

    def _again(self, last: Receipt, secret: str, portfolio: Portfolio) -> Receipt:
        """The same submission once more: put back in its place should it be gone."""
        parcel = self._parcel(last, secret, portfolio.files)
        if exchange.holds(self._inbound(), parcel):
            return last
        exchange.discard(self._inbound(), parcel.name)
        return self._send(last, secret, portfolio)

    def _recover(self) -> None:
        """Keep the receipt of what arrived before a crash; clear away what did not."""
        note = self._receipts / _PENDING
        with _own(note):
            content = note.read_bytes() if note.exists() else b""
        if not content:
            return
        try:
            noted = msgspec.json.decode(content, type=_Pending)
            made = receipt.parse(noted.receipt.encode(), _PENDING)
        except (ValueError, DamagedReceipt) as error:
            log.warning("%s: %s", note, error)
            self._done()
            return
        inbound = self._inbound()
        exchange.discard(inbound, noted.temporary)
        files = exchange.fetch(inbound, self._parcel(made, noted.secret, {}).name)
        parcel = self._parcel(made, noted.secret, files)
        if receipt.digest(_content(files)) == made.content and exchange.holds(inbound, parcel):
            exchange.confirm(inbound, parcel)
            self._keep(made, parcel)
        else:
            exchange.discard(inbound, parcel.name)
            self._done()

    def _parcel(self, made: Receipt, secret: str, files: Mapping[str, bytes]) -> Parcel:
        return Parcel(
            participant=made.participant,
            module=made.module,
            moment=made.moment,
            secret=secret,
            files={**files, RECEIPT: made.canonical()},
        )

    def _inbound(self) -> Path:
        if not self._place:
            raise Undelivered("closed", self._module, "there is no exchange")
        return exchange.inbound(self._place, self._course)

    def _note(self, pending: _Pending) -> None:
        with _own(self._receipts):
            _write(self._receipts / _PENDING, msgspec.json.encode(pending))

    def _keep(self, made: Receipt, parcel: Parcel) -> None:
        """The secret first: a receipt without it would find no feedback."""
        with _own(self._home):
            folder = self._kept / parcel.record
            _make(folder)
            pages = {k: v for k, v in parcel.files.items() if k.endswith(".ipynb")}
            for name, content in {**parcel.stamps(), **pages}.items():
                _write(folder / name, content)
            _write(self._receipts / f"{made.code}.json", made.canonical())
            self._done()

    def _done(self) -> None:
        with _own(self._receipts):
            (self._receipts / _PENDING).unlink(missing_ok=True)

    def _secret(self, made: Receipt) -> str:
        record = self._parcel(made, "", {}).record
        try:
            with (self._kept / record / exchange.SECRET).open("rb") as file:
                return file.read(_SECRET_LIMIT).decode("ascii")
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s: %s", record, error)
            return ""

    def _published(self, made: Receipt) -> Iterator[Feedback]:
        folder = self._kept / self._parcel(made, "", {}).record
        secret = self._secret(made)
        for page in sorted(folder.glob("*.ipynb")) if secret else ():
            name = exchange.feedback_name(secret, page.stem)
            path = Path(self._place) / self._course / "feedback" / name
            try:
                if path.is_file() and path.stat().st_size <= FEEDBACK_LIMIT:
                    yield Feedback(made, page.stem, path.read_bytes)
            except OSError as error:
                log.warning("%s: %s", path, error)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _own(self._receipts):
            _make(self._receipts)
            handle = os.open(self._receipts / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with _own(self._receipts):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _content(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """What of a submission the content hash is about."""
    apart = (RECEIPT, exchange.TIMESTAMP, exchange.SECRET)
    return {name: content for name, content in files.items() if name not in apart}


@contextmanager
def _own(folder: Path) -> Iterator[None]:
    """Say of an error in the participant's own folder that it is there."""
    try:
        yield
    except OSError as error:
        raise Undelivered("own", folder, error.strerror or type(error).__name__) from error


def _differs(kept: Path, now: bytes) -> bool:
    """Whether a notebook holds other answers than the one that was kept, where that can be read."""
    try:
        before = kept.read_bytes()
        return before != now and notebook.written(before) != notebook.written(now)
    except FileNotFoundError:
        return kept.parent.is_dir()  # it was not among what was handed in
    except OSError:
        return False
    except PamongError:  # no notebook any more, so it was written to
        return True


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, durable, readable by its owner only."""
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    draft.replace(path)
    sync(path.parent)


def _make(folder: Path) -> None:
    """A folder that a power cut does not take away again."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync(folder.parent)
