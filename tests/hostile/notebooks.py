"""Notebooks that Jupyter would not save: as ``module.ipynb``, for an essay that only a notebook holds."""

import codecs
import json

MIB = 1024**2
ESSAY = "Saya mendengar semua pihak lebih dahulu."
CANNOT = "module.ipynb cannot be read: "
TOO_MUCH = "the submission has more than 12582912 bytes."


def essay(text=ESSAY, **changes):
    cell = {
        "cell_type": "markdown", "id": "uraian-q1", "source": text,
        "metadata": {"nbgrader": {"grade_id": "uraian-q1", "grade": True, "solution": True}},
    }  # fmt: skip
    return cell | changes


def page(*cells, **changes):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | changes


def saved(*cells, **changes):
    return json.dumps(page(*(cells or [essay()]), **changes)).encode()


def stuffed(unit, size):
    """A notebook with a field that repeats ``unit`` in a list, of about ``size`` bytes."""
    return saved(notes=[0]).replace(
        b"[0]", b"[" + b",".join([unit] * (size // len(unit + b","))) + b"]"
    )


def raw(text):
    return saved(notes=0).replace(b'"notes": 0', b'"notes": ' + text)


CODE = {"cell_type": "code", "metadata": {}, "source": "", "execution_count": 1}
SHOWN = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x" * (10 * MIB)}}
TINY = b'{"cell_type":"","metadata":{},"source":""}'

UNREADABLE = {
    "200-mb-notebook": (200 * MIB, CANNOT + TOO_MUCH),
    "one-terabyte-notebook": (1024**4, CANNOT + TOO_MUCH),
    "19-mb-of-output": (
        saved(essay(), CODE | {"outputs": [SHOWN, SHOWN]})[: 19 * MIB],
        CANNOT + TOO_MUCH,
    ),
    "brackets": (b"[" * (4 * MIB), CANNOT + "it is not a notebook (Expected `object`"),
    "brackets-inside": (raw(b"[" * (4 * MIB)), CANNOT + "it is not JSON (maximum recursion depth"),
    "million-cells": (
        b'{"nbformat":4,"cells":[' + b",".join([TINY] * 50_000) + b"]}",
        CANNOT + "it has 50000 cells, more than 10000.",
    ),
    "million-empty-dicts": (
        b'{"nbformat":4,"cells":[' + b",".join([b"{}"] * 1_000_000) + b"]}",
        CANNOT + "it is not a notebook (Object missing required field `cell_type`",
    ),
    "empty": (b"", CANNOT + "it is not JSON"),
    "zeros": (b"\0" * 4096, CANNOT + "it is not JSON"),
    "invalid-utf-8": (saved().replace(b"Saya", b"Say\xff"), CANNOT + "it is not JSON ('utf-8' codec"),
    "invalid-utf-8-in-output": (
        saved(essay(), CODE | {"outputs": ["@"]}).replace(b"@", b"\xff"),
        CANNOT + "it is not JSON ('utf-8' codec",
    ),
    "utf-16": (saved().decode().encode("utf-16"), CANNOT + "it is not JSON ('utf-8' codec"),
    "lone-surrogate": (saved(essay("Saya \ud800 mendengar")), CANNOT + "it is not JSON"),
    "not-a-number": (raw(b"NaN"), CANNOT + "it is not JSON"),
    "infinity": (raw(b"-Infinity"), CANNOT + "it is not JSON"),
    "format-3": (saved(nbformat=3), CANNOT + "it is not a notebook of format 4."),
    "format-5": (saved(nbformat=5), CANNOT + "it is not a notebook of format 4."),
    "format-as-text": (saved(nbformat="4"), CANNOT + "it is not a notebook (Expected `int`"),
    "format-true": (saved(nbformat=True), CANNOT + "it is not a notebook (Expected `int`"),
    "format-fraction": (saved(nbformat=4.0), CANNOT + "it is not a notebook (Expected `int`"),
    "format-twice": (
        b'{"nbformat": 4, ' + saved(nbformat=3)[1:],
        CANNOT + "it is not a notebook of format 4.",
    ),
    "huge-format": (saved(nbformat=10**4000), CANNOT + "it is not a notebook of format 4."),
    "no-cells": (b'{"nbformat": 4}', CANNOT + "it is not a notebook (Object missing required"),
    "cells-as-dict": (saved(cells={"0": essay()}), CANNOT + "it is not a notebook (Expected `array`"),
    "cell-as-text": (saved("sel"), CANNOT + "it is not a notebook (Expected `object`, got `str`"),
    "source-as-number": (saved(essay(7)), CANNOT + "it is not a notebook (Expected `str | array`"),
    "source-of-numbers": (saved(essay([1])), CANNOT + "it is not a notebook (Expected `str`"),
    "source-as-dict": (saved(essay({"a": "b"})), CANNOT + "it is not a notebook (Expected `str |"),
    "metadata-as-list": (saved(essay(metadata=[])), CANNOT + "it is not a notebook (Expected `obj"),
    "no-metadata": (
        saved({"cell_type": "markdown", "source": ESSAY}),
        CANNOT + "it is not a notebook (Object missing required field `metadata`",
    ),
    "list": (b"[]", CANNOT + "it is not a notebook (Expected `object`, got `array`"),
    "a-zip": (b"PK\x03\x04" + b"\0" * 100, CANNOT + "it is not JSON"),
    "half": (saved()[:-40], CANNOT + "it is not JSON (Input data was truncated"),
}  # fmt: skip
"""Content (or the size of a sparse file) and how the cause begins; the essay is errored."""

READABLE = {
    "byte-order-mark": codecs.BOM_UTF8 + saved(),
    "small-lists": stuffed(b"[]", 4 * MIB),
    "small-dicts": stuffed(b"{}", 4 * MIB),
    "small-dicts-in-dicts": stuffed(b'{"":{}}', 4 * MIB),
    "many-keys": raw(b"{" + b",".join(b'"%d":0' % n for n in range(500_000)) + b"}"),
    "10-mb-of-output": saved(essay(), CODE | {"outputs": [SHOWN]}),
    "10-mb-attachment": saved(essay(attachments={"a.png": {"image/png": "A" * (10 * MIB)}})),
    "five-thousand-digits": raw(b"1" + b"0" * 5000),
    "beyond-floats": raw(b"1e999"),
    "essay-in-lines": saved(essay(["Saya mendengar ", "semua pihak lebih dahulu."])),
    "essay-twice": saved(essay(), essay()),
    "same-cell-id": saved(essay(), CODE | {"id": "uraian-q1"}),
    "cell-without-grade-id": saved(essay(metadata={})),
    "grade-id-as-list": saved(essay(), CODE | {"metadata": {"nbgrader": {"grade_id": ["uraian-q1"]}}}),
    "grade-id-of-a-megabyte": saved(essay(), CODE | {"metadata": {"nbgrader": {"grade_id": "x" * MIB}}}),
    "points-of-ones-own": saved(
        essay(metadata={"nbgrader": {"grade_id": "uraian-q1", "points": 1e6, "grade": True}})
    ),
    "nbgrader-as-text": saved(essay(metadata={"nbgrader": "uraian-q1"})),
    "keys-twice": saved().replace(b'"source": ', b'"source": "lain", "source": '),
    "cell-of-another-type": saved(essay(cell_type="code"), CODE | {"cell_type": "\u202e"}),
    "answer-of-ones-own": saved(essay(), CODE | {"source": "module.points = lambda *_: 40"}),
}  # fmt: skip
"""Odd, but the essay is in it; a marker gets exactly that."""

EMPTY = {
    "essay-under-another-name": saved(essay(id="lain", metadata={"nbgrader": {"grade_id": "Uraian-Q1"}})),
    "no-cells-at-all": saved(cells=[]),
    "id-as-number": saved(essay(id=7, metadata={})),
}  # fmt: skip
"""Nothing that belongs to the essay: missing."""

ACTIVE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) $\\href{x}{y}$ "
    "\u202ekanan\u202c &lt;b&gt; `<svg onload=alert(4)>`\n\n<iframe srcdoc='<b>'></iframe>\n```\n</pre>"
)
"""Text that must stay text wherever it is shown."""
