import json

import pytest

from pamong.authoring import read_brief
from pamong.errors import AuthoringError, CourseError
from pamong.grading.batch import grade
from pamong.grading.release import release

MODULE = "m0-contoh"


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def refuse(course):
    with pytest.raises(AuthoringError) as error:
        release(course, MODULE)
    return [problem.message for problem in error.value.problems]


def test_participants_get_no_key_and_no_hidden_test(released):
    files = contents(released.release(MODULE))
    assert set(files) == {
        "module.ipynb", "gambar.svg", "latihan.brief.yaml", "pemahaman.brief.yaml",
        "refleksi.brief.yaml", "sikap.brief.yaml",
    }  # fmt: skip
    together = b"".join(files.values()).decode()
    for secret in ("HIDDEN", "module.points", "experts", "Surat itu untuk warga", "guidance"):
        assert secret not in together


def test_a_released_notebook_keeps_its_metadata_and_locks(released):
    page = json.loads((released.release(MODULE) / "module.ipynb").read_bytes())
    assert page["metadata"]["pamong"] == {"module": MODULE, "participant_view": True}
    cells = {cell["id"]: cell for cell in page["cells"]}
    assert cells["pemahaman"]["metadata"]["editable"] is False
    assert cells["pemahaman"]["metadata"]["nbgrader"]["points"] == 40
    assert "".join(cells["pemahaman"]["source"]).strip() == 'module.exercise("pemahaman")'
    assert cells["uraian-q1"]["metadata"]["pamong"]["essay"]["prompt"] == "q1"


@pytest.mark.kernel
def test_a_release_is_the_same_twice(released):
    before = contents(released.root / "course" / "release"), contents(released.keys(MODULE))
    made = release(released, MODULE)
    assert (
        contents(released.root / "course" / "release"),
        contents(released.keys(MODULE)),
    ) == before
    assert made.frozen == ()
    assert str(made) == "6 files in release/m0-contoh; frozen: nothing new."


@pytest.mark.kernel
def test_a_new_version_is_frozen_beside_the_old(released):
    old = contents(released.keys(MODULE) / "released")
    change(released.source(MODULE) / "sikap.brief.yaml", "version: 1", "version: 2")
    assert release(released, MODULE).frozen == ("sikap v2",)
    new = contents(released.keys(MODULE) / "released")
    assert new["sikap.v1.brief.yaml"] == old["sikap.v1.brief.yaml"]
    assert "sikap.v2.key.yaml" in new
    assert released.shelf(MODULE).versions("sikap") == (1, 2)
    assert set(released.shelf(MODULE).latest()) == {"latihan", "pemahaman", "refleksi", "sikap"}


@pytest.mark.parametrize(
    ("folder", "file", "old", "new"),
    [
        ("source", "sikap.brief.yaml", "Sikap di lapangan", "Sikap"),
        ("keys", "sikap.key.yaml", "Masalah dibiarkan.", "Dibiarkan."),
    ],
)
def test_a_released_version_cannot_change(released, folder, file, old, new):
    change(getattr(released, folder)(MODULE) / file, old, new)
    before = contents(released.root)
    assert refuse(released) == [
        "versi 1 sudah dirilis dengan isi lain; naikkan version menjadi 2 untuk mengubahnya."
    ]
    assert contents(released.root) == before


def edit(course, change_cell):
    path = course.source(MODULE) / "module.ipynb"
    page = json.loads(path.read_text())
    change_cell({cell["id"]: cell for cell in page["cells"]})
    path.write_text(json.dumps(page))


def test_points_that_participants_would_see_are_refused(small):
    edit(small, lambda cells: cells["sikap"].update(
        source='module.exercise("sikap")\nmodule.points("sikap", 30)'
    ))  # fmt: skip
    assert refuse(small) == [
        "sel bernilai sikap tidak menyembunyikan pemanggilan nilainya; apit dengan "
        "### BEGIN HIDDEN TESTS dan ### END HIDDEN TESTS."
    ]


def test_answers_in_code_are_refused(small):
    def make_code(cells):
        essay = cells["uraian-q1"]
        essay.update(cell_type="code", outputs=[], execution_count=None)
        essay["metadata"]["nbgrader"]["cell_type"] = "code"

    edit(small, make_code)
    assert refuse(small) == [
        "sel jawaban uraian-q1 berupa kode; jawaban berupa kode belum dapat dinilai dengan aman, "
        "pakai sel teks."
    ]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({"exercise": "refleksi", "prompt": "q9"}, "menunjuk pertanyaan 'q9' yang tidak ada"),
        ({}, "sel uraian uraian-q1 menunjuk latihan '' yang tidak ada."),
    ],
)
def test_an_essay_cell_must_name_a_prompt(small, reference, message):
    def point(cells):
        cells["uraian-q1"]["metadata"]["pamong"]["essay"] = reference

    edit(small, point)
    assert any(message in told for told in refuse(small))


def test_an_essay_that_the_marker_may_not_read_is_refused(small):
    change(small.source(MODULE) / "refleksi.brief.yaml", "visibility: marker", "visibility: owner")
    assert refuse(small) == [
        "sel uraian uraian-q1 bernilai, tetapi visibility latihannya owner; penilai tidak boleh "
        "membacanya. Pakai visibility: marker, atau buat sel itu tanpa nilai."
    ]


def test_a_key_among_the_lessons_is_refused(small):
    (small.source(MODULE) / "sikap.key.yaml").write_text("items: {}\n")
    assert refuse(small) == [
        "berkas kunci berada di folder yang dibagikan kepada peserta; pindahkan ke folder penilai."
    ]


def test_an_answer_log_among_the_lessons_is_refused(small):
    (small.source(MODULE) / "sikap.jsonl").write_text("")
    (problem,) = refuse(small)
    assert "log" in problem or "jsonl" in problem or "catatan" in problem


@pytest.mark.parametrize("where", ["keys", "source"])
def test_a_missing_key_or_an_orphan_is_refused(small, where):
    if where == "keys":
        (small.keys(MODULE) / "sikap.key.yaml").unlink()
    else:
        (small.source(MODULE) / "sikap.brief.yaml").unlink()
    assert refuse(small)


def test_every_problem_is_told_at_once(small):
    change(small.source(MODULE) / "sikap.brief.yaml", "minutes: 5", "minutes: lima")
    (small.source(MODULE) / "x.key.yaml").write_text("")
    assert len(refuse(small)) >= 2
    assert not small.release(MODULE).exists()
    assert not (small.keys(MODULE) / "released").exists()


def test_a_module_without_notebook_or_unknown_is_named(small):
    (small.source(MODULE) / "module.ipynb").unlink()
    with pytest.raises(CourseError, match=r"module\.ipynb is missing. Write the module first"):
        release(small, MODULE)
    with pytest.raises(CourseError, match="No module 'm9' in the programme"):
        release(small, "m9")


@pytest.mark.kernel
def test_cells_cannot_be_added_once_somebody_has_handed_in(released, hand_in):
    hand_in(released, "p001")
    grade(released, MODULE, workers=1)

    def rename(cells):
        cells["sikap"]["metadata"]["nbgrader"]["grade_id"] = "sikap-baru"

    edit(released, rename)
    with pytest.raises(CourseError) as error:
        release(released, MODULE)
    assert "nbgrader refused to release m0-contoh" in str(error.value)
    assert "there are submissions associated with it" in str(error.value)


def test_the_small_course_is_well_made(small):
    for path in sorted(small.source(MODULE).glob("*.brief.yaml")):
        assert read_brief(path).minutes
