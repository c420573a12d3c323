"""Answer logs that no honest form writes: what stands in ``pemahaman.jsonl``, and what grading says of it."""

import json

KIB, MIB = 1024, 1024**2
DAMAGED = "pemahaman.jsonl, line "


def line(n=1, raw=None, **changes):
    """One event; ``raw`` is the text of its data."""
    event = {
        "n": n, "id": f"d:{n}", "at": "2026-12-01T02:00:00.000Z", "who": "participant",
        "act": "answer", "data": {}, "exercise": "pemahaman", "version": 1, "attempt": 1,
    }  # fmt: skip
    text = json.dumps(event | changes)
    return (text if raw is None else text.replace('"data": {}', f'"data": {raw}')).encode() + b"\n"


OPEN = line(
    act="open", who="system", data={"order": {"b1": ["b", "c", "a"], "b2": ["c", "a", "b"]}}
)
FINISH = line(2, act="finish")
TAIL = b'"who":"participant","act":"answer","exercise":"pemahaman","version":1,"attempt":1'


def answers(count):
    """An opened attempt in which the same two answers are given over and over."""
    given = ({"item": f"b{1 + n % 2}", "chosen": ["a"]} for n in range(count))
    return OPEN + b"".join(line(n, data=data) for n, data in enumerate(given, 2))


def short(n, data="{}"):
    return b'{"n":%d,"id":"","at":"",%s,"data":%s}\n' % (n, TAIL, data.encode())


def log_with(text):
    """A log whose one text is ``text`` wherever a log can hold a text."""
    return OPEN + line(2, act=text, who="participant", data={text: text})


DAMAGED_LOGS = {
    "empty-lines": (b"\n" * (4 * MIB), DAMAGED + "1: not an event"),
    "two-million-lines": (b"x\n" * (2 * MIB), DAMAGED + "1: not an event"),
    "200-mb-of-zeros": (200 * MIB, "the log has more than 4194304 bytes"),
    "one-terabyte": (1024**4, "the log has more than 4194304 bytes"),
    "hundred-thousand-events": (b"".join(map(short, range(1, 100_001))), "more than 4194304 bytes"),
    "brackets": (b"[" * (4 * MIB), DAMAGED + "1: the line has 4194304 bytes"),
    "brackets-inside": (line(raw="[" * 60_000), DAMAGED + "1: not an event"),
    "small-lists": (
        b"".join(short(n, '{"x":[' + "[]," * 21_000 + "0]}") for n in range(1, 60)),
        "line 1: not an event (it holds more than 2000 lists and objects)",
    ),
    "small-dicts": (
        b"".join(short(n, '{"x":[' + "{}," * 21_000 + "0]}") for n in range(1, 60)),
        "line 1: not an event (it holds more than 2000 lists and objects)",
    ),
    "nested": (line(raw='{"x":' + "[" * 40 + "]" * 40 + "}"), "nested deeper than 16"),
    "long-event": (line(raw='{"x":"' + "a" * 64 * KIB + '"}'), "more than 65536"),
    "long-text": (line(act="text", data={"text": "a" * MIB}), "more than 65536"),
    "invalid-utf-8": (line(act="\x00").replace(b"\\u0000", b"\xc3\x28"), "not an event"),
    "utf-16": (OPEN.decode().encode("utf-16"), "not an event"),
    "byte-order-mark": (b"\xef\xbb\xbf" + OPEN, DAMAGED + "1: not an event"),
    "lone-surrogate": (line(data={"x": "\ud800"}), "not an event"),
    "nul-bytes": (b"\0" * 4096 + b"\n", DAMAGED + "1: not an event"),
    "not-a-number": (line(raw='{"x":NaN}'), "not an event"),
    "infinity": (line(raw='{"x":-Infinity}'), "not an event"),
    "beyond-floats": (line(raw='{"x":1e999}'), "not an event"),
    "five-thousand-digits": (line(raw='{"x":1' + "0" * 5000 + "}"), "not an event"),
    "big-number": (line(n=10**30), "where 1 belongs"),
    "huge-number": (line().replace(b'"n": 1', b'"n": 1' + b"0" * 5000), "not an event"),
    "big-version": (line(version=10**30), "count from 1 to 1000000"),
    "long-version": (line().replace(b'"version": 1', b'"version": 1' + b"0" * 4000), "count from 1"),
    "version-of-later": (line(version=999), "played on version 999, released versions are 1"),
    "negative-attempt": (line(attempt=-1), "count from 1 to 1000000"),
    "endless-attempt": (line(attempt=2**63), "count from 1 to 1000000"),
    "true-as-number": (line(n=True), "not an event"),
    "fraction": (line(n=1.0), "not an event"),
    "other-exercise": (line(exercise="../../sikap"), "an event of '../../sikap', not of"),
    "long-exercise": (line(exercise="x" * 60_000), "an event of 'xxx"),
    "no-object": (b"[1, 2]\n", "not an event"),
    "an-unread-mark-of-our-own": (b"\0large", "the log has more than 4194304 bytes"),
    "unknown-act": (OPEN + line(2, act="beri nilai"), "pemahaman, event 2 (beri nilai)"),
    "unknown-item": (
        OPEN + line(2, data={"item": "../b1", "chosen": ["a"]}),
        "pemahaman, event 2 (answer)",
    ),
    "answer-of-wrong-type": (
        OPEN + line(2, data={"item": ["b1"], "chosen": {"a": 1}}),
        "pemahaman, event 2 (answer)",
    ),
    "answer-twice": (OPEN + line(2, data={"item": "b1", "chosen": ["a"] * 9}), "event 2 (answer)"),
    "nul-in-act": (log_with("a\0b"), r"event 2 (a\x00b)"),
    "terminal-commands": (log_with("\x1b[2J\x1b]0;x\x07"), r"event 2 (\x1b[2J\x1b]0;x\x07)"),
    "markup-of-the-console": (log_with("[/bold][red]"), "event 2 ([/bold][red])"),
    "right-to-left": (log_with("\u202edenrael"), r"event 2 (\u202edenrael)"),
    "line-breaks": (log_with("a\r\n\u2028b"), "event 2 (a b)"),
}  # fmt: skip
"""Content (or the size of a sparse file) and a part of the cause; the exercise is errored."""

HARMLESS_LOGS = {
    "dates-of-year-99999": OPEN.replace(b"2026-12", b"99999-12"),
    "no-dates": OPEN.replace(b"2026-12-01T02:00:00.000Z", b""),
    "duplicate-keys": OPEN.replace(b'"n": 1', b'"n": 7, "n": 1'),
    "same-id-again": OPEN + line(2, id="d:1", data={"item": "b1", "chosen": ["b"]}),
    "as-many-answers-as-fit": answers(20_000),
    "unfinished": OPEN,
    "torn": OPEN + FINISH[:-30],
}
"""Odd, but nothing in it that grading looks at; nothing is answered well, so nothing is earned."""
