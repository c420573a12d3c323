"""Exercises out to Excel and back: nothing lost, every wrong cell named, nothing written unasked."""

import io
import re
import shutil
import zipfile
from copy import deepcopy
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pamong import document
from pamong.cli import app
from pamong.course import Course
from pamong.errors import AuthoringError, CourseError
from pamong.kinds import KINDS
from pamong.spreadsheet import export_items, import_items, items
from pamong.spreadsheet.changes import differences
from pamong.spreadsheet.drawing import draw, save
from pamong.spreadsheet.exchange import SHAPES, _source
from pamong.spreadsheet.reading import read_tables
from pamong.spreadsheet.rewriting import rewritten
from pamong.spreadsheet.workbook import read_workbook

ROOT = Path(__file__).parents[1]
MODULE = "m0-contoh"
BRIEFS = [
    path
    for folder in ("templates/exercises", "tests/kinds", "tests/browser/course/course/source/m0-contoh")
    for path in sorted((ROOT / folder).glob("*.brief.yaml"))
    if document.read(path).data["kind"] in SHAPES
]  # fmt: skip
COURSE = Course.load(ROOT)
AUTHORED = [
    f"{plan.id}/{path.name.removesuffix('.brief.yaml')}"
    for plan in COURSE.programme.modules
    for path in sorted(COURSE.source(plan.id).glob("*.brief.yaml"))
    if document.read(path).data["kind"] in SHAPES
]


def _place(course, path):
    """Put a brief into the small course; its name there."""
    id = document.read(path).data["id"]
    shutil.copy(path, course.source(MODULE) / f"{id}.brief.yaml")
    return f"{MODULE}/{id}"


def _edit(path, **cells):
    """Write cells, such as ``Soal_C7``, as somebody who works in Excel would."""
    book = openpyxl.load_workbook(path)
    for name, value in cells.items():
        sheet, _, ref = name.partition("_")
        book[sheet][ref].value = value
    book.save(path)


def _sheet(path, name="Soal"):
    book = openpyxl.load_workbook(path)
    return book, book[name]


@pytest.fixture
def attitude(small):
    """The graded situational exercise of the small course as a workbook."""
    return export_items(small, f"{MODULE}/sikap")


@pytest.fixture
def choice(small):
    return export_items(small, f"{MODULE}/pemahaman")


@pytest.fixture
def bargain(small):
    return export_items(small, _place(small, ROOT / "tests/kinds/negotiation.brief.yaml"))


def _problems(course, path):
    with pytest.raises(AuthoringError) as error:
        import_items(course, path)
    return [f"{problem.field}: {problem.message}" for problem in error.value.problems]


def _refusal(course, path):
    with pytest.raises(CourseError) as error:
        import_items(course, path)
    return str(error.value)


# ---- nothing is lost ----


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_export_comes_back_without_a_difference(small, path):
    name = _place(small, path)

    draft = import_items(small, export_items(small, name))

    assert draft.report() == (f"{name}: tidak ada perbedaan.",)
    assert draft.apply() == ()


@pytest.mark.parametrize("name", AUTHORED)
def test_every_exercise_of_the_course_is_rebuilt_as_it_was(tmp_path, name):
    """Not only are no differences shown: the YAML data made from the sheets are the same."""
    source = _source(COURSE, name)
    path = export_items(COURSE, name, tmp_path / "latihan.xlsx")
    tables = read_tables(path, read_workbook(path), source.tables())
    brief, key = deepcopy(source.brief.data), deepcopy(dict(source.key_data))

    SHAPES[source.kind][1](source.kind, tables, brief, key)

    assert (brief, key) == (source.brief.data, source.key_data)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n=+-'\"#,"),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() and "_x" not in text)


