"""Guided canvases: locking, rows, rules and what they find, score, bots, and every shipped canvas."""

import json
import re
from pathlib import Path
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.authoring import read_brief
from pamong.brief import load_brief, plain
from pamong.catalogue import messages
from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import KINDS
from pamong.kinds.canvas import KIND, telling
from pamong.kinds.canvas.case import Brief, Field, Key, Option, Rows, Rule, Stage
from pamong.play import play
from pamong.score import Context
from tests.values import replace

TEMPLATES = Path(__file__).parents[2] / "templates"
SCAFFOLD = TEMPLATES / "exercises" / "canvas.brief.yaml"
CANVASES = sorted((TEMPLATES / "canvases").glob("*.brief.yaml"))
SHIPPED = (SCAFFOLD, *CANVASES)


def _options(*ids):
    return tuple(Option(id=id, text=f"Pilihan {id.upper()}") for id in ids)


def _text(id="isi", least=3, **more):
    return Field(id=id, type="text", label=id.capitalize(), min_words=least, **more)


def _brief(*stages, model=None, **more):
    given = {
        "kind": "canvas", "id": "uji", "version": 1, "title": "Kanvas <uji>", "use": "practice",
        "stakes": "formative", "visibility": "owner", "minutes": 20,
    }  # fmt: skip
    return Brief(**(given | more), stages=stages, model=model or Key())


TARGETS = Stage(
    id="target",
    title="Target",
    rows=Rows(row="Target", min_rows=2, max_rows=4, columns=(_text(),)),
)
CASCADE = _brief(
    TARGETS,
    Stage(
        id="kegiatan",
        title="Kegiatan",
        rows=Rows(
            row="Kegiatan",
            min_rows=2,
            max_rows=4,
            columns=(_text(), Field(id="untuk", type="link", label="Untuk target", to="target")),
        ),
        rules=(Rule(rule="linked", fields=("untuk",)), Rule(rule="distinct")),
    ),
)
WORDS = (
    "satu pekan penuh kerja bakti",
    "dua loket baru dibuka pagi",
    "tiga kader berkunjung tiap sore",
    "empat saluran dikeruk sebelum hujan",
)


def _event(brief, n, act, data, who="participant", attempt=1):
    return Event(
        n=n, id=f"e{n}", at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
        exercise=brief.id, version=1, attempt=attempt,
    )  # fmt: skip


def _state(brief, *moves):
    """The state after ``moves``: ("set", stage, field, value), ("cell", stage, row, field, value), …"""
    names = {
        "set": ("stage", "field", "value"),
        "cell": ("stage", "row", "field", "value"),
        "add": ("stage",),
        "remove": ("stage", "row"),
        "restore": ("stage", "row"),
        "finish": (),
    }
    events = [_event(brief, 1, "open", {}, who="system")]
    for n, (act, *values) in enumerate(moves, 2):
        events.append(_event(brief, n, act, dict(zip(names[act], values, strict=True))))
    return replay(KIND, brief, tuple(events))


def _refused(brief, *moves):
    with pytest.raises(IllegalEvent) as error:
        _state(brief, *moves)
    return error.value.code


def _score(brief, state, key=None):
    return KIND.score(brief, key or brief.model, state, Context())


def _part(brief, state, name, key=None):
    return next(part for part in _score(brief, state, key).parts if part.name == name)


BOTH_TARGETS = (
    ("cell", "target", "r1", "isi", WORDS[0]),
    ("cell", "target", "r2", "isi", WORDS[1]),
)


# ---- locking ----


def test_a_stage_is_locked_until_the_one_before_is_complete():
    before = _state(CASCADE, BOTH_TARGETS[0])
    after = _state(CASCADE, *BOTH_TARGETS)

    assert (before.opened, after.opened) == ({"target"}, {"target", "kegiatan"})
    assert _refused(CASCADE, ("cell", "kegiatan", "r1", "isi", "x")) == "illegal.locked"
    assert _refused(CASCADE, ("add", "kegiatan")) == "illegal.locked"
    assert KIND.view(CASCADE, before)["stages"][1]["opens"] == (
        "Terbuka setelah tahap “Target” lengkap (masih kurang 1 bagian)."
    )


def test_a_stage_once_open_stays_open_and_keeps_its_text_when_an_earlier_one_loses_some():
    state = _state(
        CASCADE,
        *BOTH_TARGETS,
        ("cell", "kegiatan", "r1", "isi", WORDS[2]),
        ("cell", "target", "r1", "isi", None),
        ("cell", "kegiatan", "r2", "isi", WORDS[3]),
    )

    assert state.opened == {"target", "kegiatan"}
    assert [row.cells["isi"] for row in state.rows["kegiatan"].values()] == list(WORDS[2:])
    assert _part(CASCADE, state, "target").value == 0.5


