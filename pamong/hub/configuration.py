"""All of JupyterHub's settings, derived from a course and the environment; whatever is wrong is raised."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pamong.catalogue import messages
from pamong.course import Course
from pamong.hub import health, journal, login, outside, prerequisites, proxy, roles, spawning
from pamong.hub.bond import bound
from pamong.hub.pages import dress
from pamong.hub.settings import Settings, from_environment
from pamong.hub.tokens import tokens
from pamong.service.database import Database

REFRESH = 60
"""Seconds after which it is asked again who somebody is."""
IDLE, AT_MOST = 3600, 12 * 3600
"""Seconds after which an unused server stops, and any server."""


def configure(c: Any, root: Path) -> None:
    """Fill JupyterHub's configuration ``c`` for the course at ``root``; PamongError, whatever is wrong."""
    settings, course = from_environment(root), Course.load(root)
    prerequisites.require(settings)
    secret = tokens(settings.state)
    database = Database(course.service_url)
    _place(c, settings)
    _people(c, settings, database)
    _services(c, settings, secret)
    proxy.configure(c, settings, secret["proxy"])
    spawning.configure(c, settings, course, database)
    _pages(c, settings, course)


def _place(c: Any, settings: Settings) -> None:
    state = settings.state
    c.JupyterHub.bind_url = f"http://{settings.address}:{settings.port}/"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}"
    c.JupyterHub.db_url = f"sqlite:///{state / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
    c.JupyterHub.trusted_downstream_ips = ["127.0.0.1", *settings.trusted]
    c.JupyterHub.cookie_max_age_days = 1
    c.JupyterHub.oauth_require_pkce = True
    c.JupyterHub.default_url = "/services/pamong/"
    c.JupyterHub.logging_config = journal.settings()
    if settings.public:
        c.JupyterHub.public_url = settings.public_url + "/"


def _people(c: Any, settings: Settings, database: Database) -> None:
    door, pages = login.Door(database), [("/sehat", health.handler(settings, database))]
    if settings.login == "roster":
        c.JupyterHub.authenticator_class = login.roster(door, pages)
    else:
        base = (outside.oauth if settings.login == "oauth" else outside.lti)(c, settings)
        c.JupyterHub.authenticator_class = login.admitted(base, door, pages)
    c.Authenticator.allow_all = True  # whoever the service does not know is refused before
    c.Authenticator.manage_groups = True
    c.Authenticator.auth_refresh_age = REFRESH
    c.Authenticator.refresh_pre_spawn = True
    c.Authenticator.admin_users = set()
    c.JupyterHub.load_roles = roles.roles()
    c.Spawner.server_token_scopes = roles.server_scopes


def _services(c: Any, settings: Settings, secret: dict[str, str]) -> None:
    culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"]
    culler = bound([*culler, f"--max-age={AT_MOST}", "--cull-every=300"])
    c.JupyterHub.services = [
        {
            "name": roles.SERVICE,
            "url": f"http://127.0.0.1:{settings.service_port}",
            "api_token": secret["pamong"],
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": [],
            "display": False,
        },
        {"name": roles.OPERATOR, "api_token": secret["operator"], "display": False},
        {"name": roles.CULLER, "api_token": secret["pemangkas"], "command": culler, "display": False},
    ]  # fmt: skip


def _pages(c: Any, settings: Settings, course: Course) -> None:
    programme = course.programme
    dress(c, programme=programme.title, language=programme.language, people=True)
    c.JupyterHub.template_vars.update({"cards": settings.login == "roster"})
    if settings.mode == "demo":
        notice = messages("hub", programme.language)("demo")
        c.JupyterHub.template_vars.update({"announcement_login": notice})
