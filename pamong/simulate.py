"""A realistic cohort: bots of varied ability play every exercise and hand in through the exchange.

Some hand in late, some stop half-way, some never start, one hands in twice, one loses power while
writing. Everything follows from the seed, so that every later step can be tried on real-shaped data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from random import Random

from msgspec import structs

from pamong import exchange, log, notebook, place, portfolio
from pamong.counterpart import LocalCounterpart
from pamong.course import NOTEBOOK, Course, Exercise, Shelf
from pamong.errors import CourseError
from pamong.event import Action, Data, Event
from pamong.exchange import Parcel
from pamong.kind import replay
from pamong.play import play
from pamong.roster import Participant, Roster
from pamong.score import Context
from pamong.seal import is_reply

LATE, HALF, ABSENT = 0.05, 0.08, 0.04
"""Shares of participants who hand in late, stop half-way, and never hand in."""
FIRST_TEST, LEARNT = "pretes", 0.15
"""How the cells of first tests are named, and how much less able people are before the lesson."""
Progress = Callable[[int, int], None]
"""Called with how many participants are done, of how many."""


@dataclass(frozen=True, slots=True)
class Person:
    """How one simulated participant works: ability in 0..1, how much they finish, when they hand in."""

    participant: Participant
    skill: float
    share: float
    handed_in: tuple[datetime, ...]
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Simulated:
    """What ``simulate`` made: how many handed in, and of these how many late, half-done and twice."""

    submissions: int
    late: int
    half: int
    absent: int
    twice: int

    def __str__(self) -> str:
        return (
            f"{self.submissions} submissions in the exchange: {self.late} late, {self.half} half-finished, "
            f"{self.twice} handed in twice; {self.absent} participants handed in nothing"
        )


def simulate(
    course: Course, module: str, roster: Roster, *, seed: int, workers: int, progress: Progress
) -> Simulated:
    """Fill the exchange's inbound folder with one module's submissions.

    CourseError without a release, or where a service is asked in the exchange's place.
    """
    release = course.release(module)
    if course.has_service:
        raise CourseError(
            "This course has a service, and `pamong collect` asks that alone: it would not find what is "
            "handed in through the exchange. Simulate in a copy of the course without course/service.db, "
            "or in demo/."
        )
    if not release.is_dir():
        raise CourseError(f"{module} has not been released. Run `pamong release {module}` first.")
    deadline = course.programme.deadline(module) or datetime(2026, 12, 11, 16, 59, tzinfo=UTC)
    people = cast(roster, deadline.astimezone(UTC), seed)
    inbound = course.exchange / course.programme.course_id / "inbound"
    inbound.mkdir(parents=True, exist_ok=True)
    present = [person for person in people if person.handed_in]
    released, _ = portfolio.gather(release)
    cells = notebook.parse((release / NOTEBOOK).read_bytes(), NOTEBOOK)["cells"]
    jobs = [
        (
            course.keys(module) / "released",
            course.secret(),
            person,
            seed,
            shown(cells, module, person.participant),
        )
        for person in present
    ]
    context = get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_warm, initargs=(course.keys(module) / "released",)) as pool:  # fmt: skip  # noqa: E501
        for done, (person, logs) in enumerate(
            zip(present, pool.map(_logs, jobs, chunksize=4), strict=True), 1
        ):
            for place, moment in enumerate(person.handed_in):
                part = _first_half(logs) if place < len(person.handed_in) - 1 else logs
                hand_in(released, inbound, person, module, moment, part)
            progress(done, len(present))
    return Simulated(
        submissions=sum(len(person.handed_in) for person in people),
        late=sum(bool(p.handed_in) and p.handed_in[-1] > deadline for p in people),
        half=sum(p.share < 1 for p in present),
        absent=len(people) - len(present),
        twice=sum(len(person.handed_in) > 1 for person in people),
    )


def shown(
    cells: Iterable[notebook.Cell], module: str, participant: Participant
) -> dict[str, float]:
    """The exercises that a participant meets, each with what has been learnt when they meet it."""
    person = place.Person(participant.id, participant.role)
    found: dict[str, float] = {}
    for cell in cells:
        before = notebook.grade_id(cell).startswith(FIRST_TEST)
        for spot in place.places(cell["source"], "exercise"):
            found[spot.pick(module, person)] = -LEARNT if before else 0.0
    return found


def cast(roster: Roster, deadline: datetime, seed: int) -> tuple[Person, ...]:
    """Who works how; cohorts differ a little in ability, as they do."""
    rng = Random(f"{seed}|cast")  # noqa: S311  # a simulation, not a secret
    levels = {cohort: rng.gauss(0.55, 0.05) for cohort in sorted({p.cohort for p in roster.participants})}  # fmt: skip  # noqa: E501
    people = [_person(participant, levels, deadline, rng) for participant in roster.participants]
    full = [place for place, p in enumerate(people) if p.handed_in and p.share == 1]
    if full:
        twice = people[full[0]]
        earlier = twice.handed_in[0] - timedelta(days=1)
        people[full[0]] = Person(twice.participant, twice.skill, 1.0, (earlier, twice.handed_in[0]))
        torn = people[full[-1]]
        people[full[-1]] = Person(
            torn.participant, torn.skill, torn.share, torn.handed_in, torn=len(full) > 1
        )
    return tuple(people)


def hand_in(
    released: Mapping[str, bytes],
    inbound: Path,
    person: Person,
    module: str,
    moment: datetime,
    logs: Mapping[str, bytes],
) -> None:
    """One submission folder, as a participant's own server puts it there."""
    whole = {f"{exercise}.jsonl": content for exercise, content in logs.items()}
    files = {**released, **whole}
    id = person.participant.id
    secret = sha256(f"{id}|{module}|{moment.isoformat()}".encode()).hexdigest()
    parcel = Parcel(participant=id, module=module, moment=moment, secret=secret, files=files)
    if not exchange.holds(inbound, parcel):
        temporary = f"{exchange.TEMPORARY}{secret[:32]}"
        exchange.discard(inbound, parcel.name)
        exchange.deliver(inbound, parcel, temporary=temporary, durable=False)