def test_a_stage_stays_open_while_a_later_one_is_still_locked():
    stages = [Stage(id=id, title=id.upper(), fields=(_text(),)) for id in "abc"]
    brief = _brief(*stages)
    state = _state(brief, ("set", "a", "isi", WORDS[0]), ("set", "a", "isi", None))

    assert state.opened == {"a", "b"}
    assert _state(
        brief, ("set", "a", "isi", WORDS[0]), ("set", "a", "isi", ""), ("set", "b", "isi", WORDS[1])
    ).opened == {"a", "b"}
    assert KIND.missing(brief, state)[-1] == "C: masih terkunci; lengkapi dahulu tahap A."


def test_a_stage_that_need_not_wait_is_open_from_the_start():
    free = replace(CASCADE.stages[1], waits=False)
    brief = _brief(CASCADE.stages[0], free)

    assert _state(brief).opened == {"target", "kegiatan"}


def test_what_is_missing_is_told_in_the_order_of_the_form():
    texts = KIND.missing(CASCADE, _state(CASCADE, BOTH_TARGETS[0]))

    assert texts == (
        "Target: Target 2 belum lengkap, yaitu “Isi”.",
        "Kegiatan: masih terkunci; lengkapi dahulu tahap Target.",
    )


def test_a_field_says_whether_it_is_empty_or_too_short():
    brief = _brief(
        Stage(id="a", title="A", fields=(_text(), Field(id="b", type="date", label="Hari")))
    )

    assert KIND.missing(brief, _state(brief, ("set", "a", "isi", "baru dua"))) == (
        "A: “Isi” memerlukan paling sedikit 3 kata (sekarang 2).",
        "A: “Hari” belum diisi.",
    )


def test_a_canvas_may_be_finished_before_it_is_complete():
    state = _state(CASCADE, BOTH_TARGETS[0], ("finish",))

    assert state.finished
    assert KIND.missing(CASCADE, state)


# ---- rows ----


def test_rows_are_numbered_by_the_log_so_that_two_devices_never_share_one():
    state = _state(CASCADE, ("add", "target"), ("remove", "target", "r3"), ("add", "target"))

    assert list(state.rows["target"]) == ["r1", "r2", "r3", "r4"]
    assert list(state.live("target")) == ["r1", "r2", "r4"]


def test_a_removed_row_keeps_its_text_and_can_be_brought_back():
    removed = _state(CASCADE, BOTH_TARGETS[0], ("remove", "target", "r1"))
    restored = _state(
        CASCADE, BOTH_TARGETS[0], ("remove", "target", "r1"), ("restore", "target", "r1")
    )

    assert KIND.view(CASCADE, removed)["stages"][0]["removed"] == [
        {"id": "r1", "name": "Target: satu pekan penuh kerja bakti"}
    ]
    assert restored.live("target")["r1"].cells["isi"] == WORDS[0]
    assert (
        KIND.missing(CASCADE, removed)[1]
        == "Target: perlu paling sedikit 2 baris Target (sekarang 1)."
    )


def test_writing_on_another_device_brings_a_removed_row_back():
    state = _state(CASCADE, ("remove", "target", "r1"), BOTH_TARGETS[0])

    assert state.live("target")["r1"].cells == {"isi": WORDS[0]}


def test_a_removed_row_stays_away_while_its_table_is_full():
    full = (("remove", "target", "r1"), ("add", "target"), ("add", "target"), ("add", "target"))

    assert _refused(CASCADE, *full, BOTH_TARGETS[0]) == "illegal.full"


def test_a_full_table_takes_no_more_rows():
    full = (("add", "target"), ("add", "target"))

    assert _refused(CASCADE, *full, ("add", "target")) == "illegal.full"
    swap = (("remove", "target", "r1"), ("add", "target"), ("add", "target"))
    assert (
        _refused(CASCADE, *swap, ("add", "target"), ("restore", "target", "r1")) == "illegal.full"
    )


def test_rows_cannot_be_added_and_removed_without_end():
    moves = [
        move for n in range(3, 102) for move in (("add", "target"), ("remove", "target", f"r{n}"))
    ]

    assert _refused(CASCADE, *moves) == "illegal.full"


