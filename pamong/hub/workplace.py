"""The first thing a server at the hub does, as its own account: its files in order, then Jupyter.

``python -m pamong.hub.workplace [ARGUMENTS OF JUPYTERHUB-SINGLEUSER]``. New releases replace what was
handed out; answers, and whatever else its owner keeps there, stay.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from pamong import notebook
from pamong.errors import PamongError
from pamong.hub.told import MODULES, TOLD

FOLDER = "pelatihan"
"""The folder of the modules in a participant's home."""


def prepare(told: Path, home: Path) -> dict[str, str]:
    """Bring the modules home and make room for Jupyter's own files; what to add to the environment."""
    own = home / ".pamong-jupyter"
    settings, profile = own / "settings", own / "ipython" / "profile_default"
    translation = settings / "@jupyterlab" / "translation-extension" / "plugin.jupyterlab-settings"
    places = {
        told / "translation.json": translation,
        told / "ipython_kernel_config.json": profile / "ipython_kernel_config.json",
    }
    for path, place in places.items():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.exists():  # somebody may have chosen another language
            shutil.copyfile(path, place)
    modules = told / MODULES
    if modules.is_dir():
        (home / FOLDER).mkdir(mode=0o700, exist_ok=True)
        for path in sorted(modules.rglob("*")):
            if path.is_file():
                _put(path, home / FOLDER / path.relative_to(modules))
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
    }


def _put(path: Path, place: Path) -> None:
    content = path.read_bytes()
    if place.is_file() and (place.read_bytes() == content or _answered(place, content)):
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.new")
    draft.write_bytes(content)
    draft.replace(place)


def _answered(place: Path, released: bytes) -> bool:
    """Whether a notebook holds something of its owner's, which no release may wipe out."""
    if place.suffix != ".ipynb":
        return False
    try:
        return notebook.written(place.read_bytes()) != notebook.written(released)
    except PamongError:  # no notebook any more, so it was written to
        return True


def main() -> None:
    told, home = Path(os.environ[TOLD]), Path.home()
    os.umask(0o007 if "PAMONG_HUB_FOLDER" in os.environ else 0o077)
    os.environ.update(prepare(told, home))
    os.chdir(os.environ.get("PAMONG_HUB_FOLDER") or home / FOLDER)
    command = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606  # our own interpreter


if __name__ == "__main__":
    main()
