"""What JupyterHub on Kubernetes is told besides the chart's values, which call it (``hub.extraConfig``).

People, roles and pages are those of one machine (``pamong.hub``); servers are pods: participants get an
image without keys, and the one server that staff share gets theirs, with the course and the keys. A fault
stops the hub.
"""

import os
from pathlib import Path
from typing import Any

from pamong.course import Course
from pamong.hub import journal, login, outside, roles
from pamong.hub.admission import GRADER
from pamong.hub.pages import dress
from pamong.hub.settings import from_environment
from pamong.service.database import Database

ROOT = Path(os.environ.get("PAMONG_ROOT", "/srv/pamong"))
STAFF_IMAGE = os.environ["PAMONG_STAFF_IMAGE"]
CLUSTER = "access:services!service=dask-gateway"
REFRESH = 60
"""Seconds after which it is asked again who somebody is."""
VOLUMES = {
    name: {"name": name, "persistentVolumeClaim": {"claimName": f"pamong-{name}"}}
    for name in ("course", "graders")
}
MOUNTS = {
    name: {"name": name, "mountPath": f"/srv/pamong/{name}"} for name in ("course", "graders")
}


def configure(c: Any) -> None:
    """Fill JupyterHub's configuration ``c`` after the chart has; SystemExit, whatever is wrong."""
    try:
        _configure(c)
    except Exception as error:
        raise SystemExit(f"hub_config.py: {type(error).__name__}: {error}") from error


def _configure(c: Any) -> None:
    settings, course = from_environment(ROOT), Course.load(ROOT)
    door = login.Door(Database(course.service_url))
    if settings.login == "roster":
        c.JupyterHub.authenticator_class = login.roster(door)
    else:
        base = (outside.oauth if settings.login == "oauth" else outside.lti)(c, settings)
        c.JupyterHub.authenticator_class = login.admitted(base, door)
    c.Authenticator.allow_all = True  # whoever the service does not know is refused before
    c.Authenticator.manage_groups = True
    c.Authenticator.auth_refresh_age = REFRESH
    c.Authenticator.refresh_pre_spawn = True
    c.Authenticator.admin_users = set()
    c.JupyterHub.load_roles = [*c.JupyterHub.load_roles, *_roles()]
    c.JupyterHub.default_url = "/services/pamong/"
    c.JupyterHub.cookie_max_age_days = 1
    c.JupyterHub.oauth_require_pkce = True
    c.JupyterHub.logging_config = journal.settings()
    c.Spawner.server_token_scopes = _server_scopes
    c.KubeSpawner.pre_spawn_hook = _equip
    programme = course.programme
    dress(c, programme=programme.title, language=programme.language, people=True)
    c.JupyterHub.template_vars.update({"cards": settings.login == "roster"})


def _roles() -> list[dict[str, Any]]:
    """Those of people; culling is the chart's here, and the operator is kubectl."""
    grading = {"name": "kelompok-penilai", "users": [GRADER], "scopes": [CLUSTER]}
    return [*(role for role in roles.roles() if "services" not in role), grading]


def _server_scopes(spawner: Any) -> list[str]:
    more = [CLUSTER] if spawner.user.name == GRADER else []
    return [*roles.server_scopes(spawner), *more]


def _equip(spawner: Any) -> None:
    """What the shared server of staff has and no other: image, label, course and keys."""
    if spawner.user.name != GRADER:
        return
    spawner.image = STAFF_IMAGE
    spawner.cmd = ["jupyterhub-singleuser"]
    spawner.notebook_dir, spawner.default_url = "/srv/pamong", "/lab"
    spawner.extra_labels = spawner.extra_labels | {"pamong": "staff"}
    spawner.volumes = spawner.volumes | VOLUMES
    spawner.volume_mounts = spawner.volume_mounts | MOUNTS
    spawner.mem_limit, spawner.mem_guarantee = "8G", "1G"
    spawner.cpu_limit, spawner.cpu_guarantee = 4, 0.5
    spawner.environment = spawner.environment | {
        "PAMONG_HUB_FOLDER": "/srv/pamong",
        "PAMONG_GRADEBOOK": {
            "valueFrom": {"secretKeyRef": {"name": "pamong-database", "key": "gradebook-url"}}
        },
    }
