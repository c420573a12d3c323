"""The exploration inside a notebook: filters, charts that follow them, answers one click away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import ipywidgets

from pamong.catalogue import messages, speaking
from pamong.course import Course
from pamong.reports.exploration import Choice, Exploration, Frames, Names
from pamong.reports.markup import Html
from pamong.reports.report import style
from pamong.reports.snapshot import load, take

say: Final = messages("exploration")
widgets: Final[Any] = ipywidgets
LISTED = 500
"""Answers that a list shows at once; a filter finds the others."""
_WIDE = widgets.Layout(width="auto")


def explore(root: str = ".", snapshot: str = "") -> Controls:
    """The course at ``root`` as it is now, or as a snapshot of ``pamong report`` says it was."""
    course = Course.load(Path(root))
    with speaking(course.programme.language):
        facts = load(snapshot) if snapshot else take(course)
        return Controls(Exploration(course, facts))


class Controls:
    """Filters and what they show; ``frames`` are the tables as they are filtered now."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self._quiet = False
        self.filters = {
            "cohort": _dropdown("cohort", exploration.cohorts()),
            "role": _dropdown("role", exploration.values("role")),
            "region": _dropdown("region", exploration.values("region")),
            "module": _dropdown("module", exploration.modules()),
            "item": _dropdown("item", ()),
        }
        self.page = widgets.HTML(layout=_WIDE)
        self.answers = widgets.Select(
            description=say("filter.answers"), rows=10, layout=_WIDE, style=_LABEL
        )
        self.answer = widgets.HTML(layout=_WIDE)
        self.filters["module"].observe(self._other_module, "value")
        for each in self.filters.values():
            each.observe(self._filtered, "value")
        self.answers.observe(self._opened, "value")
        self._show()

    @property
    def choice(self) -> Choice:
        """What is looked at now."""
        return Choice(**{name: each.value for name, each in self.filters.items()})

    @property
    def frames(self) -> Frames:
        return self.exploration.narrowed(self.choice)

    def view(self) -> Any:
        """Everything in one column."""
        root = str(self.exploration.course.root)
        look = widgets.HTML(f"{style(root)}{_CLOSER}")
        filters = widgets.HBox(
            list(self.filters.values()), layout=widgets.Layout(flex_flow="row wrap")
        )
        tabs = widgets.Tab([self.page, widgets.VBox([self.answers, self.answer])])
        tabs.titles = (say("tab.page"), say("tab.answers"))
        return widgets.VBox([look, filters, tabs])

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415  # only where there is a notebook

        display(self.view())

    def _other_module(self, change: dict[str, Any]) -> None:
        with self._silence():
            self.filters["item"].options = _all(self.exploration.items(change["new"]))

    def _filtered(self, _: dict[str, Any]) -> None:
        if not self._quiet:
            self._show()

    def _show(self) -> None:
        """Draw what the filters say; in the language of the course, whoever turns them."""
        with speaking(self.exploration.course.programme.language), self._silence():
            self.page.value = _shown(self.exploration.page(self.choice))
            found = self.exploration.answers(self.choice)
            self.answers.options = ((say("answers.none", count=len(found)), None), *found[:LISTED])
            self.answers.value = None
            self.answer.value = ""

    def _opened(self, change: dict[str, Any]) -> None:
        if self._quiet or change["new"] is None:
            return
        with speaking(self.exploration.course.programme.language):
            self.answer.value = _shown(self.exploration.answer(change["new"]))

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Changes in here draw nothing."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _dropdown(name: str, choices: Names) -> Any:
    return widgets.Dropdown(
        description=say(f"filter.{name}"), options=_all(choices), style=_LABEL,
        layout=widgets.Layout(width="48%", min_width="300px"),
    )  # fmt: skip


_CLOSER = "<style>.widget-html .report .part{padding:14px 0 0}</style>"
"""Sections without the margins of a page."""
_LABEL = {"description_width": "70px"}


def _all(choices: Names) -> Names:
    return ((say("filter.all"), ""), *choices)


def _shown(content: Html) -> str:
    return f'<div class="report">{content}</div>'
