"""``python -m pamong.playtest case.brief.yaml [case.key.yaml]``: the table and the broken promises."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pamong.playtest.tell import page
from pamong.playtest.trial import file_case, trials


def main(arguments: Sequence[str]) -> int:
    """Play one case; 1 when it breaks a promise."""
    (trial,) = trials((file_case(*map(Path, arguments)),))
    sys.stdout.write(page(trial) + "\n")
    return 1 if trial.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
