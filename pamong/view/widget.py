"""The form of one exercise in a live notebook: browser messages in, acknowledgements out.

    page → kernel   {"type": "act", "seq": int, "id": str, "act": str, "data": {...}}
                    {"type": "refresh"}
    kernel → page   {"type": "ack", "seq": int, "screen": {...}}       the act is durable
                    {"type": "refuse", "seq": int, "text": str, "screen": {...}, "again": bool}
                    {"type": "screen", "screen": {...}}

A refused act left no trace in the log; ``again`` asks the page to send it once more later. Whatever
goes wrong, a participant reads a plain sentence; what operators need goes to the log.
"""

from __future__ import annotations

import logging
from typing import Any

import anywidget
import traitlets

from pamong.catalogue import LANGUAGE, messages
from pamong.counterpart import Counterpart
from pamong.errors import CounterpartError, IllegalEvent, LogError, LogFull
from pamong.kind import AnyKind, Brief
from pamong.session import Clock, Session
from pamong.store import Store
from pamong.view.assets import revision

log = logging.getLogger(__name__)

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


class ExerciseWidget(anywidget.AnyWidget):
    """Shows one exercise to ``participant`` and records what they do in ``store``."""

    _esm = STUB
    screen = traitlets.Dict().tag(sync=True)
    scope = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode(LANGUAGE).tag(sync=True)
    revision = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        kind: AnyKind,
        brief: Brief,
        store: Store,
        *,
        participant: str,
        clock: Clock,
        counterpart: Counterpart | None = None,
        time_zone: str = "Asia/Jakarta",
    ) -> None:
        self._brief = brief
        self._session = Session(
            kind,
            brief,
            store,
            participant=participant,
            clock=clock,
            counterpart=counterpart,
            time_zone=time_zone,
        )
        super().__init__(
            screen=self._look(),
            scope=f"{participant}/{brief.id}/{brief.version}",
            revision=revision(),
            trouble=messages("form")("view.failed"),
        )
        self.on_msg(self._receive)

    def _receive(self, _: Any, message: Any, __: Any) -> None:
        match message:
            case {
                "type": "act",
                "seq": int(seq),
                "id": str(id_),
                "act": str(act),
                "data": dict(data),
            }:
                self.send(self._record(seq, id_, act, data))
            case {"type": "refresh"}:
                self.send({"type": "screen", "screen": self._look()})
            case _:
                log.warning("%s: not a message of the form: %.200r", self._brief.id, message)

    def _record(self, seq: int, id_: str, act: str, data: dict[str, Any]) -> dict[str, Any]:
        try:
            screen = self._session.act(id_, act, data)
        except Exception as error:  # noqa: BLE001  # no traceback may reach a participant
            text, again = explain(error, self._brief)
            return {
                "type": "refuse",
                "seq": seq,
                "text": text,
                "again": again,
                "screen": self._look(),
            }
        return {"type": "ack", "seq": seq, "screen": screen}

    def _look(self) -> dict[str, Any]:
        """The screen, or what can be said where there is none: title and problem."""
        try:
            return self._session.screen()
        except Exception as error:  # noqa: BLE001  # no traceback may reach a participant
            brief = self._brief
            text, _ = explain(error, brief)
            return {
                "exercise": brief.id,
                "kind": brief.kind,
                "title": brief.title,
                "problem": text,
            }


def explain(error: Exception, brief: Brief) -> tuple[str, bool]:
    """What a participant reads instead of ``error``, and whether the same act may succeed later."""
    say = messages("form")
    match error:
        case IllegalEvent(code=code):
            area, _, key = code.rpartition(":")
            return _illegal(area or brief.kind, key), False
        case CounterpartError():
            return say("problem.unavailable"), False
        case LogFull():
            return say("problem.full"), False
        case LogError():
            log.error("%s: %s", brief.id, error)
            return say("problem.damaged"), False
        case OSError():
            log.error("%s: %s", brief.id, error)
            return say("problem.disk"), True
    log.exception("%s: unexpected", brief.id, exc_info=error)
    return say("problem.unexpected"), False


def _illegal(area: str, key: str) -> str:
    try:
        return messages(area)(key)
    except (KeyError, OSError, IndexError) as error:  # a text with gaps, or none at all
        log.warning("%s/%s: %r", area, key, error)
        return messages("form")("problem.illegal")
