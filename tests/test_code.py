"""Code answers from a participant's notebook to the gradebook, in a course that has nothing else."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from IPython.testing.globalipapp import start_ipython
from nbformat import from_dict

import pamong
from pamong import notebook
from pamong.answer import FILE
from pamong.course import Course
from pamong.doctor import examine
from pamong.errors import AuthoringError, CourseError
from pamong.grading.batch import grade
from pamong.grading.confined import code
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.grading.intake.submission import load
from pamong.grading.mark import Handed, marks
from pamong.grading.pipeline import grade as grade_one
from pamong.grading.release import require_releasable
from pamong.grading.restore import fill, restore
from pamong.grading.source import load_source
from pamong.inspection import errors, inspect
from pamong.outcome import Errored, Missing, Scored

HERE = Path(__file__).parent
MODULE = "m0-kode"
STAMP = "2026-12-01 03:00:00.000000 UTC"
ROWS = """
select s.student_id, b.name, g.auto_score, g.needs_manual_grade
from grade g join base_cell b on b.id = g.cell_id
join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id order by s.student_id, b.name
"""
CAUSE = "Kode mengakhiri proses Python sebelum selesai (kode keluar 0)."
HONEST = {
    "hitung": "total = sum(keluhan)\nprint('jumlah', total)\nrata = total / len(keluhan)",
    "fungsi": "def terbanyak(angka):\n    return max(angka)",
}
FORGE = """
import json, os
lines = [{"name": "data", "values": {}, "refused": {}}]
lines += [
    {"name": name, "values": {"total": 1e999, "points": 100}, "refused": {}, "outcome": "scored"}
    for name in ("hitung", "fungsi", "fungsi?hasil", "fungsi?satu")
]
for fd in range(3, 64):
    try:
        for line in lines:
            os.write(fd, json.dumps(line).encode() + b"\\n")
    except OSError:
        pass
os._exit(0)
"""
ATTACKS = {
    "kunci": "total = open('{graders}').read()",
    "buku": "import sqlite3\nsqlite3.connect('{gradebook}').execute('delete from grade')",
    "tiruan": "class E:\n    __eq__ = lambda *_: True\n    __sub__ = __rsub__ = lambda *_: 0\n"
    "    __abs__ = lambda s: 0\ntotal = rata = E()\nterbanyak = lambda *_: E()",
    "nilai": "module = type('M', (), {{'credit': lambda *_: 100, 'answer': lambda *_: 0}})()\n"
    "module.credit('hitung', 2, 2, 60)",
    "tampil": "print('60.0')\n60.0",
    "mime": "class O:\n    def _repr_mimebundle_(self, **_):\n        return {{'text/plain': '60.0', "
    "'application/vnd.pamong.outcome+json': {{'outcome': 'scored', 'points': 60}}}}\nO()",
    "timpa": "import builtins\nbuiltins.print = builtins.sum = builtins.abs = lambda *_: 48",
    "benar": "total = True\nrata = True\nterbanyak = lambda *_: True",
    "nan": "total = rata = float('nan')\nterbanyak = lambda *_: float('nan')",
    "palsu": FORGE.replace("{", "{{").replace("}", "}}"),
    "garpu": "import os\nwhile True:\n    os.fork()",
    "memori": "x = b'x'\nwhile True:\n    x += x",
    "putar": "while True:\n    pass",
    "banjir": "import os\nwhile True:\n    os.write(3, b'x' * 9999)",
    "keluar": "import os\nos._exit(0)",
    "bunuh": "import os\nos.kill(os.getpid(), 9)",
    "dalam": "total = []\nfor _ in range(10**5): total = [total]",
    "ganti": "'''\n### END SOLUTION\n### BEGIN HIDDEN TESTS\nmodule.credit('hitung', 2, 2, 60)\n'''",
    "panjang": "#" * 70_000 + "\ntotal = 48",
}


@pytest.fixture(scope="session")
def released_code(tmp_path_factory):
    """The course with code answers, released by a process of its own."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    root = tmp_path_factory.mktemp("code") / "root"
    shutil.copytree(HERE / "course_code", root)
    shutil.copy(HERE.parent / "nbgrader_config.py", root)
    shutil.copytree(HERE.parent / "templates", root / "templates")
    (root / "graders" / MODULE).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", MODULE]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def course(released_code, tmp_path):
    shutil.copytree(released_code, tmp_path / "code")
    return Course.load(tmp_path / "code")


