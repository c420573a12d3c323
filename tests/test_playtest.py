"""Playtests: the same table each time, promises that are kept or named, every exercise there is."""

import json
import os
import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest

from pamong.course import Course
from pamong.errors import AuthoringError, CourseError
from pamong.event import Action
from pamong.kind import Key
from pamong.kinds.choice import KIND as CHOICE
from pamong.kinds.negotiation import KIND, case
from pamong.play import play
from pamong.playtest import Row, playtest, playtest_files, trials, verify_calibration, verify_rules
from pamong.playtest.__main__ import main
from pamong.playtest.drawing import svg
from pamong.playtest.promises import band
from pamong.playtest.rounds import Dice
from pamong.playtest.session import Wish, run
from pamong.playtest.target import cases
from pamong.playtest.tell import bar, data, page
from pamong.playtest.trial import Restart, _restart, file_case
from tests.values import replace

HERE = Path(__file__).parent
ROOT = HERE.parent
PATH = HERE / "kinds" / "negotiation.brief.yaml"
CASE = file_case(PATH)
BRIEF, MODEL = CASE.brief, CASE.key
SUFFIX = ".brief.yaml"
SCAFFOLD_FOLDER = ROOT / "templates" / "exercises"
SCAFFOLDS = sorted((ROOT / "templates").glob("*/*.brief.yaml"))
COURSE = Course.load(ROOT)
MODULES = [plan.id for plan in COURSE.programme.modules]
AUTHORED = [
    f"{module}/{path.name.removesuffix(SUFFIX)}"
    for module in MODULES
    for path in sorted(COURSE.source(module).glob(f"*{SUFFIX}"))
]


@pytest.fixture(scope="module")
def rows() -> tuple[Row, ...]:
    return playtest(KIND, BRIEF, MODEL, rounds=24)


def row(bot: str, *scores: float, variant: str = "", **more) -> Row:
    return Row(bot=bot, variant=variant, scores=scores, **more)


def mean(rows: tuple[Row, ...], bot: str) -> dict[str, float]:
    return {it.variant: it.mean for it in rows if it.bot == bot and it.skill is None}


# ---- every exercise and every scaffold, as CI plays them ----


@pytest.fixture(scope="module")
def outcomes():
    """The trial of every exercise there is, by name, all of them at once on every core."""
    found = [named(path) for path in SCAFFOLDS]
    for module in MODULES:
        with suppress(AuthoringError):  # the tests of that module fail, and no others
            found += cases([module], COURSE)
    return {trial.case.name: trial for trial in trials(found, workers=len(os.sched_getaffinity(0)))}


def named(path):
    return replace(file_case(path), name=path.name)


@pytest.mark.parametrize("path", SCAFFOLDS, ids=lambda path: path.name.removesuffix(".brief.yaml"))
def test_a_scaffold_keeps_every_promise(path, outcomes):
    assert outcomes[path.name].problems == ()


@pytest.mark.parametrize("name", AUTHORED)
def test_an_exercise_of_the_course_keeps_every_promise(name, outcomes):
    assert outcomes[name].problems == ()


# ---- the table ----


def test_every_bot_plays_every_variant_and_the_random_one_most_often(rows):
    played = {(it.bot, it.variant) for it in rows}
    assert played == {(bot, variant) for bot in KIND.bots for variant in ("a", "b")}
    assert {it.plays for it in rows if it.bot == "random"} == {12}
    assert {it.plays for it in rows if it.bot == "person"} == {20}


def test_a_bot_that_throws_no_dice_plays_once(rows):
    assert {it.plays for it in rows if it.bot == "oracle"} == {1}


def test_a_weak_and_an_able_person_are_compared(rows):
    skills = [it.skill for it in rows if it.bot == "person"]
    assert skills == [None, None, 0.1, 0.1, 0.9, 0.9]


def test_skill_in_bargaining_decides_the_score_in_every_variant(rows):
    assert max(mean(rows, "hard").values()) < 0.2
    assert max(mean(rows, "random").values()) < 0.6
    assert max(mean(rows, "normative").values()) < 0.5
    assert min(mean(rows, "trade").values()) > 0.9
    assert min(mean(rows, "oracle").values()) > 0.97


