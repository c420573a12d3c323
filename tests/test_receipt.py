"""A receipt is its canonical bytes: nothing of it can be changed without its code."""

import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.errors import DamagedReceipt
from pamong.receipt import EXERCISE_LIMIT, LIMIT, Played, Receipt, digest, parse, read_code
from tests.values import replace

RECEIPT = Receipt(
    course="pamong-2026",
    participant="p001",
    module="m1-komunikasi",
    moment=datetime(2026, 12, 1, 3, 4, 5, 678901, tzinfo=UTC),
    content="ab" * 32,
    exercises=(
        Played(exercise="uji-a", state="finished", events=12),
        Played(exercise="refleksi", state="unread", events=0),
    ),
    statement=True,
    late=False,
)
CANONICAL = (
    b'{"content":"abababababababababababababababababababababababababababababababab",'
    b'"course":"pamong-2026","exercises":[{"events":12,"exercise":"uji-a","state":"finished"},'
    b'{"events":0,"exercise":"refleksi","state":"unread"}],"format":1,"late":false,'
    b'"module":"m1-komunikasi","moment":"2026-12-01T03:04:05.678901Z","participant":"p001",'
    b'"statement":true}'
)
names = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)
played = st.builds(
    Played,
    exercise=names,
    state=st.sampled_from(["finished", "unfinished", "unread"]),
    events=st.integers(0, 1 << 31),
)
receipts = st.builds(
    Receipt,
    course=names,
    participant=names,
    module=names,
    moment=st.datetimes(timezones=st.just(UTC)),
    content=st.binary(min_size=32, max_size=32).map(bytes.hex),
    exercises=st.lists(played, max_size=5, unique_by=lambda each: each.exercise).map(tuple),
    statement=st.booleans(),
    late=st.booleans(),
)


def test_canonical_bytes_and_code_stay_as_they_are():
    """Receipts that people hold, and signatures over them, would be worth nothing otherwise."""
    assert RECEIPT.canonical() == CANONICAL
    assert RECEIPT.code == "4Z8F-FBF7-SH1C-DX0G"


@settings(max_examples=50)
@given(receipts)
def test_what_is_written_is_read_again(receipt):
    assert parse(receipt.canonical(), "x.json") == receipt


@settings(max_examples=30)
@given(receipts, receipts)
def test_different_receipts_have_different_codes(one, other):
    assert (one == other) == (one.code == other.code)


@given(st.binary(max_size=400))
def test_no_bytes_provoke_anything_but_a_plain_refusal(content):
    with pytest.raises(DamagedReceipt):
        parse(content, "x.json")


@given(st.integers(0, len(CANONICAL) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_changes_the_code(place, byte):
    changed = CANONICAL[:place] + bytes([byte]) + CANONICAL[place + 1 :]
    if changed == CANONICAL:
        return
    with suppress(DamagedReceipt):
        assert parse(changed, "x.json").code != RECEIPT.code


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CANONICAL.replace(b",", b", "), "it is not written as receipts are"),
        (CANONICAL.replace(b'"late":false', b'"late":false,"more":1'), "it is not written as receipts are"),
        (CANONICAL.replace(b"05.678901Z", b"05.678901+07:00"), "moment is not what a receipt holds"),
        (CANONICAL.replace(b"uji-a", b"refleksi"), "exercises is not what a receipt holds"),
        (CANONICAL.replace(b"abab", b"ABAB"), "content is not what a receipt holds"),
        (CANONICAL.replace(b"p001", b""), "participant is not what a receipt holds"),
        (CANONICAL.replace(b'"format":1', b'"format":2'), "Invalid enum value 2"),
        (b" " * (LIMIT + 1), f"it has {LIMIT + 1} bytes, more than {LIMIT}"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(content, reason):
    with pytest.raises(DamagedReceipt) as refused:
        parse(content, "KODE.json")
    assert str(refused.value).startswith(f"KODE.json: {reason}")
    assert str(refused.value).endswith("Keep the file as it is and ask for support.")


def test_a_receipt_is_bounded():
    many = tuple(
        Played(exercise=f"x{n}", state="finished", events=1) for n in range(EXERCISE_LIMIT + 1)
    )
    with pytest.raises(ValueError, match="exercises"):
        replace(RECEIPT, exercises=many)
    longest = replace(RECEIPT, exercises=many[1:])
    assert parse(longest.canonical(), "x.json") == longest


def test_a_moment_of_another_zone_is_not_taken():
    jakarta = RECEIPT.moment.astimezone(timezone(timedelta(hours=7)))
    with pytest.raises(ValueError, match="moment"):
        replace(RECEIPT, moment=jakarta)


@pytest.mark.parametrize(
    "typed", ["4Z8F-FBF7-SH1C-DX0G", "4z8ffbf7sh1cdx0g", " 4z8f fbf7–shic-dxog"]
)
def test_a_code_is_understood_as_people_type_it(typed):
    assert read_code(typed) == RECEIPT.code


@pytest.mark.parametrize(
    "typed", ["", "4Z8F-FBF7-SH1C", "8YX3-TQ1S-MD0V-DX0U", "../../etc/passwd", "A" * 9999]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed) == ""


def test_the_content_hash_can_be_found_again_with_sha256sum(tmp_path):
    files = {"b.jsonl": b"x", "a.ipynb": "é".encode(), "c.yaml": b""}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = ["sh", "-c", "LC_ALL=C sha256sum * | sha256sum"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert digest(files) == printed.stdout.decode().split()[0]
    assert digest(dict(reversed(files.items()))) == digest(files)
    assert digest({**files, "c.yaml": b"\n"}) != digest(files)