def test_an_empty_row_beyond_the_least_number_is_no_gap():
    assert KIND.missing(CASCADE, _state(CASCADE, *BOTH_TARGETS, ("add", "target")))[0].startswith(
        "Kegiatan:"
    )


PER_OPTION = _brief(
    Stage(
        id="arah",
        title="Arah",
        rows=Rows(
            row="Mitra",
            min_rows=3,
            max_rows=4,
            one_per="slot",
            columns=(
                Field(id="slot", type="choice", label="Arah", options=_options("a", "b", "c")),
                _text(),
                Field(id="sifat", type="choice", label="Sifat", options=_options("x", "y")),
            ),
        ),
        rules=(Rule(rule="covers", fields=("slot",)),),
    ),
    model=Key(expected={"arah.a.sifat": "x", "arah.b.sifat": "y"}),
)


def test_given_rows_stay_and_keep_their_option():
    assert [row.cells for row in _state(PER_OPTION).rows["arah"].values()] == [
        {"slot": "a"}, {"slot": "b"}, {"slot": "c"},
    ]  # fmt: skip
    assert _refused(PER_OPTION, ("remove", "arah", "r1")) == "illegal.given"
    assert _refused(PER_OPTION, ("cell", "arah", "r1", "slot", "b")) == "illegal.given"
    assert _score(PER_OPTION, _state(PER_OPTION)).value == 0


def test_an_added_row_chooses_its_own_option():
    state = _state(PER_OPTION, ("add", "arah"), ("cell", "arah", "r4", "slot", "b"))

    assert state.rows["arah"]["r4"].cells == {"slot": "b"}
    assert KIND.view(PER_OPTION, state)["stages"][0]["rows"][3]["place"] == "Mitra 1"


# ---- values ----