@example(["=1+1", "#N/A", "12", "'x", "=A1", "TRUE", "1/2", "2026-01-05"], [])
@given(st.lists(TEXTS, min_size=8, max_size=8), st.lists(st.integers(1, 5), max_size=10))
@settings(max_examples=30)
def test_whatever_a_text_looks_like_it_stays_text(tmp_path_factory, texts, ratings):
    """Formulas, errors, numbers, quotes and line breaks are texts; blanks around them do not count."""
    options = [{"id": id, "text": text} for id, text in zip("abc", texts, strict=False)]
    brief = {
        "items": [{"id": "q", "situation": texts[3], "question": texts[4], "options": options}]
    }
    key = {
        "items": {"q": {"experts": {"a": ratings} if ratings else {}, "reasons": {"b": texts[5]}}}
    }
    tables = items.tables("situational", brief, key)
    path = tmp_path_factory.mktemp("buku") / "x.xlsx"
    save(draw(tables, {"title": texts[6]}, lines=[texts[7]], warning=""), path)

    found = read_tables(path, read_workbook(path), tables)

    assert differences(tables, found) == ()


@given(st.dictionaries(st.sampled_from("abcdef"), TEXTS | st.integers(0, 99), min_size=1))
@settings(max_examples=60)
def test_yaml_written_back_holds_what_it_should(tmp_path_factory, new):
    text = "# kepala\na: 1 # satu\nb: teks\nc:\n  - {id: x, text: Satu}\n  - {id: y, text: Dua}\n"
    old = {"a": 1, "b": "teks", "c": [{"id": "x", "text": "Satu"}, {"id": "y", "text": "Dua"}]}
    path = tmp_path_factory.mktemp("yaml") / "x.yaml"

    def held(content):
        path.write_bytes(content.encode())
        try:
            return document.read(path).data
        except AuthoringError:
            return None

    assert new in [held(content) for content in rewritten(text, old, new)]


# ---- what a change looks like, and what it leaves alone ----


def test_a_change_is_shown_before_anything_is_written(small, attitude):
    _edit(attitude, Soal_E3="Menunggu arahan\ndari camat ", Soal_G3=3, Soal_F2="Keduanya didengar.")
    before = (small.source(MODULE) / "sikap.brief.yaml").read_bytes()

    draft = import_items(small, attitude)

    assert draft.report() == (
        "Soal!F2  s1 › a, Alasan (kunci)\n    tadinya: Kedua pihak didengar.\n    menjadi: Keduanya didengar.",
        "Soal!E3  s1 › b, Teks pilihan\n    tadinya: Menunggu arahan\n    menjadi: Menunggu arahan\ndari camat",
        "Soal!G3  s1 › b, Ahli 1 (kunci)\n    tadinya: 2\n    menjadi: 3",
        "m0-contoh/sikap: 3 perubahan.",
    )
    assert (small.source(MODULE) / "sikap.brief.yaml").read_bytes() == before


def test_applying_changes_only_the_lines_that_differ(small, attitude):
    brief, key = small.source(MODULE) / "sikap.brief.yaml", small.keys(MODULE) / "sikap.key.yaml"
    key.write_text(
        "# Contoh kunci.\n" + key.read_text().replace("      b:", "      # belum pasti\n      b:")
    )
    attitude.unlink()
    export_items(small, f"{MODULE}/sikap")
    texts = brief.read_text(), key.read_text()
    _edit(attitude, Soal_E3="Menunggu kabar", Soal_F3="Masalah tetap ada.", Soal_G2=4)

    written = import_items(small, attitude).apply()

    assert written == (brief, key)
    assert brief.read_text() == texts[0].replace("Menunggu arahan", "Menunggu kabar")
    assert key.read_text() == (
        texts[1]
        .replace("Masalah dibiarkan.", "Masalah tetap ada.")
        .replace("a: [5, 5, 4", "a: [4, 5, 4")
    )
    assert list(brief.parent.glob(".*")) == []


