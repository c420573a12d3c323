"""The exercises that a command line names: a whole module, one exercise of it, or a YAML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pamong.catalogue import messages
from pamong.course import BRIEF, KEY, Course
from pamong.errors import CourseError
from pamong.playtest.trial import Case, file_case

SUFFIX = ".yaml"


def cases(targets: Sequence[str], course: Course | None = None) -> tuple[Case, ...]:
    """What ``targets`` name, in that order; every exercise of the programme when they name nothing.

    Raises CourseError for what does not exist, AuthoringError for what cannot be read. ``course`` is
    the one around the working folder unless given.
    """
    found: list[Case] = []
    for target in targets or [plan.id for plan in (course or Course.load()).programme.modules]:
        if target.endswith(SUFFIX):
            found.append(_file(Path(target)))
        else:
            found += _exercises(course or Course.load(), target)
    return tuple(found)


def _file(path: Path) -> Case:
    if not path.name.endswith(BRIEF) or not path.is_file():
        raise CourseError(messages("playtest")("file.missing", path=path, suffix=BRIEF))
    return file_case(path, _key_of(path.resolve()))


def _key_of(path: Path) -> Path | None:
    """The key file of a graded brief: beside it, or in the graders' folder of its course."""
    name = path.name.replace(BRIEF, KEY)
    if path.with_name(name).is_file():
        return path.with_name(name)
    if path.parent.parent.name != "source":
        return None
    key = Course.load(path.parent).keys(path.parent.name) / name
    return key if key.is_file() else None


def _exercises(course: Course, target: str) -> Iterator[Case]:
    module, _, wanted = target.partition("/")
    authored = course.authored(course.require_module(module))
    if wanted and wanted not in authored:
        raise CourseError(
            messages("playtest")(
                "exercise.unknown", exercise=wanted, module=module, known=", ".join(authored)
            )
        )
    for id, it in authored.items():
        if wanted in ("", id):
            needed = [name for name in it.kind.needs(it.brief) if name in authored]
            yield Case(
                name=f"{module}/{id}",
                kind=it.kind,
                brief=it.brief,
                key=it.key,
                earlier={name: authored[name] for name in needed},
            )
