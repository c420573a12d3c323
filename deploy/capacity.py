"""How much machine a programme needs, from deploy/measured.yaml: ``python deploy/capacity.py [--write]``.

Every line is a product or a quotient of figures that were measured and of assumptions that stand beside
them. What rests on a figure that was not measured yet is said to be so, and nothing is guessed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured.yaml"
PAGE = HERE.parent / "docs" / "capacity.md"
BEGIN, END = "<!-- computed: python deploy/capacity.py --write -->", "<!-- end -->"
MISSING = "*not measured yet*"
MB_PER_GIB = 1024**3 / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One programme at its busiest, on each of its ``installations``."""

    title: str
    participants: int
    online: int
    notebooks: int
    rush_seconds: int
    where: str
    installations: int = 1

    @property
    def share(self) -> Load:
        """What one installation has to carry."""
        count = self.installations
        return Load(
            title=self.title,
            participants=ceil(self.participants / count),
            online=ceil(self.online / count),
            notebooks=ceil(self.notebooks / count),
            rush_seconds=self.rush_seconds,
            where=self.where,
        )


class Unmeasured(Exception):
    """A line rests on a figure that was not measured yet."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Measured values by name."""

    values: Mapping[str, float | None]

    def __getitem__(self, name: str) -> float:
        value = self.values[name]
        if value is None:
            raise Unmeasured(name)
        return value


@dataclass(frozen=True, slots=True)
class Plan:
    """What one installation needs for one load; every method may raise Unmeasured."""

    load: Load
    is_: Figures
    given: Mapping[str, float]

    def acts(self) -> float:
        """Acts a second while everybody online works."""
        return self.load.online / self.given["think_seconds"]

    def rush(self) -> float:
        """Submissions a second in the last minutes."""
        return self.load.online / self.load.rush_seconds

    def processes(self) -> int:
        """Service processes for acts and submissions alike."""
        room = self.given["headroom"]
        acts = self.acts() / (self.is_["actions_per_second"] * room)
        rush = self.rush() / (self.is_["submissions_per_second"] * room)
        return max(1, ceil(acts), ceil(rush))

    def light_gib(self) -> float:
        """The service with everybody online on the light page."""
        idle, each = self.is_["service_mb"], self.is_["light_mb"]
        return (self.processes() * idle + self.load.online * each) / MB_PER_GIB

    def notebook_gib(self) -> float:
        """Servers and kernels of those who want the notebook."""
        return self.load.notebooks * (self.is_["server_mb"] + self.is_["kernel_mb"]) / MB_PER_GIB

    def around_gib(self) -> float:
        """Hub, proxy and one JupyterLab of staff."""
        return (self.is_["hub_mb"] + self.is_["proxy_mb"] + self.is_["lab_mb"]) / MB_PER_GIB

    def spawn_minutes(self) -> float:
        """Until all these notebooks have started, on one machine's cores."""
        seconds = self.load.notebooks * self.is_["spawn_seconds"] / self.given["machine_cores"]
        return seconds / 60

    def machines(self) -> int:
        """Machines or nodes for all of it, by memory."""
        needed = self.light_gib() + self.notebook_gib() + self.around_gib()
        return ceil(needed / (self.given["machine_gib"] * 0.8))

    def grading_core_hours(self) -> float:
        """Grading every module of everybody once."""
        return self.load.participants * self.given["modules"] * self.core_seconds() / 3600

    def deadline_cores(self) -> int:
        """Cores that grade one module of everybody online within the hours given."""
        hours = self.load.online * self.core_seconds() / 3600
        return max(1, ceil(hours / self.given["grading_hours"]))

    def core_seconds(self) -> float:
        """Of one core for one submission; it was measured with two."""
        return self.is_["grade_ms"] * 2 / 1000

    def disk_gib(self) -> float:
        """What everybody leaves behind, without copies."""
        return self.load.participants * self.is_["work_mb"] / MB_PER_GIB