EVERY = _brief(
    Stage(
        id="s",
        title="S",
        fields=(
            _text("text"),
            Field(id="short", type="short", label="L"),
            Field(id="person", type="person", label="L"),
            Field(id="choice", type="choice", label="L", options=_options("a", "b")),
            Field(id="several", type="several", label="L", options=_options("a", "b", "c", "d")),
            Field(id="tag", type="tag", label="L", options=_options("a", "b", "c", "d")),
            Field(id="number", type="number", label="L", low=0, high=10, unit="kali"),
            Field(id="whole", type="number", label="L", low=0, high=10, whole=True),
            Field(id="date", type="date", label="L"),
            Field(id="rating", type="rating", label="L"),
        ),
    )
)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", 3, "illegal.data"),
        ("text", "a" * 20_001, "illegal.long"),
        ("choice", "c", "illegal.unknown"),
        ("choice", True, "illegal.unknown"),
        ("several", ["a", "a"], "illegal.repeated"),
        ("several", "a", "illegal.data"),
        ("tag", ["a", "b", "c", "d"], "illegal.many"),
        ("number", 11, "illegal.number"),
        ("number", True, "illegal.number"),
        ("number", float("nan"), "illegal.number"),
        ("number", 10**400, "illegal.number"),
        ("whole", 1.5, "illegal.number"),
        ("date", "2026-02-30", "illegal.date"),
        ("date", "1999-12-31", "illegal.date"),
        ("date", "20260101", "illegal.date"),
        ("date", "2026-13-01", "illegal.date"),
        ("date", "2026-01-00", "illegal.date"),
        ("date", "٢٠٢٦-٠١-٠١", "illegal.date"),
        ("rating", 0, "illegal.number"),
        ("rating", 6, "illegal.number"),
        ("lain", "x", "illegal.unknown"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused(field, value, code):
    assert _refused(EVERY, ("set", "s", field, value)) == code


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_value_can_be_taken_back(nothing):
    state = _state(EVERY, ("set", "s", "tag", ["a"]), ("set", "s", "tag", nothing))

    assert state.cells("s") == {}


def test_a_link_to_a_removed_row_counts_as_nothing_and_a_new_one_is_refused():
    moves = (*BOTH_TARGETS, ("add", "target"), ("cell", "kegiatan", "r1", "untuk", "r3"))
    gone = _state(CASCADE, *moves, ("remove", "target", "r3"))

    assert KIND.missing(CASCADE, gone)[0] == (
        "Kegiatan: Kegiatan 1 belum lengkap, yaitu “Isi” dan “Untuk target”."
    )
    again = (*moves, ("remove", "target", "r3"), ("cell", "kegiatan", "r2", "untuk", "r3"))
    assert _refused(CASCADE, *again) == "illegal.gone"


# ---- rules ----


def _activities(*links):
    return tuple(
        move
        for n, link in enumerate(links, 1)
        for move in (
            ("cell", "kegiatan", f"r{n}", "isi", WORDS[n + 1]),
            *([("cell", "kegiatan", f"r{n}", "untuk", link)] if link else []),
        )
    )


def _notes(brief, state):
    stages = KIND.view(brief, state)["stages"]
    return [note["text"] for stage in stages for row in stage["rows"] for note in row["notes"]] + [
        note["text"] for stage in stages for note in stage["notes"]
    ]


def test_orphans_are_found_in_both_directions():
    state = _state(CASCADE, *BOTH_TARGETS, *_activities("r1", ""))

    assert _notes(CASCADE, state) == [
        "Target 2 belum didukung oleh satu kegiatan pun.",
        "Kegiatan 2 tidak bertaut: pilih target yang didukung oleh kegiatan ini, atau hapus kegiatan ini.",
    ]
    assert _part(CASCADE, state, "kegiatan.linked").value == 0.5
    assert _part(CASCADE, state, "kegiatan.linked").reason.startswith(
        "Baru 2 dari 4 yang memenuhi. Kegiatan 2 tidak bertaut"
    )


def test_a_cascade_without_orphans_earns_everything():
    state = _state(CASCADE, *BOTH_TARGETS, *_activities("r1", "r2"))

    assert _notes(CASCADE, state) == []
    assert _score(CASCADE, state).value == 1
    assert _part(CASCADE, state, "kegiatan.linked").reason == (
        "Semua baris bertaut ke atas dan ke bawah."
    )


def test_linking_everything_to_one_target_leaves_the_other_an_orphan():
    state = _state(CASCADE, *BOTH_TARGETS, *_activities("r1", "r1"))

    assert _notes(CASCADE, state) == ["Target 2 belum didukung oleh satu kegiatan pun."]
    assert _part(CASCADE, state, "kegiatan.linked").value == 0.75


def test_a_text_copied_from_another_stage_is_noticed_and_its_origin_is_not():
    state = _state(
        CASCADE, *BOTH_TARGETS, *_activities("r1", "r2"),
        ("cell", "kegiatan", "r1", "isi", f"  {WORDS[0].upper()}!"),
    )  # fmt: skip

    assert _notes(CASCADE, state) == [
        "“Isi” (Kegiatan 1) hampir sama dengan “Isi” (Target 1). "
        "Tulislah isi yang khas untuk bagian ini."
    ]
    assert _part(CASCADE, state, "kegiatan.distinct").value == 0.5


def test_the_same_few_words_again_and_again_are_no_text_of_ones_own():
    state = _state(
        CASCADE, *BOTH_TARGETS, *_activities("r1", "r2"),
        ("cell", "kegiatan", "r1", "isi", "koordinasi " * 12),
    )  # fmt: skip

    assert _notes(CASCADE, state) == [
        "“Isi” (Kegiatan 1) mengulang kata yang sama. Tulislah kalimat yang utuh."
    ]


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("Warga RT 03 melaporkan genangan setinggi 20 cm", "Warga RT 05 melaporkan genangan setinggi 20 cm", False),
        ("Rapat bersama warga, lalu bersihkan.", "rapat BERSAMA warga lalu bersihkan", True),
        ("", "", False),
    ],
)  # fmt: skip
def test_texts_are_alike_when_four_fifths_of_their_words_are(a, b, alike):
    assert telling.alike(telling.words(a), telling.words(b)) is alike


@pytest.mark.parametrize(
    ("text", "number", "date"),
    [
        ("Turun dari 45 menjadi 20 menit pada 30 September 2026", True, True),
        ("Selesai 30 September 2026", False, True),
        ("Turun menjadi 20 menit", True, False),
        ("85% pada triwulan IV 2026", True, True),
        ("3 lokasi, 12/10/2026", True, True),
        ("Sesuai ketentuan", False, False),
        ("pada Desember 2026", False, True),
        ("bulan 3", False, True),
    ],
)
def test_figures_and_dates_are_told_apart(text, number, date):
    assert (telling.has_number(text), telling.has_date(text)) == (number, date)


