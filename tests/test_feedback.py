import re
import sqlite3

import pytest

from pamong.errors import CourseError
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import Desk, feedback, write

MODULE = "m0-contoh"


@pytest.fixture
def page(released, logs, hand_in, written):
    """The feedback page of a participant whose bot-played logs and essays are given."""

    def make(*essays, manual=None, comment=None, **bots):
        played = logs(**bots)
        if essays:
            played["refleksi"] = written(*essays)
        hand_in(released, "p001", played)
        grade(released, [MODULE], crew=local(1))
        if manual is not None:
            with sqlite3.connect(released.gradebook) as connection:
                connection.execute(
                    "update grade set manual_score = ?, needs_manual_grade = 0 where cell_id in "
                    "(select id from base_cell where name = 'uraian-q1' and type = 'GradeCell')",
                    (manual,),
                )
                connection.execute("update comment set manual_comment = ?", (comment,))
            connection.close()
        assert feedback(released, MODULE, workers=1) == 1
        return (released.feedback("p001", MODULE) / "module.html").read_text()

    return make


def visible(html):
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))


def test_points_parts_and_reasons_are_shown_to_their_owner(page):
    text = visible(page("Saya akan mendengar dahulu.", pemahaman="perfect", sikap="perfect"))
    for expected in (
        "Pelatihan Contoh", "Modul Contoh", "Ani Rekaan", "1 Desember 2026 pukul 10.00 WIB",
        "nilai sementara modul ini 70 /100", "Pemahaman dasar 40 /40",
        "Dinilai dari catatan jawaban Anda.", "Sikap di lapangan 30 /30",
        "Refleksi: pertanyaan 1 – /30 Menunggu pemeriksaan penilai.", "Apa yang akan Anda lakukan berbeda?",
        "Saya akan mendengar dahulu.",
    ):  # fmt: skip
        assert expected in text, expected


def test_the_markers_points_and_words_are_shown(page):
    text = visible(page("Teks.", manual=24.5, comment="Sudah baik.\n<b>Lanjutkan</b>"))
    assert "Refleksi: pertanyaan 1 24,5 /30 Dinilai oleh penilai." in text
    assert "Catatan penilai Sudah baik. &lt;b&gt;Lanjutkan&lt;/b&gt;" in text
    assert "nilai modul ini 24,5 /100" in text


def test_nothing_handed_in_is_said_plainly(page):
    assert visible(page()).count("Tidak ada jawaban yang dikumpulkan.") == 3


def test_the_owner_sees_what_markers_may_not(page, released):
    html = page(sikap="perfect", pemahaman="perfect")
    graded = (released.autograded("p001", MODULE) / "module.ipynb").read_text()
    assert "Menemui kedua pihak" in html
    assert "Menemui kedua pihak" not in graded


def test_neither_code_nor_key_nor_another_systems_words_are_shown(page):
    html = page("Teks.", pemahaman="random", sikap="random")
    for secret in ("module.", "import", "HIDDEN", "experts", "Errored", "Traceback", "guidance"):
        assert secret not in visible(html), secret


def test_an_errored_exercise_waits_without_its_technical_cause(released, hand_in):
    hand_in(released, "p001", {"pemahaman": b"rusak\n\n"})
    grade(released, [MODULE], crew=local(1))
    feedback(released, MODULE, workers=1)
    text = visible((released.feedback("p001", MODULE) / "module.html").read_text())
    assert "Pemahaman dasar – /40 Menunggu pemeriksaan penilai." in text
    assert "not an event" not in text


def test_text_of_participants_is_text(page):
    html = page('<script>alert(1)</script><img src="http://contoh.invalid/x">')
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_page_asks_for_nothing_and_forbids_itself_to(page):
    html = page("Teks.", pemahaman="perfect")
    assert "default-src 'none'" in html
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:)""", html)
    assert "url(http" not in html


def test_what_release_feedback_needs_lies_beside_the_page(page, released):
    page()
    folder = released.feedback("p001", MODULE)
    assert (folder / "submission_secret.txt").read_text() == "rahasiap001"
    assert (folder / "timestamp.txt").read_text() == "2026-12-01 03:00:00.000000 UTC"


def test_practice_is_left_out(page):
    assert "Latihan" not in visible(page(latihan="perfect"))


def test_one_page_that_fails_never_stops_the_others(released, hand_in):
    for person in ("p001", "p002"):
        hand_in(released, person)
    grade(released, [MODULE], crew=local(1))
    (released.autograded("p001", MODULE) / "module.ipynb").write_text("{")
    seen = []
    with pytest.raises(CourseError) as error:
        feedback(released, MODULE, workers=1, progress=lambda *step: seen.append(step))
    assert str(error.value).startswith("1 of 2 pages failed:\np001: CourseError: ")
    assert seen == [(1, 2), (2, 2)]
    assert (released.feedback("p002", MODULE) / "module.html").is_file()


def test_a_graded_notebook_that_is_gone_is_asked_for(released, hand_in):
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    (released.autograded("p001", MODULE) / "module.ipynb").unlink()
    with pytest.raises(CourseError, match=r"is missing. Run `pamong grade m0-contoh` again"):
        write(Desk.open(released, MODULE), "p001")


def test_without_a_roster_the_id_stands_for_the_name(page, released):
    released.roster.unlink()
    assert "p001 · dikumpulkan" in visible(page())
