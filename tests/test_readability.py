"""How hard a text is to read."""

from pamong.inspection.readability import measure


def test_the_text_of_a_long_sentence_is_measured_by_lix() -> None:
    """Two sentences of five words, of which four are longer than six letters: 5 + 40."""
    read = measure("Lurah mendengar warga di pasar. Pedagang meminta tempat yang terjangkau.")
    assert (read.words, read.lix, read.longest_words) == (10, 45.0, 5)
    assert measure("").lix == 0.0
    assert measure("Bu Lurah bertanya: apa yang paling berat?").longest_words == 4
