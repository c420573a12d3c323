import json
from pathlib import Path

import pytest

from pamong.authoring import read_brief
from pamong.errors import AuthoringError, CourseError
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.release import release
from pamong.inspection.edition import same

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
    assert (
        str(made) == "6 berkas di course/release/m0-contoh; versi baru yang dibekukan: tidak ada."
    )


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
    ("folder", "file", "old", "new", "message"),
    [
        ("source", "sikap.brief.yaml", "Sikap di lapangan", "Sikap",
         "versi 1 sudah dirilis dengan isi lain; naikkan version menjadi 2 untuk mengubahnya."),
        ("source", "latihan.brief.yaml", "minutes: 2", "minutes: 3",
         "versi 1 sudah dirilis dengan isi lain; naikkan version menjadi 2 untuk mengubahnya."),
        ("keys", "sikap.key.yaml", "Masalah dibiarkan.", "Dibiarkan.",
         "kunci versi 1 sudah dirilis dengan isi lain; naikkan version dalam sikap.brief.yaml "
         "(baris 3) menjadi 2 untuk mengubahnya."),
    ],
)  # fmt: skip
def test_a_released_version_cannot_change(released, folder, file, old, new, message):
    change(getattr(released, folder)(MODULE) / file, old, new)
    before = contents(released.root)
    assert refuse(released) == [message]
    assert contents(released.root) == before


@pytest.mark.kernel
def test_a_comment_or_another_line_end_needs_no_new_version_and_leaves_what_is_frozen(released):
    frozen = contents(released.keys(MODULE) / "released")
    brief = released.source(MODULE) / "sikap.brief.yaml"
    brief.write_bytes(b"# Catatan baru\n" + brief.read_bytes())
    key = released.keys(MODULE) / "sikap.key.yaml"
    key.write_bytes(key.read_bytes().replace(b"\n", b"\r\n"))
    assert release(released, MODULE).frozen == ()
    assert contents(released.keys(MODULE) / "released") == frozen
    assert (released.release(MODULE) / "sikap.brief.yaml").read_bytes() == brief.read_bytes()
    assert released.shelf(MODULE).get("sikap", 1).brief.title == "Sikap di lapangan"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a: 1\nb: x\n", "# c\na: 1   # d\n\nb: 'x'\n", True),
        ("a: true\n", "a: 1\n", False),
        ("a: 1\nb: 2\n", "b: 2\na: 1\n", False),
        ("a: [\n", "a: [\n", True),
        ("a: [\n", "a: [ \n", False),
    ],
)
def test_files_are_the_same_when_they_mean_the_same(tmp_path, one, other, alike):
    for name, text in (("one", one), ("other", other)):
        (tmp_path / name).write_text(text)
    assert same(tmp_path / "one", tmp_path / "other") is alike


def test_what_is_frozen_or_logged_keeps_its_bytes_and_the_rest_its_line_ends():
    lines = (Path(__file__).parents[1] / ".gitattributes").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*.yaml text eol=lf"
    assert rules[-2:] == ["*.jsonl -text", "graders/**/released/** -text"]  # the last one decides


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


def test_a_task_whose_answer_lies_in_added_cells_is_refused(small):
    def make_task(cells):
        cells["uraian-q1"]["metadata"]["nbgrader"].update(solution=False, task=True)

    edit(small, make_task)
    assert any(
        told.startswith(
            "sel “uraian-q1” adalah tugas (task) nbgrader, yang jawabannya ada pada sel"
        )
        for told in refuse(small)
    )


def test_an_answer_in_code_that_hands_over_nothing_is_refused(small):
    def make_code(cells):
        essay = cells["uraian-q1"]
        essay.update(cell_type="code", outputs=[], execution_count=None)
        essay["metadata"]["nbgrader"]["cell_type"] = "code"

    edit(small, make_code)
    assert refuse(small) == [
        "tampilan peserta (pamong.participant_view) menyembunyikan sel kode; hapus dari metadata buku "
        "kerja yang dijawab dengan kode.",
        "sel jawaban uraian-q1 berupa kode, tetapi tidak menyebut nilai yang diperiksa; tambahkan "
        "pamong.values pada metadatanya, [] bila tidak ada.",
    ]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({"exercise": "refleksi", "prompt": "q9"}, "menunjuk pertanyaan “q9” yang tidak ada"),
        ({}, "sel uraian uraian-q1 menunjuk latihan “” yang tidak ada."),
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
    with pytest.raises(
        CourseError, match="^course/source/m0-contoh/module.ipynb belum ada. Tulislah"
    ):
        release(small, MODULE)
    with pytest.raises(CourseError, match="Tidak ada modul “m9”"):
        release(small, "m9")


@pytest.mark.kernel
def test_cells_cannot_be_added_once_somebody_has_handed_in(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))

    def rename(cells):
        cells["sikap"]["metadata"]["nbgrader"]["grade_id"] = "sikap-baru"

    edit(released, rename)
    with pytest.raises(CourseError) as error:
        release(released, MODULE)
    assert "nbgrader tidak mau merilis m0-contoh" in str(error.value)
    assert "there are submissions associated with it" in str(error.value)


def test_the_small_course_is_well_made(small):
    for path in sorted(small.source(MODULE).glob("*.brief.yaml")):
        assert read_brief(path).minutes
