"""Playtests: the same table each time, and promises of a key that are kept or named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from pamong.kind import Key
from pamong.kinds.negotiation import KIND, case
from pamong.playtest import Row, main, playtest, verify_calibration

PATH = Path(__file__).parent / "kinds" / "negotiation.brief.yaml"
BRIEF: case.Brief = msgspec.convert(yaml.safe_load(PATH.read_text(encoding="utf-8")), case.Brief)
assert BRIEF.model is not None
MODEL: case.Key = BRIEF.model


@pytest.fixture(scope="module")
def rows() -> tuple[Row, ...]:
    return playtest(KIND, BRIEF, MODEL, rounds=12)


def row(bot: str, mean: float, variant: str = "") -> Row:
    return Row(bot=bot, variant=variant, plays=1, mean=mean, sd=0.0, deals=0)


def mean(rows: tuple[Row, ...], bot: str) -> dict[str, float]:
    return {it.variant: it.mean for it in rows if it.bot == bot}


def test_every_bot_plays_every_variant(rows: tuple[Row, ...]) -> None:
    played = {(it.bot, it.variant) for it in rows}
    assert played == {(bot, variant) for bot in KIND.bots for variant in ("a", "b")}
    assert all(it.plays == 12 for it in rows)


def test_skill_in_bargaining_decides_the_score_in_every_variant(rows: tuple[Row, ...]) -> None:
    assert verify_calibration(MODEL, rows) == ()
    assert max(mean(rows, "hard").values()) < 0.2
    assert max(mean(rows, "random").values()) < 0.5
    assert min(mean(rows, "trade").values()) > 0.9
    assert min(mean(rows, "oracle").values()) > 0.97


def test_agreements_are_counted(rows: tuple[Row, ...]) -> None:
    deals = {it.bot: it.deals for it in rows if it.variant == "a"}
    assert (deals["capitulate"], deals["hard"]) == (12, 0)


def test_the_same_seed_gives_the_same_table(rows: tuple[Row, ...]) -> None:
    assert playtest(KIND, BRIEF, MODEL, rounds=12) == rows


def test_where_no_agreement_is_possible_leaving_wins() -> None:
    variants = tuple(replace(it, batna=case.Alternative(points=99)) for it in MODEL.variants)
    key = replace(MODEL, variants=variants, agreement_zone="empty")
    rows = playtest(KIND, BRIEF, key, rounds=2)
    assert min(mean(rows, "walker").values()) > 0.85
    assert max(mean(rows, "capitulate").values()) < 0.3


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
def test_a_broken_promise_of_the_key_is_named(
    calibration: dict[str, str], problems: tuple[str, ...]
) -> None:
    table = (row("split", 0.3), row("trade", 0.9))
    assert verify_calibration(Key(calibration=calibration), table) == problems


def test_a_promise_holds_for_every_variant() -> None:
    table = (row("split", 0.1, "a"), row("split", 0.4, "b"))
    assert verify_calibration(Key(calibration={"split": "<= 0.30"}), table) == (
        "b: kalibrasi split: rata-rata 0.400, seharusnya <= 0.30",
    )


def test_a_case_in_files_is_played_from_the_command_line(capsys: Any) -> None:
    assert main([str(PATH)]) == 0
    assert "trade" in capsys.readouterr().out
