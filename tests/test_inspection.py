"""What is wrong in an authored module, across its files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.inspection import inspect

SMALL = Path(__file__).parent / "course_small"
MODULE = "m0-contoh"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    return Course.load(tmp_path)


def told(course: Course) -> list[str]:
    return [f"{p.path.name}: {p.message}" for p in inspect(course, MODULE)]


def edit(path: Path, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def graded(notebook: dict) -> dict:  # type: ignore[type-arg]
    """The first graded code cell."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"
    )


def test_a_sound_module_has_no_problem_but_its_sum(course: Course) -> None:
    assert [line for line in told(course) if "jumlah nilai" not in line] == []


def test_a_key_without_a_brief_is_named(course: Course) -> None:
    (course.keys(MODULE) / "yatim.key.yaml").write_text("items: {}\n", encoding="utf-8")
    assert "yatim.key.yaml: kunci ini tidak mempunyai berkas yatim.brief.yaml" in told(course)


def test_a_graded_brief_without_a_key_is_named(course: Course) -> None:
    (course.keys(MODULE) / "sikap.key.yaml").unlink()
    assert "sikap.key.yaml: latihan bernilai ini tidak mempunyai kunci sikap.key.yaml" in told(
        course
    )


def test_an_answer_log_in_the_source_is_named(course: Course) -> None:
    (course.source(MODULE) / "sikap.jsonl").touch()
    assert (
        "sikap.jsonl: log jawaban tidak boleh ada di sumber: berkas ini akan menimpa jawaban peserta"
        in told(course)
    )


def test_points_that_do_not_agree_are_named_with_both_numbers(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        graded(notebook)["metadata"]["nbgrader"]["points"] = 77

    edit(course.source(MODULE) / "module.ipynb", change)
    assert any("bernilai 77 dalam metadata nbgrader, tetapi" in line for line in told(course))


def test_points_that_do_not_add_up_are_named_with_their_sum(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        graded(notebook)["metadata"]["nbgrader"]["points"] = 5000

    edit(course.source(MODULE) / "module.ipynb", change)
    assert any("jumlah nilai modul 5" in line and "seharusnya 100" in line for line in told(course))


def test_an_exercise_that_does_not_exist_is_named_with_its_cell(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        cell = graded(notebook)
        cell["source"] = "".join(cell["source"]).replace(
            "module.exercise(", 'module.exercise("hantu")\n('
        )

    edit(course.source(MODULE) / "module.ipynb", change)
    assert any(
        "memakai latihan 'hantu' yang tidak ada dalam modul" in line for line in told(course)
    )


def test_an_exercise_shown_twice_and_one_never_shown_are_named(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        cells = [cell for cell in notebook["cells"] if "module.exercise" in "".join(cell["source"])]
        first, second = cells[0], cells[1]
        name = "".join(first["source"]).split('"')[1]
        other = "".join(second["source"]).split('"')[1]
        second["source"] = "".join(second["source"]).replace(other, name)

    edit(course.source(MODULE) / "module.ipynb", change)
    found = told(course)
    assert any("dipakai di lebih dari satu sel" in line for line in found)
    assert any("latihan ini tidak dipakai dalam buku kerja" in line for line in found)


def test_two_cells_with_one_grade_id_are_named(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"]["grade_id"] = "sama"

    edit(course.source(MODULE) / "module.ipynb", change)
    assert "module.ipynb: grade_id 'sama' dipakai lebih dari satu sel" in told(course)


def test_a_legal_card_that_does_not_exist_is_named(course: Course) -> None:
    source = Path(__file__).parent / "kinds" / "negotiation.brief.yaml"
    text = source.read_text(encoding="utf-8").replace(
        "{label: Januari}", "{label: Januari, legal_basis: [uu-khayalan]}"
    )
    (course.source(MODULE) / "gedung-layanan.brief.yaml").write_text(text, encoding="utf-8")
    assert "gedung-layanan.brief.yaml: kartu hukum 'uu-khayalan' tidak ada di legal.yaml" in told(
        course
    )


@pytest.mark.parametrize("content", ["", "{}", "[]", "x", '{"nbformat": 4, "cells": [1]}'])
def test_a_broken_notebook_is_one_problem(course: Course, content: str) -> None:
    (course.source(MODULE) / "module.ipynb").write_text(content, encoding="utf-8")
    assert sum(line.startswith("module.ipynb") for line in told(course)) == 1
