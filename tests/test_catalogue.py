"""Text that people read."""

import json
from string import Formatter

import pytest

from pamong.catalogue import Catalogue, areas, messages, source


def test_a_message_is_formatted_with_its_values() -> None:
    assert messages("legal")("checked", on="1 Mei 2026") == "Diperiksa 1 Mei 2026"


def test_an_unknown_message_names_its_file() -> None:
    with pytest.raises(KeyError, match="no message 'tidak.ada' in id/legal.json"):
        messages("legal")("tidak.ada")


def test_the_same_seed_says_the_same_words_and_seeds_differ() -> None:
    say = Catalogue("uji", "id", {"salam": ["Selamat pagi", "Selamat siang", "Selamat sore"]})
    words = [say.vary("salam", f"benih {n}") for n in range(30)]
    assert words == [say.vary("salam", f"benih {n}") for n in range(30)]
    assert len(set(words)) == 3


@pytest.mark.parametrize("area", areas())
def test_every_message_is_text_or_variants_that_take_the_same_values(area: str) -> None:
    entries = json.loads(source(area).read_text(encoding="utf-8"))
    for key, entry in entries.items():
        variants = [entry] if isinstance(entry, str) else entry
        assert variants, key
        assert all(isinstance(text, str) and text for text in variants), key
        for text in variants:
            list(Formatter().parse(text))
