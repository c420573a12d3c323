"""The page as one HTML file that asks for nothing from anywhere and encloses its own print."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pamong import enclosure, locale, palette
from pamong.catalogue import messages, spoken
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.feedback.counsel import rest
from pamong.grading.feedback.desk import Desk
from pamong.grading.feedback.page import Page
from pamong.grading.feedback.paper import pdf
from pamong.grading.feedback.wording import settled

_FONTS = ("Regular", "Bold")


def render(desk: Desk, page: Page, *, paper: bytes | None = None) -> str:
    """The page as one HTML file; ``paper`` is its print where that was made already, empty for none."""
    folder = templates(desk.course)
    print_ = pdf(page, folder) if paper is None else paper
    values = {"page": page, "fonts": _fonts(), "paper": enclosure.address(print_)}
    html: str = environment(str(folder)).get_template("page.html").render(**values)
    return html


def templates(course: Course) -> Path:
    """The folder of the page's templates; CourseError where a course has none."""
    folder = course.root / "templates" / "feedback"
    if not (folder / "page.html").is_file():
        raise CourseError(
            f"{folder} holds no page.html. Copy the folder templates/ of Pamong beside course/, "
            "then try again."
        )
    return folder


@cache
def environment(folder: str) -> Environment:
    """The templates of ``folder``, which escape everything."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = messages("feedback")
    environment.globals["language"] = spoken
    environment.globals["tokens"] = palette.stylesheet
    environment.globals["rest"] = rest
    environment.filters["number"] = locale.decimal
    environment.filters["percent"] = locale.percent
    environment.filters["settled"] = settled
    return environment


@cache
def _fonts() -> Mapping[str, str]:
    """The faces as data addresses, by weight."""
    folder = files("pamong") / "fonts"
    weights = {"Regular": "400", "Bold": "700"}
    return {
        weights[name]: base64.b64encode(
            (folder / f"PlusJakartaSans-{name}.woff2").read_bytes()
        ).decode()
        for name in _FONTS
    }
