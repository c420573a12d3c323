"""What is wrong in an authored module, across its files."""

import json
import re
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pamong.brief import read_yaml
from pamong.course import Course
from pamong.inspection import gather, inspect, law

SMALL = Path(__file__).parent / "course_small"
MODULE = "m0-contoh"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    return Course.load(tmp_path)


def told(course: Course, severity: str = "") -> list[str]:
    """What is said about the module; of one severity when that is named."""
    return [
        f"{p.path.name}: {p.message}"
        for p in inspect(course, MODULE)
        if not severity or p.severity == severity
    ]


def placed(course: Course) -> list[str]:
    """The same with line, column and field."""
    return [
        f"{p.path.name}:{p.line}:{p.column} {p.field}: {p.message}" for p in inspect(course, MODULE)
    ]


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


def test_a_sound_module_is_only_asked_for_its_parts(course: Course) -> None:
    assert told(course, "error") == []
    assert told(course, "warning") == [
        "module.ipynb: bagian modul (mandiri, kelas, terapan) belum ditandai pada metadata sel, "
        "sehingga waktunya belum dapat dihitung"
    ]


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
    assert any(
        "jumlah nilai modul 5060, seharusnya 100; ubahlah nilai sel di tiga tempat: points dalam "
        "metadata nbgrader sel itu, module.points(…) dalam sel itu, dan “… poin” pada judul" in line
        for line in told(course)
    )


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("*5 menit. 40 poin.*", None),
        ("*5 menit. 25 poin untuk tugas; 15 poin untuk kelengkapan.*", None),
        ("*5 menit. Tidak dinilai.*", None),
        ("Nilainya 12 poin.", None),
        ("*5 menit. 12 poin.*", "12"),
        ("*5 menit. 12,5 poin.*", "12.5"),
    ],
)
def test_points_that_are_announced_are_the_points_of_the_cells_below(
    course: Course, heading: str, said: str | None
) -> None:
    def change(book: dict) -> None:  # type: ignore[type-arg]
        place = [cell["id"] for cell in book["cells"]].index("pemahaman")
        text = {"cell_type": "markdown", "id": "bagian", "metadata": {}, "source": heading}
        after = {**text, "id": "sesudah", "source": "Selesai."}
        book["cells"][place : place + 1] = [text, book["cells"][place], after]

    edit(course.source(MODULE) / "module.ipynb", change)
    found = [line for line in told(course, "warning") if "poin" in line]
    assert found == (
        [
            f"module.ipynb: sel “bagian” menyebut {said} poin, tetapi sel di bawahnya bernilai 40; "
            "samakan judul, module.points(…), dan points dalam metadata nbgrader"
        ]
        if said
        else []
    )


def test_a_cell_is_found_by_its_name(course: Course) -> None:
    edit(
        course.source(MODULE) / "module.ipynb",
        lambda book: code(book, "latihan").update(execution_count=3),
    )
    (field,) = [p.field for p in inspect(course, MODULE) if "nomor pelaksanaan" in p.message]
    assert field == "cells[latihan]"


@pytest.mark.parametrize(("part", "count"), [("mandiri", 1), ("kelas", 0), ("terapan", 1), ("", 0)])
def test_a_long_exercise_is_one_to_divide_where_nobody_leads_through_it(
    course: Course, part: str, count: int
) -> None:
    path = course.source(MODULE) / "latihan.brief.yaml"
    path.write_text(path.read_text("utf-8").replace("minutes: 2", "minutes: 20"), "utf-8")
    mark = {"part": part} if part else {}
    edit(
        course.source(MODULE) / "module.ipynb",
        lambda book: code(book, "judul")["metadata"].update(pamong=mark),
    )
    assert sum("langkah “latihan” memerlukan 20 menit" in line for line in told(course)) == count


