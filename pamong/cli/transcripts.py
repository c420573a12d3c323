"""``pamong transcript``: make what participants take home, and check what somebody shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pamong import locale
from pamong.catalogue import messages
from pamong.cli.terminal import CORES, Workers, console, progress_bar, shown
from pamong.course import Course

if TYPE_CHECKING:
    from pamong.transcripts.register import Register
    from pamong.transcripts.seal import Statement
    from pamong.transcripts.verification import Difference, Genuine, Refused

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Transcripts of results, with a seal.")
app.add_typer(group, name="transcript")
say = messages("transcript")
UNKNOWN = "–"
_OWN = ("code", "on", "number")
"""What differs between any two issues."""


@group.command("make")
def make(
    cohort: Annotated[
        list[str] | None, typer.Option(help="Only this cohort; repeatable, adds to --participant.")
    ] = None,
    participant: Annotated[
        list[str] | None, typer.Option(help="Only this participant; repeatable, adds to --cohort.")
    ] = None,
    workers: Workers = CORES,
) -> None:
    """Make one sealed PDF per participant; a changed mark supersedes what was issued before."""
    from pamong.transcripts.issue import Place, issue  # noqa: PLC0415

    course = Course.load()
    with progress_bar("transcripts") as progress:
        made = issue(
            course,
            cohorts=cohort or (),
            participants=participant or (),
            workers=workers,
            progress=progress,
        )
    place = Place.of(course)
    _say(
        f"{made.first} issued, {made.again} issued again after a change, {made.unchanged} unchanged: "
        f"{shown(place.folder)}"
    )
    if made.made:
        _say(
            f"A new key signs them: {made.key}. Back up {shown(place.key)}; "
            f"{shown(place.public)} may be published."
        )
    for number in made.unread:
        _say(f"{shown(place.register)}, line {number} cannot be read. Restore it from the backup.")
    for error in made.failed:
        _say(error)
    if made.failed:
        raise typer.Exit(1)


@group.command("verify")
def verify(
    code_or_file: Annotated[
        str, typer.Argument(help="A PDF, the content of its QR code, or the code beside it.")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(help="Public keys (JSON); then no course and no register are needed."),
    ] = None,
) -> None:
    """Say whether a transcript is genuine and the latest, and what does not agree if it is not."""
    from pamong.signing import keyring  # noqa: PLC0415
    from pamong.transcripts import register  # noqa: PLC0415
    from pamong.transcripts.issue import Place  # noqa: PLC0415
    from pamong.transcripts.verification import Refused  # noqa: PLC0415
    from pamong.transcripts.verification import verify as run  # noqa: PLC0415

    known = None
    if keys is None:
        place = Place.of(Course.load())
        keys, known = place.public, register.read(place.register)
    found = run(code_or_file, keyring(keys), known)
    lines = _refused(found, known) if isinstance(found, Refused) else _genuine(found, known)
    for line in lines:
        _say(line)
    if isinstance(found, Refused) or found.newer is not None:
        raise typer.Exit(1)


def _say(text: str) -> None:
    """One line; a sign that would move the cursor or end the line is a question mark."""
    console.print("".join(it if it.isprintable() else "?" for it in text), markup=False)


def _genuine(found: Genuine, known: Register | None) -> Iterator[str]:
    facts, newer = found.statement, found.newer
    if newer is not None:
        on = locale.day(newer.transcript.on)
        yield say("verify.superseded", code=facts.code, number=newer.transcript.number, day=on)
        differing = [it for it in found.changed if it.field not in _OWN]
        yield from (_difference("verify.changed", it, _titles(facts, known)) for it in differing)
    else:
        yield say("verify.genuine", code=facts.code, key=found.key)
    yield from _facts(facts, _titles(facts, known))
    if known is None:
        yield say("verify.alone")
    elif found.entry is None:
        yield say("verify.unlisted")
    elif newer is None:
        yield say("verify.latest")
    yield from _unread(known)


def _refused(found: Refused, known: Register | None) -> Iterator[str]:
    yield say(f"verify.{found.reason}", what=found.what)
    titles = _titles(found.issued, known) if found.issued else ()
    yield from (_difference("verify.differs", it, titles) for it in found.differences)
    if found.issued is not None:
        yield say("verify.issued")
        yield from _facts(found.issued, titles)
    yield from _unread(known)


def _unread(known: Register | None) -> Iterator[str]:
    if known is not None and known.unread:
        lines = locale.listing([str(number) for number in known.unread])
        yield say("verify.unread", lines=lines)


def _titles(facts: Statement, known: Register | None) -> tuple[str, ...]:
    """What the modules are called, where the register knows."""
    entry = known.find(facts.code) if known is not None else None
    return tuple(it.title for it in entry.transcript.results) if entry is not None else ()


def _facts(facts: Statement, titles: tuple[str, ...]) -> Iterator[str]:
    on = locale.day(facts.on)
    shown = {
        "name": facts.name,
        "nip": facts.nip or UNKNOWN,
        "cohort": facts.cohort,
        "jp": facts.jp,
        "issue": say("verify.issue", number=facts.number, day=on),
    }
    for field, value in shown.items():
        yield f"  {say(f'verify.field.{field}')}: {value}"
    for place, mark in enumerate(facts.marks, 1):
        yield f"  {_module(place, titles)}: {_value(mark)}"
    final = " ".join(filter(None, (_value(facts.final), facts.band and f"({facts.band})")))
    yield f"  {say('verify.field.final')}: {final}"
    yield f"  {say('verify.field.status')}: {_status(facts.status)}"


def _difference(key: str, it: Difference, titles: tuple[str, ...]) -> str:
    name = _module(it.place, titles) if it.place else say(f"verify.field.{it.field}")
    texts = [_status(value) if it.field == "status" else _value(value) for value in
             (it.here, it.there)]  # fmt: skip
    return "  " + say(key, field=name, here=texts[0], there=texts[1])


def _module(place: int, titles: tuple[str, ...]) -> str:
    if place <= len(titles):
        return say("verify.module.titled", place=place, title=titles[place - 1])
    return say("verify.module", place=place)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    if isinstance(value, float):
        return locale.decimal(value, 2, least=2)
    return UNKNOWN if value in (None, "") else str(value)


def _status(status: Any) -> str:
    """In the words of the record; what nobody ever issued is shown as it is."""
    report = messages("report")
    return report(f"eligible.status.{status}") if _known(status) else _value(status)


def _known(status: Any) -> bool:
    return f"eligible.status.{status}" in messages("report").entries