def test_the_end_of_every_play_is_counted(rows):
    ends = {it.bot: dict(it.endings) for it in rows if it.variant == "a" and it.skill is None}
    assert (ends["capitulate"], ends["hard"]) == ({"deal": 1}, {"walkout": 1})
    assert sum(ends["random"].values()) == 12


def test_the_same_seed_gives_the_same_table(rows):
    assert playtest(KIND, BRIEF, MODEL, rounds=24) == rows


def test_more_processes_give_the_same_table(rows):
    (trial,) = trials((CASE,), rounds=24, workers=2)
    assert trial.rows == rows


def test_a_sound_case_keeps_its_promises():
    (trial,) = trials((CASE,))
    assert trial.problems == ()


def test_where_no_agreement_is_possible_leaving_wins():
    variants = tuple(replace(it, batna=case.Alternative(points=99)) for it in MODEL.variants)
    key = replace(MODEL, variants=variants, agreement_zone="empty")
    rows = playtest(KIND, BRIEF, key, rounds=2)
    assert min(mean(rows, "walker").values()) > 0.85
    assert max(mean(rows, "capitulate").values()) < 0.3


def test_dice_fall_as_they_would_and_remember_that_they_fell():
    dice, plain = Dice("seed"), Random("seed")
    assert dice.thrown is False
    assert [dice.randint(1, 6), dice.random()] == [plain.randint(1, 6), plain.random()]
    assert dice.sample(range(9), 4) == plain.sample(range(9), 4)
    assert dice.thrown is True


def test_a_reflection_is_played_after_what_it_looks_back_on():
    (reflection,) = cases(["m5-negosiasi-mediasi/refleksi"], COURSE)
    (trial,) = trials((reflection,), rounds=8)
    assert set(reflection.earlier) == set(reflection.kind.needs(reflection.brief))
    assert max(it.mean for it in trial.rows if it.bot == "perfect") > 0.95


# ---- promises ----


@pytest.mark.parametrize(
    ("calibration", "problems"),
    [
        ({"split": "<= 0.30", "trade": ">= .9", "order": "split < trade"}, ()),
        ({"split": "<= 0.10"}, ("kalibrasi split: rata-rata 0.300, seharusnya <= 0.10",)),
        (
            {"order": "trade < split"},
            ("kalibrasi order: trade (0.900) seharusnya < split (0.300)",),
        ),
        ({"split": "kecil"}, ("kalibrasi split: “kecil” bukan batas seperti “<= 0.30”",)),
        ({"nobody": "<= 0.30"}, ("kalibrasi nobody: tidak ada bot bernama nobody",)),
        ({"order": "split <= nobody"}, ("kalibrasi order: tidak ada bot bernama nobody",)),
    ],
)
def test_a_broken_promise_of_the_key_is_named(calibration, problems):
    table = (row("split", 0.3), row("trade", 0.9))
    assert verify_calibration(Key(calibration=calibration), table) == problems


def test_a_promise_holds_for_every_variant():
    table = (row("split", 0.1, variant="a"), row("split", 0.4, variant="b"))
    assert verify_calibration(Key(calibration={"split": "<= 0.30"}), table) == (
        "varian b: kalibrasi split: rata-rata 0.400, seharusnya <= 0.30",
    )


@pytest.mark.parametrize(
    ("bot", "score", "number"),
    [
        ("normative", 0.71, "0.710, seharusnya <= 0.70"),
        ("random", 0.46, "0.460, seharusnya <= 0.45"),
        ("first", 0.61, "0.610, seharusnya <= 0.60"),
        ("middle", 0.61, "0.610, seharusnya <= 0.60"),
        ("agree", 0.61, "0.610, seharusnya <= 0.60"),
        ("everything", 0.61, "0.610, seharusnya <= 0.60"),
        ("perfect", 0.94, "0.940, seharusnya >= 0.95"),
        ("oracle", 0.94, "0.940, seharusnya >= 0.95"),
    ],
)
def test_a_rule_for_every_case_is_broken_with_its_number(bot, score, number):
    (problem,) = verify_rules(Key(), (row(bot, score),))
    assert problem.startswith(f"kalibrasi {bot}: rata-rata {number}. Artinya ")
    assert verify_rules(Key(calibration={bot: "<= 1"}), (row(bot, score),)) == ()


