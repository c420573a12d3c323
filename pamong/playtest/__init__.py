"""Bots play an exercise so that a miscalibrated case is found before participants meet it.

``rounds`` lets them play, ``promises`` holds the table against the key's calibration and against the
rules that every case keeps, ``trial`` puts both together for one exercise, ``target`` finds the
exercises a command line names, ``tell`` and ``drawing`` show the outcome.
"""

from __future__ import annotations

from pamong.playtest.promises import verify_calibration, verify_rules
from pamong.playtest.rounds import Row, playtest
from pamong.playtest.trial import Case, Trial, playtest_files, trials

__all__ = [
    "Case",
    "Row",
    "Trial",
    "playtest",
    "playtest_files",
    "trials",
    "verify_calibration",
    "verify_rules",
]
