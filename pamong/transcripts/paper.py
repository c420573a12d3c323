"""A transcript on paper: one PDF/UA-1 that can be printed, framed, and read aloud by a machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

import segno

from pamong import locale, palette
from pamong.catalogue import PACKAGE, messages, spoken
from pamong.errors import CourseError
from pamong.reports import eligibility
from pamong.transcripts.transcript import Basis, Result, Transcript

if TYPE_CHECKING:
    import typst

TEMPLATE = PACKAGE / "transcripts" / "templates" / "transcript.typ"
FONTS = PACKAGE / "fonts"
say: Final = messages("transcript")
report: Final = messages("report")
UNKNOWN = "–"
_COLOURS = ("ink", "quiet", "teal", "teal-deep", "line", "amber", "wash", "track")
_LONG = re.compile(r"\S{27,}")
_DARK = re.compile(b"\x01+")
_MASK = 3
"""One pattern for every QR code: to weigh all eight takes eight times as long and gains little."""


class Press:
    """Typesets transcripts; kept for many, since reading the fonts takes longer than a page."""

    def __init__(self) -> None:
        self._compilers: dict[bool, typst.Compiler] = {}

    def pdf(self, transcript: Transcript, written: str, keyword: str) -> bytes:
        """The page; equal values give equal bytes. ``written`` goes into the QR code.

        CourseError when no font here has a letter of what is to be written.
        """
        data = json.dumps({**values(transcript), "keyword": keyword, "qr": picture(written)})
        try:
            return self._compiled(data, system=False)
        except RuntimeError:  # a letter that our own fonts do not have
            pass
        try:
            return self._compiled(data, system=True)
        except RuntimeError as error:
            raise CourseError(
                f"The transcript of {transcript.participant} ({transcript.name}) cannot be set: "
                f"{_first(error)}. Write the name in Latin letters in course/roster.csv."
            ) from error

    def _compiled(self, data: str, *, system: bool) -> bytes:
        if system not in self._compilers:
            self._compilers[system] = _compiler(system=system)
        content = self._compilers[system].compile(
            format="pdf", sys_inputs={"data": data}, pdf_standards="ua-1"
        )
        return cast("bytes", content)


def _compiler(*, system: bool) -> typst.Compiler:
    import typst  # noqa: PLC0415  # thirty megabytes that only a page needs

    return typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=[FONTS], ignore_system_fonts=not system
    )


def values(transcript: Transcript) -> dict[str, Any]:
    """What the template shows, in the language that is spoken."""
    on, pass_mark = date.fromisoformat(transcript.on), locale.decimal(transcript.basis.pass_mark)
    return {
        "language": spoken(),
        "colours": {name: palette.LIGHT[name] for name in _COLOURS},
        "date": (on.year, on.month, on.day),
        "programme": transcript.programme,
        "title": say("title"),
        "lead": say("lead"),
        "issue": say("issue", number=transcript.number, day=locale.day(on)),
        "name": _breakable(transcript.name),
        "who": _breakable(f"{transcript.role.capitalize()}, {transcript.region}"),
        "nip": say("nip", nip=grouped(transcript.nip)) if transcript.nip else "",
        "facts": tuple(_facts(transcript)),
        "final": {
            "label": say("final.part" if transcript.part else "final"),
            "mark": "" if transcript.final is None else _mark(transcript.final),
            "band": say("final.none") if transcript.final is None else transcript.band,
        },
        "status": {
            "label": say("status"),
            "name": _sentence(status(transcript)),
            "open": [_breakable(_sentence(words)) for words in open_ends(transcript)],
            "note": say("status.note"),
        },
        "heading": say("heading", count=len(transcript.results)),
        "head": [say(f"head.{name}", mark=pass_mark) for name in _HEAD],
        "pass": transcript.basis.pass_mark,
        "rows": [_row(place, it, transcript) for place, it in enumerate(transcript.results, 1)],
        "total": {
            "name": say("total"),
            "jp": str(transcript.jp),
            "weight": locale.percent(1),
            "mark": _mark(transcript.final),
            "note": transcript.band,
        },
        "basis": tuple(_basis(transcript.basis)),
        "code": transcript.code,
        "sign": {"who": say("sign"), "what": say("sign.what")},
        "check": {
            "label": say("check"),
            "how": say("check.how"),
            "alt": say("check.alt", code=transcript.code),
        },
        "foot": say("foot", code=transcript.code),
    }


_HEAD = ("place", "module", "jp", "weight", "mark", "bar", "band")


def status(transcript: Transcript) -> str:
    """How the result is called, in the words of the record that the committee signs."""
    return eligibility.named(transcript.status, part=transcript.part)


def open_ends(transcript: Transcript) -> Iterator[str]:
    """What still stands between this participant and the end of the programme."""
    for state, key in (("missing", "eligible.reason.missing"), ("below", "eligible.reason.below")):
        if titles := transcript.titles(state):  # type: ignore[arg-type]  # one of its states
            yield report(key, modules=locale.listing(titles))
    results = transcript.results
    if asked := [it.title for it in results if it.state == "waiting" and it.weight > 0]:
        yield say("open.waiting", modules=locale.listing(asked))
    if transcript.status == "remedial" and not transcript.titles("below"):
        yield report("eligible.reason.final")
    if titles := transcript.titles("open"):
        yield say("open.later", modules=locale.listing(titles))


def grouped(nip: str) -> str:
    """A NIP as it is written by hand: 19790412 200501 1 003."""
    return f"{nip[:8]} {nip[8:14]} {nip[14:15]} {nip[15:]}"


def _facts(transcript: Transcript) -> Iterator[tuple[str, str]]:
    yield say("cohort"), transcript.cohort
    if dates := _dates(transcript):
        yield say("dates"), dates
    jp = say("jp.all", jp=transcript.jp)
    if transcript.attended < transcript.jp:
        jp = say("jp.some", attended=transcript.attended, jp=transcript.jp)
    yield say("jp"), jp
    yield say("participant"), transcript.participant


def _dates(transcript: Transcript) -> str:
    days = [_kept(locale.day(it)) for it in (transcript.starts, transcript.ends) if it]
    return say("dates.range", first=days[0], last=days[1]) if len(days) == 2 else "".join(days)


def _row(place: int, result: Result, transcript: Transcript) -> dict[str, Any]:
    whole = sum(it.weight for it in transcript.results)
    return {
        "place": str(place),
        "title": _breakable(result.title),
        "jp": str(result.jp),
        "weight": locale.percent(result.weight / whole if whole else 0.0, 1),
        "mark": _mark(result.mark),
        "bar": result.mark,
        "note": _note(result),
        "plain": result.state == "done",
    }


def _note(result: Result) -> str:
    if result.state == "done":
        return result.band
    return (result.state == "below" and result.band) or say(f"note.{result.state}")


def _basis(basis: Basis) -> Iterator[str]:
    yield say("basis.pass", mark=locale.decimal(basis.pass_mark))
    if not basis.bands:
        return
    levels = locale.listing([_level(*band) for band in basis.bands])
    yield say("basis.bands", levels=levels)
    since = say("basis.since", day=locale.day(basis.since)) if basis.since else ""
    yield say("basis.source", source=basis.source, since=since, status=basis.status)


def _level(label: str, start: float) -> str:
    return say("basis.level", label=label, start=locale.decimal(start))


def _mark(mark: float | None) -> str:
    return UNKNOWN if mark is None else locale.decimal(mark, 2, least=2)


def _breakable(words: str) -> str:
    """Words of which one that may be longer than a line can be broken anywhere."""
    return _LONG.sub(lambda found: "\N{ZERO WIDTH SPACE}".join(found[0]), words)


def _kept(words: str) -> str:
    """Words that stay on one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def picture(text: str) -> str:
    """A QR code as SVG; CourseError when the text is too long for one."""
    try:
        made = segno.make_qr(text, error="l", boost_error=False, mask=_MASK, encoding="utf-8")
    except segno.DataOverflowError as error:
        raise CourseError(
            f"What the QR code is to hold is too long ({len(text)} characters). Shorten the name."
        ) from error
    side = len(made.matrix)
    # Segno's own way to SVG takes as long as all the rest.
    rows = "".join(
        f"M{run.start()} {row}.5h{len(run[0])}"
        for row, line in enumerate(made.matrix)
        for run in _DARK.finditer(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path stroke="#000" d="{rows}"/></svg>'
    )


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0].removeprefix("error: ")
