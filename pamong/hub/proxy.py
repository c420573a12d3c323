"""The proxy in front: traefik, which outlives the hub, so that a restart of the hub cuts nobody off."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path
from typing import Any

from pamong.errors import CourseError
from pamong.hub.settings import Settings

USER = "hub"
ENTRY, API = "http", "auth_api"


def folder(settings: Settings) -> Path:
    """Where the proxy's settings and routes are; only the hub's account may look: a password is there."""
    return settings.state / "proxy"


def static_file(settings: Settings) -> Path:
    return folder(settings) / "traefik.toml"


def routes_file(settings: Settings) -> Path:
    return folder(settings) / "routes.toml"


def command(settings: Settings) -> list[str]:
    """What starts the proxy; CourseError when it is not installed."""
    found = shutil.which("traefik", path=sysconfig.get_path("scripts")) or shutil.which("traefik")
    if found is None:
        raise CourseError("traefik is missing. Run scripts/setup serve.")
    return [found, f"--configfile={_write(settings)}"]


def configure(c: Any, settings: Settings, password: str) -> None:
    """Tell the hub of a proxy that somebody else starts."""
    c.JupyterHub.proxy_class = "traefik_file"
    c.JupyterHub.cleanup_proxy = False
    c.Proxy.should_start = False
    c.TraefikFileProviderProxy.dynamic_config_file = str(routes_file(settings))
    c.TraefikFileProviderProxy.static_config_file = str(static_file(settings))
    c.TraefikProxy.traefik_api_url = f"http://127.0.0.1:{settings.proxy_port}"
    c.TraefikProxy.traefik_api_username = USER
    c.TraefikProxy.traefik_api_password = password
    c.TraefikProxy.traefik_entrypoint = ENTRY
    c.TraefikProxy.traefik_api_entrypoint = API


def _write(settings: Settings) -> Path:
    folder(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    routes, path = routes_file(settings), static_file(settings)
    routes.touch(mode=0o600)
    trusted = _list(settings.trusted)
    text = f"""\
[global]
checkNewVersion = false
sendAnonymousUsage = false
[log]
format = "json"
level = "WARN"
[api]
[providers]
providersThrottleDuration = "0s"
[providers.file]
filename = {_quoted(str(routes))}
watch = true
[entryPoints.{ENTRY}]
address = {_quoted(f"{settings.address}:{settings.port}")}
[entryPoints.{ENTRY}.forwardedHeaders]
trustedIPs = {trusted}
[entryPoints.{ENTRY}.transport.respondingTimeouts]
readTimeout = "300s"
idleTimeout = "180s"
[entryPoints.{API}]
address = {_quoted(f"127.0.0.1:{settings.proxy_port}")}
"""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
