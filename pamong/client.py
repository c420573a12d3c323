"""The service as whoever asks it sees it, with what a participant's kernel has anyway: urllib and msgspec.

Every answer is read within bounds. What may be repeated without harm is tried again, nothing else is;
no redirect is followed and no proxy is used, so that the token goes nowhere but to the service.
"""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from time import sleep
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from pamong import wire
from pamong.errors import CourseError, ServiceRefused, ServiceUnreachable

ADDRESS = "PAMONG_SERVICE_URL"
"""The environment variable with the service's address, such as https://hub.example/services/pamong."""
TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  # the name of a variable
TIMEOUT = 15.0
"""Seconds to wait for an answer to begin, and for every next piece of it."""
ANSWER_LIMIT = 128 * 1024 * 1024
"""Bytes of one answer: a submission at its bound, as base64."""
TRIES = 3
PAUSE = 0.2
"""Seconds before the second try; the third waits twice as long."""
_REPEATABLE = ("GET", "PUT", "DELETE")
_AWAY = (429, 500, 502, 503, 504)
"""A proxy's or an overloaded service's way to say that there is no answer."""
T = TypeVar("T")


def address() -> str:
    """Where the environment says that the service is; empty where it names none."""
    return os.environ.get(ADDRESS, "").strip()


class Client:
    """One person's way to the service at ``url``. Raises ServiceUnreachable or ServiceRefused."""

    def __init__(self, url: str, token: str, *, timeout: float = TIMEOUT) -> None:
        if not url.startswith(("http://", "https://")):
            raise CourseError(f"{ADDRESS} is {url!r}; it has to begin with http:// or https://.")
        self._base, self._token, self._timeout = f"{url.rstrip('/')}/api/v1/", token, timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())

    @classmethod
    def from_environment(cls, *, timeout: float = TIMEOUT) -> Client | None:
        """The client that the environment describes; None where it names no service."""
        url = address()
        if not url:
            return None
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise CourseError(f"{ADDRESS} is set, but {TOKEN} is not. Start this from the hub.")
        return cls(url, token, timeout=timeout)

    # What participants ask

    def me(self) -> wire.Me:
        return self._get("me", wire.Me)

    def modules(self) -> list[wire.Module]:
        return self._get("modules", list[wire.Module])

    def files(self, module: str) -> list[wire.FileInfo]:
        return self._get(f"modules/{_part(module)}/files", list[wire.FileInfo])

    def file(self, module: str, name: str) -> bytes:
        return self._ask("GET", f"modules/{_part(module)}/files/{quote(name)}")

    def say(self, module: str, exercise: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a message of ``pamong.dialogue``; asked once, because the caller repeats it."""
        path = f"modules/{_part(module)}/exercises/{_part(exercise)}/messages"
        return self._read(dict[str, Any], self._ask("POST", path, message), path)

    def events(self, module: str, exercise: str, since: int = 0) -> wire.Events:
        path = f"modules/{_part(module)}/exercises/{_part(exercise)}/events"
        return self._get(f"{path}?{urlencode({'since': since})}", wire.Events)

    def submit(self, module: str, handin: wire.Handin) -> wire.Submission:
        path = f"modules/{_part(module)}/submissions"
        return self._read(wire.Submission, self._ask("POST", path, handin), path)

    def submissions(self, module: str) -> list[wire.Submission]:
        """One's own, the newest first."""
        return self._get(f"modules/{_part(module)}/submissions", list[wire.Submission])

    def feedback(self, module: str, code: str, notebook: str) -> bytes:
        """The page of feedback on one notebook of one's own submission."""
        path = f"modules/{_part(module)}/submissions/{_part(code)}/feedback/{_part(notebook)}"
        return self._ask("GET", path)

    # What staff ask

    def release(self, module: str) -> bool:
        """Whether it was not released before."""
        return bool(self._done("PUT", f"staff/modules/{_part(module)}/release"))

    def unrelease(self, module: str) -> bool:
        return bool(self._done("DELETE", f"staff/modules/{_part(module)}/release"))

    def released(self) -> Sequence[str]:
        """The modules that participants may have."""
        return [module.id for module in self.modules() if module.released]

    def handed_in(self, module: str) -> Sequence[wire.Handed]:
        """Everybody's submissions of a module, the newest of each person first."""
        return self._get(f"staff/modules/{_part(module)}/submissions", list[wire.Handed])

    def bundle(self, id: int) -> wire.Bundle:
        return self._get(f"staff/submissions/{id}", wire.Bundle)

    def publish(self, id: int, notebook: str, page: bytes) -> bool:
        """Give a page of feedback back to its owner; whether it is another than before."""
        path = f"staff/submissions/{id}/feedback/{_part(notebook)}"
        return bool(self._done("PUT", path, page))

    def extend(self, extensions: Sequence[wire.Extension]) -> int:
        return self._done("PUT", "staff/extensions", extensions)

    def _get(self, path: str, kind: type[T]) -> T:
        return self._read(kind, self._ask("GET", path), path)

    def _done(self, method: str, path: str, content: Any = None) -> int:
        return self._read(wire.Done, self._ask(method, path, content), path).changed

    def _read(self, kind: type[T], content: bytes, path: str) -> T:
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ServiceUnreachable(f"{self._base}{path}", f"not its answer: {error}") from error

    def _ask(self, method: str, path: str, content: Any = None) -> bytes:
        for left in reversed(range(TRIES if method in _REPEATABLE else 1)):
            try:
                return self._once(method, path, content)
            except ServiceUnreachable:
                if not left:
                    raise
                sleep(PAUSE * (TRIES - left))
        raise AssertionError  # the last try has returned or raised

    def _once(self, method: str, path: str, content: Any) -> bytes:
        url = f"{self._base}{path}"
        body = content if content is None or isinstance(content, bytes) else _json(content)
        kind = "text/html" if isinstance(content, bytes) else "application/json"
        headers = {"Authorization": f"token {self._token}", "Content-Type": kind}
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  # see __init__
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _bounded(answer, url)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(url, error) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ServiceUnreachable(url, str(reason) or type(error).__name__) from error


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect leads to a page to log in, and the token must not go along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _refusal(url: str, error: urllib.error.HTTPError) -> ServiceRefused | ServiceUnreachable:
    if error.code in _AWAY:
        return ServiceUnreachable(url, f"HTTP {error.code}")
    try:
        told = msgspec.json.decode(error.read(1 << 16), type=wire.Trouble)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, http.client.HTTPException):
        told = wire.Trouble(text=f"{error.reason}.", again=False)
    return ServiceRefused(url, error.code, told.text, again=told.again)


def _bounded(answer: Any, url: str) -> bytes:
    content: bytes = answer.read(ANSWER_LIMIT + 1)
    if len(content) > ANSWER_LIMIT:
        raise ServiceUnreachable(url, f"it answers more than {ANSWER_LIMIT} bytes")
    if answer.length:
        raise ServiceUnreachable(url, f"its answer lacks {answer.length} bytes")
    return content


def _json(content: Any) -> bytes:
    return msgspec.json.encode(content)


def _part(text: str) -> str:
    return quote(text, safe="")
