"""Who takes part."""

from pathlib import Path

import pytest

from pamong.errors import AuthoringError
from pamong.programme import Cohort, Programme
from pamong.roster import read_roster

PROGRAMME = Programme(
    title="Uji",
    course_id="uji",
    modules=(),
    cohorts=(Cohort(id="a01", title="Angkatan I"),),
    roles=("lurah", "camat"),
)
HEADER = "id,name,role,region,cohort,superior\n"


def roster(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(AuthoringError) as caught:
        read_roster(path, PROGRAMME)
    return [f"{p.line}:{p.field}:{p.message}" for p in caught.value.problems]


def test_a_roster_reads_in_file_order(tmp_path: Path) -> None:
    path = roster(tmp_path, HEADER + "p1,Ani,lurah,Contoh,a01,p2\np2,Budi,camat,Contoh,a01,\n")
    people = read_roster(path, PROGRAMME).participants
    assert [(person.id, person.role, person.superior) for person in people] == [
        ("p1", "lurah", "p2"),
        ("p2", "camat", ""),
    ]


def test_where_somebody_lives_may_be_told_in_the_letters_that_they_use(tmp_path: Path) -> None:
    header = HEADER.rstrip() + ",zona\n"
    rows = "p1,Ani,lurah,Contoh,a01,,WIT\np2,Budi,camat,Contoh,a01,,wita\np3,C,camat,X,a01,,\n"
    people = read_roster(roster(tmp_path, header + rows), PROGRAMME).participants
    assert [person.zone for person in people] == ["Asia/Jayapura", "Asia/Makassar", ""]
    assert problems(roster(tmp_path, header + "p1,Ani,lurah,Contoh,a01,,Papua\n")) == [
        "2:zona:'Papua' tidak dikenal; pilihan: WIB, WITA, WIT"
    ]


def test_a_nip_may_be_told_as_people_and_spreadsheets_write_it(tmp_path: Path) -> None:
    header = HEADER.rstrip() + ",nip\n"
    rows = (
        "p1,Ani,lurah,Contoh,a01,,19790412 200501 1 003\n"
        "p2,Budi,camat,Contoh,a01,,'197904122005011003\np3,C,camat,X,a01,,\n"
    )
    people = read_roster(roster(tmp_path, header + rows), PROGRAMME).participants
    assert [person.nip for person in people] == ["197904122005011003"] * 2 + [""]
    assert problems(roster(tmp_path, header + "p1,Ani,lurah,Contoh,a01,,1.97904E+17\n")) == [
        "2:nip:'1.97904E+17' bukan NIP 18 angka; atur kolomnya sebagai teks, atau kosongkan"
    ]


def test_semicolons_and_a_byte_order_mark_from_a_spreadsheet_are_understood(tmp_path: Path) -> None:
    text = "\ufeffid;name;role;region;cohort;superior\r\np1;Ani, S.Sos.;lurah;Contoh;a01;\r\n"
    assert read_roster(roster(tmp_path, text), PROGRAMME).participants[0].name == "Ani, S.Sos."


def test_empty_rows_that_a_spreadsheet_leaves_behind_are_no_participants(tmp_path: Path) -> None:
    path = roster(tmp_path, HEADER + "p1,Ani,lurah,Contoh,a01,\n,,,,,\n")
    assert len(read_roster(path, PROGRAMME).participants) == 1


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    text = (
        HEADER
        + "P 1,,raja,,a09,p9\np2,Budi,camat,Contoh,a01,p2\np3,C,lurah,X,a01,\np3,D,lurah,X,a01,\n"
    )
    assert problems(roster(tmp_path, text)) == [
        "2:id:id 'P 1' harus terdiri atas huruf kecil, angka, titik, garis bawah, atau tanda hubung"
        " (paling panjang 32)",
        "2:name:kolom name wajib diisi",
        "2:region:kolom region wajib diisi",
        "2:role:'raja' tidak dikenal; pilihan: lurah, camat",
        "2:cohort:'a09' tidak dikenal; pilihan: a01",
        "2:superior:atasan 'p9' tidak ada dalam daftar",
        "3:superior:'p2' menjadi atasan bagi dirinya sendiri melalui rantai atasan",
        "4:id:id 'p3' muncul lebih dari sekali",
        "5:id:id 'p3' muncul lebih dari sekali",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"id,name\np1,Ani\n", "1::kolom tidak ada: role, region, cohort, superior"),
        (HEADER.encode(), "1::daftar tidak memuat seorang pun"),
        (HEADER.encode() + b"p1,Ani\n", "2::jumlah kolom tidak sama dengan kepala tabel (6)"),
        (
            HEADER.encode() + b"p1,\xff,lurah,X,a01,\n",
            "2::bukan teks UTF-8; simpan ulang sebagai CSV UTF-8",
        ),
        (b"x" * (4 * 1024 * 1024 + 1), "0::lebih besar dari 4194304 bita"),
    ],
)
def test_an_unusable_file_is_one_clear_error(tmp_path: Path, text: bytes, expected: str) -> None:
    assert problems(roster(tmp_path, text)) == [expected]


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.csv") == ["0::tidak dapat dibaca (No such file or directory)"]
