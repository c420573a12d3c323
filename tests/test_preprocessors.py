import json
import sqlite3

import pytest
from nbformat import from_dict

from pamong import notebook
from pamong.grading.preprocessors import (
    CleanPictures,
    FeedbackExporter,
    FillEssays,
    RestoreFromSource,
    SaveAutoGrades,
)
from pamong.grading.source import load_source

MODULE = "m0-contoh"


@pytest.fixture
def autograde(released, hand_in):
    """Run Pamong's steps as ``nbgrader autograde`` does, with given outputs instead of a kernel."""

    def run(logs, outputs, page=None):
        folder = released.autograded("p001", MODULE)
        hand_in(released, "p001", logs).rename(folder_ready(folder))
        nb = page or json.loads((released.release(MODULE) / "module.ipynb").read_bytes())
        nb = notebook.parse(json.dumps(nb).encode(), "x")
        for step in (RestoreFromSource, FillEssays):
            nb, _ = step(root=str(released.root)).preprocess(from_dict(nb), resources(folder))
        for cell in nb["cells"]:
            if cell["id"] in outputs:
                cell["outputs"] = [from_dict(outputs[cell["id"]])]
        nb, _ = SaveAutoGrades(root=str(released.root)).preprocess(nb, resources(folder))
        notebook_file = folder / "module.ipynb"
        notebook_file.write_bytes(notebook.serialise(nb))
        return nb

    return run


def folder_ready(folder):
    folder.parent.mkdir(parents=True)
    return folder


def resources(folder):
    who = {"student": "p001", "assignment": MODULE, "notebook": "module"}
    return {"nbgrader": who, "metadata": {"path": str(folder)}}


def result(exercise, points, maximum):
    mime = "application/vnd.pamong.outcome+json"
    outcome = {"exercise": exercise, "outcome": "scored", "points": points, "maximum": maximum}
    data = {"text/plain": repr(points), mime: outcome | {"value": 0.5, "parts": [], "caps": []}}
    return {
        "output_type": "execute_result",
        "data": data,
        "metadata": {},
        "execution_count": 1,
    }


def standings(course):
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(
            "select b.name, g.auto_score, g.needs_manual_grade from grade g "
            "join base_cell b on b.id = g.cell_id order by b.name"
        ).fetchall()
    connection.close()
    return found


def test_what_the_cells_show_is_recorded_and_doubt_is_flagged(released, autograde, written):
    outputs = {"pemahaman": result("pemahaman", 20.0, 40), "sikap": result("sikap", 99.0, 30)}
    nb = autograde({"refleksi": written("Mendengar.")}, outputs)
    assert standings(released) == [
        ("pemahaman", 20.0, 0),
        ("sikap", None, 1),
        ("uraian-q1", None, 1),
    ]
    by_id = {cell["id"]: cell for cell in nb["cells"]}
    assert by_id["uraian-q1"]["source"] == "Mendengar\\."
    assert "99.0 points lie outside" in by_id["sikap"]["outputs"][-1]["data"]["text/plain"]


def test_the_ledger_names_nbgrader(released, autograde):
    autograde({}, {})
    assert '"by": "nbgrader autograde (' in released.ledger.read_text()


def test_the_participants_cells_and_files_are_gone(released, autograde, hand_in):
    folder = released.autograded("p001", MODULE)
    page = json.loads((released.release(MODULE) / "module.ipynb").read_bytes())
    page["cells"].append(
        {"cell_type": "code", "id": "x", "metadata": {}, "source": "1", "outputs": []}
    )
    page["metadata"]["kernelspec"] = {"name": "jahat", "display_name": "Jahat"}
    submitted = hand_in(released, "p001", {"sikap": b""})
    (submitted / "pamong.py").write_text("raise SystemExit")
    (submitted / "sub").mkdir()
    (submitted / "sub" / "x.txt").write_text("x")
    (submitted / "tautan").symlink_to(released.graders)
    nb = autograde({}, {}, page)
    source = load_source(released, MODULE).notebooks["module.ipynb"]
    assert [cell["id"] for cell in nb["cells"]] == [cell["id"] for cell in source["cells"]]
    assert nb["metadata"]["kernelspec"]["name"] == "python3"
    left = {path.name for path in folder.rglob("*") if path.is_symlink() or path.is_file()}
    assert left == {"module.ipynb", "sikap.jsonl", "submission_secret.txt", "timestamp.txt"}


def test_a_marker_sees_pictures_and_nothing_that_acts():
    html = (
        '<section class="a"><h3 onclick="x()">Judul</h3><script>alert(1)</script>'
        '<svg viewBox="0 0 1 1"><path d="M0 0" fill="#fff"/></svg><img src="http://contoh.invalid/">'
        '<a href="javascript:x()">tautan</a></section>'
    )
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
    code = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [shown]}
    text = {"cell_type": "markdown", "metadata": {}, "source": "> kutipan"}
    nb = from_dict({"cells": [code | {"execution_count": 1}, text], "metadata": {}})
    cleaned, _ = CleanPictures(enabled=True)(nb, {})
    assert cleaned.cells[0].outputs[0].data["text/html"] == (
        '<section class="a"><h3>Judul</h3>alert(1)'
        '<svg viewBox="0 0 1 1"><path d="M0 0" fill="#fff"></path></svg>tautan</section>'
    )
    assert cleaned.cells[1].source == "> kutipan"


def test_generate_feedback_makes_pamongs_page(released, autograde, written):
    autograde({"refleksi": written("Mendengar.")}, {"pemahaman": result("pemahaman", 20.0, 40)})
    folder = released.autograded("p001", MODULE)
    exporter = FeedbackExporter(root=str(released.root))
    html, known = exporter.from_filename(str(folder / "module.ipynb"), resources=resources(folder))
    assert known["output_extension"] == ".html"
    assert "Ani Rekaan" in html
    assert "Mendengar." in html