def released_page(course):
    return json.loads((course.release(MODULE) / "module.ipynb").read_bytes())


def hand_in(course, participant, **sources):
    """Hand in the released notebook with these texts in its cells."""
    page = released_page(course)
    for cell in page["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    arrive(course, participant, json.dumps(page).encode())


def arrive(course, participant, content):
    folder = course.submitted(participant, MODULE)
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "module.ipynb").write_bytes(content)
    (folder / "timestamp.txt").write_text(STAMP)
    (folder / "submission_secret.txt").write_text("rahasia" + participant)


def outcomes(course, participant):
    """What each graded cell came to, in the order of the notebook."""
    graded = grade_one(load_source(course, MODULE), load(course, participant, MODULE))
    assert graded.problem == ""
    return tuple(mark.outcome for mark in graded.marks)


def rows(course):
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(ROWS).fetchall()
    connection.close()
    return found


def points(course):
    """The points of everybody, by participant; None where a person has to say."""
    found = {}
    for participant, _, score, _ in rows(course):
        found.setdefault(participant, []).append(score)
    return found


def test_honest_code_earns_its_points(course):
    hand_in(course, "p001", **HONEST)
    first, second = outcomes(course, "p001")
    assert (first.points, second.points) == (60.0, 40.0)
    assert first.score.parts[0].reason == "2 dari 2 pemeriksaan terpenuhi."


def test_code_that_is_partly_right_earns_a_share(course):
    hand_in(course, "p001", hitung="total = 48", fungsi="def terbanyak(a): return a[-1]")
    first, second = outcomes(course, "p001")
    assert (first.points, second.points) == (30.0, 20.0)


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"hitung": "", "fungsi": "  \n"},
        {"hitung": "# nanti saja", "fungsi": "def terbanyak(angka):\n    # belum\n    pass"},
    ],
)
def test_blank_code_is_missing_and_opens_no_sandbox(course, monkeypatch, sources):
    hand_in(course, "p001", **sources)
    source, submission = load_source(course, MODULE), load(course, "p001", MODULE)
    monkeypatch.setenv("PATH", "/nowhere")
    graded = grade_one(source, submission)
    assert [mark.outcome for mark in graded.marks] == [Missing(60.0), Missing(40.0)]


def test_a_missing_notebook_is_missing_and_an_unreadable_one_is_for_a_person(course):
    arrive(course, "p001", None)
    assert outcomes(course, "p001") == (Missing(60.0), Missing(40.0))
    arrive(course, "p002", b"{rusak")
    assert all(isinstance(outcome, Errored) for outcome in outcomes(course, "p002"))


def test_one_blank_answer_leaves_the_other_as_it_is(course):
    hand_in(course, "p001", fungsi=HONEST["fungsi"])
    first, second = outcomes(course, "p001")
    assert first == Missing(60.0)
    assert isinstance(second, Scored)
    assert second.points == 40.0


def test_a_killed_cell_is_for_a_person_and_those_before_it_are_judged(course):
    hand_in(
        course, "p001", **HONEST | {"fungsi": "def terbanyak(a):\n    import os\n    os._exit(0)"}
    )
    first, second = outcomes(course, "p001")
    assert first.points == 60.0
    assert second == Errored(40.0, "Kode mengakhiri proses Python sebelum selesai (kode keluar 0).")


def test_split_copied_and_retyped_cells_still_count(course):
    page = released_page(course)
    cells = []
    for cell in page["cells"]:
        if cell["id"] != "hitung":
            cells.append(cell)
            continue
        first = {**cell, "source": "total = sum(keluhan)"}
        second = {**cell, "id": "lain", "source": "rata = total / 4", "cell_type": "markdown"}
        cells += [first, dict(first, id="salinan"), second]
    page["cells"] = cells
    arrive(course, "p001", json.dumps(page).encode())
    assert outcomes(course, "p001")[0].points == 60.0


def test_given_cells_are_the_authors_whatever_was_handed_in(course):
    hand_in(course, "p001", data="keluhan = [0]", hitung="total = sum(keluhan)\nrata = 12")
    assert outcomes(course, "p001")[0].points == 60.0


