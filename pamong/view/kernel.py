"""IPython's kernel without its debugger, which nobody needs to fill in a form: 8 MB less each.

Run as ``python -m pamong.view.kernel -f <connection file>``, from the kernelspec that ``spec`` describes.
"""

from __future__ import annotations

import sys
from typing import Any


def spec() -> dict[str, Any]:
    """The content of ``kernel.json`` for participants."""
    return {
        "argv": [sys.executable, "-m", "pamong.view.kernel", "-f", "{connection_file}"],
        "display_name": "Pamong",
        "language": "python",
    }


def main() -> None:
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # to ipykernel: not installed
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415  # after the line above

    launch_new_instance()


if __name__ == "__main__":
    main()
