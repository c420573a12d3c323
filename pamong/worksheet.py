"""A module on paper: one A4 worksheet per exercise, for a room without network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from pamong import palette
from pamong.brief import load_brief
from pamong.catalogue import messages, speaking, spoken
from pamong.course import BRIEF, NOTEBOOK, Course
from pamong.kind import Brief
from pamong.kinds import KINDS, paper
from pamong.notebook import Cell, parse
from pamong.place import places


def worksheets(course: Course, module: str) -> str:
    """The worksheets of a module in its own order, as one HTML page that asks for nothing."""
    say = messages("worksheet")
    source = course.source(course.require_module(module))
    cells = parse((source / NOTEBOOK).read_bytes(), NOTEBOOK)["cells"]
    briefs = [load_brief(source / f"{id}{BRIEF}") for id in _exercises(cells)]
    own = (course.root / "templates" / "worksheet.css").read_text(encoding="utf-8")
    style = palette.stylesheet() + own
    title = say("title", module=course.programme.module(module).title)
    contents = "".join(
        f'<li><a href="#{brief.id}">{escape(brief.title)}</a></li>' for brief in briefs
    )
    return (
        f'<!doctype html>\n<html lang="{spoken()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head><body><main><h1>{escape(title)}</h1>"
        f"<nav><h2>{escape(say('contents'))}</h2><ol>{contents}</ol></nav>"
        + "\n".join(map(sheet, briefs))
        + "</main></body></html>\n"
    )


def write(course: Course, module: str) -> Path:
    """Write the page beside the course; returns where."""
    path = course.folder / "worksheets" / f"{module}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    with speaking(course.programme.language):
        path.write_text(worksheets(course, module), encoding="utf-8")
    return path


def sheet(brief: Brief) -> str:
    """One exercise as a section that begins a new page."""
    say = messages("worksheet")
    about = f"{say(f'use.{brief.use}')} · {say('minutes', minutes=brief.minutes)}"
    return (
        f'<section id="{brief.id}"><h2>{escape(brief.title)}</h2><p class="about">{escape(about)}</p>'
        f'<div class="who"><span>{escape(say("name"))}</span><span>{escape(say("date"))}</span></div>'
        f"{paper.text(brief.intro)}{KINDS[brief.kind].worksheet(brief)}"
        f"<footer>{escape(say('footer'))}</footer></section>"
    )


def _exercises(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Every exercise that a notebook can show, in order, each once."""
    shown = (
        id
        for cell in cells
        if cell["cell_type"] == "code"
        for place in places(cell["source"], "exercise")
        for id in place.exercises
    )
    return tuple(dict.fromkeys(shown))
