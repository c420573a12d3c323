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
from typer.testing import CliRunner

from pamong.cli import app
from pamong.errors import CourseError
from pamong.reports import engine, paper, summary
from pamong.reports.pages import sections
from pamong.reports.press import FORMS, Wanted
from pamong.reports.report import TEMPLATE, everything, open_standing, report, summaries

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
    if templates.is_symlink():
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


@pytest.fixture(scope="module")
def published(tmp_path_factory, course_on_disk):
    """A graded course, and all its summaries by what they are of."""
    course = course_on_disk(tmp_path_factory.mktemp("published")).graded().course
    heard = []
    wanted = everything(course)
    made = summaries(
        course, wanted, progress=lambda it, done, total: heard.append((it.wanted, done, total))
    )
    assert [it.error for it in made] == [""] * len(made)
    return course, dict(zip(wanted, (it.page for it in made), strict=True)), heard


def test_all_summaries_are_the_programme_its_cohorts_and_modules_in_both_editions(published):
    course, pages, heard = published
    assert [page.name for page in pages.values()] == [
        f"{whose}-{edition}.html"
        for edition in ("fasilitator", "pimpinan")
        for whose in ("program", "angkatan-a01", "angkatan-a02", "program-m0-contoh")
    ]
    assert sorted(path.name for path in course.reports.iterdir()) == sorted(
        ["snapshot.json", *(page.stem + form for page in pages.values() for form in FORMS)]
    )
    assert [done for _, done, _ in heard] == list(range(1, 9))
    assert {(wanted, total) for wanted, _, total in heard} == {(it, 8) for it in pages}


def test_with_a_module_all_summaries_are_about_it(published):
    wanted = everything(published[0], "m0-contoh")
    assert {it.module for it in wanted} == {"m0-contoh"}
    assert [it.cohort for it in wanted] == ["", "a01", "a02"] * 2


def test_a_page_stands_beside_its_executed_notebook_and_its_document(published):
    _, pages, _ = published
    page = pages[Wanted(cohort="a01")]
    assert "4 peserta: 4 lurah." in page.read_text("utf-8")
    notebook = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    document = page.with_suffix(".pdf").read_bytes()
    assert document.startswith(b"%PDF-")
    assert b"pdfuaid:part" in document


def test_the_programme_and_single_modules_have_pages_of_their_own(published):
    course, pages, _ = published
    module = pages[Wanted(module="m0-contoh")].read_text("utf-8")
    title = f"Ringkasan seluruh angkatan: {course.programme.modules[0].title}"
    assert re.search("<title>(.*?)</title>", module)[1] == title
    assert "8 peserta" in pages[Wanted()].read_text("utf-8")


def test_the_leadership_edition_names_nobody_in_any_form(published):
    _, pages, _ = published
    page = pages[Wanted(cohort="a01", edition="leadership")]
    assert "Peserta Rekaan" not in page.read_text("utf-8")
    notebook = page.with_suffix(".ipynb")
    assert "Peserta Rekaan" not in notebook.read_text("utf-8")
    assert "Peserta Rekaan" not in json.dumps(printed(notebook))
    assert "Peserta Rekaan" in json.dumps(
        printed(pages[Wanted(cohort="a01")].with_suffix(".ipynb"))
    )


def printed(notebook):
    """What the document beside a notebook shows."""
    return paper.content(sections(nbformat.read(notebook, as_version=4)), "", "")


def test_a_page_asks_nobody_for_anything(published):
    text = published[1][Wanted(cohort="a01")].read_text("utf-8")
    parser = References()
    parser.feed(text)
    assert [it for it in parser.found if not it.partition(": ")[2].startswith("#")] == []
    text = re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", text)
    assert set(re.findall(r"""\bhttps?:[^\s"'<>)]+""", text)) <= NAMESPACES
    assert set(re.findall(r"url\((?!#)([^;,)]*)", text)) == {"data:font/woff2"}
    assert "@import" not in text
    assert "<script" not in text


