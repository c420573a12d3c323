"""``submit``: the notebooks of a module to the service, which has the answer logs already."""

from __future__ import annotations

import os
from pathlib import Path

from nbgrader.exchange.abc import ExchangeSubmit
from traitlets import Bool

from pamong import portfolio, wire
from pamong.grading.door.exchange import Door, stamp
from pamong.remote import Remote


class Submit(Door, ExchangeSubmit):
    """nbgrader's ``submit``; ``receipt`` is what the service gave for it."""

    statement = Bool(
        default_value=False, help="Declare that what is handed in is the participant's own work."
    ).tag(config=True)

    def init_src(self) -> None:
        self.course = self.client.me().course
        self.place = Path(os.path.abspath(self.home(self.course, self.folder.assignment_id)))  # noqa: PTH100
        self.module = self.folder.assignment_id = self.place.name
        if not self.place.is_dir():
            self.fail(f"Assignment not found at: {self.place}")

    def init_dest(self) -> None:
        self.require_course(self.course)
        plan = next((it for it in self.client.modules() if it.id == self.module), None)
        if plan is None or not plan.released:
            self.fail(f"Assignment not found: {self.module}")
        self.released = plan.notebooks

    def copy_files(self) -> None:
        self.log.info("Source: %s", self.place)
        pages = portfolio.pages(self.place)
        self._compare(sorted(self.released), sorted(pages))
        Remote(
            self.place, self.module, self.client
        ).settle()  # what was done out of the service's reach
        notebooks = {
            name: portfolio.bare(page, name)
            for name, page in pages.items()
            if name in self.released
        }
        handin = wire.Handin(notebooks=notebooks, statement=self.statement)
        self.receipt = self.client.submit(self.module, handin)
        moment = stamp(self.receipt.moment)
        self.log.info("Receipt: %s%s", self.receipt.code, " (late)" * self.receipt.late)
        self.log.info("Submitted as: %s %s %s", self.course, self.module, moment)

    def _compare(self, released: list[str], there: list[str]) -> None:
        """As nbgrader: say what is missing or more than was asked for; fail when ``strict``."""
        if released == there:
            return
        expected = [f"{it}: {'FOUND' if it in there else 'MISSING'}" for it in released]
        given = [f"{it}: {'OK' if it in released else 'EXTRA'}" for it in there]
        told = "Expected:\n\t{}\nSubmitted:\n\t{}".format("\n\t".join(expected), "\n\t".join(given))
        if self.strict and not set(released) <= set(there):
            self.fail(
                f"Assignment {self.module} not submitted. "
                f"There are missing notebooks for the submission:\n{told}"
            )
        self.log.warning(
            "Possible missing notebooks and/or extra notebooks submitted for assignment %s:\n%s",
            self.module,
            told,
        )
