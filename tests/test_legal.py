"""Legal cards."""

from pathlib import Path

import pytest

from pamong.errors import AuthoringError
from pamong.legal import cards, table

CARD = """\
cards:
  - id: perda-1
    title: "Ketertiban <umum>"
    number: Perda 1/2001
    article: Pasal 2
    says: Trotoar untuk pejalan kaki.
    source: JDIH Rekaan
    status: unverified
    checked_on: 2026-11-22
"""


def legal(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "legal.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_shows_number_article_source_status_and_day_and_escapes_them(tmp_path: Path) -> None:
    shown = table(cards(legal(tmp_path, CARD)))
    for text in (
        "Ketertiban &lt;umum&gt;",
        "Perda 1/2001, Pasal 2",
        "Sumber: JDIH Rekaan",
        "Belum diperiksa pada naskah resmi; periksa JDIH",
        "Diperiksa 22 November 2026",
    ):
        assert text in shown


def test_no_file_means_no_cards(tmp_path: Path) -> None:
    assert cards(tmp_path / "legal.yaml") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("status: unverified", "status: kira-kira", "nilai 'kira-kira' tidak termasuk pilihan"),
        (
            "checked_on: 2026-11-22",
            "checked_on: kemarin",
            "checked_on harus tanggal seperti 2026-11-22, bukan “kemarin”",
        ),
        ("source: JDIH Rekaan", 'source: " "', "bidang source wajib diisi"),
        ("    checked_on: 2026-11-22\n", "", "bidang “checked_on” wajib diisi"),
    ],
)
def test_a_card_without_its_provenance_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(AuthoringError) as caught:
        cards(legal(tmp_path, CARD.replace(old, new)))
    assert message in str(caught.value)
