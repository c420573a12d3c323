"""Reflection: what a machine may score, and what it leaves to people."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from pamong.brief import load_brief
from pamong.errors import IllegalEvent
from pamong.event import Draft, Event
from pamong.kind import Seat, replay
from pamong.kinds import prose, reflection
from pamong.play import play
from pamong.score import Context, Part, weighted
from pamong.session import Session
from pamong.store import MemoryStore
from tests.values import replace

BRIEF = load_brief(Path(__file__).with_name("reflection.brief.yaml"))
KEY = BRIEF.model
KIND = reflection.KIND


def _event(n, act, data, who="participant", exercise=BRIEF.id):
    return Event(
        n=n, id=str(n), at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
        exercise=exercise, version=1, attempt=1,
    )  # fmt: skip


PLAYED = Context(
    events={
        "nego-loket": (
            _event(1, "open", {}, "system"),
            _event(2, "offer", {}),
            _event(3, "reply", {"text": "Kami pelajari."}, "counterpart"),
            _event(4, "ask", {}),
            _event(5, "offer", {}),
            _event(6, "offer", {}, "counterpart"),
        )
    },
    scores={"nego-loket": weighted([Part("a", "A", 1, 0.7, "")])},
)


def _state(*acts):
    events = (_event(1, "open", {}, "system"), *(_event(n, *act) for n, act in enumerate(acts, 2)))
    return replay(KIND, BRIEF, events)


def _parts(state, context=PLAYED):
    return {part.name: part for part in reflection.score(BRIEF, KEY, state, context).parts}


def test_the_perfect_bot_earns_everything_in_the_context_it_sees():
    bot = KIND.bots["perfect"]

    def seated(seat):
        return bot(replace(seat, context=PLAYED))

    events = play(KIND, BRIEF, KEY, seated, rng=Random(1))

    assert reflection.score(BRIEF, KEY, replay(KIND, BRIEF, events), PLAYED).value == 1


def test_only_own_acts_of_the_right_sort_are_evidence():
    for numbers, value in [([2, 5], 1), ([2, 4], 0.5), ([3, 6], 0), ([1, 99], 0), ([5], 0.5)]:
        state = _state(("evidence", {"prompt": "q1", "events": numbers}))
        assert _parts(state)["evidence"].value == value, numbers


def test_evidence_from_an_exercise_that_was_not_played_is_worth_nothing():
    state = _state(("evidence", {"prompt": "q1", "events": [2, 5]}))

    assert _parts(state, Context())["evidence"].value == 0


def test_a_prediction_about_a_score_that_is_not_to_hand_is_not_judged():
    """As in practice, where the page knows that an exercise was played but has no key to it."""
    state = _state(("predict", {"prediction": "p1", "value": 70}))

    assert "prediction" not in _parts(state, Context(events=PLAYED.events))


def test_a_prediction_about_an_exercise_that_was_not_played_is_worth_nothing():
    part = _parts(_state(("predict", {"prediction": "p1", "value": 0})), Context())["prediction"]

    assert part.value == 0
    assert part.reason == (
        "Belum dapat dinilai seluruhnya, karena ada latihan yang diperkirakan tetapi belum Anda kerjakan."
    )


@pytest.mark.parametrize(
    ("value", "earned", "reason"),
    [
        (70, 1.0, "Perkiraan Anda dekat dengan hasil yang sebenarnya; Anda mengenal kemampuan sendiri "
         "dengan baik."),
        (100, 0.91, "Perkiraan Anda lebih tinggi daripada hasil yang sebenarnya; bandingkan keduanya untuk "
         "menemukan bagian yang perlu dilatih."),
        (20, 0.75, "Perkiraan Anda lebih rendah daripada hasil yang sebenarnya; kemampuan Anda lebih baik "
         "daripada yang Anda kira."),
    ],
)  # fmt: skip
def test_a_prediction_earns_by_its_squared_distance(value, earned, reason):
    part = _parts(_state(("predict", {"prediction": "p1", "value": value})))["prediction"]

    assert part.value == pytest.approx(earned)
    assert part.reason == reason


def test_completeness_counts_words_and_never_judges_them():
    long = _state(("text", {"prompt": "q1", "text": "kata " * 60}))
    half = _state(("text", {"prompt": "q1", "text": "kata " * 15}))

    assert _parts(long)["completeness"].value == 0.5
    assert _parts(half)["completeness"].value == 0.25
    assert _parts(half)["completeness"].reason.endswith("isinya dinilai oleh widyaiswara.")


def test_what_is_missing_is_said_in_the_order_of_the_form():
    assert reflection.missing(
        BRIEF, _state(("text", {"prompt": "q1", "text": "Saya mengalah."}))
    ) == (
        "Perkiraan 1 belum diisi.",
        "Pertanyaan 1 memerlukan paling sedikit 30 kata (sekarang 2).",
        "Pertanyaan 1 memerlukan 2 bukti dari riwayat Anda (sekarang 0).",
        "Pertanyaan 2 memerlukan paling sedikit 20 kata (sekarang 0).",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"prompt": "q1", "events": [2, 2]}, "illegal.repeated"),
        ({"prompt": "q1", "events": [2, 3, 4]}, "illegal.many"),
        ({"prompt": "q1", "events": [True]}, "illegal.number"),
        ({"prompt": "q2", "events": [2]}, "illegal.unknown"),
    ],
)
def test_evidence_that_cannot_be_meant_is_refused(data, code):
    with pytest.raises(IllegalEvent) as error:
        _state(("evidence", data))

    assert error.value.code == code


def test_a_text_beyond_its_bound_is_refused_and_half_a_character_replaced():
    with pytest.raises(IllegalEvent) as error:
        _state(("text", {"prompt": "q1", "text": "a" * 20_001}))

    assert error.value.code == "illegal.long"
    assert _state(("text", {"prompt": "q1", "text": "a\ud83d"})).texts == {"q1": "a?"}


def test_picks_are_the_acts_asked_for_each_with_its_number():
    assert reflection.picks(BRIEF, PLAYED) == {
        "q1": [
            {
                "n": 2,
                "attempt": 1,
                "text": "Tawaran ke-1 (langkah nomor 2)",
                "own": "",
                "reply": "Kami pelajari.",
            },
            {
                "n": 5,
                "attempt": 1,
                "text": "Tawaran ke-2 (langkah nomor 5)",
                "own": "",
                "reply": "",
            },
        ]
    }


def test_a_pick_quotes_the_option_that_was_chosen_among_those_put_up():
    scene = _event(2, "scene", {"options": [{"id": "a", "text": "Tutup “loket”."}]}, "counterpart")
    said = _event(3, "choose", {"option": "a", "reason": "Warga menunggu."})
    asked = reflection.Evidence(exercise="nego-loket", count=1, acts=("choose",))
    brief = replace(BRIEF, prompts=(replace(BRIEF.prompts[0], evidence=asked),))
    context = Context(events={"nego-loket": (scene, said)})
    (pick,) = KIND.picks(brief, context)[brief.prompts[0].id]
    assert pick["own"] == "Tutup ‘loket’."


def test_a_pick_quotes_what_was_written_with_the_act():
    said = _event(2, "choose", {"option": "a", "reason": "Warga menunggu sejak pagi."})
    asked = reflection.Evidence(exercise="nego-loket", count=1, acts=("choose",))
    brief = replace(BRIEF, prompts=(replace(BRIEF.prompts[0], evidence=asked),))
    (pick,) = KIND.picks(brief, Context(events={"nego-loket": (said,)}))[brief.prompts[0].id]
    assert (pick["text"], pick["own"]) == (
        "Pilihan ke-1 (langkah nomor 2)",
        "Warga menunggu sejak pagi.",
    )


def test_it_needs_the_exercises_it_looks_back_on():
    assert KIND.needs(BRIEF) == ("nego-loket",)


def test_persons_write_different_texts_of_different_length():
    texts = []
    for n in range(40):
        events = play(KIND, BRIEF, KEY, KIND.bots["person"], rng=Random(n), skill=n / 40)
        texts.append(replay(KIND, BRIEF, events).texts.get("q1", ""))
    lengths = sorted(prose.count_words(text) for text in texts)

    assert len(set(texts)) >= 38
    assert lengths[5] < 30 < lengths[20]
    assert not any("{" in text for text in texts)


def test_a_person_names_evidence_that_exists_when_the_log_is_at_hand():
    state = _state(
        ("predict", {"prediction": "p1", "value": 5}), ("text", {"prompt": "q1", "text": "a"})
    )
    seat = Seat(BRIEF, KEY, state, Random(3), 1.0, PLAYED)

    assert KIND.bots["person"](seat).data == {"prompt": "q1", "events": [2, 5]}


def test_a_reflection_cannot_look_back_on_itself():
    itself = replace(BRIEF.predictions[0], exercise=BRIEF.id)

    with pytest.raises(
        ValueError, match="^prompts: refleksi tidak dapat merujuk kepada dirinya sendiri$"
    ):
        replace(BRIEF, predictions=(itself,))


def test_the_page_offers_what_was_done_in_the_other_exercise():
    """Played later on the same store, it appears with the next screen."""
    store = MemoryStore()
    session = Session(
        KIND, BRIEF, store, participant="p", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert session.screen()["picks"] == {"q1": []}

    offer = Draft(id="x", who="participant", act="offer", attempt=1, at="2026-01-01T00:00:00.000Z")
    store.append("nego-loket", 1, 0, (offer,))
    screen = session.act("a1", "evidence", {"prompt": "q1", "events": []})

    assert [each["text"] for each in screen["picks"]["q1"]] == ["Tawaran ke-1 (langkah nomor 1)"]


def test_a_reflection_that_nobody_marks_promises_no_marker():
    unmarked = replace(BRIEF, marked=False)
    written = _parts(_state())["completeness"].reason
    counted = {
        part.name: part.reason for part in reflection.score(unmarked, KEY, _state(), PLAYED).parts
    }["completeness"]
    assert written.endswith("isinya dinilai oleh widyaiswara.")
    assert (
        counted == "Belum lengkap, karena baru 0 dari 2 pertanyaan dijawab sepanjang yang diminta."
    )


def test_an_act_without_a_word_of_its_own_is_called_a_step():
    brief = replace(
        BRIEF,
        prompts=(
            replace(
                BRIEF.prompts[0],
                evidence=reflection.Evidence(exercise="nego-loket", count=1, acts=("whistle",)),
            ),
        ),
    )
    context = Context(events={"nego-loket": (_event(2, "whistle", {}),)})
    (pick,) = KIND.picks(brief, context)[brief.prompts[0].id]
    assert pick["text"] == "Langkah ke-1 (langkah nomor 2)"