def test_one_rule_is_explained_once_for_all_variants():
    table = (row("random", 0.5, variant="a"), row("random", 0.6, variant="b"))
    (problem,) = verify_rules(Key(), table)
    assert problem.count("Artinya") == 1
    assert "varian a: kalibrasi random: rata-rata 0.500" in problem
    assert "varian b: kalibrasi random: rata-rata 0.600" in problem


def test_who_is_able_must_earn_more():
    table = (row("person", 0.7, skill=0.1), row("person", 0.7, skill=0.9))
    assert verify_rules(Key(), table) == (
        "orang yang mampu (0.700) tidak lebih baik daripada yang belum mampu (0.700); "
        "latihan ini tidak membedakan kemampuan",
    )


def test_a_bot_that_breaks_a_rule_or_never_ends_is_a_problem_and_no_crash():
    choice = file_case(HERE / "kinds" / "choice.brief.yaml")
    bots = {"rude": lambda seat: Action("shout"), "lazy": lambda seat: None}
    kind = replace(CHOICE, bots=MappingProxyType(bots))
    (trial,) = trials((replace(choice, kind=kind),), rounds=1)
    rude, lazy = trial.problems
    assert rude.startswith("bot rude melanggar aturan latihan: dasar-layanan, event 2 (shout)")
    assert lazy == "bot lazy tidak sampai selesai dalam 1 kali main"


def test_an_ending_that_nobody_reaches_is_a_problem():
    kind = replace(KIND, endings=lambda brief, key: ("deal", "damai"))
    (trial,) = trials((replace(CASE, kind=kind),), rounds=2)
    assert trial.endings["damai"] == ()
    assert "oracle" in trial.endings["deal"]
    assert trial.problems[-1] == (
        "akhir “damai” tidak pernah tercapai oleh cara bermain mana pun; hapus, atau buka jalan ke sana"
    )


def test_the_band_of_a_bot_is_the_keys_or_else_the_rules():
    key = Key(calibration={"trade": ">= 0.8", "order": "split < trade"})
    assert (band(key, "trade"), band(key, "random")) == ((0.8, 1.0), (0.0, 0.45))
    assert (band(key, "order"), band(key, "hard")) == (None, None)


# ---- blind restarting ----


@pytest.mark.parametrize(
    ("scores", "allowed", "expected"),
    [
        ((0.0, 0.0, 0.0, 0.8), 2, Restart(attempts=3, allowed=2, best=0.35, chance=0.4375)),
        ((0.2, 0.2), 3, Restart(attempts=None, allowed=3, best=0.2, chance=0.0)),
        ((0.7, 0.7), 1, Restart(attempts=1, allowed=1, best=0.7, chance=1.0)),
    ],
)
def test_what_blind_restarting_earns(scores, allowed, expected):
    found = _restart((row("random", *scores), row("person", 1.0)), allowed)
    assert found is not None
    assert (found.attempts, found.allowed) == (expected.attempts, expected.allowed)
    assert (found.best, found.chance) == pytest.approx((expected.best, expected.chance))


# ---- what is said and drawn ----


def test_a_bar_shows_the_middle_ninety_of_a_hundred_plays_and_the_mean():
    assert bar(row("x", 0.0)) == "●" + "·" * 24
    assert bar(row("x", 1.0)) == "·" * 24 + "●"
    assert bar(row("x", 0.0, 1.0)) == "─" * 12 + "●" + "─" * 12


def test_a_page_tells_table_endings_and_blind_play():
    (trial,) = trials((CASE,), rounds=4)
    said = page(trial)
    assert said.startswith("Berbagi gedung layanan (gedung-layanan)\n")
    assert "oracle (tahu semuanya)" in said
    assert "0,95–1,00" in said
    assert "Akhir “deal” tercapai oleh capitulate" in said
    assert "Asal pilih lalu mengulang" in said


def test_a_drawing_states_every_mean_in_words_and_is_the_same_each_time():
    (trial,) = trials((file_case(HERE / "kinds" / "choice.brief.yaml"),), rounds=4)
    drawn = svg(trial)
    title = ET.fromstring(drawn).find("{http://www.w3.org/2000/svg}title")  # noqa: S314  # our own
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("Dasar pelayanan (dasar-layanan). perfect (tahu kuncinya) 1,00; ")
    assert svg(trial) == drawn