def test_no_attack_gains_a_point_or_stops_the_batch(course):
    places = {
        "graders": course.graders / MODULE / "released" / "index.json",
        "gradebook": course.gradebook,
    }
    for name, attack in ATTACKS.items():
        hand_in(course, name, hitung=attack.format(**places), fungsi="")
    hand_in(course, "p001", **HONEST)
    hand_in(course, "p002", **HONEST)
    grade(course, [MODULE], crew=local(2))
    found = points(course)
    assert found.pop("p001") == found.pop("p002") == [40.0, 60.0]
    assert found.keys() == ATTACKS.keys()
    assert {score for scores in found.values() for score in scores} <= {0.0, None}
    flagged = {name for name, scores in found.items() if None in scores}
    assert flagged >= {"keluar", "bunuh", "putar", "banjir", "panjang"}


def test_what_code_prints_or_raises_when_it_is_asked_is_not_shown(course):
    chatty = "def terbanyak(angka):\n    print('ditanya', angka)\n    raise ValueError(angka)"
    hand_in(course, "p001", **HONEST | {"fungsi": chatty})
    graded = grade_one(load_source(course, MODULE), load(course, "p001", MODULE))
    assert "ditanya [" not in graded.pages[0].content.decode()
    assert graded.marks[1].points == 0.0


def test_a_participants_code_is_never_in_a_code_cell_before_it_is_judged(course):
    source = load_source(course, MODULE).notebooks["module.ipynb"]
    submitted = released_page(course)
    for cell in submitted["cells"]:
        cell["source"] = "raise SystemExit"
    page = fill(restore(source, submitted), {})
    theirs = [cell for cell in page["cells"] if "SystemExit" in cell["source"]]
    assert [cell["cell_type"] for cell in theirs] == ["raw", "raw"]
    assert not any(code.is_veiled(cell) for cell in code.unveiled(page)["cells"])
    assert source == load_source(course, MODULE).notebooks["module.ipynb"]


def test_code_that_a_person_marks_is_run_and_handed_to_them(course):
    source = load_source(course, MODULE).notebooks["module.ipynb"]
    cells = {cell["id"]: json.loads(json.dumps(cell)) for cell in source["cells"]}
    cells["hitung"]["metadata"]["nbgrader"].update(grade=True, points=10)
    trusted = {**source, "cells": [cells["data"], cells["hitung"]]}
    for written, expected, shown in (
        (HONEST["hitung"], Handed(10.0), [["jumlah 48\n"]]),
        ("", Missing(10.0), []),
        ("import os\nos._exit(0)", Errored(10.0, CAUSE), [[CAUSE]]),
    ):
        submitted = {"cells": [{**cells["hitung"], "source": written}]}
        page = code.answered(fill(restore(trusted, submitted), {}))
        (mark,) = marks(page, {})
        assert mark.outcome == expected
        outputs = code.unveiled(page)["cells"][1]["outputs"]
        assert [[output["text"]] for output in outputs] == shown


