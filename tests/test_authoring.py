"""What authors are told about their files."""

from pathlib import Path

import pytest

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
        ("minutes: 5", "menit: 5", ["1:1 minutes: bidang 'minutes' wajib diisi"]),
        ("minutes: 5", "minutes: lima", ["8:1 minutes: isi tidak sesuai: "]),
        ("minutes: 5", 'minutes: "5"', ["8:1 minutes: isi tidak sesuai: "]),
        ("minutes: 5", "minutes: true", ["8:1 minutes: isi tidak sesuai: "]),
        ("use: graded", "use: dinilai", ["5:1 use: nilai tidak termasuk pilihan: 'practice' or 'graded'"]),
        ("stem:", "stems:", ["10:5 items[0].stem: bidang 'stem' wajib diisi",
                             "11:5 items[0].stems: bidang 'stems' tidak dikenal; mungkin maksudnya 'stem'"]),
        ("kind: choice", "kind: pilihan", ["1:1 kind: jenis latihan 'pilihan' tidak dikenal; pilih salah satu: "]),
        ("id: pemahaman", "id: lain", ["2:1 id: id 'lain' harus sama dengan nama berkas, yaitu 'pemahaman'"]),
        ("title: Pemahaman dasar", "title: [", ["6:7 : did not find expected ',' or ']'"]),
        ("title:", "id: x\ntitle:", ["4:1 : kunci 'id' muncul dua kali"]),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_line_column_and_field(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    found = told(brief(tmp_path, GOOD.replace(old, new, 1)))
    for line in expected:
        assert any(one.startswith(line) for one in found), found


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("minutes: 5", "minutes: lima").replace("use: graded", "use: x")
    assert len(told(brief(tmp_path, text))) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "bukan teks UTF-8"),
        (b"a: " + b"[" * 5000 + b"\n", "did not find expected node content"),
        (b"x" * (300 * 1024), "lebih besar dari 262144 bita"),
        (b"- a\n- b\n", "jenis latihan None tidak dikenal"),
        (b"", "jenis latihan None tidak dikenal"),
    ],
)
def test_an_unreadable_file_is_one_clear_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "pemahaman.brief.yaml"
    path.write_bytes(content)
    assert message in "\n".join(told(path))


def test_a_key_that_does_not_fit_its_brief_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pemahaman.key.yaml"
    path.write_text(KEY.replace("[a]", "[z]"), encoding="utf-8")
    exercise = read_brief(brief(tmp_path, GOOD))
    with pytest.raises(AuthoringError, match="z"):
        read_key(path, KINDS["choice"], exercise)
