"""The form of one exercise in a live notebook: a dialogue whose messages travel by an anywidget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import anywidget
import traitlets

from pamong.catalogue import messages, spoken
from pamong.dialogue import Message, unfound
from pamong.view.assets import revision

STUB = """
const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
const start = new URL(page.baseUrl.replace(/[/]*$/, "/"), location.origin);
export default {
  async render({ model, el }) {
    try {
      const path = `pamong/static/${model.get("revision")}/widget.js`;
      const form = await import(new URL(path, start).href);
      return await form.render({ model, el });
    } catch (error) {
      console.error(error);
      el.textContent = model.get("trouble");
    }
  },
};
"""


class Answering(Protocol):
    """Whoever answers a page: a dialogue here, or the service through one."""

    language: str

    @property
    def scope(self) -> str: ...

    def look(self) -> dict[str, Any]: ...

    def receive(self, message: object) -> Message | None: ...


class ExerciseWidget(anywidget.AnyWidget):
    """Shows one exercise; ``find`` gives its dialogue as it is now, whatever has been released since."""

    _esm = STUB
    screen = traitlets.Dict().tag(sync=True)
    scope = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)
    revision = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(self, find: Callable[[], Answering]) -> None:
        self._find = find
        dialogue = find()
        super().__init__(
            screen=dialogue.look(),
            scope=dialogue.scope,
            language=dialogue.language or spoken(),
            revision=revision(),
            trouble=messages("form", dialogue.language)("view.failed"),
        )
        self.on_msg(self._receive)

    def _receive(self, _: Any, message: Any, __: Any) -> None:
        try:
            answer = self._find().receive(message)
        except Exception as error:  # noqa: BLE001  # no page may wait for ever
            answer = unfound(message, error, self.screen, self.language)
        if answer is not None:
            self.send(answer)
