"""An author's preview: the open page follows what is saved, and says what the check finds."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect

from pamong.brief import load_brief, load_key
from pamong.catalogue import messages
from pamong.counterpart import verify
from pamong.course import Course
from pamong.errors import TamperedLog
from pamong.inspection import inspect
from pamong.kinds.negotiation import KIND
from pamong.scaffold import new_exercise
from pamong.store import FileStore
from pamong.view.preview import running

from .conftest import HERE, MODULE, OPENING

pytestmark = pytest.mark.browser
WAIT = 20_000
FORMS = 4
TALK = "pasar-malam"
AGREEMENT = "Mengundang perwakilan pedagang berdialog di kantor kecamatan"
SAY = messages("preview")


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    """A preview of a course of one's own, and that course."""
    root = tmp_path_factory.mktemp("author") / "root"
    shutil.copytree(HERE / "course", root)
    shutil.copytree(HERE.parents[1] / "templates", root / "templates")
    course = Course.load(root)
    new_exercise(course, "negotiation", MODULE, TALK, graded=True, points=0)
    folder = tmp_path_factory.mktemp("answers")
    with running(course, MODULE, folder=folder, check=lambda: inspect(course, MODULE)) as it:
        yield course, it


@pytest.fixture
def page(chromium, preview):
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
    page = context.new_page()
    page.goto(preview[1].url)
    expect(page.locator(".pm-body")).to_have_count(FORMS, timeout=OPENING)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    yield page
    context.close()


@pytest.fixture
def source(preview):
    """The module's folder, as it was before and after each test."""
    folder = preview[0].source(MODULE)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    yield folder
    for path, content in before.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


def edit(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    draft = path.with_name(f".{path.name}.new")  # at once, as editors save
    draft.write_text(text.replace(before, after), encoding="utf-8")
    draft.replace(path)


def test_a_saved_brief_is_seen_in_place_and_the_answer_stays(page, source, preview):
    choice = page.get_by_label(AGREEMENT)
    choice.check()
    expect(page.locator(".pm-status").first).to_contain_text("Tersimpan pukul", timeout=WAIT)
    edit(source / "pemanasan.brief.yaml", "Apa langkah pertama Anda?", "Apa yang Anda dahulukan?")
    expect(page.get_by_text("Apa yang Anda dahulukan?")).to_be_visible(timeout=WAIT)
    expect(page.get_by_label(AGREEMENT)).to_be_checked(timeout=WAIT)
    assert (preview[1].folder / "pemanasan.jsonl").is_file()


def test_a_mistake_is_told_on_the_page_while_the_form_stays(page, source):
    remarks = page.locator(".pamong-author")
    edit(source / "pemanasan.brief.yaml", "minutes: 5", "minutes: lima")
    expect(remarks).to_contain_text(
        "pemanasan.brief.yaml:8:1: minutes: harus bilangan bulat", timeout=WAIT
    )
    expect(remarks).to_have_attribute("data-severity", "error")
    expect(page.get_by_text("Apa langkah pertama Anda?")).to_be_visible()
    edit(source / "pemanasan.brief.yaml", "minutes: lima", "minutes: 5")
    expect(remarks).not_to_contain_text("bilangan bulat", timeout=WAIT)


def test_answers_that_no_longer_fit_are_set_aside_and_the_page_says_so(page, source, preview):
    page.get_by_label(AGREEMENT).check()
    expect(page.locator(".pm-status").first).to_contain_text("Tersimpan pukul", timeout=WAIT)
    edit(source / "pemanasan.brief.yaml", "version: 1", "version: 2")
    aside = SAY("aside", exercise="pemanasan")
    expect(page.locator(".pamong-author")).to_contain_text(aside, timeout=WAIT)
    expect(page.get_by_label(AGREEMENT)).not_to_be_checked(timeout=WAIT)
    assert list(preview[1].folder.glob("pemanasan.jsonl.lama-*"))


def test_a_saved_notebook_is_loaded_afresh(page, source):
    path = source / "module.ipynb"
    text = path.read_text(encoding="utf-8")
    heading = page.locator(".jp-RenderedMarkdown h1").first.inner_text().replace("¶", "").strip()
    path.write_text(text.replace(f"# {heading}", f"# Baru: {heading}", 1), encoding="utf-8")
    expect(page.locator(".jp-RenderedMarkdown h1").first).to_contain_text("Baru:", timeout=OPENING)
    expect(page.locator(".pm-body")).to_have_count(FORMS, timeout=OPENING)


def test_the_other_side_plays_by_the_key_as_it_is_now(page, source, preview):
    course, it = preview
    table = page.locator(".pm-form", has=page.get_by_role("heading", name="Pasar malam"))
    table.get_by_label("Pilihan cadangan Anda").fill("36")
    table.get_by_label("Sasaran Anda").fill("80")
    table.get_by_label("Isu terpenting bagi Anda").select_option("kebersihan")
    table.get_by_label("Ada. Kesepakatan layak diupayakan.").check()
    table.get_by_role("button", name="Serahkan persiapan dan mulai berunding").click()
    table.get_by_role("button", name="Tanyakan (tersisa 3)").click()
    expect(table.get_by_role("button", name="Tanyakan (tersisa 2)")).to_be_visible(timeout=WAIT)
    key = course.keys(MODULE) / f"{TALK}.key.yaml"
    before = load_key(key, KIND)
    edit(key, "beta: 0.6", "beta: 3.0")
    headline = page.locator(".pamong-author summary")
    expect(headline).not_to_have_text(headline.inner_text(), timeout=WAIT)
    for label in (
        "Jam tutup",
        "Petugas kebersihan dari paguyuban",
        "Jumlah lapak",
        "Daftar pedagang",
    ):
        table.get_by_label(f"Usulan Anda untuk {label}").select_option("2")
    table.get_by_role("button", name="Ajukan usulan").click()
    expect(table.get_by_role("button", name="Terima usulan mereka")).to_be_visible(timeout=WAIT)
    events = FileStore(it.folder).read(TALK)
    brief = load_brief(source / f"{TALK}.brief.yaml")
    verify(KIND, brief, load_key(key, KIND), events)
    with pytest.raises(TamperedLog):
        verify(KIND, brief, before, events)
