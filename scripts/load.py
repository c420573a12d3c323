"""Everybody at once on a real hub: log in, play through the light page's messages, hand in; nothing lost.

``scripts/bench load`` runs it: proxy, hub and service are started on loopback, every participant of the
sample roster is a client with cookies of their own. With ``--kill`` the hub, then the service, is killed
(-9) in the middle and started again; clients do what the page does, they send again. At the end the
database is held against what was acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import psutil
from sqlalchemy import select
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from pamong import log, notebook, receipt
from pamong.course import NOTEBOOK, Course
from pamong.roster import Participant, read_roster
from pamong.service import credentials, handover
from pamong.service.database import Database
from pamong.service.tables import events, submissions
from pamong.simulate import Person, answer_logs, shown

PASSWORD = "kata sandi uji beban"  # noqa: S105  # of nobody
PREFIX = "/services/pamong/"
PAUSE = 0.5
"""Seconds before something is sent again."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Browser:
    """One participant's browser: cookies, redirects, and patience with a server that is away."""

    def __init__(self, client: SimpleAsyncHTTPClient, base: str) -> None:
        self._client, self._base = client, base
        self._jar: dict[tuple[str, str], str] = {}

    async def go(self, path: str, **form: str) -> HTTPResponse:
        """A page, by way of every redirect."""
        url, body = urljoin(self._base, path), urlencode(form) if form else None
        for _ in range(12):
            answer = await self._ask(url, body, {})
            if answer.code not in (301, 302, 303, 307):
                return answer
            url, body = urljoin(url, answer.headers["Location"]), None
        raise RuntimeError(f"{path} leads nowhere")

    async def send(self, path: str, content: object) -> HTTPResponse:
        """A message as a script of ours sends it."""
        url = urljoin(self._base, path)
        token = self.cookie(urlsplit(url).path, "_xsrf")
        head = {"Content-Type": "application/json", "X-XSRFToken": token}
        return await self._ask(url, json.dumps(content), head)

    def cookie(self, path: str, name: str) -> str:
        """The value of a cookie that would go to ``path``."""
        return dict(self._sent(path)).get(name, "")

    def _sent(self, path: str) -> list[tuple[str, str]]:
        fits = [
            (where, name, value)
            for (where, name), value in self._jar.items()
            if path.startswith(where)
        ]
        return [(name, value) for where, name, value in sorted(fits, key=lambda it: len(it[0]))]

    async def _ask(self, url: str, body: str | None, head: dict[str, str]) -> HTTPResponse:
        path = urlsplit(url).path
        cookies = "; ".join(f"{name}={value}" for name, value in dict(self._sent(path)).items())
        answer = await self._client.fetch(
            url,
            method="GET" if body is None else "POST",
            body=body,
            headers={"Cookie": cookies, "Accept-Encoding": "gzip", **head},
            follow_redirects=False,
            raise_error=False,
            connect_timeout=60,
            request_timeout=120,
        )
        if answer.code == 599:
            raise HTTPClientError(599, str(answer.error))
        for line in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                where = (morsel["path"] or "/", name)
                if morsel["max-age"] == "0" or (morsel["expires"] and not morsel.value):
                    self._jar.pop(where, None)
                else:
                    self._jar[where] = morsel.value
        return answer


@dataclass
class Tally:
    """What was measured: milliseconds by what was asked, and what came back."""

    times: dict[str, list[float]] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, start: float) -> None:
        self.times.setdefault(what, []).append((time.perf_counter() - start) * 1000)

    def lines(self) -> Iterable[str]:
        for what, times in self.times.items():
            times.sort()
            p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
            yield (
                f"{what:<10} {len(times):>7} times  p50 {statistics.median(times):7.1f} ms  "
                f"p99 {p99:7.1f} ms  most {times[-1]:7.1f} ms  sent again {self.again[what]}"
            )
        for text, count in self.refused.most_common(5):
            yield f"refused    {count:>7} times  {text}"