MEASURED = _brief(
    Stage(
        id="s",
        title="S",
        fields=(_text("tujuan"),),
        rules=(Rule(rule="number_and_date", fields=("tujuan",)),),
    )
)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "Layanan menjadi lebih baik",
            "“Tujuan” (S) belum menyebut angka dan waktu. Tulislah berapa yang akan dicapai dan kapan, misalnya 20 menit pada 30 September 2026.",
        ),
        ("Menunggu 20 menit saja", "“Tujuan” (S) belum menyebut waktu. Tulislah tanggal atau bulan pencapaiannya, misalnya 30 September 2026."),
        ("Selesai pada Oktober 2026", "“Tujuan” (S) belum menyebut angka. Tulislah berapa yang akan dicapai."),
    ],
)  # fmt: skip
def test_a_target_says_how_much_and_by_when(text, note):
    state = _state(MEASURED, ("set", "s", "tujuan", text))

    assert _notes(MEASURED, state) == [note]
    assert _part(MEASURED, state, "s.number_and_date").value == 0


def test_a_number_column_and_a_date_column_together_make_a_measure():
    rows = Rows(
        row="Ukuran",
        columns=(
            Field(id="n", type="number", label="N"),
            Field(id="d", type="date", label="D", required=False),
        ),
    )
    brief = _brief(
        Stage(
            id="s", title="S", rows=rows, rules=(Rule(rule="number_and_date", fields=("n", "d")),)
        )
    )
    number = ("cell", "s", "r1", "n", 4)

    assert _part(brief, _state(brief, number), "s.number_and_date").value == 0
    both = _state(brief, number, ("cell", "s", "r1", "d", "2026-09-30"))
    assert _part(brief, both, "s.number_and_date").value == 1


def test_only_a_complete_row_covers_its_slot():
    state = _state(
        PER_OPTION,
        ("cell", "arah", "r1", "isi", WORDS[0]),
        ("cell", "arah", "r1", "sifat", "x"),
        ("cell", "arah", "r2", "isi", WORDS[1]),
    )

    assert _part(PER_OPTION, state, "arah.covers").value == pytest.approx(1 / 3)
    assert _notes(PER_OPTION, state) == [
        "“Arah” yang belum mempunyai baris lengkap: “Pilihan B” dan “Pilihan C”."
    ]


def test_a_row_is_tuntas_only_with_all_seven_answers_and_the_missing_one_is_named():
    brief = load_brief(TEMPLATES / "canvases" / "uji-bunga.brief.yaml")
    answers = {
        "apa": "Dua puluh pot bunga pembatas jalan", "lokasi": "Jalan Melati", "pelaksana": "PPSU",
        "perawat": "Dasawisma", "biaya": 0, "sampai": "2026-12-31",
        "bukti": "Foto setiap pot pada hari Jumat",
    }  # fmt: skip
    moves = [("cell", "kegiatan", "r1", column, value) for column, value in answers.items()]

    def row(some):
        return KIND.view(brief, _state(brief, *some))["stages"][0]["rows"][0]

    assert row(moves)["verdict"] == {"good": True, "text": "TUNTAS"}
    without = row([move for move in moves if move[3] != "perawat"])
    assert without["verdict"] == {"good": False, "text": "BELUM TUNTAS"}
    assert without["notes"] == [
        {"field": "", "text": "Kegiatan 1 masih kurang “4. Siapa yang merawat sesudahnya?”."}
    ]


def test_a_decision_needs_a_reason_and_a_reason_a_decision():
    choice = Field(id="pilih", type="choice", label="Pilih", options=_options("a", "b"))
    brief = _brief(
        Stage(
            id="s",
            title="S",
            fields=(choice, _text("alasan")),
            rules=(Rule(rule="decision_reason", fields=("pilih", "alasan")),),
        )
    )

    assert _notes(brief, _state(brief, ("set", "s", "pilih", "a"))) == [
        "“Pilih” (S) sudah dipilih, tetapi alasannya belum lengkap."
    ]
    assert _notes(brief, _state(brief, ("set", "s", "alasan", WORDS[0]))) == [
        "“Pilih” (S) belum dipilih, padahal alasannya sudah ada."
    ]
    both = _state(brief, ("set", "s", "pilih", "a"), ("set", "s", "alasan", WORDS[0]))
    assert _score(brief, both).value == 1


# ---- score ----


def test_filling_in_only_the_first_fields_is_worth_their_share():
    brief = _brief(Stage(id="s", title="S", fields=tuple(_text(f"f{n}", 4) for n in range(4))))

    assert _score(brief, _state(brief, ("set", "s", "f0", WORDS[0]))).value == 0.25
    assert _score(brief, _state(brief, ("set", "s", "f0", "dua kata"))).value == 0.125
    assert _part(brief, _state(brief, ("set", "s", "f0", WORDS[0])), "s").reason == (
        "Baru 1 dari 4 bagian yang lengkap."
    )