def test_json_holds_every_play(rows):
    (trial,) = trials((CASE,), rounds=24)
    told = json.loads(json.dumps(data(trial)))
    assert [len(it["scores"]) for it in told["rows"]] == [it.plays for it in rows]
    assert told["endings"]["nodeal"] == ["walker"]
    assert told["blind"]["allowed"] == 2


# ---- what may be named ----


def test_a_case_in_a_file_is_played_from_the_command_line(capsys):
    assert main([str(PATH)]) == 0
    assert "trade" in capsys.readouterr().out


def test_a_graded_brief_finds_its_key_in_the_graders_folder(small):
    path = small.source("m0-contoh") / "pemahaman.brief.yaml"
    (found,) = cases([str(path)])
    assert found.brief.use == "graded"
    assert found.key.items


def test_a_table_needs_a_key(tmp_path):
    text = (HERE / "course_small/course/source/m0-contoh/pemahaman.brief.yaml").read_text()
    path = tmp_path / "pemahaman.brief.yaml"
    path.write_text(text)
    with pytest.raises(CourseError, match="tidak memuat model. Sebutkan juga berkas kuncinya"):
        playtest_files(path)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("m9", "Tidak ada modul “m9” dalam course/programme.yaml"),
        ("m0-contoh/tiada", "Tidak ada latihan “tiada” dalam modul m0-contoh. Yang ada: latihan, "),
        ("tiada.yaml", r"Berkas tiada\.yaml tidak ada"),
    ],
)
def test_what_does_not_exist_is_named(small, target, message):
    with pytest.raises(CourseError, match=message):
        cases([target], small)


def test_one_exercise_of_a_module_can_be_named(small):
    (found,) = cases(["m0-contoh/sikap"], small)
    assert (found.name, found.brief.kind) == ("m0-contoh/sikap", "situational")


def test_a_run_says_and_keeps_what_came_of_it(small, monkeypatch, tmp_path):
    monkeypatch.chdir(small.root)
    said: list[str] = []
    wish = Wish(rounds=4, seed=1, workers=1, figure=tmp_path / "gambar.svg", save=True)
    run(["m0-contoh/latihan"], wish, tell=said.append)
    folder = small.reports / "playtest" / "m0-contoh"
    assert (tmp_path / "gambar.svg").read_text().startswith("<svg")
    assert sorted(path.name for path in folder.iterdir()) == ["latihan.json", "latihan.svg"]
    assert said[-3:] == [
        f"Gambar tersimpan di {tmp_path / 'gambar.svg'}",
        f"Data tersimpan di {folder / 'latihan.json'}",
        f"Gambar tersimpan di {folder / 'latihan.svg'}",
    ]


def test_a_run_tells_whether_every_promise_was_kept(small, monkeypatch):
    monkeypatch.chdir(small.root)
    said: list[str] = []
    path = small.source("m0-contoh") / "latihan.brief.yaml"
    wish = Wish(rounds=4, seed=1, workers=1, json=True)
    assert run([str(path)], wish, tell=said.append) is (json.loads(said[0])[0]["problems"] == [])


def test_a_figure_is_svg(tmp_path):
    wish = Wish(rounds=1, seed=1, workers=1, figure=tmp_path / "gambar.png")
    with pytest.raises(CourseError, match=r"beri nama yang berakhir dengan \.svg"):
        run([str(PATH)], wish, tell=print)


def test_several_attempts_are_one_log():
    events = play(KIND, BRIEF, MODEL, KIND.bots["hard"], rng=Random(1), attempts=2)
    assert [it.attempt for it in events if it.act == "open"] == [1, 2]


def test_a_key_that_does_not_fit_its_brief_is_refused_in_words(tmp_path):
    text = (SCAFFOLD_FOLDER / "branching.brief.yaml").read_text(encoding="utf-8")
    path = tmp_path / "branching.brief.yaml"
    path.write_text(re.sub(r"(?m)^  start: \w+", "  start: s0", text), encoding="utf-8")
    wish = Wish(rounds=2, seed=1, workers=1)
    with pytest.raises(CourseError, match="Belum dapat dimainkan") as error:
        run([str(path)], wish, tell=lambda _: None)
    assert "start: simpul “s0” tidak ada" in str(error.value)