def test_the_released_text_is_what_nbgrader_makes_of_it():
    from nbgrader.preprocessors import ClearSolutions  # noqa: PLC0415  # slow to import

    for text in (
        "x = 1",
        "a\n### BEGIN SOLUTION\nb\n### END SOLUTION\nc",
        "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\nf()\n"
        "### BEGIN SOLUTION\nx\n### END SOLUTION",
    ):
        mark = {"solution": True, "grade": False, "grade_id": "a", "locked": False}
        cell = {"cell_type": "code", "metadata": {"nbgrader": mark}, "source": text, "outputs": []}
        page = from_dict({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        cleared, _ = ClearSolutions(code_stub={"python": code.stub()}).preprocess(page, {})
        assert cleared.cells[0].source == code.released(text)


def test_a_manual_mark_is_asked_for_again_only_when_code_has_changed(course):
    hand_in(course, "p001", **HONEST)
    hand_in(course, "p002", **HONEST)
    hand_in(course, "p003", **HONEST | {"fungsi": "terbanyak = max"})

    def fingerprints(participant):
        graded = grade_one(load_source(course, MODULE), load(course, participant, MODULE))
        return [mark.fingerprint for mark in graded.marks]

    assert fingerprints("p001") == fingerprints("p002") != fingerprints("p003")


def test_feedback_shows_the_code_and_what_it_printed_but_no_check(course):
    hand_in(course, "p001", **HONEST)
    grade(course, [MODULE], crew=local(1))
    feedback(course, MODULE, workers=1)
    (page,) = course.feedback("p001", MODULE).glob("*.html")
    html = page.read_text()
    assert "<pre>total = sum(keluhan)" in html
    assert "jumlah 48" in html
    assert "2 dari 2 pemeriksaan terpenuhi." in html
    for secret in ("module.credit", "5, 3, 4", "HIDDEN"):
        assert secret not in html


def test_without_bubblewrap_the_module_is_refused_and_nothing_recorded(course, monkeypatch):
    hand_in(course, "p001", **HONEST)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CourseError, match="apt install bubblewrap"):
        grade(course, [MODULE], crew=local(1))
    assert not course.autograded("p001", MODULE).exists()


def test_the_doctor_asks_for_bubblewrap_only_where_code_is_answered(course, small, monkeypatch):
    def finding(where):
        return next(each for each in examine(where) if each.subject == "sandbox")

    assert finding(small).found == "not needed: no module has code answers"
    monkeypatch.setenv("PATH", "/nowhere")
    missing = finding(course)
    assert missing.found == "missing, needed by m0-kode"
    assert "apt install bubblewrap" in missing.advice


def test_the_doctor_opens_a_sandbox(course):
    (finding,) = (each for each in examine(course) if each.subject == "sandbox")
    assert (finding.found, finding.well) == ("bubblewrap works", True)


def _undeclared(cells):
    del cells["hitung"]["metadata"]["pamong"]


def _misnamed(cells):
    cells["hitung"]["metadata"]["pamong"]["values"] = ["rata-rata"]


def _renamed(cells):
    cells["fungsi-nilai"]["source"] = cells["fungsi-nilai"]["source"].replace('"fungsi"', '"lain"')


def _miscounted(cells):
    cells["hitung-nilai"]["source"] = cells["hitung-nilai"]["source"].replace("60", "50")


def _hidden(cells):
    cells["pamong"]["participant_view"] = True


def _swap(cells, name, before, after):
    assert before in cells[name]["source"]
    cells[name]["source"] = cells[name]["source"].replace(before, after)


def _lost(cells):
    del cells["data"]["metadata"]["pamong"]


def _unnamed(cells):
    del cells["data"]["metadata"]["nbgrader"]


def _twice(cells):
    _swap(
        cells,
        "hitung-nilai",
        '("hitung")',
        '("hitung"); module.answer("fungsi", satu="terbanyak([3])")',
    )


def _shadowing(cells):
    _swap(cells, "hitung-nilai", '("hitung")', '("hitung", total="sum(keluhan)")')


def _misasked(cells):
    cells["fungsi-nilai"]["source"] = cells["fungsi-nilai"]["source"].replace("([-2])", "([-2)")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_undeclared, "sel jawaban hitung berupa kode, tetapi tidak menyebut nilai"),
        (_misnamed, "sel kode hitung menyebut nilai “rata-rata” yang bukan nama Python."),
        (_renamed, "sel fungsi-nilai memeriksa sel kode “lain” yang tidak ada"),
        (_miscounted, "sel hitung-nilai bernilai 60 dalam metadata nbgrader, tetapi 50"),
        (_hidden, "tampilan peserta (pamong.participant_view) menyembunyikan sel kode"),
        (_misasked, "sel fungsi-nilai mengajukan pertanyaan “satu” yang bukan satu ungkapan"),
        (
            _lost,
            "sel data menetapkan “keluhan”, yang dipakai sel jawaban hitung, tetapi tidak berjalan",
        ),
        (
            _unnamed,
            "sel kode data berjalan di ruang uji, tetapi tidak bernama; isilah grade_id-nya.",
        ),
        (_twice, "mengajukan pertanyaan “satu” kepada sel fungsi, tetapi nama itu sudah dipakai"),
        (
            _shadowing,
            "mengajukan pertanyaan “total” kepada sel hitung, tetapi nama itu sudah dipakai",
        ),
    ],
)
def test_code_and_checks_that_do_not_fit_are_not_released(course, change, told):
    rewritten(course, change)
    assert told in "\n".join(map(str, errors(inspect(course, MODULE))))