def test_right_classifications_count_beyond_chance():
    def value(*chosen):
        moves = [("cell", "arah", f"r{n}", "sifat", each) for n, each in enumerate(chosen, 1)]
        return _part(PER_OPTION, _state(PER_OPTION, *moves), "expected").value

    assert (value("x", "y"), value("x", "x"), value("y", "x")) == (1, 0, 0)
    state = _state(PER_OPTION, ("cell", "arah", "r1", "sifat", "x"))
    assert KIND.answers(PER_OPTION, state) == {"arah.a.sifat": "x"}
    assert KIND.item_scores(PER_OPTION, PER_OPTION.model, state) == {
        "arah.a.sifat": 1.0, "arah.b.sifat": 0.0,
    }  # fmt: skip


def test_the_debrief_shows_classifications_and_waits_for_the_end():
    moves = (("cell", "arah", "r1", "sifat", "y"),)

    assert KIND.debrief(PER_OPTION, PER_OPTION.model, _state(PER_OPTION, *moves)) is None
    ended = _state(PER_OPTION, *moves, ("finish",))
    assert KIND.debrief(PER_OPTION, PER_OPTION.model, ended)["items"] == [
        {"label": "Pilihan A: Sifat", "own": "Pilihan Y", "expected": "Pilihan X", "right": False},
        {
            "label": "Pilihan B: Sifat",
            "own": "Belum diisi",
            "expected": "Pilihan Y",
            "right": False,
        },
    ]


def test_weights_move_the_score():
    state = _state(CASCADE, *BOTH_TARGETS)
    heavy = Key(weights={"target": 3})

    assert _score(CASCADE, state).value == 0.25
    assert _score(CASCADE, state, heavy).value == 0.5


