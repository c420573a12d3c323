"""Who may do what at the hub, and no more than that; the service decides by its own people again.

Everybody may open the service. Participants have a server of their own, staff share one for grading
that is started when somebody opens it, leaders have none. Nobody is an administrator.
"""

from __future__ import annotations

from typing import Any

from pamong.service.people import GRADER

SERVICE = "pamong"
OPERATOR = "operator"
"""The token of whoever runs this machine: starts servers before a class, stops them at the end."""
CULLER = "pemangkas"
_SERVICE_ACCESS = f"access:services!service={SERVICE}"
_SELF = ("read:users:name!user", "read:users:groups!user")
_ACTIVITY = "users:activity!user"
_GRADING = (
    f"access:servers!user={GRADER}",
    f"servers!user={GRADER}",
    f"list:users!user={GRADER}",
)
_OVERSIGHT = ("admin-ui", "list:users", "read:users:activity", "read:servers", "delete:servers")


def roles() -> list[dict[str, Any]]:
    """All roles, for ``JupyterHub.load_roles``."""
    return [
        _role("user", "Signs in and opens the service", [_SERVICE_ACCESS, *_SELF]),
        _role("belajar", "Has a server", [*_own_server()], groups=["peserta"]),
        _role("menilai", "Uses the grading server", [*_GRADING], groups=["widyaiswara"]),
        _role("panitia", "Grades, and stops servers", [*_GRADING, *_OVERSIGHT], groups=["penyelenggara"]),
        _role("peladen-penilai", "Runs the grading server", [_ACTIVITY], users=[GRADER]),
        _role("pemangkas", "Stops idle servers", list(_CULLING), services=[CULLER]),
        _role("operator", "Runs this machine", list(_OPERATING), services=[OPERATOR]),
    ]  # fmt: skip


_CULLING = ("list:users", "read:users:activity", "read:servers", "delete:servers")
_OPERATING = ("admin:users", "servers", "read:hub", "shutdown")


def server_scopes(spawner: Any) -> list[str]:  # noqa: ARG001  # JupyterHub's signature
    """What a server's own token may do: say that it is used, know its owner, ask the service."""
    return [_ACTIVITY, "access:servers!server", _SERVICE_ACCESS, *_SELF]


def _own_server() -> tuple[str, ...]:
    return ("servers!user", "access:servers!user", _ACTIVITY)


def _role(name: str, description: str, scopes: list[str], **bearers: list[str]) -> dict[str, Any]:
    return {"name": name, "description": description, "scopes": scopes, **bearers}
