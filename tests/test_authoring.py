"""What authors are told about their files."""

from pathlib import Path

import pytest

from pamong import authoring, document
from pamong.authoring import read_brief, read_key
from pamong.brief import load_brief
from pamong.errors import AuthoringError
from pamong.kinds import KINDS

GOOD = """\
kind: choice
id: pemahaman
version: 1
title: Pemahaman dasar
use: graded
stakes: summative
visibility: marker
minutes: 5
items:
  - id: b1
    stem: Mana yang benar?
    options:
      - {id: a, text: Ini}
      - {id: b, text: Itu}
      - {id: c, text: Semua}
"""
KEY = "items:\n  b1: {correct: [a], reasons: {a: Ya., b: Bukan., c: Bukan.}}\n"


def brief(tmp_path: Path, text: str, name: str = "pemahaman") -> Path:
    path = tmp_path / f"{name}.brief.yaml"
    path.write_bytes(text.encode())
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(AuthoringError) as caught:
        read_brief(path)
    return [f"{p.line}:{p.column} {p.field}: {p.message}" for p in caught.value.problems]


def test_a_good_brief_reads_the_same_for_authors_and_at_run_time(tmp_path: Path) -> None:
    path = brief(tmp_path, GOOD)
    assert read_brief(path) == load_brief(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("minutes: 5", "minuts: 5", ["8:1 minuts: bidang “minuts” tidak dikenal; mungkin maksudnya “minutes”"]),
        ("minutes: 5", "menit: 5", ["8:1 menit: bidang “menit” tidak dikenal; mungkin maksudnya “minutes”"]),
        ("minutes: 5", "lama: 5", ["1:1 minutes: bidang “minutes” wajib diisi", "8:1 lama: bidang “lama” tidak dikenal; yang masih dapat diisi di sini: attempts, intro, minutes"]),
        ("minutes: 5", "minutes: lima", ["8:1 minutes: harus bilangan bulat, bukan “lima”"]),
        ("minutes: 5", 'minutes: "5"', ["8:1 minutes: harus bilangan bulat; tulis 5 tanpa tanda kutip dan tanpa nol di depan"]),
        ("minutes: 5", "minutes: 05", ["8:1 minutes: harus bilangan bulat; tulis 5 tanpa tanda kutip dan tanpa nol di depan"]),
        ("minutes: 5", "minutes: 5,5", ["8:1 minutes: harus bilangan bulat, bukan “5,5”"]),
        ("minutes: 5", "minutes: 5.5", ["8:1 minutes: harus bilangan bulat, bukan “5.5”"]),
        ("minutes: 5", "minutes: true", ["8:1 minutes: harus bilangan bulat, bukan “true”"]),
        ("minutes: 5", "minutes:", ["8:1 minutes: belum diisi; harus bilangan bulat"]),
        ("minutes: 5", "minutes: .nan", ["8:1 minutes: harus bilangan bulat, bukan “.nan”"]),
        ("minutes: 5", "minutes: 500", ["8:1 minutes: harus 1 sampai 90 menit, sekarang 500"]),
        ("version: 1", "version: 0", ["3:1 version: nomor versi mulai dari 1, sekarang 0"]),
        ("use: graded", "use: dinilai", ["5:1 use: nilai “dinilai” tidak termasuk pilihan: practice, graded"]),
        ("use: graded", "use: grade", ["5:1 use: nilai “grade” tidak termasuk pilihan (practice, graded); mungkin maksudnya “graded”"]),
        ("stem:", "stems:", ["11:5 items[0].stems: bidang “stems” tidak dikenal; mungkin maksudnya “stem”"]),
        ("title: Pemahaman dasar", "title: 2026", ['4:1 title: harus teks; apit dengan tanda kutip: "2026"']),
        ("title: Pemahaman dasar", "title: true", ['4:1 title: harus teks; apit dengan tanda kutip: "true"']),
        ("title: Pemahaman dasar", "title:", ["4:1 title: belum diisi; harus teks"]),
        ("title: Pemahaman dasar", "title: {Rapat: pagi}", ["4:1 title: harus teks, bukan isian “bidang: nilai”; apit dengan tanda kutip bila titik dua itu bagian dari teks"]),
        ("minutes: 5", "minutes: 5\nshuffle: yes", ["9:1 shuffle: harus true atau false; tulis true tanpa tanda kutip"]),
        ("minutes: 5", "minutes: 5\nshuffle: mungkin", ["9:1 shuffle: harus true atau false"]),
        ("text: Ini}", "text: [Ini]}", ["13:17 items[0].options[0].text: harus teks, bukan daftar"]),
        ("      - {id: b, text: Itu}\n      - {id: c, text: Semua}\n", "", ["12:5 items[0].options: jumlahnya harus 3 sampai 8, sekarang 1"]),
        ("id: b1", "id: b 1", ["10:5 items[0].id: items: id “b 1” hanya boleh berisi huruf, angka"]),
        ("kind: choice", "kind: choise", ["1:1 kind: jenis latihan “choise” tidak dikenal; mungkin maksudnya “choice”"]),
        ("kind: choice", "kind: soal", ["1:1 kind: jenis latihan “soal” tidak dikenal; pilih salah satu: "]),
        ("kind: choice\n", "", ["1:1 kind: bidang “kind” wajib diisi dengan jenis latihan: "]),
        ("id: pemahaman", "id: lain", ["2:1 id: id “lain” harus sama dengan nama berkas, yaitu “pemahaman”"]),
    ],
)  # fmt: skip
def test_each_mistake_is_one_problem_with_line_column_and_field(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    found = told(brief(tmp_path, GOOD.replace(old, new, 1)))
    assert len(found) == len(expected)
    for line, start in zip(found, expected, strict=True):
        assert line.startswith(start)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("minutes: 5", "minutes: lima").replace("use: graded", "use: x")
    assert len(told(brief(tmp_path, text))) == 2


def test_two_misspelt_fields_are_never_taken_for_the_same_one(tmp_path: Path) -> None:
    text = GOOD.replace("minutes: 5", "minutess: 5\nminuts: 5")
    assert told(brief(tmp_path, text)) == [
        "8:1 minutess: bidang “minutess” tidak dikenal; mungkin maksudnya “minutes”",
        "9:1 minuts: bidang “minuts” tidak dikenal; yang masih dapat diisi di sini: attempts, intro, "
        "model, shuffle",
    ]


def test_a_field_that_is_there_already_is_never_suggested(tmp_path: Path) -> None:
    text = GOOD.replace("title: Pemahaman dasar", "title: Pemahaman dasar\ntitel: Lagi")
    assert told(brief(tmp_path, text)) == [
        "5:1 titel: bidang “titel” tidak dikenal; yang masih dapat diisi di sini: attempts, intro, "
        "model, shuffle"
    ]


def test_an_id_that_reads_like_a_no_stays_text(tmp_path: Path) -> None:
    text = GOOD.replace("{id: a, text: Ini}", "{id: no, text: on}").replace("id: c", "id: 01")
    read = read_brief(brief(tmp_path, text))
    options = read.items[0].options  # type: ignore[attr-defined]
    assert [(each.id, each.text) for each in options] == [
        ("no", "on"), ("b", "Itu"), ("01", "Semua"),
    ]  # fmt: skip


def test_an_enormous_value_is_not_echoed_whole(tmp_path: Path) -> None:
    text = GOOD.replace("use: graded", f"use: {'x' * 100_000}").replace("minutes: 5", f"minutes: {'y' * 9000}")  # fmt: skip
    assert all(len(line) < 200 for line in told(brief(tmp_path, text)))


def test_a_key_that_does_not_fit_its_brief_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pemahaman.key.yaml"
    path.write_text(KEY.replace("[a]", "[z]"), encoding="utf-8")
    exercise = read_brief(brief(tmp_path, GOOD))
    with pytest.raises(AuthoringError, match="z"):
        read_key(path, KINDS["choice"], exercise)


def test_a_problem_between_key_and_brief_stands_at_the_id_it_names(tmp_path: Path) -> None:
    path = tmp_path / "pemahaman.key.yaml"
    path.write_text(KEY.replace("[a]", "[a, b, c]"), encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        read_key(path, KINDS["choice"], read_brief(brief(tmp_path, GOOD)))
    assert {(problem.line, problem.field) for problem in caught.value.problems} == {(2, "items.b1")}


@pytest.mark.parametrize(
    ("text", "file", "place"),
    [
        ("points: poin isu waktu harus satu bilangan bulat", "brief", ("points", "waktu")),
        ("rounds: terlalu sedikit", "brief", ("rounds",)),
        ("a: poin isu waktu harus satu bilangan bulat", "key", ("variants", 0, "points", "waktu")),
        ("Varian a: tidak ada pasangan isu", "key", ("variants", 0, "id")),
        ("temper.beta = 60; seharusnya 0,1 sampai 4", "key", ("temper", "beta")),
        ("Isu dana harus memiliki dua pilihan", "brief", ("issues", 1, "id")),
        ("Tidak menyebut apa pun", "key", ()),
    ],
)
def test_a_problem_that_speaks_of_the_brief_alone_stands_in_the_brief(
    tmp_path: Path, text: str, file: str, place: document.Place
) -> None:
    given = tmp_path / "x.brief.yaml"
    given.write_text(
        "rounds: 6\nissues:\n  - {id: waktu}\n  - {id: dana}\npoints:\n  waktu: [1]\n", "utf-8"
    )
    key = tmp_path / "x.key.yaml"
    key.write_text("variants:\n  - id: a\n    points: {waktu: [2]}\ntemper: {beta: 60}\n", "utf-8")
    sources = {"brief": document.read(given), "key": document.read(key)}
    found = authoring.remark(sources["key"], text, given=sources["brief"])
    expected = sources[file].problem(place, found.message)
    assert (found.path, found.line, found.field) == (expected.path, expected.line, expected.field)


def test_a_problem_of_a_model_stands_at_the_id_in_the_model(tmp_path: Path) -> None:
    model = "model:\n  items:\n    b1:\n      correct: [z]\n      reasons: {a: Ya., b: Bukan., c: Bukan.}\n"
    source = document.read(brief(tmp_path, GOOD.replace("graded", "practice") + model))
    found = [
        authoring.remark(source, text, within=("model",))
        for text in ("Soal b1: harus ada tepat satu", "Soal b1: jawaban benar “z” tidak ada")
    ]
    assert [(each.line, each.field) for each in found] == [
        (18, "model.items.b1"),
        (19, "model.items.b1.correct[0]"),
    ]