# ---- authors ----


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Rows(row="R", columns=(_text(),), min_rows=5, max_rows=3),
            "rows R: min_rows 5 dan max_rows 3 tidak mungkin; keduanya 0 sampai 30, min_rows tidak melebihi max_rows, dan max_rows paling sedikit 1",
        ),
        (lambda: Field(id="f", type="choice", label="F"), "f: options harus ada untuk choice, several, dan tag, dan tidak untuk jenis lain"),
        (lambda: Field(id="f", type="short", label="F", min_words=3), "f: min_words hanya untuk text, dari 0 sampai 300"),
        (lambda: Field(id="f", type="number", label="F", low=2, high=1), "f: low harus lebih kecil daripada high"),
        (
            lambda: _brief(Stage(id="s", title="S", fields=(Field(id="f", type="link", label="F", to="lain"),))),
            "stages s: f merujuk ke “lain”, padahal tidak ada tahap sebelumnya dengan id itu yang mempunyai rows",
        ),
        (
            lambda: Stage(id="s", title="S", rows=Rows(row="R", columns=(_text(),)), rules=(Rule(rule="covers", fields=("isi",)),)),
            "stages s: aturan covers memerlukan satu kolom jenis choice atau tag",
        ),
        (
            lambda: Stage(id="s", title="S", fields=(_text(),), rules=(Rule(rule="distinct", fields=("salah",)),)),
            "stages s: aturan distinct menyebut “salah”, padahal tahap ini tidak mempunyai isian dengan id itu",
        ),
        (lambda: Stage(id="s", title="S", fields=(_text(required=False),)), "stages s: tidak ada yang wajib diisi; beri satu isian wajib atau min_rows paling sedikit 1"),
        (lambda: Stage(id="s", title="S", fields=(_text(), _text())), "stages s: id “isi” dipakai lebih dari satu kali"),
    ],
)  # fmt: skip
def test_an_author_reads_what_is_wrong_and_where(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_rules_that_nobody_can_fulfil_are_errors():
    slot = Field(id="slot", type="choice", label="Slot", options=_options("a", "b", "c"))
    narrow = Rows(row="R", max_rows=2, columns=(slot,))
    few = Rows(row="K", max_rows=1, columns=(Field(id="l", type="link", label="L", to="target"),))
    brief = _brief(
        TARGETS,
        Stage(id="a", title="A", rows=narrow, rules=(Rule(rule="covers", fields=("slot",)),)),
        Stage(id="b", title="B", rows=few, rules=(Rule(rule="linked", fields=("l",)),)),
    )

    assert KIND.check(brief, brief.model) == (
        "Tahap a: aturan covers tidak mungkin dipenuhi, karena slot mempunyai 3 pilihan sedangkan max_rows 2.",
        "Tahap b: aturan linked tidak mungkin dipenuhi, karena tabel target memerlukan 2 baris sedangkan max_rows di sini 1.",
    )


def test_names_in_the_key_that_the_brief_does_not_know_are_errors():
    key = Key(weights={"apa": 1}, expected={"arah.a.isi": "x", "arah.b.sifat": "z"})

    assert KIND.check(PER_OPTION, key) == (
        "Kunci weights: “apa” bukan bagian nilai kanvas ini.",
        "Kunci expected: “arah.a.isi” bukan isian jenis choice; tulislah tahap.isian atau tahap.pilihan.kolom.",
        "Kunci expected: “z” bukan pilihan pada arah.b.sifat.",
    )


def test_a_key_must_give_some_part_a_weight():
    key = Key(weights={"s": 0, "s.number_and_date": 0})

    assert KIND.check(MEASURED, key) == (
        "Kunci weights: paling sedikit satu bagian harus berbobot lebih dari 0.",
    )


def test_too_many_fields_and_words_are_advised_against():
    fields = tuple(_text(f"f{n}", 30) for n in range(13))
    brief = _brief(Stage(id="s", title="S", fields=fields))

    assert KIND.advise(brief, brief.model) == (
        "Tahap s: 13 isian terlalu banyak untuk satu tahap (paling banyak 12); bagilah menjadi dua tahap.",
        "Tahap s: tanpa aturan distinct, satu kalimat yang disalin ke semua isian dianggap lengkap.",
        "Kanvas ini meminta 390 kata, padahal untuk 20 menit sebaiknya paling banyak 300 kata.",
    )


# ---- what markers and participants see ----


def test_markers_read_escaped_answers_with_labels_and_dates_in_words():
    state = _state(
        EVERY,
        ("set", "s", "text", "<script>x</script> & aman"),
        ("set", "s", "several", ["a", "b"]),
        ("set", "s", "number", 7.5),
        ("set", "s", "date", "2026-08-17"),
        ("set", "s", "rating", 4),
    )
    html = KIND.render(EVERY, state)

    assert "<h3>Kanvas &lt;uji&gt;</h3>" in html
    assert "&lt;script&gt;x&lt;/script&gt; &amp; aman" in html
    for text in ("Pilihan A; Pilihan B", "7,5 kali", "17 Agustus 2026", "4 dari 5", "Belum diisi"):
        assert f"<td>{text}</td>" in html


def test_markers_read_what_a_row_is_linked_to():
    html = KIND.render(CASCADE, _state(CASCADE, *BOTH_TARGETS, *_activities("r2", "")))

    assert "<td>Target 2: dua loket baru dibuka pagi</td>" in html
    assert "<caption>Kegiatan 1 (Lengkap)</caption>" in html


def test_the_page_is_told_nothing_of_the_key():
    shown = json.dumps([plain(PER_OPTION), KIND.view(PER_OPTION, _state(PER_OPTION))])

    assert "model" not in plain(PER_OPTION)
    assert "expected" not in shown


# ---- bots, and the canvases that are shipped ----


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.partition(".")[0])
class TestShipped:
    def test_it_is_written_without_fault(self, path):
        brief = read_brief(path)

        assert KIND.check(brief, brief.model) == ()
        assert KIND.advise(brief, brief.model) == ()

    def test_its_bots_keep_what_playtests_promise(self, path):
        brief = load_brief(path)
        means = {}
        for name, bot in KIND.bots.items():
            states = []
            for n in range(6):
                log = play(KIND, brief, brief.model, bot, rng=Random(n), skill=(n + 0.5) / 6)
                states.append(replay(KIND, brief, log))
            assert all(state.finished for state in states), name
            means[name] = fmean(_score(brief, state).value for state in states)
            if name == "perfect":
                assert [KIND.missing(brief, state) for state in states] == [()] * 6

        assert means["perfect"] == 1
        assert means["normative"] <= 0.70
        assert means["random"] <= 0.45
        assert max(means["first"], means["middle"]) <= 0.60

    def test_untouched_it_is_worth_nothing(self, path):
        brief = load_brief(path)

        assert _score(brief, _state(brief, ("finish",))).value == 0
        assert _score(brief, KIND.start(brief)).value == 0

    def test_the_abler_a_person_the_better_they_fare(self, path):
        brief = load_brief(path)

        def mean(skill):
            logs = (
                play(KIND, brief, brief.model, KIND.bots["person"], rng=Random(n), skill=skill)
                for n in range(16)
            )
            return fmean(_score(brief, replay(KIND, brief, log)).value for log in logs)

        assert 0 < mean(0.1) < mean(0.9)