def test_an_exercise_that_does_not_exist_is_named_with_its_cell(course: Course) -> None:
    def change(notebook: dict) -> None:  # type: ignore[type-arg]
        graded(notebook)["source"] += '\nmodule.exercise("hantu")'

    edit(course.source(MODULE) / "module.ipynb", change)
    assert (
        "module.ipynb: sel “pemahaman” memakai latihan “hantu” yang tidak ada dalam modul"
        in told(course, "error")
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
    assert "module.ipynb: grade_id “sama” dipakai lebih dari satu sel" in told(course)


def test_a_legal_card_that_does_not_exist_is_named(course: Course) -> None:
    source = Path(__file__).parent / "kinds" / "negotiation.brief.yaml"
    text = source.read_text(encoding="utf-8").replace(
        "{label: Januari}", "{label: Januari, legal_basis: [uu-khayalan]}"
    )
    (course.source(MODULE) / "gedung-layanan.brief.yaml").write_text(text, encoding="utf-8")
    assert "gedung-layanan.brief.yaml: kartu hukum “uu-khayalan” tidak ada di legal.yaml" in told(
        course
    )


@pytest.mark.parametrize("content", ["", "{}", "[]", "x", '{"nbformat": 4, "cells": [1]}'])
def test_a_broken_notebook_is_one_problem(course: Course, content: str) -> None:
    (course.source(MODULE) / "module.ipynb").write_text(content, encoding="utf-8")
    assert told(course) == [
        "module.ipynb: berkas ini bukan buku kerja Jupyter yang utuh; pulihkan dari salinan terakhir"
    ]


def test_a_module_without_a_notebook_is_told_to_write_one(course: Course) -> None:
    (course.source(MODULE) / "module.ipynb").unlink()
    assert told(course) == [
        "module.ipynb: buku kerja modul belum ada; tulislah module.ipynb, atau periksa nama modulnya"
    ]


def test_a_broken_brief_is_one_problem(course: Course) -> None:
    """Its key, its cell and what refers to it are not blamed for it."""
    path = course.source(MODULE) / "refleksi.brief.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("visibility:", "visibilitas:"), encoding="utf-8")
    assert [line for line in placed(course) if not line.startswith("module.ipynb")] == [
        "refleksi.brief.yaml:7:1 visibilitas: bidang “visibilitas” tidak dikenal; mungkin maksudnya "
        "“visibility”"
    ]


def test_a_broken_card_file_is_one_problem(course: Course) -> None:
    (course.source(MODULE) / "legal.yaml").write_text("cards: [{id: x}", encoding="utf-8")
    assert [line for line in told(course) if not line.startswith("module")] == [
        "legal.yaml: daftar dengan kurung siku di baris 1 tidak ditutup; tambahkan koma atau “]”"
    ]


CARD = """\
cards:
  - id: perda-1
    title: Ketertiban umum
    number: Perda Rekaan 1/2001
    article: Pasal 2
    says: Trotoar untuk pejalan kaki.
    source: JDIH Rekaan
    status: verified
    checked_on: 2026-11-20
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    article: Pasal 2\n", "", "legal.yaml:2:5 cards[0].article: bidang “article” wajib diisi"),
        ("    number: Perda Rekaan 1/2001\n", "", "legal.yaml:2:5 cards[0].number: bidang “number” wajib diisi"),
        ("status: verified", "status: verifed", "legal.yaml:8:5 cards[0].status: nilai “verifed” tidak termasuk pilihan (verified, unverified); mungkin maksudnya “verified”"),
        ("Pasal 2", '""', "legal.yaml:2:5 cards[0]: kartu “perda-1”: Pasalnya belum disebut."),
        ("status: verified", "status: unverified", "legal.yaml:2:5 cards[0]: kartu “perda-1”: Isinya belum diperiksa pada sumber; setelah diperiksa, ubah status menjadi verified."),
        ("2026-11-20", "2001-01-01", "legal.yaml:9:5 cards[0].checked_on: kartu “perda-1” terakhir diperiksa 2001-01-01, lebih dari setahun yang lalu; periksa di JDIH lalu perbarui checked_on"),
        ("2026-11-20", "2999-01-01", "legal.yaml:9:5 cards[0].checked_on: kartu “perda-1”: tanggal pemeriksaan 2999-01-01 belum lewat"),
        ("2026-11-20", "kemarin", "legal.yaml:9:5 cards[0].checked_on: checked_on harus tanggal seperti 2026-11-22, bukan “kemarin”"),
    ],
)  # fmt: skip
def test_a_card_says_where_it_comes_from_and_when_it_was_checked(
    course: Course, old: str, new: str, expected: str
) -> None:
    (course.source(MODULE) / "legal.yaml").write_text(CARD.replace(old, new), encoding="utf-8")
    assert expected in placed(course)


def test_a_card_is_fresh_for_a_year_and_stale_the_day_after(course: Course) -> None:
    (course.source(MODULE) / "legal.yaml").write_text(CARD, encoding="utf-8")
    material = gather(course, MODULE)
    assert list(law.problems(material, date(2027, 11, 20))) == []
    assert [each.severity for each in law.problems(material, date(2027, 11, 21))] == ["warning"]


def code(notebook: dict, name: str) -> dict:  # type: ignore[type-arg]
    return next(cell for cell in notebook["cells"] if cell["id"] == name)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("id", "changes", "expected"),
    [
        ("latihan", {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]},
         "warning module.ipynb: sel “latihan” menyimpan keluaran atau nomor pelaksanaan"),
        ("latihan", {"execution_count": 3},
         "warning module.ipynb: sel “latihan” menyimpan keluaran atau nomor pelaksanaan"),
        ("judul", {"source": "![](gambar.svg)"},
         "error module.ipynb: sel “judul”: gambar gambar.svg belum mempunyai teks pengganti"),
        ("judul", {"source": "<img src='gambar.svg'>"},
         "error module.ipynb: sel “judul”: gambar gambar.svg belum mempunyai teks pengganti"),
        ("judul", {"source": "![Dua pihak](hilang.svg)"},
         "error module.ipynb: sel “judul”: gambar hilang.svg tidak ada dalam folder modul"),
        ("judul", {"source": "![Dua pihak](https://contoh.test/x.png)"},
         "error module.ipynb: sel “judul”: gambar https://contoh.test/x.png diambil dari internet"),
        ("pemahaman", {"source": 'module.exercise("pemahaman")\nmodule.points("pemahaman", 40)'},
         "error module.ipynb: sel bernilai pemahaman tidak menyembunyikan pemanggilan nilainya"),
        ("judul", {"source": "kata " * 26},
         "warning module.ipynb: sel “judul”: ada kalimat sepanjang 26 kata; batasnya 25."),
        ("judul", {"source": "Ini kata. " * 226},
         "warning module.ipynb: sel “judul”: teks ini 452 kata; batasnya 450."),
        ("judul", {"source": "Penyelenggaraan pemerintahan mengutamakan kesinambungan. " * 10},
         "warning module.ipynb: sel “judul”: teks ini sulit dibaca (LIX 104; batasnya 65)."),
        ("judul", {"metadata": {"pamong": {"part": "rumah"}}},
         "error module.ipynb: sel “judul”: bagian (part) harus salah satu dari mandiri, kelas, terapan"),
        ("judul", {"metadata": {"pamong": {"minutes": "lima"}}},
         "error module.ipynb: sel “judul”: minutes harus bilangan bulat 0 sampai 240"),
        ("judul", {"metadata": {"pamong": {"part": "kelas", "minutes": 16}}},
         "warning module.ipynb: langkah “judul” memerlukan 16 menit; langkah lebih dari 15 menit"),
        ("judul", {"metadata": {"pamong": {"part": "kelas", "minutes": 90}}},
         "error module.ipynb: bagian kelas memerlukan "),
        ("pemahaman", {"source": 'module.exercise(module.by_role(lurah="latihan", kades="sikap"))'},
         "error module.ipynb: sel “pemahaman” memilih latihan untuk jabatan “kades” yang tidak ada"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_ready_is_named(
    course: Course,
    id: str,
    changes: dict,  # type: ignore[type-arg]
    expected: str,
) -> None:
    edit(course.source(MODULE) / "module.ipynb", lambda book: code(book, id).update(changes))
    found = [f"{p.severity} {p.path.name}: {p.message}" for p in inspect(course, MODULE)]
    assert sum(line.startswith(expected) for line in found) == 1, found


def test_a_part_within_its_budget_is_no_problem(course: Course) -> None:
    def change(book: dict) -> None:  # type: ignore[type-arg]
        code(book, "judul")["metadata"]["pamong"] = {"part": "mandiri", "minutes": 5}
        code(book, "sikap")["metadata"]["pamong"] = {"part": "kelas"}

    edit(course.source(MODULE) / "module.ipynb", change)
    assert told(course) == []


def test_a_time_that_is_announced_is_the_time_of_the_exercise(course: Course) -> None:
    def change(book: dict) -> None:  # type: ignore[type-arg]
        code(book, "judul")["source"] = "# Latihan\n\n*99 menit. Tidak dinilai.*"
        book["cells"].insert(2, book["cells"].pop(0))
        book["cells"][1], book["cells"][2] = book["cells"][2], book["cells"][1]

    edit(course.source(MODULE) / "module.ipynb", change)
    minutes = inspect_text(course, "latihan.brief.yaml", r"minutes: (\d+)")
    assert (
        f"module.ipynb: sel “judul” menyebut 99 menit, tetapi latihannya {minutes} menit"
        in told(course, "warning")
    )


def inspect_text(course: Course, name: str, pattern: str) -> str:
    found = re.search(pattern, (course.source(MODULE) / name).read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def test_counterbalanced_forms_are_not_shown_twice_but_one_form_in_both_places_is(
    course: Course,
) -> None:
    def show(first: str, second: str) -> list[str]:
        def change(book: dict) -> None:  # type: ignore[type-arg]
            code(book, "latihan")["source"] = f"module.exercise(module.by_lot({first}))"
            code(book, "refleksi")["source"] = f"module.exercise(module.by_lot({second}))"

        edit(course.source(MODULE) / "module.ipynb", change)
        return [line for line in told(course) if "lebih dari satu sel" in line]

    assert show('"latihan", "refleksi"', '"refleksi", "latihan"') == []
    assert show('"latihan", "refleksi"', '"latihan", "refleksi"') == [
        "module.ipynb: latihan “latihan” dipakai di lebih dari satu sel",
        "module.ipynb: latihan “refleksi” dipakai di lebih dari satu sel",
    ]


def test_one_exercise_for_an_office_in_two_places_is_shown_twice_to_that_office(
    course: Course,
) -> None:
    def show(first: str, second: str) -> list[str]:
        def change(book: dict) -> None:  # type: ignore[type-arg]
            code(book, "latihan")["source"] = f"module.exercise(module.by_role({first}))"
            code(book, "refleksi")["source"] = f"module.exercise(module.by_role({second}))"

        edit(course.source(MODULE) / "module.ipynb", change)
        return [line for line in told(course) if "lebih dari satu sel" in line]

    lurah_first = 'lurah="latihan", camat="refleksi"'
    assert show(lurah_first, 'lurah="refleksi", camat="latihan"') == []
    assert show(lurah_first, 'lurah="latihan", camat="sikap"') == [
        "module.ipynb: latihan “latihan” dipakai di lebih dari satu sel",
        "module.ipynb: latihan “sikap” dipakai di lebih dari satu sel",
    ]


def test_a_saved_form_in_the_notebook_is_an_error(course: Course) -> None:
    edit(
        course.source(MODULE) / "module.ipynb",
        lambda book: book["metadata"].update(
            widgets={"application/vnd.jupyter.widget-state+json": {}}
        ),
    )
    assert any("menyimpan keadaan formulir" in line for line in told(course, "error"))


@pytest.mark.parametrize("where", ["brief", "notebook", "file"])
def test_a_text_of_a_key_is_found_wherever_participants_read(course: Course, where: str) -> None:
    folder = course.source(MODULE)
    key = course.keys(MODULE) / "pemahaman.key.yaml"
    secret = "Panitia hanya mencatat, lurah yang memutuskan"
    key.write_text(
        key.read_text(encoding="utf-8").replace("Panitia hanya mencatat.", f'"{secret}."'),
        encoding="utf-8",
    )
    if where == "brief":
        path = folder / "sikap.brief.yaml"
        path.write_text(
            path.read_text(encoding="utf-8") + f"\nintro: {secret}.\n", encoding="utf-8"
        )
        expected = "sikap.brief.yaml: teks dari pemahaman.key.yaml (items."
    elif where == "notebook":
        edit(
            folder / "module.ipynb", lambda book: code(book, "judul").update(source=f"# {secret}.")
        )
        expected = "module.ipynb: sel “judul”: teks dari pemahaman.key.yaml (items."
    else:
        (folder / "catatan.md").write_text(secret + ".", encoding="utf-8")
        expected = "catatan.md: teks dari pemahaman.key.yaml (items."
    found = [line for line in told(course, "error") if "terbaca oleh peserta" in line]
    assert [line.startswith(expected) for line in found] == [True]


def test_a_figure_without_a_title_is_named(course: Course) -> None:
    (course.source(MODULE) / "bagan.svg").write_text(
        "<svg><title> </title></svg>", encoding="utf-8"
    )
    assert (
        "bagan.svg: gambar SVG ini belum mempunyai <title>, sehingga tidak dapat dibacakan"
        in told(course, "error")
    )


def test_check_says_what_release_would_refuse(released: Course) -> None:
    path = released.source(MODULE) / "pemahaman.brief.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nintro: Lain.\n", encoding="utf-8")
    (released.source(MODULE) / "sikap.key.yaml").touch()
    assert told(released, "error") == [
        "sikap.key.yaml: berkas kunci berada di folder yang dibagikan kepada peserta; pindahkan ke "
        "folder penilai.",
        "pemahaman.brief.yaml: versi 1 sudah dirilis dengan isi lain; naikkan version menjadi 2 untuk "
        "mengubahnya.",
    ]


@pytest.mark.parametrize(("issues", "count"), [(5, "248832"), (8, "429981696")])
def test_too_many_packages_are_refused_at_once_with_the_count_and_the_limit(
    course: Course, issues: int, count: str
) -> None:
    assert told(course, "error") == []
    start = time.process_time()
    told(course, "error")
    usual = time.process_time() - start
    source = Path(__file__).parent / "kinds" / "negotiation.brief.yaml"
    brief = read_yaml(source)
    many = [{"label": f"Pilihan {n}"} for n in range(12)]
    brief["id"], brief["issues"] = (
        "besar",
        [{"id": f"i{n}", "label": f"Isu {n}", "options": many} for n in range(issues)],
    )
    brief["points"] = {f"i{n}": list(range(12)) for n in range(issues)}
    brief["arguments"] = []
    for variant in brief["model"]["variants"]:
        variant["points"] = {f"i{n}": list(range(11, -1, -1)) for n in range(issues)}
    (course.source(MODULE) / "besar.brief.yaml").write_text(json.dumps(brief), encoding="utf-8")
    start = time.process_time()
    assert any(count in line and "20000" in line for line in told(course, "error"))
    assert time.process_time() - start < 100 * usual