@dataclass
class Player:
    """One participant: what they will do, and what was acknowledged."""

    id: str
    browser: Browser
    acts: list[tuple[str, str, str, object]]
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    code: str = ""


async def insist(
    tally: Tally,
    what: str,
    ask: Callable[[], Awaitable[HTTPResponse]],
    right: Callable[[HTTPResponse], bool],
) -> HTTPResponse:
    """Ask until the answer is right, as a page does that keeps what was not acknowledged."""
    start = time.perf_counter()
    while True:
        try:
            answer = await ask()
            if right(answer):
                tally.note(what, start)
                return answer
            reason = f"{answer.code}"
        except (HTTPClientError, OSError) as error:
            reason = type(error).__name__
        tally.again[what] += 1
        if tally.again[what] > 20_000:
            raise RuntimeError(f"{what} never succeeds: {reason}")
        await asyncio.sleep(PAUSE * (0.5 + random.random()))  # noqa: S311


async def log_in(player: Player, tally: Tally) -> None:
    async def once() -> HTTPResponse:
        page = await player.browser.go("/hub/login")
        found = re.search(r'name="_xsrf" value="([^"]+)"', page.body.decode())
        token = found[1] if found else player.browser.cookie("/hub/login", "_xsrf")
        await player.browser.go(
            "/hub/login?next=" + PREFIX, _xsrf=token, username=player.id, password=PASSWORD
        )
        return await player.browser.go(PREFIX)

    answer = await insist(
        tally, "log in", once, lambda it: it.code == 200 and "/login" not in it.effective_url
    )
    page = answer.body.decode()
    if 'name="notice"' in page:
        (notice,) = re.findall(r'name="notice" value="([^"]+)"', page)
        (token,) = re.findall(r'name="_xsrf" value="([^"]+)"', page)
        await player.browser.go(f"{PREFIX}consent", _xsrf=token, notice=notice)


async def play(player: Player, module: str, tally: Tally, pace: float) -> None:
    await insist(
        tally,
        "open",
        lambda: player.browser.go(f"{PREFIX}modules/{module}/"),
        lambda it: it.code == 200,
    )
    for place, (exercise, id_, act, data) in enumerate(player.acts):
        if pace:
            await asyncio.sleep(random.uniform(0, 2 * pace))  # noqa: S311
        message = {"type": "act", "seq": place + 1, "id": id_, "act": act, "data": data}
        path = f"{PREFIX}modules/{module}/exercises/{exercise}"

        def settled(it: HTTPResponse) -> bool:
            if it.code != 200:
                return False
            said = json.loads(it.body)
            return said["type"] == "ack" or not said.get("again")

        answer = await insist(
            tally, "act", lambda p=path, m=message: player.browser.send(p, m), settled
        )
        said = json.loads(answer.body)
        if said["type"] == "ack":
            player.acknowledged.add((exercise, id_))
        else:
            tally.refused[f"{exercise} {act}: {said['text'][:90]}"] += 1


async def hand_in(player: Player, module: str, tally: Tally) -> None:
    path = f"{PREFIX}modules/{module}/submission"

    async def once() -> HTTPResponse:
        seen = await player.browser.go(path)
        if seen.code != 200:
            return seen
        overview = json.loads(seen.body)
        asked = {"statement": bool(overview["statement"]), "seen": overview["seen"]}
        return await player.browser.send(path, asked)

    answer = await insist(tally, "hand in", once, lambda it: it.code == 200)
    player.code = json.loads(answer.body)["code"]


