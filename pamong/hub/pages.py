"""JupyterHub's own pages in the house's words and look, for JupyterHub 5.5 and later.

The pages ask for no other file: styles, font and script are in them, so that they look the same when
nothing but the hub is up. What a person of staff sees (admin, tokens) stays JupyterHub's own.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pamong.catalogue import LANGUAGE, PACKAGE, messages

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
_STYLES = ("tokens.css", "parts.css", "page.css")
_FONT = "vendor/plus-jakarta-sans.woff2"
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_TOLD = {
    "Invalid username or password": "login.wrong",
    "Login form invalid or expired. Try again.": "login.expired",
}
"""What JupyterHub says of a failed login, and what is said instead."""
_REASONS = ("login.", "kartu.", "sandi.")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the templates know besides what JupyterHub tells them, under the name ``house``."""

    programme: str
    language: str
    own_words: bool
    people: bool = False

    def say(self, key: str, /, **values: object) -> str:
        """A text of the catalogue ``hub``."""
        return messages("hub", self.language)(key, **values)

    def refusal(self, told: str) -> str:
        """Why a login failed, in plain words: our own authenticators tell a key of the catalogue."""
        if told in _TOLD:
            return self.say(_TOLD[told])
        if told.startswith(_REASONS) and told in messages("hub", self.language).entries:
            return self.say(told)
        return told if self.own_words else self.say("login.failed")

    def trouble(self, status: int, part: str) -> str:
        """The title or the text of an error page."""
        key = f"error.{status}.{part}"
        return self.say(key if key in messages("hub", self.language).entries else f"error.{part}")

    @property
    def style(self) -> Markup:
        """Everything that a page looks like."""
        return _style()

    @property
    def script(self) -> Markup:
        """Everything that a page does."""
        return _inline(HERE / "hub.js")


def dress(
    c: Any,
    *,
    programme: str,
    language: str = LANGUAGE,
    own_words: bool = False,
    people: bool = False,
) -> None:
    """Set up a hub's configuration ``c``, as in ``jupyterhub_config.py``.

    ``own_words`` says that the authenticator explains a refused login in plain words of that language;
    otherwise whatever it says, JupyterHub's English included, is told in ours. ``people`` says that the
    groups of JupyterHub are the service's roles, of which participants alone have a server.
    """
    house = House(programme=programme, language=language, own_words=own_words, people=people)
    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.template_vars.update({"house": house})


@cache
def _style() -> Markup:
    sheets = [PACKAGE / "static" / name for name in _STYLES] + [HERE / "hub.css"]
    text = _COMMENT.sub("", "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets))
    font = b64encode((PACKAGE / "static" / _FONT).read_bytes()).decode()
    return Markup(text.replace(_FONT, f"data:font/woff2;base64,{font}"))  # noqa: S704  # our own file


@cache
def _inline(path: Path) -> Markup:
    return Markup(_COMMENT.sub("", path.read_text(encoding="utf-8")))  # noqa: S704  # our own file