@pytest.mark.kernel
def test_stock_papermill_shows_the_same_figures(published):
    course, pages, _ = published
    page = pages[Wanted(cohort="a01")]
    before = [page.read_text("utf-8"), json.dumps(printed(page.with_suffix(".ipynb")))]
    report(course, ["a01"], engine_name="nbclient")
    after = [page.read_text("utf-8"), json.dumps(printed(page.with_suffix(".ipynb")))]
    moment = re.compile(r"\d+ \w+ \d{4} pukul \d\d\.\d\d WIB")
    assert all(moment.search(text) for text in before)
    assert [moment.sub("", text) for text in before] == [moment.sub("", text) for text in after]


def test_a_course_that_nobody_has_played_gets_its_summaries_too(on_disk):
    (page,) = report(on_disk.course, ["a02"])
    assert "Belum ada peserta yang mengumpulkan" in page.read_text("utf-8")
    assert page.with_suffix(".pdf").exists()
    assert [it.module for it in everything(on_disk.course)] == [""] * 6


FAILING = """
import os, signal
if cohort == "a01" and edition == "leadership":
    os.kill(os.getpid(), signal.SIGKILL)
assert cohort != "a01", "rusak"
from pamong.reports.markup import Html
Html("<blink>x</blink>" if cohort else "<p>baik</p>")
"""


def test_what_fails_is_told_in_a_table_and_stops_nobody_and_leaves_no_half_file(
    on_disk, monkeypatch
):
    own_template(on_disk, [code(PARAMETERS, "parameters"), code(FAILING, "section")])
    monkeypatch.chdir(on_disk.course.root)
    monkeypatch.setenv("COLUMNS", "300")
    run = CliRunner().invoke(app, ["report", "--all"])
    assert run.exit_code == 1
    lines = [line.strip() for line in run.output.splitlines()]
    assert lines[0:3] == [
        "course/reports/program-fasilitator.html",
        "course/reports/program-pimpinan.html",
        "4 of 6 summaries failed; what was there before stays:",
    ]
    rows = {tuple(line.split()[:3]): " ".join(line.split()[3:]) for line in lines[3:]}
    assert rows["a01", "facilitator", "all"] == "AssertionError: rusak"
    assert rows["a01", "leadership", "all"] == (
        "Its process was ended by SIGKILL; is there enough memory?"
    )
    assert "there is no form for <blink> in it" in rows["a02", "facilitator", "all"]
    assert sorted(path.name for path in on_disk.course.reports.iterdir()) == sorted(
        ["snapshot.json"]
        + [f"program-{it}{form}" for it in ("fasilitator", "pimpinan") for form in FORMS]
    )


def test_all_and_single_summaries_cannot_be_asked_for_together(on_disk, monkeypatch):
    monkeypatch.chdir(on_disk.course.root)
    run = CliRunner().invoke(app, ["report", "--all", "--cohort", "a01"])
    assert run.exit_code == 2


def test_one_failing_cohort_is_named_after_the_others_were_written(on_disk):
    own_template(
        on_disk,
        [code(PARAMETERS, "parameters"), code('assert cohort != "a01", "rusak"\n1', "section")],
    )
    message = r"^1 of 2 summaries failed \(a01: AssertionError: rusak\)\.$"
    with pytest.raises(CourseError, match=message):
        report(on_disk.course)
    assert (on_disk.course.reports / "angkatan-a02-fasilitator.pdf").exists()


def test_a_failed_run_keeps_the_page_that_was_there(on_disk):
    own_template(on_disk, [code(PARAMETERS, "parameters"), code("1", "section")])
    (page,) = report(on_disk.course, ["a01"])
    before = [page.with_suffix(form).read_bytes() for form in FORMS]
    own_template(on_disk, [code(PARAMETERS, "parameters"), code("1 / 0", "section")])
    with pytest.raises(CourseError, match="ZeroDivisionError: division by zero"):
        report(on_disk.course, ["a01"])
    assert [page.with_suffix(form).read_bytes() for form in FORMS] == before


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
    with pytest.raises(CourseError, match=r"^No engine 'pool'\. There are: fork, nbclient\.$"):
        report(on_disk.course, engine_name="pool")


def test_an_unknown_module_is_named_with_the_ones_there_are(on_disk):
    with pytest.raises(CourseError, match=r"^No module m9 in the programme\. It has: m0-contoh\.$"):
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
