"""What a grade rests on: the submission, the module's source and keys, and Pamong's own code.

A submission whose origin is the recorded one would come to the same marks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import pamong
from pamong.grading.intake.submission import Submission
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.source import ModuleSource


@dataclass(frozen=True, slots=True)
class Origin:
    """Three fingerprints; an empty one is unknown."""

    submission: str
    source: str
    code: str


def origin(source: ModuleSource, submission: Submission) -> Origin:
    """What grading ``submission`` now would rest on."""
    return Origin(submission.fingerprint, source.version, code())


def origin_of(graded: GradedSubmission) -> Origin:
    """What a graded submission rests on."""
    return Origin(graded.submission, graded.version, code())


@cache
def code() -> str:
    """A fingerprint of the installed package: every Python file and every catalogue of texts."""
    root = Path(pamong.__file__).parent
    digest = sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("messages/**/*.json")]):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
