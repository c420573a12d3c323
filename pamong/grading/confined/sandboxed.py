"""The program inside the sandbox: runs a participant's cells and writes down the values they leave.

It is handed to a fresh interpreter as text and imports nothing of Pamong. What it writes can be forged
by the code it runs, so nothing here is trusted: ``pamong.grading.confined.sandbox`` reads it as data.
"""

from __future__ import annotations

import _ast  # as ast and traceback would be, half of the time to start would be theirs
import json
import math
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType
    from typing import Any

NODES, DEPTH, BITS, TEXT = 10_000, 32, 1023, 60_000
"""Bounds of each value: its parts, lists inside lists, bits of a number, letters of a text."""

TREE: int = _ast.PyCF_ONLY_AST


class Refused(Exception):
    """A value that cannot cross; its text is a code and the name of a type."""


class Printed:
    """What a cell prints, up to a limit; the rest is dropped."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.left = limit

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    channel = os.dup(1)
    confine(job)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    sys.path += job["packages"]
    page = sys.modules["__main__"] = type(sys)("__main__")
    send(channel, "")  # the sandbox is open: from here on it is their code that fails
    for cell in job["cells"]:
        result = run(cell, vars(page), job["printed"])
        send(channel, json.dumps(result, ensure_ascii=False))
    os._exit(0)  # no thread or exit handler of theirs keeps us waiting


def send(channel: int, line: str) -> None:
    data = (line + "\n").encode("utf-8", "surrogatepass")
    while data:
        data = data[os.write(channel, data) :]


def confine(job: Mapping[str, Any]) -> None:
    """Become nobody where we came in as root, then lower the limits for good."""
    if job["user"] is not None:
        os.setgroups([])
        os.setresgid(job["user"], job["user"], job["user"])
        os.setresuid(job["user"], job["user"], job["user"])
    os.umask(0o077)
    os.mkdir(os.environ["HOME"])  # noqa: PTH102  # pathlib takes long to import
    os.chdir(os.environ["HOME"])
    for name, wanted in job["limits"].items():
        limit = getattr(resource, f"RLIMIT_{name}")
        _, top = resource.getrlimit(limit)
        bounds = wanted if top == resource.RLIM_INFINITY else [min(each, top) for each in wanted]
        resource.setrlimit(limit, tuple(bounds))


def run(cell: Mapping[str, Any], names: dict[str, Any], limit: int) -> dict[str, Any]:
    """Run one cell; whatever it raises is told, and the names that exist by then are read.

    A question is worked out beside their names, never among them, and what it prints is dropped.
    """
    question = cell["expression"]
    printed, error = Printed(0 if question else limit), ""
    sys.stdout = sys.stderr = printed
    found: Mapping[str, Any] = {} if question else names
    try:
        if question:
            asked = compile(question, "<sel>", "eval")
            found = {cell["values"][0]: eval(asked, names)}  # noqa: S307
        for code in compiled(cell["source"]):
            value = eval(code, names)  # noqa: S307  # this is what the sandbox is for
            if value is not None:
                printed.write(repr(value) + "\n")
    except BaseException as raised:  # noqa: BLE001  # SystemExit too is only theirs
        error = told(raised)
    values, refused = gathered(cell["values"], found)
    return {
        "name": cell["name"],
        "printed": "".join(printed.parts),
        "error": error,
        "values": values,
        "refused": refused,
    }


def compiled(source: str) -> Iterator[CodeType]:
    """The statements, then the last expression by itself, as a notebook would show its value."""
    tree = compile(source, "<sel>", "exec", TREE)
    final = tree.body[-1] if tree.body else None
    if not isinstance(final, _ast.Expr) or source.rstrip().endswith(";"):
        yield compile(tree, "<sel>", "exec")
        return
    tree.body.pop()
    yield compile(tree, "<sel>", "exec")
    yield compile(_ast.Expression(body=final.value), "<sel>", "eval")


def told(raised: BaseException) -> str:
    """An error in one line, with the line of the cell."""
    try:
        line: int | None = last_line(raised)
        text: object = raised
        if isinstance(raised, SyntaxError):
            line, text = raised.lineno, raised.msg
        return f"{f'baris {line}: ' if line else ''}{type(raised).__name__}: {str(text)[:1000]}"
    except BaseException:  # noqa: BLE001  # an error that cannot even be shown
        return "Error"


def last_line(raised: BaseException) -> int:
    """The last line of the cell that the error passed; 0 when it passed none."""
    line, step = 0, raised.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<sel>":
            line = step.tb_lineno
        step = step.tb_next
    return line


def gathered(wanted: list[str], names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The declared names as plain data, and why some of them are not."""
    values: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name in wanted:
        if name not in names:
            continue
        try:
            values[name] = plain(names[name], iter(range(NODES)), DEPTH)
        except Refused as reason:
            refused[name] = str(reason)
        except BaseException as raised:  # noqa: BLE001  # MemoryError, or whatever theirs raise
            refused[name] = f"type {type(raised).__name__}"
    return values, refused


def plain(value: Any, nodes: Iterator[int], depth: int) -> Any:
    """A copy made of None, bool, int, float, str, list and dict alone; exact types, or Refused."""
    if next(nodes, None) is None:
        raise Refused("size")
    kind = type(value)
    if kind in (list, tuple, dict) and not depth:
        raise Refused("deep")
    if kind in (list, tuple):
        return [plain(each, nodes, depth - 1) for each in value]
    if kind is dict:
        if any(type(key) is not str for key in value):
            raise Refused("key")
        return {
            plain(key, nodes, depth): plain(each, nodes, depth - 1) for key, each in value.items()
        }
    return scalar(value)


def scalar(value: Any) -> Any:
    """The value itself, where JSON can tell it exactly."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int and value.bit_length() <= BITS:
        return value
    if kind is float and math.isfinite(value):
        return value
    if kind in (int, float):
        raise Refused("number")
    if kind is not str:
        raise Refused(f"type {kind.__name__}")
    if len(value) > TEXT:
        raise Refused("size")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Refused("text")
    return value


if __name__ == "__main__":
    main()
