"""A crew of Dask workers on other machines; whatever becomes of one of them, each submission is graded once.

Only workers with the same code are sent anything. They need no shared folder: what a module is graded with
goes to each of them once, as bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import queue
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from pamong.errors import CourseError
from pamong.grading.crew import outpost
from pamong.grading.crew.outpost import Answer, Identity
from pamong.grading.crew.workers import Crew, Graded, Sources
from pamong.grading.intake.submission import Submission
from pamong.grading.pipeline import GradedSubmission, refuse

if TYPE_CHECKING:
    from distributed import Client, Future

IN_FLIGHT = 3
"""Submissions per thread of the workers that wait there or are being graded."""
PATIENCE = 60
"""Seconds to wait for the first worker, or for another one when all are gone."""
TICK = 1.0
"""Seconds between two looks at who works."""
REPLY = 30
"""Seconds in which the scheduler or a worker must answer a question."""
ATTEMPTS = 3
"""How often a submission is sent before it is errored; a worker that merely goes away does not count."""
_RECORDED = "What was graded before is recorded; the same command goes on from there."


def remote(url: str, *, patience: float = PATIENCE) -> Crew:
    """The crew of the Dask scheduler at ``url``, such as tcp://10.0.0.5:8786 or tls://….

    ``patience`` is how many seconds it may be without any worker. Raises CourseError when the URL is not
    one, or when Dask is not installed.
    """
    try:
        import distributed  # noqa: F401, PLC0415  # an extra
    except ImportError:
        raise CourseError(
            'Grading on a cluster needs Dask. Run: pip install "pamong[cluster]"'
        ) from None
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"tcp", "tls", "gateway"} and parts.hostname and parts.port:
            return partial(_grade_on, url, patience)
    raise CourseError(
        f"{url} is not the address of a Dask scheduler. Give it as its log shows it, such as "
        "tcp://10.0.0.5:8786 or tls://10.0.0.5:8786."
    )


def _grade_on(
    url: str, patience: float, sources: Sources, submissions: Iterable[Submission]
) -> Graded:
    with _connected(url, patience) as client:
        run = _Run(client=client, url=url, patience=patience, sources=sources)
        try:
            yield from run.stream(iter(submissions))
        finally:
            run.close()


@contextlib.contextmanager
def _connected(url: str, patience: float) -> Iterator[Client]:
    from dask import config  # noqa: PLC0415
    from distributed import Client  # noqa: PLC0415

    settings = {"distributed.admin.large-graph-warning-threshold": "1 GB"}
    with _quiet(), config.set(settings):
        try:
            client = Client(url, timeout=min(patience, REPLY), set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            reason = str(error).split("\n")[0]
            raise CourseError(
                f"No Dask scheduler answers at {url} ({reason}). Start one with `dask scheduler`, or "
                "see docs/cluster.md for addresses and certificates."
            ) from None
        try:
            yield client
        finally:
            client.close(timeout=5)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask's log is kept off the operator's terminal; what matters is said by an error."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.handlers for logger in loggers]
    for logger in loggers:
        logger.handlers = [logging.NullHandler()]
    try:
        yield
    finally:
        for logger, handlers in zip(loggers, before, strict=True):
            logger.handlers = handlers


@dataclass(slots=True, kw_only=True)
class _Flight:
    """One submission on its way: to which workers, as what, and how often it has failed."""

    submission: Submission
    future: Future[Any]
    workers: frozenset[str]
    failed: int
    missed: int = 0
    """How often its result could not be fetched."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One grading run on a cluster: who works, and what is under way."""

    client: Client
    url: str
    patience: float
    sources: Sources
    name: str = field(default_factory=lambda: uuid4().hex)
    mine: Identity = field(default_factory=outpost.identity)
    ready: dict[str, int] = field(default_factory=dict)
    """Threads of each worker that has been prepared."""
    refused: dict[str, str] = field(default_factory=dict)
    """What each worker has that does not fit."""
    flying: dict[str, _Flight] = field(default_factory=dict)
    landed: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    sent: int = 0
    done: int = 0
    looked: float = 0.0

    def stream(self, waiting: Iterator[Submission]) -> Graded:
        self._muster()
        while True:
            room = sum(self.ready.values()) * IN_FLIGHT - len(self.flying)
            for submission in islice(waiting, max(room, 0)):
                self._send(submission)
            if not self.flying:
                return
            for submission, graded in self._wait():
                self.done += 1
                yield submission, graded
            if time.monotonic() - self.looked > TICK:
                self._muster()

    def close(self) -> None:
        """Cancel what is under way and let the workers forget the run, as far as they can be reached."""
        futures = [flight.future for flight in self.flying.values()]
        with contextlib.suppress(OSError, RuntimeError):
            if futures:
                self._call(partial(self.client.cancel, futures, force=True, asynchronous=True), 5)
            self._ask(self.ready, outpost.forget, self.name, seconds=5)

    def _muster(self) -> None:
        """Learn who works now; CourseError when there has long been nobody, or nobody to ask."""
        deadline = time.monotonic() + self.patience
        while True:
            there = self._workers()
            for gone in self.ready.keys() - there.keys():
                del self.ready[gone]
            fresh = there.keys() - self.ready.keys() - self.refused.keys()
            self._greet({address: there[address] for address in fresh})
            self.looked = time.monotonic()
            if self.ready:
                break
            if self.looked > deadline:
                raise CourseError(self._deserted())
            time.sleep(TICK / 4)
        for key, flight in tuple(self.flying.items()):
            if not flight.workers & self.ready.keys():
                self._resend(key)

    def _workers(self) -> dict[str, int]:
        """Threads of every worker that the scheduler knows."""
        try:
            info = self._call(self._information, REPLY)
        except (OSError, RuntimeError):
            raise CourseError(
                f"The Dask scheduler at {self.url} went away; {self.done} submissions had come back. "
                f"{_RECORDED}"
            ) from None
        return {address: worker["nthreads"] for address, worker in info["workers"].items()}

    async def _information(self) -> Any:
        scheduler = self.client.scheduler
        if scheduler is None or self.client.status != "running":
            raise ConnectionError(self.client.status)
        return await scheduler.identity(n_workers=-1)

    def _greet(self, fresh: Mapping[str, int]) -> None:
        """Prepare the newcomers that would grade as we do; refuse the others, at the beginning all."""
        known = self._ask(fresh, outpost.identity)
        for address, found in known.items():
            if why := self._objection(found):
                self._refuse(address, why)
        if self.refused and not self.sent:
            raise CourseError(
                f"Workers at {self.url} would not grade as this machine does: {self._refusals()}. "
                "Nothing was sent. Install the same release of Pamong, from the same lock, there and "
                "here, start the workers anew, or stop those that are not meant for Pamong."
            )
        fit = [address for address in known if address not in self.refused]
        if not fit:
            return
        plain = {module: replace(source) for module, source in self.sources.items()}
        arguments = (self.name, self.mine, pickle.dumps(plain))
        for address, reply in self._ask(fit, outpost.prepare, *arguments).items():
            if not isinstance(reply, Exception):
                self.ready[address] = fresh[address]

    def _objection(self, found: object) -> str:
        if isinstance(found, Identity):
            return self.mine.difference(found)
        return f"no Pamong that could be asked ({type(found).__name__}: {found})"

    def _refuse(self, address: str, why: str) -> None:
        self.ready.pop(address, None)
        self.refused[address] = why
        if self.sent:
            logging.getLogger(__name__).warning(
                "The worker %s is left out: it has %s.", address, why
            )

    def _refusals(self) -> str:
        return "; ".join(f"{address} has {why}" for address, why in sorted(self.refused.items()))

    def _deserted(self) -> str:
        if not self.sent:
            return (
                f"The Dask scheduler at {self.url} has no workers. Start some with "
                f"`dask worker {self.url}`, then run the command again."
            )
        others = f" Left out: {self._refusals()}." if self.refused else ""
        return (
            f"No Dask worker of {self.url} is left, and none came within {self.patience:g} s; "
            f"{self.done} submissions had come back.{others} {_RECORDED}"
        )

    def _send(self, submission: Submission, failed: int = 0) -> None:
        self.sent += 1
        key = f"pamong-{self.name}-{self.sent}"
        workers = frozenset(self.ready)
        future = self.client.submit(
            outpost.grade,
            self.name,
            pickle.dumps(submission),
            key=key,
            workers=sorted(workers),
            allow_other_workers=False,
            pure=False,
        )
        self.flying[key] = _Flight(
            submission=submission, future=future, workers=workers, failed=failed
        )
        self._watch(future)

    def _watch(self, future: Future[Any]) -> None:
        future.add_done_callback(lambda done: self.landed.put(done.key))

    def _resend(self, key: str) -> None:
        flight = self.flying.pop(key)
        self._call(partial(self.client.cancel, [flight.future], asynchronous=True), REPLY)
        self._send(flight.submission, flight.failed)

    def _wait(self) -> Iterator[tuple[Submission, GradedSubmission]]:
        """What has come back, after a tick at most."""
        keys = set()
        with contextlib.suppress(queue.Empty):
            keys.add(self.landed.get(timeout=TICK))
            while True:
                keys.add(self.landed.get_nowait())
        flights = {key: self.flying.pop(key) for key in keys if key in self.flying}
        answers = self._gather(flights)
        for key, flight in flights.items():
            answer = answers.get(key)
            if answer is not None and answer.graded:
                yield flight.submission, pickle.loads(answer.graded)  # noqa: S301  # a checked worker's
            else:
                yield from self._again(key, flight, answer)

    def _gather(self, flights: Mapping[str, _Flight]) -> Mapping[str, Answer]:
        """The answers that can be had now."""
        finished = {k: f.future for k, f in flights.items() if f.future.status == "finished"}
        if not finished:
            return {}
        ask = partial(self.client.gather, list(finished.values()), asynchronous=True)
        try:
            return dict(zip(finished, self._call(ask, REPLY), strict=True))
        except Exception:  # noqa: BLE001  # a worker went away with results: one of them raises anything
            if len(flights) == 1:
                return {}
        alone = (self._gather({key: flights[key]}) for key in finished)
        return {key: answer for one in alone for key, answer in one.items()}

    def _again(
        self, key: str, flight: _Flight, answer: Answer | None
    ) -> Iterator[tuple[Submission, GradedSubmission]]:
        """Send a submission once more, or give it up when it has failed too often."""
        if answer is None and flight.future.status in {"pending", "finished"}:
            flight = replace(flight, missed=flight.missed + 1)
            if (
                flight.missed < ATTEMPTS
            ):  # its worker went away with the result; another one does it
                self.flying[key] = flight
                self._watch(flight.future)
                return
        if answer is not None and answer.mismatch:
            self._refuse(answer.worker, answer.mismatch)
        elif answer is not None and answer.unknown:
            self.ready.pop(answer.worker, None)
        problem = answer.problem if answer is not None else self._failure(flight.future)
        failed = flight.failed + bool(problem)
        submission = flight.submission
        if failed < ATTEMPTS:
            self._muster()
            self._send(submission, failed)
            return
        cause = f"No worker could grade it: {problem}."
        yield submission, refuse(self.sources[submission.module], submission, cause)

    def _failure(self, future: Future[Any]) -> str:
        """Why a task failed by itself; empty when it was cancelled or forgotten with its scheduler."""
        if future.status == "finished":
            return "its result cannot be fetched"
        if future.status != "error":
            return ""
        error = self._call(partial(future.exception, asynchronous=True), REPLY)
        return f"{type(error).__name__}: {error}".split("\n")[0]

    def _ask(
        self, workers: Iterable[str], function: Callable[..., Any], *args: Any, seconds: int = REPLY
    ) -> dict[str, Any]:
        """What each worker answers, an exception included; those that do not answer are left out."""
        addresses = list(workers)

        async def one(address: str) -> Any:
            replies = await asyncio.wait_for(
                self.client.run(
                    function, *args, workers=[address], on_error="return", asynchronous=True
                ),
                seconds,
            )
            return replies[address]

        async def everyone() -> list[Any]:
            return await asyncio.gather(*map(one, addresses), return_exceptions=True)

        found = zip(addresses, self._call(everyone, seconds + 5), strict=True)
        return {address: reply for address, reply in found if not isinstance(reply, OSError)}

    def _call(self, function: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """Run something on the client's loop; TimeoutError, which is an OSError, when it takes longer."""
        return self.client.sync(function, callback_timeout=seconds)
