"""The answer that sounds right without deciding."""

from pamong.kinds.normative import by_procedure, most_procedural, procedural

TEXTS = (
    "Tutup loket itu hari ini juga.",
    "Berkoordinasi dengan pihak terkait dan melapor kepada pimpinan.",
    "Menghubungi petugas secara santun.",
)


def test_procedure_and_courtesy_are_heard_whatever_the_case_of_the_letters():
    assert procedural("KOORDINASI dengan Pimpinan") == 2
    assert procedural("Tutup loket.") == 0


def test_the_most_procedural_text_comes_first_and_the_decision_last():
    assert most_procedural(TEXTS) == 1
    assert by_procedure(TEXTS) == (1, 2, 0)


def test_among_equals_the_longest_sounds_best():
    assert most_procedural(("Tutup.", "Tutup sekarang.", "Buka.")) == 1