def answer_logs(
    shelf: Shelf, secret: bytes, person: Person, seed: int, met: Mapping[str, float] | None = None
) -> dict[str, bytes]:
    """The logs of every exercise that this person got round to, as bytes.

    ``met`` holds the exercises that the module shows them (None: all), each with what it adds to
    their skill.
    """
    latest = shelf.latest()
    shifts = dict.fromkeys(latest, 0.0) if met is None else met
    exercises = _in_order({id: latest[id] for id in latest if id in shifts})
    reached = exercises[: max(1, round(len(exercises) * person.share))]
    played: dict[str, tuple[Event, ...]] = {}
    clock = _moments(person.handed_in[-1], Random(f"{seed}|{person.participant.id}|clock"))  # noqa: S311
    for exercise in reached:
        rng = Random(f"{seed}|{person.participant.id}|{exercise.brief.id}")  # noqa: S311
        side = _other_side(exercise, secret, person)
        events = play(
            exercise.kind,
            exercise.brief,
            exercise.key,
            exercise.kind.bots["person"],
            rng=rng,
            skill=min(max(rng.gauss(person.skill + shifts[exercise.brief.id], 0.1), 0.0), 1.0),
            opening=_opening(exercise, side) if side else None,
            moments=clock,
            attempts=exercise.brief.attempts,
            context=_context(exercise, shelf, played),
        )
        played[exercise.brief.id] = _sealed(events, side) if side else events
    logs = {
        id: b"".join(log.encode(event) for event in events)
        for id, events in played.items()
        if events
    }
    if person.torn and logs:
        last = list(logs)[-1]
        logs[last] += b'{"n":'
    return logs


def _person(
    participant: Participant, levels: Mapping[str, float], deadline: datetime, rng: Random
) -> Person:
    skill = min(max(rng.gauss(levels[participant.cohort], 0.18), 0.05), 0.98)
    draw = rng.random()
    if draw < ABSENT:
        return Person(participant, skill, 0.0, ())
    share = rng.uniform(0.3, 0.75) if draw < ABSENT + HALF else 1.0
    late = ABSENT + HALF < draw < ABSENT + HALF + LATE
    hours = -rng.uniform(0.2, 30) if late else rng.expovariate(1 / 40) + 0.05
    moment = (deadline - timedelta(hours=hours)).replace(microsecond=rng.randrange(1_000_000))
    return Person(participant, skill, share, (moment,))


def _in_order(exercises: Mapping[str, Exercise]) -> list[Exercise]:
    """Exercises so that each comes after those it needs."""
    ordered: dict[str, Exercise] = {}

    def put(id: str) -> None:
        if id not in ordered and id in exercises:
            for needed in exercises[id].kind.needs(exercises[id].brief):
                put(needed)
            ordered[id] = exercises[id]

    for id in exercises:
        put(id)
    return list(ordered.values())


def _context(exercise: Exercise, shelf: Shelf, played: Mapping[str, tuple[Event, ...]]) -> Context:
    needed = [id for id in exercise.kind.needs(exercise.brief) if id in played]
    others = {id: shelf.get(id, played[id][0].version) for id in needed if played[id]}
    return Context(
        events={id: played[id] for id in others},
        states={id: replay(o.kind, o.brief, played[id]) for id, o in others.items()},
    )


def _other_side(exercise: Exercise, secret: bytes, person: Person) -> LocalCounterpart | None:
    if exercise.kind.reactive is None:
        return None
    practice = exercise.brief.use == "practice"
    return LocalCounterpart(
        exercise.kind,
        exercise.brief,
        exercise.key,
        participant=person.participant.id,
        secret=exercise.brief.id.encode() if practice else secret,
    )


def _sealed(events: tuple[Event, ...], side: LocalCounterpart) -> tuple[Event, ...]:
    """A log as it is where the counterpart plays: with a seal under its replies."""
    sealed: list[Event] = []
    for replies, group in groupby(events, is_reply):
        found = list(group)
        if replies:
            said = side.sealed(sealed, tuple(Action(each.act, each.data) for each in found))
            found[-1] = structs.replace(found[-1], seal=said[-1].seal)
        sealed += found
    return tuple(sealed)


def _opening(exercise: Exercise, side: LocalCounterpart) -> Callable[[int], Data]:
    return lambda attempt: side.open(exercise.brief.id, exercise.brief.version, attempt)


def _moments(end: datetime, rng: Random) -> Iterator[str]:
    """Moments of work that began some hours before ``end``; a pause now and then."""
    moment = end - timedelta(hours=rng.uniform(3, 8))
    while True:
        pause = rng.lognormvariate(2.6, 0.9) if rng.random() < 0.98 else rng.uniform(600, 3600)
        moment = min(moment + timedelta(seconds=pause), end - timedelta(seconds=5))
        yield moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _first_half(logs: Mapping[str, bytes]) -> dict[str, bytes]:
    return dict(list(logs.items())[: max(1, len(logs) // 2)])


def _warm(folder: Path) -> None:
    _shelves[folder] = Shelf(folder)


def _logs(job: tuple[Path, bytes, Person, int, Mapping[str, float]]) -> dict[str, bytes]:
    folder, secret, person, seed, met = job
    return answer_logs(_shelves[folder], secret, person, seed, met)


_shelves: dict[Path, Shelf] = {}
"""One shelf per worker process, so that each released exercise is read and analysed once there."""
