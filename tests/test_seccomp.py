import platform
import struct

import pytest

from pamong.errors import CourseError
from pamong.grading.confined import seccomp

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, REFUSE, UNKNOWN, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000


def verdict(program, architecture, number):
    """What the kernel would come to, by doing what the instructions say."""
    steps = list(struct.iter_unpack("=HBBI", program))
    at, loaded = 0, 0
    while True:
        code, then, otherwise, value = steps[at]
        at += 1
        if code == 0x20:
            loaded = {0: number, 4: architecture}[value]
        elif code == 0x06:
            return value
        else:
            holds = loaded == value if code == 0x15 else loaded >= value
            at += then if holds else otherwise


@pytest.mark.parametrize(
    ("machine", "refused", "allowed"),
    [
        ("x86_64", {56, 57, 58, 41, 101, 272, 435, 29, 319, 425}, {0, 1, 59, 60, 231, 117, 257}),
        ("aarch64", {220, 198, 117, 97, 435, 194, 279, 425}, {63, 64, 221, 93, 94, 147, 56}),
    ],
)
def test_every_call_is_refused_or_allowed_by_its_number(monkeypatch, machine, refused, allowed):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    program, architecture = seccomp.program(), ARCHITECTURES[machine]
    assert {verdict(program, architecture, number) for number in refused} == {REFUSE}
    assert {verdict(program, architecture, number) for number in allowed} == {ALLOW}
    newer = {463, 466, 548, 10_000, 0x40000001, 0xFFFFFFFF}
    assert {verdict(program, architecture, number) for number in newer} == {UNKNOWN}
    assert verdict(program, architecture, 462) == ALLOW


def test_numbers_of_another_processor_end_the_process():
    program = seccomp.program()
    assert verdict(program, 0x40000003, 1) == KILL


def test_an_unknown_processor_is_named(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(CourseError, match="cannot be confined on riscv64"):
        seccomp.program()
