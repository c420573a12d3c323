"""Executed notebooks and pages, by our own engine and by stock papermill in a kernel."""

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from papermill.execute import execute_notebook

from pamong.errors import CourseError
from pamong.reports import engine, summary
from pamong.reports.report import TEMPLATE, open_standing, report

REPOSITORY = Path(__file__).resolve().parents[2]


NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
"""Names, not addresses: no browser asks for them."""


class References(HTMLParser):
    """Every address that a page would ask for."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"src", "href", "xlink:href", "srcset", "data", "action", "poster"}:
                self.found.append(f"{tag}: {value}")


def own_template(on_disk, cells):
    """Puts a template of its own in the place of the repository's."""
    templates = on_disk.course.root / "templates"
    templates.unlink()
    shutil.copytree(REPOSITORY / "templates", templates)
    path = on_disk.course.root / TEMPLATE
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = cells
    nbformat.write(notebook, path)
    return path


def code(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


PARAMETERS = 'root = ""\nsnapshot = ""\ncohort = ""\nedition = ""'


def test_each_cohort_gets_a_page_and_its_executed_notebook(on_disk):
    seen = []
    pages = report(
        on_disk.graded().course, progress=lambda cohort, done, total: seen.append((done, total))
    )
    assert [page.name for page in pages] == [
        "angkatan-a01-fasilitator.html",
        "angkatan-a02-fasilitator.html",
    ]
    assert seen == [(1, 2), (2, 2)]
    assert "4 peserta: 4 lurah." in pages[0].read_text("utf-8")
    notebook = nbformat.read(pages[0].with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert sorted(path.name for path in on_disk.course.reports.iterdir()) == [
        "angkatan-a01-fasilitator.html",
        "angkatan-a01-fasilitator.ipynb",
        "angkatan-a02-fasilitator.html",
        "angkatan-a02-fasilitator.ipynb",
        "snapshot.json",
    ]


def test_a_course_that_nobody_has_played_gets_its_pages_too(on_disk):
    pages = report(on_disk.course)
    assert "Belum ada peserta yang mengumpulkan" in pages[1].read_text("utf-8")


def test_a_page_asks_nobody_for_anything(on_disk):
    (page,) = report(on_disk.graded().course, ["a01"])
    text = page.read_text("utf-8")
    parser = References()
    parser.feed(text)
    assert [it for it in parser.found if not it.partition(": ")[2].startswith("#")] == []
    text = re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", text)
    assert set(re.findall(r"""\bhttps?:[^\s"'<>)]+""", text)) <= NAMESPACES
    assert set(re.findall(r"url\((?!#)([^;,)]*)", text)) == {"data:font/woff2"}
    assert "@import" not in text
    assert "<script" not in text


@pytest.mark.kernel
def test_stock_papermill_makes_the_same_page(on_disk):
    course = on_disk.graded().course
    (ours,) = report(course, ["a01"])
    first = ours.read_text("utf-8")
    taken = re.search(r"Data per [^<]*?\.", first)[0]
    (theirs,) = report(course, ["a01"], engine_name="nbclient")
    second = theirs.read_text("utf-8")
    again = re.search(r"Data per [^<]*?\.", second)[0]
    assert first.replace(taken[9:-1], "") == second.replace(again[9:-1], "")


def test_one_failing_cohort_leaves_no_half_page_and_does_not_stop_the_others(on_disk):
    own_template(
        on_disk,
        [code(PARAMETERS, "parameters"), code('assert cohort != "a01", "rusak"\n1', "section")],
    )
    message = r"^1 of 2 summaries failed \(a01: AssertionError: rusak\)\.$"
    with pytest.raises(CourseError, match=message):
        report(on_disk.course)
    assert sorted(path.name for path in on_disk.course.reports.iterdir()) == [
        "angkatan-a02-fasilitator.html",
        "angkatan-a02-fasilitator.ipynb",
        "snapshot.json",
    ]


def test_a_failed_run_keeps_the_page_that_was_there(on_disk):
    (page,) = report(on_disk.graded().course, ["a01"])
    before = page.read_bytes()
    own_template(on_disk, [code(PARAMETERS, "parameters"), code("1 / 0", "section")])
    with pytest.raises(CourseError, match="ZeroDivisionError: division by zero"):
        report(on_disk.course, ["a01"])
    assert page.read_bytes() == before


def test_a_template_without_parameters_is_refused_before_anything_runs(on_disk):
    own_template(on_disk, [code("1", "section")])
    with pytest.raises(CourseError, match="has 0 cells tagged 'parameters'"):
        report(on_disk.course)
    assert not on_disk.course.reports.exists()


def test_unknown_cohorts_and_editions_are_named(on_disk):
    with pytest.raises(
        CourseError, match=r"^No cohort x, y in the programme\. It has: a01, a02\.$"
    ):
        report(on_disk.course, ["x", "a01", "y"])
    with pytest.raises(
        CourseError, match=r"^No edition 'umum'\. There are: facilitator, leadership"
    ):
        open_standing(str(on_disk.course.root), "", "a01", "umum")


def test_the_leadership_edition_is_a_page_of_its_own(on_disk):
    (page,) = report(on_disk.graded().course, ["a01"], "leadership")
    assert page.name == "angkatan-a01-pimpinan.html"
    assert "Peserta Rekaan" not in page.read_text("utf-8")
    assert "Peserta Rekaan" not in page.with_suffix(".ipynb").read_text("utf-8")


def test_the_programme_and_single_modules_have_pages_of_their_own(on_disk):
    course = on_disk.graded().course
    pages = report(course, ["a01"], everybody=True, module="m0-contoh")
    assert [page.name for page in pages] == [
        "program-m0-contoh-fasilitator.html",
        "angkatan-a01-m0-contoh-fasilitator.html",
    ]
    title = re.search("<title>(.*?)</title>", pages[0].read_text("utf-8"))[1]
    assert title == f"Ringkasan seluruh angkatan: {course.programme.modules[0].title}"
    (page,) = report(course, [], everybody=True)
    assert page.name == "program-fasilitator.html"
    assert "8 peserta" in page.read_text("utf-8")


def test_an_unknown_module_is_named_with_the_ones_there_are(on_disk):
    with pytest.raises(
        CourseError, match=r"^No module 'm9' in the programme\. It has: m0-contoh\.$"
    ):
        report(on_disk.course, module="m9")


def test_the_template_has_one_cell_per_section_in_their_order():
    notebook = nbformat.read(REPOSITORY / TEMPLATE, as_version=4)
    sections = [c.source for c in notebook.cells if "section" in c.metadata.get("tags", ())]
    assert sections == [f"summary.{section.__name__}(standing)" for section in summary.SECTIONS]
    assert all(not cell.get("outputs") for cell in notebook.cells)
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


def run(tmp_path, *sources):
    engine.register()
    notebook = nbformat.v4.new_notebook(cells=[code(source) for source in sources])
    path = tmp_path / "in.ipynb"
    nbformat.write(notebook, path)
    return execute_notebook(
        str(path), str(tmp_path / "out.ipynb"), engine_name=engine.NAME, kernel_name="python3",
        progress_bar=False,
    )  # fmt: skip


def test_the_engine_keeps_what_a_cell_prints_displays_and_returns(tmp_path):
    shown = 'from IPython.display import HTML, display\nprint("a")\ndisplay(HTML("<b>"))\n6 * 7'
    executed = run(tmp_path, shown)
    outputs = executed.cells[0].outputs
    assert outputs[0].text == "a\n"
    assert outputs[1].data["text/html"] == "<b>"
    assert outputs[2].data["text/plain"] == "42"


def test_the_engine_gives_every_notebook_a_fresh_namespace(tmp_path):
    run(tmp_path, "left_over = 1")
    executed = run(tmp_path, '"left_over" in globals()')
    assert executed.cells[0].outputs[0].data["text/plain"] == "False"
    assert not InteractiveShell.initialized()


def test_the_engine_stops_at_the_first_error_and_keeps_it(tmp_path):
    with pytest.raises(Exception, match="ZeroDivisionError: division by zero"):
        run(tmp_path, "1", "1 / 0", "3")
    saved = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))
    failed = [
        c for c in saved["cells"] if any(o["output_type"] == "error" for o in c.get("outputs", ()))
    ]
    assert failed[0]["outputs"][-1]["ename"] == "ZeroDivisionError"
    assert saved["cells"][-1]["outputs"] == []


def test_the_engine_writes_nothing_into_the_home_folder(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    run(tmp_path, "1")
    assert os.listdir(home) == []  # noqa: PTH208
