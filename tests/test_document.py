"""Any YAML that a person might write: read as meant, or refused with one clear sentence and its place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong import document
from pamong.errors import AuthoringError


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "contoh.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(AuthoringError) as caught:
        document.read(path)
    return [f"{each.line}:{each.column} {each.message}" for each in caught.value.problems]


def outcome(path: Path) -> str:
    """What an author reads about a file; empty when it is a document."""
    try:
        document.read(path)
    except AuthoringError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("No", "No"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"),
        ("true", True), ("false", False), ("True", "True"), ("FALSE", "FALSE"),
        ("null", None), ("~", None), ("", None), ("Null", "Null"),
        ("7", 7), ("-7", -7), ("+7", 7), ("0", 0), ("01", "01"), ("007", "007"), ("0o17", "0o17"),
        ("0x1F", "0x1F"), ("1_000", "1_000"), ("12:30", "12:30"), ("1e3", "1e3"),
        ("0.5", 0.5), (".5", 0.5), ("-2.50", -2.5), ("1.5e3", 1500.0), ("0,5", "0,5"), ("1.2.3", "1.2.3"),
        (".nan", ".nan"), ("NaN", "NaN"), (".inf", ".inf"), ("-.inf", "-.inf"), ("Infinity", "Infinity"),
        ("2026-11-22", "2026-11-22"), ("2026-11-22 10:00:00", "2026-11-22 10:00:00"),
        ('"7"', "7"), ("'true'", "true"), ('""', ""), ("=", "="), ("9007199254740991", 2**53 - 1),
    ],
)  # fmt: skip
def test_a_plain_value_is_what_it_looks_like(tmp_path: Path, text: str, value: object) -> None:
    read = document.read(written(tmp_path, f"isi: {text}\n")).data["isi"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("text", ["{é😀: x, b: , c: ~}", "{é😀: x, b : , c: null}"])
def test_a_field_in_braces_may_be_left_empty_behind_its_colon(tmp_path: Path, text: str) -> None:
    read = document.read(written(tmp_path, f"isi: {text}\n"))
    assert read.data["isi"] == {"é😀": "x", "b": None, "c": None}


@pytest.mark.parametrize("key", ["no", "on", "yes", "1", "01", "true", "null", "2026-11-22", "1.5"])
def test_a_key_is_the_text_that_was_written(tmp_path: Path, key: str) -> None:
    assert document.read(written(tmp_path, f"{key}: x\n")).data == {key: "x"}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(
    tmp_path: Path, ends: str, mark: bytes
) -> None:
    text = ends.join(["a: 1", "b: |", "  satu", "  dua", "c: [x, y]", ""])
    read = document.read(written(tmp_path, mark + text.encode()))
    assert read.data == {"a": 1, "b": "satu\ndua\n", "c": ["x", "y"]}
    assert read.where(("c", 1)) == (5, 8)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a:\n\t- x\n", "2:1 baris ini menjorok dengan tab"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1 baris ini menjorok dengan tab"),
        ("a: 1\nb: 2\na: 3\n", "3:1 bidang “a” muncul dua kali; yang pertama di baris 1"),
        ("a: &x 1\n", "1:4 tanda & di sini berarti jangkar YAML (&x)"),
        ("a: *x\n", "1:4 tanda * di sini berarti rujukan YAML (*x)"),
        ("a: *penting* sekali\n", "1:4 teks tidak boleh diawali tanda * atau &"),
        ("a: !!python/object/apply:os.system [ls]\n", "1:4 tanda ! di sini berarti jenis YAML (tag:yaml.org,2002:python/object/apply"),
        ("a: !!str 1\n", "1:4 tanda ! di sini berarti jenis YAML"),
        ("a: !penting\n", "1:4 tanda ! di sini berarti jenis YAML (!penting)"),
        ("a: {}\nb:\n  <<: {x: 1}\n", "3:3 penggabungan dengan “<<” tidak dipakai"),
        ("a: 1\n---\nb: 2\n", "2:1 berkas ini memuat lebih dari satu dokumen"),
        ("? [a]\n: b\n", "1:3 nama bidang harus teks biasa"),
        ("{[a]: b}\n", "1:2 nama bidang harus teks biasa"),
        ('"": b\n', "1:1 nama bidang di depan titik dua masih kosong"),
        ("a: Catatan: rapat\n", "1:11 di sini ada titik dua di dalam teks"),
        ("a: @lurah\n", "1:4 teks tidak boleh diawali tanda ini"),
        ("a: %lima\n", "1:4 teks tidak boleh diawali tanda ini"),
        ("a: \"satu\n", "1:4 tanda kutip di sini tidak ditutup"),
        ('a: "\\q"\n', "1:5 garis miring terbalik"),
        ('a: "\\0"\n', "1:4 teks ini memuat tanda yang tidak dapat ditampilkan"),
        ('a: "Satu" dan dua\n', "1:11 di sini masih ada teks sesudah tanda kutip penutup"),
        ("a: [1, 2\n", "2:1 daftar dengan kurung siku di baris 1 tidak ditutup"),
        ("a: {b: 1\n", "2:1 isian dengan kurung kurawal di baris 1 tidak ditutup"),
        ("a: 1\n  b: 2\n", "2:4 di sini ada titik dua di dalam teks"),
        ("  a: 1\nb: 2\n", "2:1 "),
        ("a:\n- x\n z: 1\n", "3:3 di sini ada titik dua"),
        ("a: - b\n", "1:4 tanda “-” tidak boleh di sini"),
        ("a\nb: 1\n", "2:2 "),
        ("a: [{id: é, text: Spanduk, baliho, dan reklame}]\n", '1:13 koma di dalam {…} memisahkan bidang; apit seluruh teks ini dengan tanda kutip: text: "Spanduk, baliho, dan reklame"'),
        ("a: {x: 'Kata \"ya\", lalu', b, c: d}\n", "1:5 koma di dalam {…} memisahkan bidang; apit seluruh teks ini dengan tanda kutip: x: 'Kata \"ya\", lalu, b'"),
        ("a: {biaya: 8,5, id: x}\n", "1:5 koma di dalam {…} memisahkan bidang; pakai titik untuk pecahan: biaya: 8.5"),
        ("a: {b}\n", "1:5 “b” di dalam {…} tidak mempunyai nilai; tulis “b: nilai”"),
        ("a: {x: [1], b}\n", "1:13 “b” di dalam {…} tidak mempunyai nilai"),
        ("a: {minutes:15}\n", "1:5 sesudah titik dua harus ada spasi; tulis “minutes: 15”"),
        ("a: 1\nminutes:15\nb: 2\n", "2:1 sesudah titik dua harus ada spasi; tulis “minutes: 15”"),
        ("a: 1\nb: 2\nminutes:15\n", "3:1 sesudah titik dua harus ada spasi; tulis “minutes: 15”"),
        ("x:\n  - id:jam\n    b: 1\n", "2:3 sesudah titik dua harus ada spasi; tulis “id: jam”"),
        ("x:\n  -id: jam\n    b: 1\n", "2:3 sesudah tanda “-” di depan “id” harus ada spasi; tulis “- id: …”"),
        ("x:\n  -id: jam\n", "2:3 sesudah tanda “-” di depan “id” harus ada spasi; tulis “- id: …”"),
        ("x:\n  - id: a\n    b: 1\n  -id: jam\n    b: 2\n", "4:3 sesudah tanda “-” di depan “id” harus ada spasi"),
        ("a: 12345678901234567890\n", "1:4 angka 12345678901234567890 terlalu besar"),
        ("a: " + "9" * 5000 + "\n", "1:4 angka 999"),
        ("a: 1.5e999\n", "1:4 angka 1.5e999 terlalu besar"),
        ("", "0:0 berkas ini kosong"),
        ("# catatan saja\n", "0:0 berkas ini kosong"),
        ("- a\n- b\n", "0:0 isi berkas ini berupa daftar"),
        ("halo\n", "0:0 isi berkas ini hanya teks"),
        (b"a: caf\xe9\n", "1:7 di sini ada huruf yang bukan teks UTF-8"),
        ("a: 1\n".encode("utf-16"), "0:0 berkas ini disimpan sebagai UTF-16"),
        ("a: 1\n".encode("utf-16-le"), "1:2 di sini ada tanda kosong (NUL)"),
        (b"a: 1\nb: x\x00y\n", "2:5 di sini ada tanda kosong (NUL)"),
        (b"a: x\x07y\n", "1:5 di sini ada tanda kendali U+0007"),
        (b"x" * (5 * 1024 * 1024), "0:0 berkas ini lebih besar dari batas 256 KiB"),
        ("a: " + "[" * 5000 + "\n", "1:34 isian ini bersarang lebih dari 30 tingkat"),
        ("a: " + "[" * 900 + "]" * 900 + "\n", "1:34 isian ini bersarang lebih dari 30 tingkat"),
        ("".join(" " * n + "a:\n" for n in range(500)), "32:32 isian ini bersarang lebih dari 30 tingkat"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_sentence_with_its_place(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    found = told(written(tmp_path, content))
    assert len(found) == 1
    assert found[0].startswith(message)
    assert len(found[0]) < 250


def test_several_mistakes_are_told_together(tmp_path: Path) -> None:
    found = told(written(tmp_path, "a: &x 1\nb: *x\nc: !!set {}\na: 2\n"))
    assert [line.split(" ")[0] for line in found] == ["1:4", "2:4", "3:4", "4:1"]


def test_a_billion_laughs_are_refused_before_any_of_them_is_written_out(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    found = told(written(tmp_path, "\n".join(lines)))
    assert found[0].startswith("1:5 tanda & di sini berarti jangkar YAML (&a0)")
    assert len(found) == document.PROBLEM_LIMIT


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert told(tmp_path / "tidak-ada.yaml")[0].startswith("0:0 berkas tidak dapat dibaca")


def test_every_place_is_known_and_a_missing_one_is_the_nearest(tmp_path: Path) -> None:
    read = document.read(written(tmp_path, "a:\n  - b: 1\n    c: 2\n"))
    assert read.where(("a", 0, "c")) == (3, 5)
    assert read.where(("a", 0, "z")) == (2, 5)
    assert read.where(("z",)) == (1, 1)
    assert str(read.problem(("a", 0, "c"), "salah")) == f"{read.path}:3:5: a[0].c: salah"


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(max_examples=150)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: str | bytes) -> None:  # fmt: skip
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    path = written(tmp_path_factory.getbasetemp(), raw)
    assert "expected" not in outcome(path)


yamlish = st.lists(
    st.sampled_from(
        ["a", "b", ": ", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", '"', "|", ">", "&x ",
         "*x", "!!str ", "? ", "<<", "---\n", "\t", "#", " ", "1", "no", "%", "@", "`", "\\", "...\n"]
    ),
    max_size=30,
)  # fmt: skip


@given(yamlish.map("".join))
@settings(max_examples=300)
def test_anything_that_looks_like_yaml_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    assert "expected" not in outcome(path)