@pytest.mark.parametrize("head", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_marks_and_indents_stay_as_their_author_has_them(small, head, end):
    path = small.source(MODULE) / "pemahaman.brief.yaml"
    text = head + path.read_text().replace("\n  - id", "\n- id").replace("\n    ", "\n  ")
    path.write_bytes(text.replace("\n  - ", "\n    - ").replace("\n", end).encode())
    before = path.read_bytes()
    book = export_items(small, f"{MODULE}/pemahaman")
    _edit(book, Soal_E3="Hanya kepada pedagang")

    import_items(small, book).apply()

    assert path.read_bytes() == before.replace(b"Kepada pedagang saja", b"Hanya kepada pedagang")


def test_items_and_options_are_added_removed_and_moved(small, choice):
    book, sheet = _sheet(choice)
    first = [[cell.value for cell in row] for row in sheet["A2:G4"]]
    second = [[cell.value for cell in row] for row in sheet["A5:G7"]]
    new = [
        ["b3", "Siapa yang menandatangani?", None, "lurah", "Lurah", "ya", "Wewenangnya."],
        [None, None, None, "rt", "Ketua RT", None, "Bukan wewenangnya."],
        [None, None, None, "camat", "Camat", None, "Camat membina."],
    ]
    for row, values in enumerate(
        [*second[:2], ["b2", None, None, *second[2][3:]], *first, *new], 2
    ):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
    sheet["D4"].value, sheet["E4"].value, sheet["G4"].value = "d", "Menunda", "Pembiaran."
    book.save(choice)

    draft = import_items(small, choice)
    draft.apply()

    assert [str(change).splitlines()[0] for change in draft.changes] == [
        "Soal  b2 › c: dihapus",
        "Soal!D4  b2 › d: baru",
        "Soal!E4  b2 › d, Teks pilihan",
        "Soal!G4  b2 › d, Alasan (kunci)",
        "Soal!A8  b3: baru",
        "Soal!B8  b3, Soal",
        "Soal!D8  b3 › lurah: baru",
        "Soal!E8  b3 › lurah, Teks pilihan",
        "Soal!F8  b3 › lurah, Benar (kunci)",
        "Soal!G8  b3 › lurah, Alasan (kunci)",
        "Soal!D9  b3 › rt: baru",
        "Soal!E9  b3 › rt, Teks pilihan",
        "Soal!G9  b3 › rt, Alasan (kunci)",
        "Soal!D10  b3 › camat: baru",
        "Soal!E10  b3 › camat, Teks pilihan",
        "Soal!G10  b3 › camat, Alasan (kunci)",
        "Soal: urutannya berubah",
    ]
    exercise = small.authored(MODULE)["pemahaman"]
    assert [item.id for item in exercise.brief.items] == ["b2", "b1", "b3"]
    assert [option.id for option in exercise.brief.items[0].options] == ["a", "b", "d"]
    assert set(exercise.key.items["b2"].reasons) == {"a", "b", "d"}
    assert exercise.key.items["b3"].correct == ("lurah",)
    assert exercise.kind.check(exercise.brief, exercise.key) == ()


def test_an_expert_more_is_a_column_more(small, attitude):
    _edit(attitude, Soal_O1="ahli 9 (kunci)", Soal_O2=5, Soal_O3=2, Soal_O4=1, Soal_O5=4)

    import_items(small, attitude).apply()

    experts = small.authored(MODULE)["sikap"].key.items["s1"].experts
    assert {option: (len(each), each[-1]) for option, each in experts.items()} == {
        "a": (9, 5), "b": (9, 2), "c": (9, 1), "d": (9, 4),
    }  # fmt: skip


def test_points_clauses_and_fallbacks_of_a_negotiation_come_back(small, bargain):
    _edit(
        bargain, Isu_D3="Februari", Isu_E3="wali kota", Isu_F3="mpp, layanan", Isu_F4="tidak ada",
        Isu_H3=16, Isu_I2="1", Alternatif_B3=40, Alternatif_C2="Dua loket keliling.",
    )  # fmt: skip

    import_items(small, bargain).apply()

    brief = small.authored(MODULE)["gedung-layanan"].brief
    option = brief.issues[0].options[1]
    assert (option.label, option.authority, option.legal_basis) == (
        "Februari",
        "wali kota",
        ("mpp", "layanan"),
    )
    assert brief.issues[0].options[2].legal_basis == ()
    assert brief.points["jadwal"] == (20, 16, 10, 5, 0)
    assert brief.model.variants[0].points["jadwal"] == (1, 5, 10, 15, 20)
    assert (brief.model.variants[0].batna.points, brief.batna.text) == (40, "Dua loket keliling.")


def test_a_variant_more_is_a_column_and_a_row_more(small, bargain):
    book, sheet = _sheet(bargain, "Isu")
    sheet["K1"] = "Poin mitra c (kunci)"
    for row in range(2, 27):
        sheet.cell(row, 11).value = sheet.cell(row, 9).value
    book["Alternatif"]["A5"], book["Alternatif"]["B5"] = "c", 37
    book.save(bargain)

    import_items(small, bargain).apply()

    variants = small.authored(MODULE)["gedung-layanan"].brief.model.variants
    assert [each.id for each in variants] == ["a", "b", "c"]
    assert (variants[2].points, variants[2].batna.points) == (variants[0].points, 37)


# ---- what people do to spreadsheets ----


def test_harmless_habits_change_nothing(small, attitude):
    """Numbers as text, blank rows, spaces, ids repeated down a column, merged ids, a sheet of notes."""
    book, sheet = _sheet(attitude)
    sheet["G2"], sheet["H2"], sheet["E2"] = "5", " 5,0 ", "  Menemui kedua pihak\r\n"
    sheet["A3"], sheet["B3"] = "s1", sheet["B2"].value
    sheet.insert_rows(5)
    sheet["A1"] = " BUTIR  "
    sheet.merge_cells("C2:C5")
    book.create_sheet("Catatan")["A1"] = "=1+1"
    book.save(attitude)

    assert import_items(small, attitude).changes == ()


def test_columns_may_stand_in_another_order(small, choice):
    book, sheet = _sheet(choice)
    for row in sheet["F1:G400"]:
        row[0].value, row[1].value = row[1].value, row[0].value
    book.save(choice)

    assert import_items(small, choice).changes == ()


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"Soal_E3": None}, "Soal!E3: bidang “text” wajib diisi"),
        ({"Soal_B2": None}, "Soal!B2: bidang “situation” wajib diisi"),
        ({"Soal_B2": date(2026, 1, 5)},
         "Soal!B2: berisi tanggal atau waktu, padahal yang diperlukan teks atau angka; ubah format sel "
         "menjadi Teks, lalu ketik ulang"),
        ({"Soal_E3": 0.5},
         "Soal!E3: berisi angka 0.5, padahal yang diperlukan teks; ubah format sel menjadi Teks, lalu "
         "ketik ulang seperti yang ingin ditampilkan"),
        ({"Soal_E3": True},
         "Soal!E3: berisi TRUE atau FALSE, padahal yang diperlukan teks; ubah format sel menjadi Teks, "
         "lalu ketik ulang"),
        ({"Soal_E3": "=A1&B1"},
         "Soal!E3: berisi rumus yang hasilnya tidak tersimpan; salin lalu tempel sebagai nilai"),
        ({"Soal_E3": "#N/A"}, "Soal!E3: berisi galat rumus; perbaiki, lalu tempel sebagai nilai"),
        ({"Soal_H4": "dua"}, "Soal!H4: harus bilangan bulat 1 sampai 5, bukan “dua”"),
        ({"Soal_H4": 2.5}, "Soal!H4: harus bilangan bulat 1 sampai 5, bukan “2.5”"),
        ({"Soal_H4": 7}, "Soal!H4: harus bilangan bulat 1 sampai 5, bukan “7”"),
        ({"Soal_H4": None}, "Soal!H4: belum diisi; harus bilangan bulat"),
        ({"Soal_N4": None}, "Soal!N4: setiap pilihan harus dinilai oleh ahli yang sama banyaknya"),
        ({"Soal_A2": "s 1"},
         "Soal!A2: kode “s 1” hanya boleh berisi huruf, angka, tanda hubung, dan garis bawah, diawali "
         "huruf atau angka, paling panjang 40 tanda"),
        ({"Soal_D3": None}, "Soal!D3: kode pilihan belum diisi"),
        ({"Soal_D3": "a"}, "Soal!D3: kode “a” sudah dipakai di baris lain"),
        ({"Soal_B3": "Lain"},
         "Soal!B3: berbeda dari isi baris pertama “s1”; kosongkan, karena cukup diisi pada baris pertama"),
        ({"Soal_E1": "Teks"}, "Soal!E1: judul kolom “Teks” tidak dikenal"),
        ({"Soal_Q3": "?"}, "Soal!Q3: kolom Q berisi, tetapi tidak mempunyai judul"),
        ({"Soal_F3": None}, "Soal!F3: kunci items s1: reasons: “b” belum ada"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_cell(small, attitude, cells, problem):
    _edit(attitude, **cells)

    assert problem in _problems(small, attitude)


def test_problems_of_a_negotiation_name_the_sheet_too(small, bargain):
    _edit(bargain, Isu_I4="banyak", Alternatif_B3=None)

    assert _problems(small, bargain) == [
        "Isu!I4: harus bilangan bulat, bukan “banyak”",
        "Alternatif!B3: bidang “points” wajib diisi",
    ]


def test_a_missing_heading_and_a_missing_sheet_are_told(small, attitude, bargain):
    book, sheet = _sheet(attitude)
    sheet.delete_cols(6)
    book.save(attitude)
    other = openpyxl.load_workbook(bargain)
    del other["Alternatif"]
    other.save(bargain)

    assert _problems(small, attitude) == [
        "Soal!1: kolom “Alasan (kunci)” tidak ada; judul kolom di baris pertama tidak boleh diubah"
    ]
    assert _problems(small, bargain) == [
        "Alternatif: lembar ini tidak ada; ekspor ulang, lalu pindahkan isi Anda"
    ]


def test_cells_merged_across_options_are_told(small, attitude):
    book, sheet = _sheet(attitude)
    sheet.merge_cells("E3:E4")
    book.save(attitude)

    assert "Soal!E3: sel E3:E4 digabung; pisahkan, lalu isi setiap baris" in _problems(
        small, attitude
    )


def test_a_formula_counts_as_the_value_that_was_saved_with_it(small, attitude):
    """As Excel saves it: the formula, and beside it what it came to."""
    _parts(attitude, lambda name, text: re.sub(
        rb'(<c r="E3"[^>]*?) t="\w+"><v>\d+</v></c>',
        rb'\1 t="str"><f>CONCATENATE("Menunggu"," arahan")</f><v>Menunggu arahan</v></c>', text,
    ) if name.endswith("sheet2.xml") else text)  # fmt: skip

    assert import_items(small, attitude).changes == ()


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**12), st.floats(allow_nan=False, allow_infinity=False),
    TEXTS, st.dates(), st.times(), st.sampled_from(["a", "ya", "5", "=1", "=A1", "#REF!", "s1", "tidak ada", "1e5"]),
)  # fmt: skip