LINES: tuple[tuple[str, Callable[[Plan], float], str], ...] = (
    ("Participants at once", lambda plan: plan.load.online, "{:,.0f}"),
    ("Acts per second", Plan.acts, "{:,.0f}"),
    ("Submissions per second before a deadline", Plan.rush, "{:,.1f}"),
    ("Service processes, each an installation", Plan.processes, "{:,.0f}"),
    ("Service, GiB", Plan.light_gib, "{:,.1f}"),
    ("Notebook 7 at once", lambda plan: plan.load.notebooks, "{:,.0f}"),
    ("Notebook servers and kernels, GiB", Plan.notebook_gib, "{:,.1f}"),
    ("Starting them all on one machine, minutes", Plan.spawn_minutes, "{:,.1f}"),
    ("Hub, proxy, staff, GiB", Plan.around_gib, "{:,.1f}"),
    ("Machines, by memory", Plan.machines, "{:,.0f}"),
    ("Grading one module of those online: cores", Plan.deadline_cores, "{:,.0f}"),
    ("Grading everything once, core hours", Plan.grading_core_hours, "{:,.1f}"),
    ("Disk for all work, GiB", Plan.disk_gib, "{:,.1f}"),
)


def read(path: Path = MEASURED) -> dict[str, Any]:
    """The file of figures, assumptions and scenarios."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def page(measured: Mapping[str, Any]) -> str:
    """The computed part of docs/capacity.md."""
    parts = ("### Measured", figures(measured), "### Per unit", units(measured), "### Programmes")
    return "\n\n".join((*parts, programmes(measured)))


def figures(measured: Mapping[str, Any]) -> str:
    """What was measured: with which command and when."""
    rows = [
        [
            one["title"],
            MISSING if one["value"] is None else f"{one['value']:,} {one['unit']}",
            f"`{one['command']}`" if one["command"].startswith("scripts/") else one["command"],
            str(one["date"] or ""),
        ]
        for one in measured["figures"].values()
    ]
    return table(["What", "Value", "How", "When"], rows) + f"\n\nMachine: {measured['machine']}."


def units(measured: Mapping[str, Any]) -> str:
    """What one GiB, one process and one core carry."""
    plan = _plan(measured, measured["scenarios"][0])
    lines: list[tuple[str, Callable[[], float]]] = [
        ("Participants at once per GiB, light page", lambda: MB_PER_GIB / plan.is_["light_mb"]),
        (
            "Participants at once per GiB, Notebook 7",
            lambda: MB_PER_GIB / (plan.is_["server_mb"] + plan.is_["kernel_mb"]),
        ),
        ("Submissions per second and service process", lambda: plan.is_["submissions_per_second"]),
        ("Graded submissions per second and core", lambda: 1 / plan.core_seconds()),
        ("Graded submissions per core and day", lambda: 86400 / plan.core_seconds()),
    ]
    return table(["What", "How many"], [[name, _told(of, "{:,.1f}")] for name, of in lines])


def programmes(measured: Mapping[str, Any]) -> str:
    """What each scenario needs, on one of its installations."""
    plans = [_plan(measured, scenario) for scenario in measured["scenarios"]]
    head = ["", *(scenario["title"] for scenario in map(str_title, measured["scenarios"]))]
    rows = [["Where", *(plan.load.where for plan in plans)]]
    rows.append(
        ["Participants of one installation", *(f"{plan.load.participants:,}" for plan in plans)]
    )
    for name, of, form in LINES:
        rows.append([name, *(_told(lambda of=of, plan=plan: of(plan), form) for plan in plans)])  # type: ignore[misc]
    return table(head, rows)


def str_title(scenario: Mapping[str, Any]) -> dict[str, str]:
    """A scenario's title as text: YAML takes 317 for a number."""
    return {"title": f"{scenario['title']} participants"}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plan(measured: Mapping[str, Any], scenario: Mapping[str, Any]) -> Plan:
    values = {name: one["value"] for name, one in measured["figures"].items()}
    return Plan(Load(**scenario).share, Figures(values), measured["assumptions"])


def _told(of: Callable[[], float], form: str) -> str:
    try:
        return form.format(of())
    except Unmeasured:
        return MISSING


def renewed(text: str, measured: Mapping[str, Any]) -> str:
    """A page with its computed part made anew; ValueError when it has no place for one."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"{PAGE} has no {BEGIN} or no {END}.")
    return f"{before}{BEGIN}\n\n{page(measured)}\n\n{END}{after}"


def missing(measured: Mapping[str, Any]) -> Iterator[str]:
    """Names of what was not measured yet."""
    return (name for name, one in measured["figures"].items() if one["value"] is None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/capacity.md")
    measured = read()
    if parser.parse_args().write:
        text = renewed(PAGE.read_text(encoding="utf-8"), measured)
        PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{page(measured)}\n")
    sys.stderr.write(f"Not measured yet: {', '.join(missing(measured)) or 'nothing'}.\n")


if __name__ == "__main__":
    main()
