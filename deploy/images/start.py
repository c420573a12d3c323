"""The first thing a participant's server in a pod does: fetch what it needs from the service, then Jupyter.

A new release replaces what was handed out; answers, and whatever else its owner keeps there, stay. Without
the service nothing starts: a server without its modules would only puzzle people.
"""

import json
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from pamong import enrolment
from pamong.catalogue import VARIABLE
from pamong.client import Client
from pamong.enrolment import Enrolment
from pamong.programme import ModulePlan
from pamong.view import kernel
from pamong.view.site import IDLE, LOCALES, TEMPLATES, UNWANTED, words
from pamong.wire import Me, Module

FOLDER = "pelatihan"
"""The folder of the modules in a participant's home."""


def main() -> None:
    client = Client.from_environment()
    if client is None:
        raise SystemExit("PAMONG_SERVICE_URL and JUPYTERHUB_API_TOKEN must name the service.")
    os.umask(0o077)
    os.environ.update(prepare(client, Path.home()))
    os.chdir(Path.home() / FOLDER)
    command = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606  # our own interpreter


def prepare(client: Client, home: Path) -> dict[str, str]:
    """Bring the modules home and settle Jupyter there; what to add to the environment."""
    me, modules = client.me(), client.modules()
    own = home / ".pamong-jupyter"
    (home / FOLDER).mkdir(mode=0o700, exist_ok=True)
    for module in modules:
        _fetch(client, module, home / FOLDER / module.id)
    for name, content in _settings(me).items():
        path = own / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    enrolment.dump(_enrolled(me, modules), own / "enrolment.json")
    return _environment(me, own)


def _fetch(client: Client, module: Module, to: Path) -> None:
    if not module.notebooks:  # neither released nor opened yet
        return
    for file in client.files(module.id):
        path = _place(to, file.name)
        if path.is_file() and sha256(path.read_bytes()).hexdigest() == file.sha256:
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(client.file(module.id, file.name))
        draft.replace(path)


def _place(folder: Path, name: str) -> Path:
    """Where a file of a module belongs; SystemExit for a name that leads elsewhere."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SystemExit(f"The service names a file outside its module: {name!r}.")
    return path


def _settings(me: Me) -> dict[str, Any]:
    return {
        "config/jupyter_server_config.json": {
            "ServerApp": {
                "terminals_enabled": False,
                "jpserver_extensions": dict.fromkeys(UNWANTED, False),
                "tornado_settings": {"compress_response": True},
                "extra_template_paths": [str(TEMPLATES)],
                "jinja_template_vars": {"pamong": words(me.language)},
            },
            "KernelManager": {"transport": "ipc"},
        },
        "config/labconfig/page_config.json": {"disabledExtensions": dict.fromkeys(IDLE, True)},
        "ipython/profile_default/ipython_kernel_config.json": {
            "HistoryManager": {"enabled": False}
        },
        "data/kernels/python3/kernel.json": kernel.spec(),
        "settings/@jupyterlab/translation-extension/plugin.jupyterlab-settings": {
            "locale": LOCALES.get(me.language, "default")
        },
    }


def _enrolled(me: Me, modules: list[Module]) -> Enrolment:
    return Enrolment(
        participant=me.id,
        name=me.name,
        role=me.office,
        cohort=me.cohort,
        programme=me.programme,
        course_id=me.course,
        time_zone=me.zone,
        modules=tuple(_plan(module) for module in modules),
        language=me.language,
    )


def _plan(module: Module) -> ModulePlan:
    due = module.window.deadline
    deadline = due.isoformat() if due else ""
    return ModulePlan(id=module.id, title=module.title, jp=0, deadline=deadline)


def _environment(me: Me, own: Path) -> dict[str, str]:
    return {
        VARIABLE: me.language,
        enrolment.VARIABLE: str(own / "enrolment.json"),
        "PAMONG_PARTICIPANT": me.id,
        "PAMONG_COURSE": me.course,
        "PAMONG_ROLE": me.office,
        "PAMONG_TIME_ZONE": me.zone,
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_PATH": str(own / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
    }


if __name__ == "__main__":
    main()