@pytest.mark.parametrize(
    "question",
    [
        "terbanyak([1]) == 1", "not terbanyak([1])", "terbanyak([1]) and 1", "1 in [terbanyak([1])]",
        "isinstance(terbanyak([1]), int)", "all([terbanyak([1])])",
    ],
)  # fmt: skip
def test_a_question_that_judges_by_itself_is_not_released(course, question):
    rewritten(course, lambda cells: _swap(cells, "fungsi-nilai", "terbanyak([-2])", question))
    told = "sel fungsi-nilai mengajukan pertanyaan “satu” yang membandingkan sendiri; mintalah nilainya"
    assert told in "\n".join(map(str, errors(inspect(course, MODULE))))


def rewritten(course, change):
    """The course with another source, as if it had been released so."""
    path = course.source(MODULE) / "module.ipynb"
    page = json.loads(path.read_bytes())
    change({cell["id"]: cell for cell in page["cells"]} | page["metadata"])
    path.write_text(json.dumps(page))
    index = course.keys(MODULE) / "released" / "index.json"
    index.write_text(json.dumps({"module.ipynb": sha256(path.read_bytes()).hexdigest()}))


@pytest.mark.parametrize("change", [_twice, _shadowing])
def test_two_values_under_one_name_are_for_a_person(course, change):
    rewritten(course, change)
    hand_in(course, "p001", **HONEST)
    graded = grade_one(load_source(course, MODULE), load(course, "p001", MODULE))
    assert "Two values of the cell" in graded.problem
    assert all(isinstance(mark.outcome, Errored) for mark in graded.marks)


def test_a_given_cell_that_fails_costs_nobody_a_point(course):
    rewritten(course, lambda cells: _swap(cells, "data", "[12", "1 / 0, [12"))
    hand_in(course, "p001", **HONEST)
    hand_in(course, "p002", fungsi=HONEST["fungsi"])
    cause = "Sel data dari penyusun gagal dijalankan: baris 1: ZeroDivisionError: division by zero"
    assert outcomes(course, "p001") == (Errored(60.0, cause), Errored(40.0, cause))
    assert outcomes(course, "p002") == (Missing(60.0), Errored(40.0, cause))


def test_a_value_that_was_never_computed_earns_nothing_even_beside_none(course):
    rewritten(course, lambda cells: _swap(cells, "fungsi-nilai", '("satu", -2)', '("satu", None)'))
    hand_in(course, "p001", fungsi="def terbanyak(angka):\n    raise ValueError")
    hand_in(course, "p002", fungsi="def terbanyak(angka):\n    return {1, 2}")
    hand_in(course, "p003", fungsi="def terbanyak(angka):\n    return None")
    found = [outcomes(course, each)[1].points for each in ("p001", "p002", "p003")]
    assert found == [0.0, 0.0, 20.0]


def test_a_comparison_that_can_never_hold_is_for_a_person(course):
    rewritten(
        course, lambda cells: _swap(cells, "hitung-nilai", '("total", 48)', '("total", {48})')
    )
    hand_in(course, "p001", **HONEST)
    first, second = outcomes(course, "p001")
    assert first.cause.startswith(
        "CourseError: No value 'total' of cell 'hitung' can ever equal {48}"
    )
    assert second.points == 40.0


def test_a_question_leaves_no_name_behind(course):
    bonus = '("hitung", bonus="-2")'
    rewritten(course, lambda cells: _swap(cells, "hitung-nilai", '("hitung")', bonus))
    hand_in(course, "p001", hitung="total = 48", fungsi="def terbanyak(a):\n    return bonus")
    first, second = outcomes(course, "p001")
    assert (first.points, second.points) == (30.0, 0.0)


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("hitung", "sum(keluhan)", "sum(keluhan) + 1", "0 dari 2 pemeriksaan terpenuhi."),
        ("hitung", "total / len", "total / 0 / len", "1 dari 2 pemeriksaan terpenuhi."),
        (
            "hitung",
            "total = sum(keluhan)\nrata = total / len(keluhan)",
            "pass",
            "Tidak ada jawaban.",
        ),
        ("fungsi", "max(angka)", "min(angka)", "1 dari 2 pemeriksaan terpenuhi."),
        ("fungsi", "return max(angka)", "import os; os._exit(0)", CAUSE),
    ],
)
def test_what_the_author_would_not_get_full_marks_for_is_not_released(
    course, name, before, after, told
):
    rewritten(course, lambda cells: _swap(cells, name, before, after))
    with pytest.raises(AuthoringError) as refused:
        require_releasable(course, MODULE)
    (problem,) = refused.value.problems
    start = f"sel {name}-nilai tidak memberi nilai penuh kepada jawaban penyusun sendiri: "
    assert problem.message.startswith(start)
    assert problem.field == f"cells[{name}-nilai]"
    assert problem.message.removeprefix(start) == told


