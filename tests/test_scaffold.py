"""New modules and exercises: they pass the check, they can be played, and they overwrite nothing."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import notebook
from pamong.brief import load_brief, load_key, read_yaml
from pamong.course import BRIEF, KEY, NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.inspection import errors, inspect
from pamong.kinds import KINDS
from pamong.playtest.target import cases
from pamong.playtest.trial import trials
from pamong.scaffold import _enrolled, _graded, _scalar, kinds, new_exercise, new_module, split

ROOT = Path(__file__).parents[1]
MODULE = "m6-pelayanan-publik"
KNOWN = kinds(Course.load(ROOT))


@pytest.fixture
def course(small):
    """A course with a module that was just made."""
    new_module(small, MODULE, title="Pelayanan Publik")
    return Course.load(small.root)


def snapshot(course):
    return {
        path.relative_to(course.root): path.read_bytes()
        for path in sorted(course.root.rglob("*"))
        if path.is_file()
    }


def cell(course, id):
    book = notebook.parse((course.source(MODULE) / NOTEBOOK).read_bytes(), NOTEBOOK)
    return next(it for it in book["cells"] if it["id"] == id)


# ---- modules ----


def test_a_new_module_passes_the_check_and_its_exercise_keeps_its_promises(course):
    assert errors(inspect(course, MODULE)) == ()
    (trial,) = trials(cases([MODULE], course))
    assert (trial.case.name, trial.problems) == (f"{MODULE}/latihan-pertama", ())


def test_a_new_module_is_one_more_line_in_the_programme(small):
    path = small.folder / "programme.yaml"
    before = path.read_text(encoding="utf-8").splitlines()
    new_module(small, MODULE, title="Pelayanan Publik: cepat", jp=6)
    after = path.read_text(encoding="utf-8").splitlines()
    added = [f"  - id: {MODULE}", '    title: "Pelayanan Publik: cepat"', "    jp: 6"]
    assert [line for line in after if line not in before] == added
    assert [line for line in after if line not in added] == before
    assert Course.load(small.root).programme.module(MODULE).title == "Pelayanan Publik: cepat"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("modules: # catatan\n- id: a\n  title: A\n  jp: 1\ncohorts", "  jp: 1\n- id: m6\n"),
        (
            "modules:\n  - {id: a, title: A, jp: 1} # satu\n\n# lain\ncohorts",
            "# satu\n  - id: m6\n",
        ),
    ],
)
def test_the_programme_keeps_its_own_way_of_writing(tmp_path, before, after):
    path = tmp_path / "programme.yaml"
    path.write_text(f"title: T\ncourse_id: c\nroles: [lurah]\n{before}: []\n")
    assert after in _enrolled(path, "m6", "Enam", 2)
    assert [it.name for it in tmp_path.iterdir()] == ["programme.yaml"]


@pytest.mark.parametrize("modules", ["modules: [{id: a, title: A, jp: 1}]", "# tanpa modul"])
def test_a_programme_written_otherwise_is_left_to_its_author(small, modules):
    path = small.folder / "programme.yaml"
    path.write_text(f"title: T\ncourse_id: c\nroles: [lurah]\ncohorts: []\n{modules}\n")
    before = snapshot(small)
    with pytest.raises(CourseError, match="Tambahkan baris berikut di bawah modules") as error:
        new_module(small, MODULE, title="Pelayanan Publik")
    assert f"  - id: {MODULE}\n    title: Pelayanan Publik\n    jp: 4\n" in str(error.value)
    assert snapshot(small) == before


@pytest.mark.parametrize("id", ["M6", "6m", "m6 x", "m6_x", "-m6", "m6-", "../m6", "", "m" * 41])
def test_a_bad_module_id_is_refused_with_a_good_one(small, id):
    before = snapshot(small)
    with pytest.raises(CourseError, match="Contoh: m6-pelayanan-publik"):
        new_module(small, id, title="X")
    assert snapshot(small) == before


def test_a_module_that_exists_is_never_overwritten(course):
    before = snapshot(course)
    with pytest.raises(CourseError, match=f"Modul “{MODULE}” sudah ada"):
        new_module(course, MODULE, title="Lain")
    assert snapshot(course) == before


def test_a_folder_that_is_in_the_way_is_never_overwritten(small):
    small.source(MODULE).mkdir()
    with pytest.raises(CourseError, match="sudah ada"):
        new_module(small, MODULE, title="Lain")
    assert list(small.source(MODULE).iterdir()) == []


def test_a_module_has_a_title(small):
    with pytest.raises(CourseError, match="Judul modul masih kosong"):
        new_module(small, MODULE, title=" ")


def test_the_next_commands_are_said(small):
    made = new_module(small, MODULE, title="Pelayanan Publik")
    assert made.next == (
        f"pamong check {MODULE}",
        f"pamong playtest {MODULE}",
        f"pamong preview {MODULE}",
    )


# ---- exercises ----


@pytest.mark.parametrize("kind", KNOWN)
def test_a_practice_exercise_of_every_kind_passes_the_check(course, kind):
    made = new_exercise(course, kind, MODULE, "parkir-pasar")
    assert made.files == (
        course.source(MODULE) / f"parkir-pasar{BRIEF}",
        course.source(MODULE) / NOTEBOOK,
    )
    assert errors(inspect(course, MODULE)) == ()
    brief = load_brief(made.files[0])
    assert (brief.kind, brief.id, brief.use) == (kind, "parkir-pasar", "practice")


@pytest.mark.parametrize("kind", KNOWN)
def test_a_graded_exercise_of_every_kind_passes_the_check_and_hides_its_key(course, kind):
    made = new_exercise(course, kind, MODULE, "parkir-pasar", graded=True, points=100)
    assert made.note == ""
    assert errors(inspect(course, MODULE)) == ()
    brief = load_brief(made.files[0])
    assert (brief.use, brief.stakes, brief.model) == ("graded", "summative", None)
    assert "model" not in read_yaml(made.files[0])
    template = load_brief(ROOT / "templates" / "exercises" / f"{kind}{BRIEF}")
    assert load_key(course.keys(MODULE) / f"parkir-pasar{KEY}", KINDS[kind]) == template.model


def test_the_folder_of_the_keys_is_made_when_a_module_has_its_first_graded_exercise(course):
    shutil.rmtree(course.keys(MODULE))
    new_exercise(course, "choice", MODULE, "loket", graded=True, points=100)
    assert errors(inspect(course, MODULE)) == ()


def test_comments_go_where_their_fields_go(course):
    new_exercise(course, "negotiation", MODULE, "pasar-malam", graded=True, points=40)
    brief = (course.source(MODULE) / f"pasar-malam{BRIEF}").read_text(encoding="utf-8")
    key = (course.keys(MODULE) / f"pasar-malam{KEY}").read_text(encoding="utf-8")
    assert "\nid: pasar-malam             # nama latihan; harus sama dengan nama berkas\n" in brief
    assert "beta" not in brief
    assert "\n  beta: 0.6               # di bawah 1 = lama bertahan" in key
    assert key.startswith("# Kunci latihan ini. Peserta tidak pernah melihat berkas ini.\n")


def test_a_graded_exercise_stands_before_the_end_with_its_hidden_points(course):
    made = new_exercise(course, "choice", MODULE, "loket", title="Di loket", graded=True, points=30)
    book = notebook.parse((course.source(MODULE) / NOTEBOOK).read_bytes(), NOTEBOOK)
    assert [it["id"] for it in book["cells"]][-3:] == ["bagian-loket", "loket", "penutup"]
    assert cell(course, "bagian-loket")["source"] == "## Di loket\n\n*10 menit. 30 poin.*"
    assert cell(course, "loket")["source"] == (
        'module.exercise("loket")\n### BEGIN HIDDEN TESTS\nmodule.points("loket", 30)\n'
        "### END HIDDEN TESTS"
    )
    assert cell(course, "loket")["metadata"]["nbgrader"]["points"] == 30
    assert made.note == (
        "Jumlah nilai modul sekarang 30. Ubahlah nilai dalam buku kerja sampai jumlahnya 100: pada "
        "points dalam metadata nbgrader sel, module.points(…), dan judul di atasnya."
    )


def test_without_points_it_is_said_that_nothing_is_worth_anything_yet(course):
    made = new_exercise(course, "choice", MODULE, "loket", graded=True)
    assert made.note.splitlines()[0] == (
        "Latihan ini bernilai 0 sampai Anda menulis nilainya. Lain kali tambahkan misalnya --points 20."
    )


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("kind", KNOWN)
def test_a_worked_example_is_one_that_nothing_is_advised_about(course, kind, graded):
    new_exercise(course, kind, MODULE, "contoh", graded=graded, points=100 if graded else None)
    advice = [str(each) for each in inspect(course, MODULE) if each.path.name != "legal.yaml"]
    assert advice == []


@pytest.mark.parametrize("kind", ["choice", "situational"])
def test_the_best_option_of_a_worked_example_has_no_place_of_its_own(kind):
    brief = load_brief(ROOT / "templates" / "exercises" / f"{kind}{BRIEF}")
    places = set()
    for item in brief.items:
        key = brief.model.items[item.id]
        if kind == "choice":
            best = key.correct[0]
        else:
            best = max(key.experts, key=lambda option: sum(key.experts[option]))
        places.add([option.id for option in item.options].index(best))
    assert len(places) >= 3


def test_paths_are_written_from_the_folder_of_the_course(course):
    with pytest.raises(CourseError) as error:
        new_exercise(course, "choice", MODULE, "latihan-pertama")
    path = f"course/source/{MODULE}/latihan-pertama{BRIEF}"
    assert f"Latihan “latihan-pertama” sudah ada: {path}. Pilihlah" in str(error.value)


def test_a_command_that_is_suggested_can_be_typed(course):
    (course.source(MODULE) / NOTEBOOK).unlink()
    with pytest.raises(CourseError) as error:
        new_exercise(course, "choice", MODULE, "loket")
    assert str(error.value) == (
        f"Buku kerja course/source/{MODULE}/{NOTEBOOK} belum ada. Buatlah modulnya dahulu: "
        'pamong new module m6-pelayanan-publik --title "Pelayanan Publik"'
    )


def test_texts_that_a_person_marks_have_cells_of_their_own(course):
    new_exercise(course, "reflection", MODULE, "melihat", graded=True, points=10)
    assert cell(course, "melihat")["metadata"]["nbgrader"]["points"] == 4
    for prompt in ("peristiwa", "rencana"):
        essay = cell(course, f"melihat-{prompt}")["metadata"]
        assert (essay["nbgrader"]["points"], essay["nbgrader"]["solution"]) == (3, True)
        assert essay["pamong"] == {"essay": {"exercise": "melihat", "prompt": prompt}}


def test_a_notebook_without_an_end_gets_the_exercise_last(course):
    path = course.source(MODULE) / NOTEBOOK
    book = notebook.parse(path.read_bytes(), NOTEBOOK)
    book["cells"].pop()
    path.write_bytes(notebook.serialise(book))
    new_exercise(course, "choice", MODULE, "loket")
    book = notebook.parse(path.read_bytes(), NOTEBOOK)
    assert book["cells"][-1]["id"] == "loket"


def test_the_rest_of_the_notebook_stays_as_it_is(course):
    path = course.source(MODULE) / NOTEBOOK
    before = json.loads(path.read_text(encoding="utf-8"))
    new_exercise(course, "choice", MODULE, "loket")
    after = json.loads(path.read_text(encoding="utf-8"))
    after["cells"] = [it for it in after["cells"] if "loket" not in it["id"]]
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("negosiation", MODULE, "x"),
            "Tidak ada jenis latihan “negosiation”. Mungkin maksudnya negotiation.",
        ),
        (("choice", "m9", "x"), "Tidak ada modul “m9” dalam course/programme.yaml"),
        (("choice", MODULE, "Parkir_Pasar"), "Contoh: parkir-pasar"),
        (("choice", MODULE, "latihan-pertama"), "Latihan “latihan-pertama” sudah ada"),
        (("choice", MODULE, "siapkan"), "sudah mempunyai sel bernama “siapkan”"),
    ],
)
def test_what_cannot_be_made_changes_nothing(course, arguments, message):
    before = snapshot(course)
    with pytest.raises(CourseError, match=message):
        new_exercise(course, *arguments)
    assert snapshot(course) == before


@pytest.mark.parametrize("graded", [True, False])
def test_a_released_name_is_not_used_again(course, graded):
    shelf = course.keys(MODULE) / "released"
    shelf.mkdir()
    (shelf / f"loket.v1{BRIEF}").touch()
    with pytest.raises(CourseError, match="Latihan “loket” sudah ada"):
        new_exercise(course, "choice", MODULE, "loket", graded=graded)


@pytest.mark.parametrize(("graded", "points"), [(False, 10), (True, -1), (True, 101)])
def test_points_belong_to_what_is_graded(course, graded, points):
    with pytest.raises(CourseError, match=r"Nilai \(--points\) hanya untuk latihan yang dinilai"):
        new_exercise(course, "choice", MODULE, "loket", graded=graded, points=points)


def test_a_template_that_cannot_be_read_leaves_nothing_behind(course):
    shutil.copytree(ROOT / "templates", course.root / "templates", dirs_exist_ok=True)
    path = course.root / "templates" / "exercises" / f"choice{BRIEF}"
    path.write_text(path.read_text(encoding="utf-8").replace("minutes: 10", "minutes: lama"))
    before = snapshot(course)
    with pytest.raises(Exception, match="minutes"):
        new_exercise(course, "choice", MODULE, "loket", graded=True)
    assert snapshot(course) == before


@pytest.mark.parametrize("target", ["", "m5", "m5/", "/x"])
def test_a_target_is_module_and_exercise(target):
    with pytest.raises(CourseError, match="Contoh: m5-negosiasi-mediasi/parkir-pasar"):
        split(target)
    assert split("m5/x") == ("m5", "x")


# ---- YAML as text ----


def test_a_model_on_one_line_moves_too():
    text = "use: practice\nstakes: formative\nmodel: {guidance: Baik} # kunci\nminutes: 5\n"
    brief, key = _graded(text)
    assert brief == "use: graded\nstakes: summative\nminutes: 5\n"
    assert key.endswith("berkas ini.\n{guidance: Baik}\n")


def test_what_stands_behind_the_model_stays_in_the_brief():
    text = "use: practice\nstakes: formative\n# Kunci\nmodel:\n  a: 1\n  # dua\n  b: 2\n\n# Rubrik\nrubric: x\n"
    brief, key = _graded(text)
    assert brief == "use: graded\nstakes: summative\n# Rubrik\nrubric: x\n"
    assert key.split("\n", 1)[1] == "a: 1\n# dua\nb: 2\n"


@given(
    st.text(
        st.characters(
            blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029\ufeff"
        ),
        min_size=1,
    )
    .map(str.strip)
    .filter(bool)
)
def test_every_title_reads_back_as_it_was_written(tmp_path_factory, title):
    path = tmp_path_factory.mktemp("judul") / "x.yaml"
    path.write_text(f"title: {_scalar(title)}\n", encoding="utf-8")
    assert read_yaml(path) == {"title": title}