@given(st.dictionaries(st.tuples(st.integers(1, 7), st.integers(1, 16)), ODD, max_size=5))
@settings(max_examples=40)
def test_whatever_stands_in_a_cell_is_taken_or_told(lent, cells):
    """Nothing but our own errors; every problem names a sheet."""
    course, original = lent
    path = original.with_name("isian.xlsx")
    book = openpyxl.load_workbook(original)
    for (row, column), value in cells.items():
        book["Soal"].cell(row, column).value = value
    book.save(path)

    try:
        found = [*import_items(course, path).report()]
    except AuthoringError as error:
        found = [problem.field for problem in error.problems]
        assert all(field.startswith("Soal") for field in found)
    assert found


@pytest.fixture(scope="module")
def lent(tmp_path_factory):
    """A workbook of a course that nobody changes."""
    root = tmp_path_factory.mktemp("lent") / "root"
    shutil.copytree(ROOT / "tests" / "course_small", root)
    course = Course.load(root)
    return course, export_items(course, f"{MODULE}/sikap")


# ---- files that are none ----


def _parts(path, change=lambda name, text: text, **more):
    """Rewrite the parts of a workbook."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, text in more.items():
            new.writestr(f"xl/{name}.bin", text)
    path.write_bytes(content.getvalue())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("soal.csv", b"Butir,Keadaan\n", "soal.csv adalah berkas CSV atau teks."),
        ("soal.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
         "soal.xls adalah buku kerja Excel lama (.xls) atau dilindungi kata sandi."),
        ("soal.xlsx", b"", "soal.xlsx bukan buku kerja Excel (.xlsx)."),
        ("soal.xlsx", b"PK\x03\x04" + bytes(40), "soal.xlsx tidak dapat dibuka sebagai buku kerja Excel"),
        ("soal.xlsx", bytes(5 * 2**20), "soal.xlsx lebih besar dari 4 MB."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_workbook_is_refused_by_name(small, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)

    assert _refusal(small, path).startswith(said)


def test_a_missing_file_is_refused_by_name(small, tmp_path):
    assert _refusal(small, tmp_path / "x.xlsx") == (
        "x.xlsx tidak dapat dibaca (No such file or directory)."
    )


def test_a_workbook_with_a_macro_is_refused(small, attitude):
    _parts(attitude, vbaProject=b"makro")

    assert _refusal(small, attitude).startswith("sikap.xlsx memuat makro.")


def test_a_zip_bomb_is_not_opened(small, attitude):
    _parts(attitude, media=bytes(30 * 2**20))

    assert attitude.stat().st_size < 100_000
    assert "lebih dari 24 MB setelah dibuka" in _refusal(small, attitude)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"</sheetData>", b'<row r="900000"><c r="A900000"><v>1</v></c></row></sheetData>',
         "sikap.xlsx berisi sel A900000, di luar batas 5000 baris dan 200 kolom."),
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
         "sikap.xlsx berisi sel gabungan yang terlalu luas."),
        (b"</sheetData>", b"<row>" + b"<c/>" * 60_000 + b"</row></sheetData>",
         "sikap.xlsx berisi lebih dari 60000 sel."),
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "sikap.xlsx tidak dapat dibuka"),
        (b"<sheetData", b"<sheetDat", "sikap.xlsx tidak dapat dibuka sebagai buku kerja Excel"),
    ],
)  # fmt: skip
def test_a_sheet_beyond_all_bounds_is_refused(small, attitude, old, new, said):
    _parts(attitude, lambda name, text: text.replace(old, new, 1) if "sheet2" in name else text)

    assert _refusal(small, attitude).startswith(said)


def test_a_workbook_from_elsewhere_is_refused(small, tmp_path):
    path = tmp_path / "lain.xlsx"
    openpyxl.Workbook().save(path)

    assert _refusal(small, path).startswith("lain.xlsx tidak dibuat oleh pamong export-items")


def test_a_workbook_cannot_name_a_file_outside_the_course(small, attitude):
    book, sheet = _sheet(attitude, "Petunjuk")
    row = next(row for row in sheet.iter_rows() if row[0].value == "Latihan")
    row[1].value = f"{MODULE}/../../../graders/{MODULE}/sikap"
    book.save(attitude)

    assert _refusal(small, attitude).startswith("Tidak ada latihan “../../../graders")


# ---- versions and what changed meanwhile ----


def test_yaml_that_changed_since_the_export_is_not_overwritten(small, attitude):
    path = small.source(MODULE) / "sikap.brief.yaml"
    path.write_text(path.read_text().replace("Menemui", "Mengunjungi"))
    _edit(attitude, Soal_E3="Menunggu kabar")

    draft = import_items(small, attitude)

    assert "Berkas YAML berubah sejak buku kerja ini diekspor" in draft.report()[-1]
    with pytest.raises(CourseError, match="^m0-contoh/sikap: berkas YAML berubah sejak"):
        draft.apply()
    assert "Menunggu arahan" in path.read_text()


def test_what_was_released_changes_only_under_a_new_version(released):
    book = export_items(released, f"{MODULE}/sikap")
    _edit(book, Soal_G2=4)
    path = released.source(MODULE) / "sikap.brief.yaml"

    with pytest.raises(CourseError, match="versi 1 sudah terbit dan tidak boleh berubah"):
        import_items(released, book).apply()
    draft = import_items(released, book, raise_version=True)

    assert draft.report()[-1] == "Versi dinaikkan dari 1 menjadi 2."
    assert draft.apply() == (path, released.keys(MODULE) / "sikap.key.yaml")
    assert released.authored(MODULE)["sikap"].brief.version == 2


def test_a_version_that_was_never_released_is_not_raised(small, attitude):
    _edit(attitude, Soal_G2=4)

    import_items(small, attitude, raise_version=True).apply()

    assert small.authored(MODULE)["sikap"].brief.version == 1


def test_a_key_that_is_not_there_yet_is_made(small):
    key = small.keys(MODULE) / "pemahaman.key.yaml"
    key.unlink()
    book = export_items(small, f"{MODULE}/pemahaman")
    cells = {f"Soal_G{row}": f"Alasan {row}" for row in range(2, 8)}
    _edit(book, Soal_F2="ya", Soal_F5="Ya", **cells)

    import_items(small, book).apply()

    assert small.authored(MODULE)["pemahaman"].key.items["b2"].correct == ("a",)
    assert key.stat().st_mode & 0o077 == 0


# ---- nothing leaks ----


def test_the_workbook_of_a_graded_exercise_says_in_red_that_it_holds_the_key(small, attitude):
    book, guide = _sheet(attitude, "Petunjuk")

    assert guide["A2"].value.startswith(
        "RAHASIA. Buku kerja ini memuat kunci latihan yang dinilai."
    )
    assert guide["A2"].font.color.rgb == "FFC00000"
    assert book["Soal"]["F1"].value == "Alasan (kunci)"
    assert book["Soal"].freeze_panes == "B2"
    assert attitude == small.keys(MODULE) / "sikap.xlsx"
    assert attitude.stat().st_mode & 0o077 == 0


def test_a_practice_exercise_has_no_secret(small):
    _, guide = _sheet(export_items(small, f"{MODULE}/latihan"), "Petunjuk")

    assert "RAHASIA" not in "".join(str(cell.value) for row in guide.iter_rows() for cell in row)


@pytest.mark.parametrize("folder", ["course/source/m0-contoh", "course/release", "course/exchange"])
def test_no_workbook_is_put_where_participants_look(small, folder):
    with pytest.raises(CourseError, match="^Buku kerja memuat kunci"):
        export_items(small, f"{MODULE}/sikap", small.root / folder / "sikap.xlsx")


@pytest.mark.usefixtures("attitude")
def test_a_workbook_that_is_there_is_not_overwritten(small):
    with pytest.raises(CourseError, match="sudah ada dan mungkin berisi perubahan"):
        export_items(small, f"{MODULE}/sikap")


def test_kinds_without_tables_are_refused_by_name(small):
    with pytest.raises(CourseError, match="^Jenis reflection belum dapat diekspor ke Excel"):
        export_items(small, f"{MODULE}/refleksi")


def test_every_exported_kind_is_a_kind():
    assert set(SHAPES) <= set(KINDS)


# ---- as typed ----


def test_the_commands_export_show_and_apply(small, monkeypatch):
    monkeypatch.chdir(small.root)
    run = CliRunner().invoke
    out = run(app, ["export-items", f"{MODULE}/sikap", "--to", "sikap.xlsx"])
    _edit(small.root / "sikap.xlsx", Soal_E3="Menunggu kabar")

    shown = run(app, ["import-items", "sikap.xlsx"])
    applied = run(app, ["import-items", "sikap.xlsx", "--apply"])

    assert (out.exit_code, out.output) == (0, "sikap.xlsx\n")
    assert shown.output == (
        "Soal!E3  s1 › b, Teks pilihan\n    tadinya: Menunggu arahan\n    menjadi: Menunggu kabar\n"
        "m0-contoh/sikap: 1 perubahan.\n"
        "Belum ada yang ditulis. Bila sudah benar, ulangi dengan --apply.\n"
        "  pamong import-items sikap.xlsx --apply\n"
    )
    assert applied.output.splitlines()[-1] == (
        "Ditulis: sikap.brief.yaml. Ekspor ulang sebelum mengubah lagi di Excel."
    )
    assert (
        run(app, ["import-items", "sikap.xlsx"]).output == "m0-contoh/sikap: tidak ada perbedaan.\n"
    )
