"""What a module is graded with, as bytes: its notebooks, briefs and released keys.

Nothing else of the course is needed to grade, so that a worker may stand on another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pamong import notebook, seal
from pamong.catalogue import LANGUAGE
from pamong.course import INDEX, NOTEBOOK, Course, read_index, require_frozen
from pamong.errors import CourseError
from pamong.grading.confined import code
from pamong.notebook import Notebook


@dataclass(frozen=True, kw_only=True)
class ModuleSource:
    """The trusted side of one module.

    ``pages`` are its notebooks, ``files`` the briefs and legal cards that their cells read, ``keys``
    what was released beside the keys; all by file name.
    """

    id: str
    pages: Mapping[str, bytes]
    files: Mapping[str, bytes]
    keys: Mapping[str, bytes]
    language: str = LANGUAGE
    """Of what graders add: the reasons of scores, the comments on cells."""
    sealing: bytes = field(default=b"", repr=False)
    """The key of the counterpart's seals; empty where replies are all to be worked out again."""

    @cached_property
    def notebooks(self) -> Mapping[str, Notebook]:
        """The notebooks to start from; whoever changes one must copy it first."""
        return {name: notebook.parse(content, name) for name, content in self.pages.items()}

    @cached_property
    def version(self) -> str:
        """A fingerprint of the notebooks, the briefs and the released keys."""
        digest = sha256()
        for part in (self.pages, self.files, self.keys):
            for name, content in sorted(part.items()):
                digest.update(name.encode() + b"\0" + sha256(content).digest())
        return digest.hexdigest()[:16]


def load_source(course: Course, module: str) -> ModuleSource:
    """The trusted side of a module; CourseError when something is missing or not as it was released."""
    folder = course.source(course.require_module(module))
    if not (folder / NOTEBOOK).is_file():
        raise CourseError(
            f"{folder / NOTEBOOK} is missing. Write the module first, then release it."
        )
    if not course.graders.is_dir():
        raise CourseError(
            f"The graders' folder {course.graders} is not there. Put it back, or set `graders:` in "
            "course/programme.yaml to where the keys are."
        )
    released = course.keys(module) / "released"
    course.require_shelf(module)
    if not (released / INDEX).is_file():
        raise CourseError(f"{module} was never released. Run `pamong release {module}` first.")
    source = ModuleSource(
        id=module,
        pages=_read(folder, "*.ipynb"),
        files=_read(folder, "*.yaml"),
        keys=_read(released, "*.yaml") | _read(released, INDEX),
        language=course.programme.language,
        sealing=seal.key_beside(course.graders),
    )
    _require_released(source, folder, released)
    code.require(source.notebooks.values())
    return source


def _read(folder: Path, pattern: str) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}
    except OSError as error:
        raise CourseError(
            f"{error.filename} cannot be read ({error.strerror}). Give this account the rights to read it."
        ) from error


def _require_released(source: ModuleSource, folder: Path, released: Path) -> None:
    index = read_index(source.keys[INDEX], released / INDEX)
    for name, content in source.pages.items():
        if index.get(name) != sha256(content).hexdigest():
            raise CourseError(
                f"{folder / name} has changed since its release. "
                f"Run `pamong release {source.id}` first, or restore it."
            )
        notebook.parse(content, str(folder / name))
    for exercise, versions in index.items():
        for version, digests in versions.items() if isinstance(versions, dict) else ():
            for part, digest in digests.items():
                name = f"{exercise}.{version}.{part}.yaml"
                require_frozen(released / name, source.keys.get(name), digest)
