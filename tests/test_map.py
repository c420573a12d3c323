"""The map from what the five trainings describe to where a participant meets it (docs/peta-kemampuan.md)."""

import json
import re
from pathlib import Path

import pytest
import typer

from pamong.cli import app
from pamong.course import BRIEF, NOTEBOOK, Course

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "peta-kemampuan.md"
MODULES = [plan.id for plan in Course.load(ROOT).programme.modules]
HEADER = ["Id", "Gagasan", "Tempatnya", "Status", "Keterangan"]

EXPECTED = {
    # visioning of lurah and camat
    "VIS-01": "317 learners in four offices",
    "VIS-02": "six components and a capstone",
    "VIS-03": "three target competences, one measurable target",
    "VIS-04": "vision and mission aligned with duties",
    "VIS-05": "internal, external, vertical, horizontal, values",
    "VIS-06": "vertical and horizontal collaboration",
    "VIS-07": "they share",
    "VIS-08": "experience becomes structured",
    "VIS-09": "practise daily",
    "VIS-10": "uniform institution",
    # bimtek on the flow of thought
    "BIM-01": "alur pikir, then pola pikir",
    "BIM-02": "flower example",
    "BIM-03": "who does what",
    "BIM-04": "programmes of agencies not integrated",
    "BIM-05": "not by halves",
    "BIM-06": "vision and mission as reference",
    "BIM-07": "another office, another region",
    # best practice of coalition
    "KOA-01": "five synergies",
    "KOA-02": "each with its own capacity",
    "KOA-03": "gradual or larger change",
    "KOA-04": "three priority programmes",
    "KOA-05": "innovation apps",
    "KOA-06": "guest speaker in a numbered cohort",
    # civil servants of a global city
    "KOT-01": "strategic problem, action plan",
    "KOT-02": "Smart ASN",
    "KOT-03": "traffic, flood, social issues",
    "KOT-04": "anti-corruption as foundation of trust",
    "KOT-05": "from being served to serving",
    "KOT-06": "speed and quality",
    "KOT-07": "collaboration between agencies and with others",
    "KOT-08": "continuity",
    # benchmarking visit
    "STU-01": "four cohorts at once, several regions",
    "STU-02": "benchmarking visit",
    "STU-03": "change project and team building",
    "STU-04": "reasons to choose a locus",
    "STU-05": "the people's taste: hear before deciding",
    "STU-06": "support and legitimacy",
    "STU-07": "more references",
    "STU-08": "innovation before award",
    "STU-09": "trainers and companions travel with them",
    "STU-10": "to be adopted at home",
    # merged feature list
    "FIT-01": "role, region, cohort",
    "FIT-02": "six components with JP",
    "FIT-03": "pre- and post-test, normalised gain",
    "FIT-04": "branching cases, legal cards",
    "FIT-05": "stakeholder map, five synergies canvas",
    "FIT-06": "vision cascade",
    "FIT-07": "alur pikir and pola pikir canvases",
    "FIT-08": "Uji Bunga, RACI validator",
    "FIT-09": "problem-solving worksheets",
    "FIT-10": "negotiation sheet, mediation minutes",
    "FIT-11": "integrity decision log",
    "FIT-12": "experience library",
    "FIT-13": "benchmarking log",
    "FIT-14": "action plan with milestones, mentor, coach",
    "FIT-15": "Smart ASN plan",
    "FIT-16": "attendance",
    "FIT-17": "Kirkpatrick forms",
    "FIT-18": "cohort dashboards",
    "FIT-19": "certificate and transcript",
    "FIT-20": "glossary, legal reference with check dates",
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table_rows(text: str) -> list[list[str]]:
    lines = [cells(line) for line in text.splitlines() if line.startswith("|")]
    return [row for row in lines if row != HEADER and set("".join(row)) != {"-"}]


ROWS = table_rows(PAGE.read_text("utf-8"))
MARKS = [(row[0], mark) for row in ROWS for mark in re.findall(r"`([^`]+)`", row[2])]


def lacks_command(words: list[str]) -> str:
    """What of a command line this installation does not know; empty when it knows everything."""
    command = typer.main.get_command(app)
    for word in words:
        if word.startswith("--"):
            if all(word not in parameter.opts for parameter in command.params):
                return word
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return "subcommand" if hasattr(command, "commands") else ""


def lacks_exercise(module: str, exercise: str) -> str:
    """What is missing for a participant to meet an exercise: module, brief or its place in the notebook."""
    found = [id for id in MODULES if id.split("-")[0] == module]
    if len(found) != 1:
        return f"module {module}"
    folder = ROOT / "course" / "source" / found[0]
    if not exercise:
        return "" if (folder / NOTEBOOK).is_file() else NOTEBOOK
    if not (folder / f"{exercise}{BRIEF}").is_file():
        return f"{exercise}{BRIEF}"
    book = json.loads((folder / NOTEBOOK).read_text("utf-8"))
    code = "".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    shown = re.findall(r"module\.exercise\((.*)\)", code)
    return "" if any(f'"{exercise}"' in call for call in shown) else f"{exercise} in {NOTEBOOK}"


def test_every_idea_of_the_five_trainings_and_every_feature_has_exactly_one_row() -> None:
    assert [row[0] for row in ROWS] == list(EXPECTED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_what_where_and_how_far(row: list[str]) -> None:
    assert len(row) == len(HEADER)
    _, idea, place, status, remark = row
    assert idea
    assert place
    assert status in {"ada", "sebagian", "belum"}
    if status != "belum":
        assert "`" in place, "nothing to open: name an exercise, a command or a file"
    if status != "ada":
        assert len(remark.split()) >= 5, "say what is missing"


@pytest.mark.parametrize(("row", "mark"), MARKS)
def test_what_a_row_points_to_exists_and_is_shown_to_participants(row: str, mark: str) -> None:
    if exercise := re.fullmatch(r"(m\d)(?:/([a-z0-9-]+))?", mark):
        assert not lacks_exercise(exercise[1], exercise[2] or ""), row
    elif mark.startswith("pamong "):
        assert not lacks_command(mark.split()[1:]), row
    else:
        assert (ROOT / mark).is_file(), row


def test_a_pointer_to_nothing_is_noticed() -> None:
    assert lacks_exercise("m9", "") == "module m9"
    assert lacks_exercise("m1", "tidak-ada") == f"tidak-ada{BRIEF}"
    assert lacks_command(["terbang"]) == "terbang"
    assert lacks_command(["roster", "terbang"]) == "terbang"
    assert lacks_command(["roster"]) == "subcommand"
    assert lacks_command(["report", "--terbang"]) == "--terbang"
