"""The kinds of exercise there are, by name."""

from __future__ import annotations

from collections.abc import Mapping

from pamong.kind import AnyKind
from pamong.kinds import choice, matrix, negotiation, reflection, situational

KINDS: Mapping[str, AnyKind] = {
    each.name: each
    for each in (
        situational.KIND,
        choice.KIND,
        matrix.KIND,
        negotiation.KIND,
        reflection.KIND,
    )
}