def acts_of(course: Course, module: str, person: Participant, most: int) -> list:
    """What somebody does in a module: the participant's own acts of a simulated log, in order."""
    cells = notebook.parse((course.release(module) / NOTEBOOK).read_bytes(), NOTEBOOK)["cells"]
    moment = datetime.now(UTC)
    simulated = Person(person, 0.6, 1.0, (moment,))
    met = shown(cells, module, person)
    logs = answer_logs(course.shelf(module), course.secret(), simulated, 1, met)
    found = []
    for exercise, content in logs.items():
        own = []
        for event in log.parse(content, exercise).trusted():
            if event.who == "participant":
                own.append(
                    (exercise, f"beban.{person.id}.{exercise}.{event.n}", event.act, event.data)
                )
            elif event.act == "open" and event.attempt > 1:
                own.append((exercise, f"beban.{person.id}.{exercise}.{event.n}", "again", {}))
        found += own
    return found[:most] if most else found


def memory(process: psutil.Process) -> dict[str, float]:
    """Megabytes (PSS) of the parts of a hub, by name."""
    found: dict[str, float] = {}
    for each in process.children(recursive=True):
        line = " ".join(each.cmdline())
        name = (
            "service" if "pamong.service" in line else "proxy" if "traefik" in line else
            "hub" if "jupyterhub" in line else "other"
        )  # fmt: skip
        with_ = each.memory_full_info()
        found[name] = found.get(name, 0) + with_.pss / 1e6
    return found


def find(process: psutil.Process, text: str) -> psutil.Process:
    return next(it for it in process.children(recursive=True) if text in " ".join(it.cmdline()))


async def run(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="pamong-load-")) / "hub"
    port = random.randrange(20_000, 60_000)  # noqa: S311
    base = f"http://127.0.0.1:{port}"
    if options.like:
        shutil.copytree(options.like, folder, ignore=shutil.ignore_patterns("service.db*", ".hub"))
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "serve", "--demo"]
    command += ["--folder", str(folder), "--port", str(port)]
    quiet = (folder.parent / "hub.log").open("wb")
    served = subprocess.Popen(  # noqa: S603  # ours alone
        command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet
    )
    client = SimpleAsyncHTTPClient(max_clients=options.people + 50, max_buffer_size=1 << 26)
    try:
        await up(client, base, served)
        course = Course.load(folder)
        process = psutil.Process(served.pid)
        roster = read_roster(course.roster, course.programme).participants[: options.people]
        admit(course, roster)
        module = options.module or course.programme.modules[-1].id
        say(f"{len(roster)} people, {module}")
        players = [
            Player(it.id, Browser(client, base), acts_of(course, module, it, options.acts))
            for it in roster
        ]
        say(f"{sum(len(it.acts) for it in players)} acts prepared")
        return await everybody(options, course, module, players, process)
    finally:
        served.send_signal(signal.SIGINT)
        try:
            served.wait(60)
        except subprocess.TimeoutExpired:
            served.kill()
        say(f"logs: {quiet.name}")


async def up(client: SimpleAsyncHTTPClient, base: str, served: subprocess.Popen) -> None:
    start = time.perf_counter()
    while True:
        if served.poll() is not None:
            raise SystemExit("the hub did not start")
        try:
            answer = await client.fetch(f"{base}/hub/login", raise_error=False, request_timeout=5)
            other = await client.fetch(
                f"{base}{PREFIX}health", raise_error=False, request_timeout=5
            )
            if answer.code == 200 and other.code == 200:
                say(f"up after {time.perf_counter() - start:.1f} s")
                return
        except (HTTPClientError, OSError):
            pass
        await asyncio.sleep(0.2)


def admit(course: Course, people: Iterable[Participant]) -> None:
    """Let everybody in with one password; hashing it once saves the test's own time, not the hub's."""
    digest, now = credentials.hashed(PASSWORD), datetime.now(UTC)
    with Database(course.service_url).writing() as connection:
        for person in people:
            credentials.keep(connection, person.id, digest, now)
        for plan in course.programme.modules:
            handover.release(connection, course, plan.id, by="cli:load", at=now)