def test_the_promised_canvases_are_there():
    assert [path.name.partition(".")[0] for path in CANVASES] == [
        "alur-pikir-pola-pikir", "didengar-berubah", "kaskade-visi", "lima-sinergi",
        "log-benchmarking", "praktik-baik", "smart-asn", "uji-bunga",
    ]  # fmt: skip


def test_a_personal_plan_is_for_its_owner_and_coach():
    assert load_brief(TEMPLATES / "canvases" / "smart-asn.brief.yaml").visibility == "coach"


def test_the_canvas_is_a_kind_like_any_other():
    assert KINDS["canvas"] is KIND


# ---- anything that a log may hold ----

ids = st.sampled_from(["", "target", "kegiatan", "arah", "s", "r1", "r2", "r3", "r9", "isi", "untuk", "slot"])  # fmt: skip
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.text(max_size=8), ids,
    st.just("a" * 20_001), st.just("\ud800"), st.sampled_from(WORDS), st.just("2026-09-30"),
)  # fmt: skip
values = st.one_of(odd, st.lists(odd, max_size=4), st.dictionaries(ids, odd, max_size=2))
SHAPES = {
    "set": ("stage", "field", "value"),
    "cell": ("stage", "row", "field", "value"),
    "add": ("stage",),
    "remove": ("stage", "row"),
    "restore": ("stage", "row"),
    "finish": (),
    "open": (),
    "again": (),
}


@st.composite
def acts(draw):
    act = draw(st.sampled_from([*SHAPES, "cell", "cell", "set", "set"]))
    fitting = {name: ids if name in ("stage", "row", "field") else values for name in SHAPES[act]}
    data = draw(st.one_of(*[st.fixed_dictionaries(fitting)] * 4, values))
    who = draw(st.sampled_from(["participant"] * 8 + ["system", "counterpart"]))
    return who, act, data, draw(st.sampled_from([1, 1, 1, 1, 0, 2]))


@pytest.mark.parametrize("brief", [CASCADE, PER_OPTION, EVERY], ids=["cascade", "slots", "every"])
@given(moves=st.lists(acts(), max_size=30))
@settings(max_examples=80)
def test_any_act_is_applied_or_refused_as_illegal(brief, moves):
    """Whatever a log holds, apply raises nothing but IllegalEvent, and the score stays in 0..1."""
    state = KIND.start(brief)
    taken = [_event(brief, 1, "open", {}, who="system")]
    state = KIND.apply(brief, state, taken[0])
    refused = []
    for who, act, data, attempt in moves:
        event = _event(brief, len(taken) + 1, act, data, who, attempt)
        try:
            after = KIND.apply(brief, state, event)
        except IllegalEvent as error:
            refused.append(error.code)
            continue
        assert state.opened <= after.opened or act == "open"
        state = after
        taken.append(event)

    assert all(messages("canvas")(code) for code in refused)
    assert replay(KIND, brief, tuple(taken)) == state
    assert 0 <= _score(brief, state).value <= 1
    json.dumps(KIND.view(brief, state), allow_nan=False)
    KIND.render(brief, state).encode()
    assert all(isinstance(text, str) for text in KIND.missing(brief, state))
    for stage in brief.stages:
        assert not stage.rows or len(state.live(stage.id)) <= max(stage.rows.max_rows, 0)


@given(text=st.text(max_size=200))
@settings(max_examples=100)
def test_every_text_resembles_itself_and_an_empty_one_nothing(text):
    own = telling.words(text)

    assert telling.alike(own, own) is bool(own)
    assert not telling.alike(own, frozenset())


def test_nothing_can_be_done_before_the_opening_after_the_end_or_beyond_the_attempts():
    start = KIND.start(CASCADE)
    move = _event(CASCADE, 2, "add", {"stage": "target"})
    ended = _state(CASCADE, ("finish",))

    def code(state, event):
        with pytest.raises(IllegalEvent) as error:
            KIND.apply(CASCADE, state, event)
        return error.value.code

    assert code(start, move) == "illegal.order"
    assert code(ended, move) == "illegal.finished"
    assert code(ended, _event(CASCADE, 3, "open", {}, who="system", attempt=2)) == "illegal.attempt"
    assert code(start, _event(CASCADE, 1, "open", {})) == "illegal.who"
