"""IPython's kernel without what nobody needs to fill in a form, such as its debugger: 12 MB less.

Run as ``python -m pamong.view.kernel -f <connection file>``, from the kernelspec that ``spec`` describes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any


def spec() -> dict[str, Any]:
    """The content of ``kernel.json`` for participants."""
    return {
        "argv": [sys.executable, "-m", "pamong.view.kernel", "-f", "{connection_file}"],
        "display_name": "Pamong",
        "language": "python",
    }


def spared(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Modules to do without: debugger, history, other formats; TLS where no address of ours needs it."""
    ours = (value for name, value in environment.items() if name.startswith("PAMONG_"))
    always = ("debugpy", "sqlite3", "msgpack")
    return always if any(value.lower().startswith("https:") for value in ours) else (*always, "ssl")


def main() -> None:
    for name in spared(os.environ):
        sys.modules[name] = None  # type: ignore[assignment]  # to whoever imports it: not installed
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415  # after the lines above

    launch_new_instance()


if __name__ == "__main__":
    main()