async def everybody(
    options: argparse.Namespace,
    course: Course,
    module: str,
    players: list[Player],
    process: psutil.Process,
) -> int:
    tally = Tally()
    start = time.perf_counter()
    await asyncio.gather(*(log_in(player, tally) for player in players))
    say(f"everybody logged in after {time.perf_counter() - start:.1f} s")
    killers = []
    if options.kill:
        killers = [
            asyncio.create_task(kill(process, "pamong.service", options.kill)),
            asyncio.create_task(kill(process, "-m jupyterhub", options.kill * 2)),
            asyncio.create_task(kill(process, "pamong.service", options.kill * 3)),
        ]
    start = time.perf_counter()
    await asyncio.gather(*(play(player, module, tally, options.pace) for player in players))
    played = time.perf_counter() - start
    count = sum(len(it.acknowledged) for it in players)
    say(f"{count} acts acknowledged in {played:.1f} s ({count / played:.0f} per second)")
    if options.kill:
        killers.append(asyncio.create_task(kill(process, "pamong.service", 1.0)))
    start = time.perf_counter()
    await asyncio.gather(*(hand_in(player, module, tally) for player in players))
    say(f"{len(players)} submissions at once: {time.perf_counter() - start:.1f} s")
    for killer in killers:
        await killer
    for line in tally.lines():
        say(line)
    parts = memory(process)
    told = ", ".join(f"{name} {size:.0f} MB" for name, size in sorted(parts.items()))
    say(f"memory (PSS): {told}; {sum(parts.values()) * 1000 / len(players):.0f} kB per participant")
    return verify(course, module, players)


async def kill(process: psutil.Process, text: str, after: float) -> None:
    await asyncio.sleep(after)
    victim = find(process, text)
    victim.kill()
    say(f"killed {text} ({victim.pid}) after {after:.0f} s")


def verify(course: Course, module: str, players: list[Player]) -> int:
    """Every acknowledged act once and with whom it belongs; one submission each, read back."""
    wrong: list[str] = []
    with Database(course.service_url).reading() as connection:
        its = events.c
        rows = connection.execute(
            select(its.person, its.exercise, its.id, its.line).where(its.module == module)
        )
        held: dict[str, Counter[tuple[str, str]]] = {}
        for person, exercise, id_, line in rows:
            held.setdefault(person, Counter())[exercise, id_] += 1
            if json.loads(line)["id"] != id_:
                wrong.append(f"{person} {id_}: another's line")
        sent = connection.execute(
            select(submissions.c.person, submissions.c.code, submissions.c.receipt).where(
                submissions.c.module == module
            )
        ).all()
    for player in players:
        own = held.get(player.id, Counter())
        wrong += [f"{player.id}: lost {it}" for it in player.acknowledged if own[it] != 1]
        foreign = [
            it for it in own if it[1].startswith("beban.") and it[1].split(".")[1] != player.id
        ]
        wrong += [f"{player.id}: not theirs {it}" for it in foreign]
        mine = [(code, made) for person, code, made in sent if person == player.id]
        if [code for code, _ in mine] != [player.code]:
            wrong.append(f"{player.id}: {len(mine)} submissions, receipt {player.code}")
        for _, made in mine:
            if receipt.parse(bytes(made), "receipt").participant != player.id:
                wrong.append(f"{player.id}: somebody else's receipt")
    for line in wrong[:20]:
        say(f"WRONG {line}")
    say(f"{'nothing lost, doubled or misattributed' if not wrong else f'{len(wrong)} WRONG'}")
    return 1 if wrong else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=317)
    parser.add_argument("--module", default="")
    parser.add_argument("--acts", type=int, default=0, help="of each at most so many; 0: all")
    parser.add_argument("--like", type=Path, help="a folder that `pamong serve --demo` has made")
    parser.add_argument("--pace", type=float, default=0.0, help="mean seconds between two acts")
    parser.add_argument(
        "--kill", type=float, default=0.0, help="seconds between two kills; 0: none"
    )
    options = parser.parse_args()
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(asyncio.run(run(options)))


if __name__ == "__main__":
    main()
