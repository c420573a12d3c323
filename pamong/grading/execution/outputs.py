"""What the cells of one notebook show, kept as nbformat's outputs and bounded in size.

It stands where a kernel's client does: it joins what is written to a stream, replaces what was displayed
under an id, and clears a cell that asks for it.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

Output = dict[str, Any]
COST = 100
"""Characters that an output counts at the least, so that a million empty ones are too many as well."""
EVALUE_LIMIT = 10_000
"""Characters kept of an error's own message, which is never left out."""


class Outputs:
    """The outputs of the cell that runs now, within the ``limit`` in characters of the whole notebook."""

    def __init__(self, limit: int) -> None:
        self.cell: list[Output] = []
        self._limit = self._left = limit
        self._clear_first = self._said = False
        self._displays: dict[str, list[tuple[list[Output], Output]]] = {}

    def begin(self) -> None:
        """The next cell starts; what was displayed under an id can still be replaced."""
        self.cell = []

    def finished(self) -> list[Output]:
        """The outputs of the cell that has ended; writing on to its streams starts new ones."""
        for output in self.cell:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        cell, self.cell = self.cell, []
        return cell

    def write(self, name: str, text: str) -> None:
        """Something was written to ``stdout`` or ``stderr``."""
        if not text:
            return
        last = self._last_of(name)
        kept = text[: max(self._left if last else self._left - COST, 0)]
        if kept and not last:
            last = {"output_type": "stream", "name": name, "text": []}
            self._add(last)
            self._left -= COST
        if kept and last:
            last["text"].append(_encodable(kept))
            self._left -= len(kept)
        if len(kept) < len(text):
            self._full()

    def show(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None,
        *,
        count: int | None = None,
        display_id: str | None = None,
        update: bool = False,
    ) -> None:
        """Something was displayed, or is a cell's value when it has a ``count``. TypeError unless JSON."""
        sized = [_jsonable(value) for value in data.values()]
        metadata = _jsonable(dict(metadata))[0] if metadata else {}
        cost = COST + sum(size for _, size in sized)
        if cost > self._left:
            self._full()
            return
        self._left -= cost
        shown = dict(zip(data, (value for value, _ in sized), strict=True))
        for _, earlier in self._displays.get(display_id, ()) if display_id else ():
            earlier["data"], earlier["metadata"] = dict(shown), dict(metadata)
        if update:
            return
        output = {"output_type": "display_data", "data": shown, "metadata": metadata}
        if count is not None:
            output |= {"output_type": "execute_result", "execution_count": count}
        self._add(output)
        if display_id:
            self._displays.setdefault(display_id, []).append((self.cell, output))

    def fail(self, error: BaseException, traceback: list[str]) -> None:
        """A cell raised ``error``; without room its traceback is left out, never the error."""
        try:
            text = _encodable(str(error))
        except Exception:  # noqa: BLE001  # an error that cannot say what it is
            text = ""
        size = sum(map(len, traceback))
        if size > self._left:
            traceback = []
        self._left -= min(size, self._left)
        self._add(
            {
                "output_type": "error",
                "ename": type(error).__name__,
                "evalue": text[:EVALUE_LIMIT],
                "traceback": [_encodable(line) for line in traceback],
            }
        )

    def clear(self, *, wait: bool) -> None:
        """Forget what the cell has shown, at once or when it shows something more."""
        if wait:
            self._clear_first = True
            return
        self.cell.clear()
        for place, shown in self._displays.items():
            self._displays[place] = [each for each in shown if each[0] is not self.cell]

    def _last_of(self, name: str) -> Output | None:
        last = self.cell[-1] if self.cell and not self._clear_first else None
        return last if last is not None and last.get("name") == name else None

    def _add(self, output: Output) -> None:
        if self._clear_first:
            self._clear_first = False
            self.clear(wait=False)
        self.cell.append(output)

    def _full(self) -> None:
        if not self._said:
            self._said = True
            line = (
                f"Only {self._limit} characters of a notebook's output are kept; the rest is not.\n"
            )
            self._add({"output_type": "stream", "name": "stderr", "text": [line]})


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` while cells run."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    @property
    def name(self) -> str:
        return self._name

    def write(self, text: str) -> int:
        """Keep ``text`` in the order in which both streams are written."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._outputs.write(self._name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to close, and the next cell writes on."""


def _jsonable(value: Any) -> tuple[Any, int]:
    """A value as it is in a notebook, with its size; bytes are written as a kernel's client does."""
    if isinstance(value, str):
        return _encodable(value), len(value)
    if isinstance(value, bytes):
        text = b64encode(value).decode()
        return text, len(text)
    encoded = msgspec.json.encode(value)
    return msgspec.json.decode(encoded), len(encoded)


def _encodable(text: str) -> str:
    """The text without lone surrogates, which no file can hold."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()
