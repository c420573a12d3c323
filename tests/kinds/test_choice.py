"""Multiple choice: what answers are worth, why, and what authors are told."""

from pathlib import Path
from random import Random

import pytest

from pamong.brief import load_brief
from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import choice
from pamong.play import play
from pamong.score import Context
from tests.values import replace

BRIEF = load_brief(Path(__file__).with_name("choice.brief.yaml"))
KEY = BRIEF.model


def _state(*answers):
    acts = [("answer", {"item": item, "chosen": chosen}) for item, chosen in answers]
    opening = ("open", choice.opening(BRIEF, Random(1)))
    events = tuple(
        Event(
            n=n, id=str(n), at="2026-01-01T00:00:00.000Z", act=act, data=data, attempt=1,
            who="system" if act == "open" else "participant", exercise=BRIEF.id, version=1,
        )
        for n, (act, data) in enumerate([opening, *acts, ("finish", {})], 1)
    )  # fmt: skip
    return replay(choice.KIND, BRIEF, events)


def test_the_perfect_bot_earns_everything():
    events = play(choice.KIND, BRIEF, KEY, choice.KIND.bots["perfect"], rng=Random(1))

    assert choice.score(BRIEF, KEY, replay(choice.KIND, BRIEF, events), Context()).value == 1


@pytest.mark.parametrize(
    ("chosen", "worth"),
    [(["a", "b"], 1.0), (["a"], 0.5), (["a", "b", "c"], 0.5), (["a", "c"], 0.0), (["c", "d"], 0.0),
     (["a", "b", "c", "d"], 0.0)],
)  # fmt: skip
def test_several_options_earn_right_minus_wrong(chosen, worth):
    state = _state(("warga", chosen))

    assert choice.item_scores(BRIEF, KEY, state) == {"warga": worth}


@pytest.mark.parametrize(
    ("item", "chosen", "reason"),
    [
        ("maklumat", ["a"], "Tepat. Maklumat adalah janji terbuka untuk memenuhi standar."),
        ("maklumat", ["c"], "Belum tepat. Warga justru berhak mengadu."),
        ("warga", ["b", "a"], "Tepat, semua jawaban yang benar sudah Anda temukan."),
        ("warga", ["a", "c"], "Belum tepat, karena “Jumlah pengikut pengadu di media sosial” "
         "tidak termasuk jawaban yang benar. Jumlah pengikut tidak mengubah isi pengaduan."),
        ("warga", ["a"], "Belum lengkap, karena “Uraian kejadian” juga termasuk jawaban yang benar. "
         "Uraian menunjukkan apa yang perlu diperbaiki."),
        ("warga", [], "Soal ini belum Anda jawab, sehingga belum memberi nilai."),
    ],
)  # fmt: skip
def test_the_reason_says_why(item, chosen, reason):
    parts = choice.score(BRIEF, KEY, _state((item, chosen)), Context()).parts

    assert {part.name: part.reason for part in parts}[item] == reason


def test_an_answer_can_be_taken_back():
    state = _state(("warga", ["a"]), ("warga", []))

    assert choice.missing(BRIEF, state) == ("Soal 1 belum dijawab.", "Soal 2 belum dijawab.")


def test_two_options_where_one_is_asked_are_refused():
    with pytest.raises(IllegalEvent) as error:
        _state(("maklumat", ["a", "b"]))

    assert error.value.code == "illegal.one"


def test_answers_for_item_statistics_do_not_depend_on_the_order_of_clicks():
    assert choice.answers(BRIEF, _state(("warga", ["b", "a"]))) == {"warga": "a+b"}


def test_the_debrief_explains_each_option_of_what_was_answered():
    (item,) = choice.debrief(BRIEF, KEY, _state(("maklumat", ["b"])))["items"]

    assert item["worth"] == 0
    assert item["options"][1] == {
        "id": "b",
        "chosen": True,
        "correct": False,
        "why": "Gaji petugas tidak termasuk standar pelayanan.",
    }


def test_the_rendered_answer_shows_what_was_chosen():
    html = choice.render(BRIEF, _state(("warga", ["a", "b"])))

    assert "<li>Waktu dan tempat kejadian</li><li>Uraian kejadian</li>" in html
    assert "<em>Belum dijawab.</em>" in html


def test_persons_fall_for_the_same_distractors():
    """Item statistics of simulated people look like those of people: some distractors attract."""
    chosen = []
    for n in range(200):
        log = play(choice.KIND, BRIEF, KEY, choice.KIND.bots["person"], rng=Random(n), skill=0.2)
        chosen.append(choice.answers(BRIEF, replay(choice.KIND, BRIEF, log)).get("maklumat"))
    counts = sorted(chosen.count(option) for option in "bcd")

    assert counts[2] > 1.3 * counts[0]


def test_authors_are_told_of_right_answers_that_cannot_be_given():
    def problems(**changes):
        item = replace(KEY.items["maklumat"], **changes)
        return choice.check(BRIEF, replace(KEY, items={**KEY.items, "maklumat": item}))

    assert problems(correct=("x",)) == (
        "Soal maklumat: jawaban benar “x” tidak ada di antara pilihan.",
    )
    assert problems(correct=("a", "b")) == (
        "Soal maklumat: harus ada tepat satu jawaban benar, atau tandai soal dengan several: true.",
    )
    assert problems(reasons={**KEY.items["maklumat"].reasons, "e": "?"}) == (
        "kunci items maklumat: reasons: “e” tidak dikenal di soal",
    )


def test_too_few_options_are_refused():
    with pytest.raises(
        ValueError, match="^items x: options: jumlahnya harus 3 sampai 8, sekarang 1$"
    ):
        choice.Item(id="x", stem="Apa?", options=(choice.Option(id="a", text="A"),))
