"""The exploration: filters narrow everything alike, no mark by office, answers opened only where allowed."""

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from pamong.reports.controls import Controls, explore
from pamong.reports.exploration import Choice, Exploration
from pamong.reports.snapshot import take

ROOT = Path(__file__).resolve().parents[2]
MODULE = "m0-contoh"
NO_MARKS = "Nilai tidak pernah ditampilkan menurut jabatan"


@pytest.fixture
def course(on_disk):
    return on_disk.graded().course


@pytest.fixture
def exploration(course, invent):
    """Two modules, 96 people of four offices; plays and answers are invented."""
    return Exploration(
        course, invent(people=96, cohorts=4, modules=("m5", "m6")).everybody().snapshot()
    )


def numbers(page, section):
    """The rows of the data table in one section of a page."""
    part = page.partition(f'id="{section}"')[2].partition("</section>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", part.partition("<tbody>")[2], re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_filters_narrow_every_table_alike(exploration):
    people = exploration.frames["participants"]
    wanted = people[(people["cohort"] == "a02") & (people["region"] == "Kota Contoh Utara")]
    shown = exploration.narrowed(Choice(cohort="a02", region="Kota Contoh Utara", module="m6"))
    assert 0 < len(wanted) < len(people)
    assert shown["participants"].equals(wanted)
    for name in ("grades", "plays", "responses", "deals", "submissions"):
        assert set(shown[name]["participant"]) <= set(wanted["participant"]), name
        assert set(shown[name]["module"]) == {"m6"}, name
    assert shown["exercises"]["module"].unique().tolist() == ["m6"]
    only = exploration.narrowed(Choice(module="m5", item="postes/s3"))["responses"]
    assert (set(only["form"]), set(only["item"])) == ({"postes"}, {"s3"})


def test_the_page_counts_what_the_facts_say(exploration):
    facts, page = exploration.snapshot, exploration.page(Choice(cohort="a03"))
    mine = {person.id for person in facts.people if person.cohort == "a03"}
    came = sum(it.participant in mine and it.module == "m5" for it in facts.submissions)
    assert f"{len(mine)} dari {len(facts.people)} peserta." in page
    assert numbers(page, "penyelesaian")[0] == [
        "Negosiasi dan Mediasi",
        f"{came} dari {len(mine)}",
        str(came),
    ]
    page = exploration.page(Choice(module="m5", item="postes/s3"))
    taken = [
        it.answers["s3"]
        for it in facts.plays
        if (it.module, it.exercise) == ("m5", "postes") and it.items
    ]
    share = f"{100 * taken.count('a') / len(taken):.0f}%"
    assert numbers(page, "butir")[0] == ["Pilihan A (kunci)", share, "–"]


def test_marks_are_never_shown_by_office(exploration):
    for choice in (Choice(role="camat"), Choice(role="walikota", module="m5")):
        page = exploration.page(choice)
        assert NO_MARKS in page
        assert numbers(page, "nilai") == []
        assert "<svg" not in page.partition('id="nilai"')[2].partition("</section>")[0]
        told = exploration.narrowed(choice)
        assert [len(told[name]) for name in ("grades", "parts", "deals")] == [0, 0, 0]
        assert len(told["plays"])
    assert numbers(exploration.page(Choice(module="m5")), "nilai")


def test_what_fewer_than_five_of_an_office_answered_is_not_shown(exploration):
    people = exploration.frames["participants"]
    assert (people["role"] == "walikota").sum() == 4
    page = exploration.page(Choice(role="walikota", module="m5"))
    assert "Butir menurut jabatan ditampilkan mulai dari 5 peserta" in page
    assert numbers(page, "butir") == []
    assert exploration.narrowed(Choice(role="walikota"))["responses"].empty
    assert numbers(exploration.page(Choice(role="lurah", module="m5")), "butir")


def test_what_subtraction_would_tell_of_fewer_than_five_of_an_office_is_not_shown(exploration):
    """All but four are lurah or camat: both together, and everybody, would tell of the four."""
    assert numbers(exploration.page(Choice(role="camat", module="m5")), "butir") == []
    assert exploration.narrowed(Choice(role="camat"))["responses"].empty


def test_nobody_is_compared_with_fewer_than_five_others(course, invent):
    facts = invent(people=24, cohorts=1).everybody(absent=0, essay="marked")
    people = [replace(it, cohort="a02" if n < 4 else "a01") for n, it in enumerate(facts.people)]
    few = Exploration(course, facts.snapshot(people=tuple(people)))
    page = few.page(Choice(cohort="a01", module="m5"))
    assert numbers(page, "butir")
    assert {row[2] for row in numbers(page, "butir")} == {"–"}
    people[4] = replace(people[4], cohort="a02")
    five = Exploration(course, facts.snapshot(people=tuple(people)))
    shown = numbers(five.page(Choice(cohort="a01", module="m5")), "butir")
    assert "–" not in {row[2] for row in shown}


def test_the_list_of_answers_tells_whose_they_are_and_no_points(exploration):
    found = exploration.answers(Choice(cohort="a01", role="camat", module="m5", item="postes/s1"))
    names = {person.id: person.name for person in exploration.snapshot.people}
    assert found
    for label, (participant, module, exercise, form) in found:
        assert (module, exercise, form) == ("m5", "postes", "postes")
        assert label == f"{names[participant]} · Tes akhir · tuntas"


def test_items_stand_in_the_order_of_the_module(exploration):
    labels = [label for label, _ in exploration.items("m5")]
    assert labels[:2] == ["Tes awal (pretes), butir s1", "Tes awal (pretes), butir s2"]
    assert labels.index("Tes awal (pretes), butir s10") == 9
    assert [id for _, id in exploration.items("m5")].index("postes/s1") > 9


def test_an_answer_is_replayed_in_words(course):
    exploration = Exploration(course, take(course))
    found = dict(exploration.answers(Choice(module=MODULE)))
    told = exploration.answer(found["Peserta Rekaan 3 · Pemahaman dasar · tuntas"])
    brief = course.shelf(MODULE).get("pemahaman", 1).brief
    assert "<h2>Peserta Rekaan 3</h2>" in told
    assert brief.items[0].options[0].text in told
    assert "Langkah demi langkah (4)" in told
    assert "Peserta" in told
    assert "answer" in told


def test_what_only_a_coach_may_read_is_not_opened(course):
    exploration = Exploration(course, take(course))
    line = {"n": 1, "id": "e1", "at": "2026-12-10T08:00:01.000Z", "who": "system", "act": "open",
            "data": {"order": {"s1": ["a", "b", "c", "d"]}}, "exercise": "sikap", "version": 1,
            "attempt": 1}  # fmt: skip
    (course.submitted("p003", MODULE) / "sikap.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    place = ("p003", MODULE, "sikap", "sikap")
    assert place not in dict(exploration.answers(Choice())).values()
    assert "Isi jawaban ini hanya untuk pemilik atau pembimbingnya." in exploration.answer(place)


def test_a_damaged_answer_says_so(course):
    exploration = Exploration(course, take(course))
    place = dict(exploration.answers(Choice()))["Peserta Rekaan 3 · Pemahaman dasar · tuntas"]
    (course.submitted("p003", MODULE) / "pemahaman.jsonl").write_text("{}\n{}\n", "utf-8")
    assert "Catatan jawaban ini tidak dapat dibaca. pemahaman.jsonl, line 1" in exploration.answer(
        place
    )


def test_the_controls_follow_the_filters(course):
    made = Controls(Exploration(course, take(course)))
    assert "8 dari 8 peserta" in made.page.value
    made.filters["cohort"].value = "a01"
    assert "4 dari 8 peserta" in made.page.value
    assert set(made.frames["grades"]["participant"]) == {"p000", "p002", "p004", "p006"}
    made.filters["module"].value = MODULE
    assert [id for _, id in made.filters["item"].options] == ["", "pemahaman/b1", "pemahaman/b2"]
    made.filters["item"].value = "pemahaman/b2"
    made.answers.value = made.answers.options[1][1]
    assert "<h2>Peserta Rekaan 0</h2>" in made.answer.value
    made.filters["module"].value = ""
    assert (made.filters["item"].value, made.answer.value, made.answers.value) == ("", "", None)


def test_before_anybody_has_handed_in_it_says_what_to_run(on_disk):
    made = explore(str(on_disk.course.root))
    assert "jalankan <code>" not in made.page.value
    assert (
        "Belum ada yang mengumpulkan: jalankan `pamong collect` dan `pamong grade`"
        in made.page.value
    )


@pytest.mark.kernel
def test_the_notebook_runs_from_top_to_bottom_on_a_graded_course(course):
    notebook = nbformat.read(ROOT / "templates" / "exploration.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[0].source = f"root = {str(course.root)!r}\nsnapshot = ''"
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    assert "application/vnd.jupyter.widget-view+json" in code[1].outputs[-1].data
    assert "pemahaman" in code[2].outputs[0].data["text/html"]
    assert all(len(cell.source.splitlines()) <= 5 for cell in code)


def test_the_committed_notebook_holds_no_output():
    notebook = json.loads((ROOT / "templates" / "exploration.ipynb").read_text("utf-8"))
    assert not any(cell.get("outputs") for cell in notebook["cells"])