def test_without_a_sandbox_code_is_neither_released_nor_graded(course, monkeypatch, tmp_path):
    hand_in(course, "p001", **HONEST)
    path = tmp_path / "bwrap"
    path.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    path.chmod(0o755)
    source, submission = load_source(course, MODULE), load(course, "p001", MODULE)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = "Ruang uji tidak dapat dibuka: bwrap: setting up uid map: Permission denied"
    with pytest.raises(CourseError, match=f"{told} Let bubblewrap make namespaces"):
        grade(course, [MODULE], crew=local(1))
    assert not course.autograded("p001", MODULE).exists()
    with pytest.raises(CourseError, match=told):
        require_releasable(course, MODULE)
    causes = [mark.outcome for mark in grade_one(source, submission).marks]
    assert causes == [Errored(60.0, told), Errored(40.0, told)]


def test_line_ends_of_another_system_are_one_line_end(course):
    hand_in(course, "p001", hitung=HONEST["hitung"].replace("\n", "\r\n"), fungsi="x = 1\r\n1 / 0")
    graded = grade_one(load_source(course, MODULE), load(course, "p001", MODULE))
    assert graded.marks[0].points == 60.0
    assert "baris 2: ZeroDivisionError" in graded.pages[0].content.decode()


def test_before_it_is_handed_in_a_check_only_promises(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("PAMONG_GRADERS", raising=False)
    module = pamong.open_module(MODULE, tmp_path)
    hitung = module.answer("hitung", satu="1 + 1")
    assert "Kode Anda dinilai setelah modul dikumpulkan." in capsys.readouterr().out
    assert hitung["total"] is None
    assert repr(module.credit("hitung", 2, 2, 60)) == "Kode Anda dinilai setelah modul dikumpulkan."


def test_an_author_can_try_a_check_in_the_kernel(course, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    shell = start_ipython()
    monkeypatch.setitem(shell.user_ns, "total", 48)
    monkeypatch.setitem(shell.user_ns, "terbanyak", max)
    module = pamong.open_module(MODULE, course.source(MODULE))
    hitung = module.answer("hitung", hasil="terbanyak([1, 2])")
    assert (hitung["total"], hitung["hasil"], hitung["terbanyak"]) == (48, 2, None)
    shown = module.credit("hitung", 1, 2, 60)
    assert shown.outcome.points == 30.0


@pytest.mark.kernel
def test_nbgrader_autograde_makes_the_same_gradebook_and_notebooks(course, tmp_path):
    hand_in(course, "p001", **HONEST)
    hand_in(course, "p002")
    hand_in(course, "p003", **HONEST | {"fungsi": ATTACKS["keluar"]})
    hand_in(
        course, "p004", hitung=ATTACKS["tiruan"].format(), fungsi="def terbanyak(a): return 1/0"
    )
    arrive(course, "p005", b"")
    (course.submitted("p001", MODULE) / FILE).mkdir()
    (course.submitted("p002", MODULE) / FILE).symlink_to(course.gradebook)
    shutil.copytree(course.root, tmp_path / "other")
    other = Course.load(tmp_path / "other")
    grade(other, [MODULE], crew=local(1))
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", MODULE],
        cwd=course.root, env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "r")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert rows(course) == rows(other)
    for participant in ("p001", "p002", "p003", "p004"):
        one, two = (
            notebook.parse((each.autograded(participant, MODULE) / "module.ipynb").read_bytes(), "")
            for each in (course, other)
        )
        assert comparable(one) == comparable(two)


def comparable(page):
    """The cells as both ways write them; a multi-line text is a list or not."""
    cells = json.loads(notebook.serialise(page))["cells"]
    for cell in cells:
        cell["metadata"]["nbgrader"] = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["metadata"].pop("execution", None)
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = "".join(output["text"])
    return cells
