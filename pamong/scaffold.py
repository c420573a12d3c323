"""A new module or exercise from ``templates/``: files that pass the check and can be played at once.

Nothing that exists is ever overwritten; YAML is edited as text, so that its comments stay.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pamong import notebook
from pamong.brief import load_brief, load_key, read_yaml
from pamong.catalogue import messages, speaking
from pamong.course import BRIEF, KEY, NOTEBOOK, Course
from pamong.errors import AuthoringError, CourseError
from pamong.kind import AnyKind, Brief
from pamong.kinds import KINDS
from pamong.notebook import Cell
from pamong.programme import Programme

TEMPLATES = "templates"
LAST = "penutup"
"""The cell that closes a module; what is new stands before it."""
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_EXAMPLES = {"module": "m6-pelayanan-publik", "exercise": "parkir-pasar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is new, and the commands to go on with."""

    files: tuple[Path, ...]
    next: tuple[str, ...]
    note: str = ""


def new_module(course: Course, id: str, *, title: str, jp: int = 4) -> Made:
    """A module with one practice exercise, and its line in the programme. CourseError changes nothing."""
    say = messages("scaffold")
    _require_id(id, "module")
    folder, keys = course.source(id), course.keys(id)
    if id in {plan.id for plan in course.programme.modules} or folder.exists() or keys.exists():
        raise CourseError(say("module.exists", id=id))
    if not title.strip():
        raise CourseError(say("title.blank"))
    programme = course.folder / "programme.yaml"
    enrolled = _enrolled(programme, id, title.strip(), jp)
    template = _template(course, "module")
    texts = {path.name: _text(path, id, title.strip()) for path in sorted(template.iterdir())}
    folder.mkdir(parents=True)
    keys.mkdir(parents=True)
    (keys / ".gitkeep").touch()
    for name, text in texts.items():
        _write(folder / name, text)
    _replace(programme, enrolled)
    return Made(
        files=(*(folder / name for name in texts), programme),
        next=_commands(id, id),
    )


def new_exercise(
    course: Course,
    kind: str,
    module: str,
    id: str,
    *,
    title: str = "",
    graded: bool = False,
    points: float | None = None,
) -> Made:
    """A brief, its key when graded, and its cells in the notebook. CourseError changes nothing.

    ``points`` (0 unless given) are what a graded exercise is worth.
    """
    say = messages("scaffold")
    template = _exercise_template(course, kind)
    course.require_module(module)
    _require_id(id, "exercise")
    if points is not None and not (graded and 0 <= points <= 100):
        raise CourseError(say("points"))
    book_path = course.source(module) / NOTEBOOK
    book = _book(course, book_path)
    _require_free(course, module, id, book)
    text = _renamed(template.read_text(encoding="utf-8"), id, title)
    files = {course.source(module) / f"{id}{BRIEF}": text}
    if graded:
        parts = _graded(text)
        files = dict(zip((*files, course.keys(module) / f"{id}{KEY}"), parts, strict=True))
    brief = _written(files, KINDS[kind])
    with speaking(course.programme.language):
        _insert(book, _cells(brief, (points or 0.0) if graded else None))
    _replace(book_path, notebook.serialise(book).decode())
    return Made(
        files=(*files, book_path),
        next=_commands(module, f"{module}/{id}"),
        note=_note(book, points) if graded else "",
    )


def _written(files: Mapping[Path, str], kind: AnyKind) -> Brief:
    """The new brief, read back together with its key; nothing stays when either cannot be read."""
    brief_path, *key_paths = files
    try:
        for path, text in files.items():
            _write(path, text)
        for path in key_paths:
            load_key(path, kind)
        return load_brief(brief_path)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        raise


def split(target: str) -> tuple[str, str]:
    """Module and exercise of ``module/exercise``; CourseError shows how to write it."""
    module, _, id = target.partition("/")
    if not module or not id:
        raise CourseError(messages("scaffold")("target"))
    return module, id


def kinds(course: Course) -> tuple[str, ...]:
    """The kinds there is a template for."""
    folder = _template(course, "exercises")
    return tuple(sorted(path.name.removesuffix(BRIEF) for path in folder.glob(f"*{BRIEF}")))


# ---- what must not be there, and what must ----


def _require_id(id: str, what: str) -> None:
    if not _ID.fullmatch(id) or len(id) > _LONGEST:
        example = _EXAMPLES[what]
        raise CourseError(messages("scaffold")("id", id=id, longest=_LONGEST, example=example))


def _require_free(course: Course, module: str, id: str, book: notebook.Notebook) -> None:
    say = messages("scaffold")
    taken = (
        course.source(module) / f"{id}{BRIEF}",
        course.keys(module) / f"{id}{KEY}",
        *sorted((course.keys(module) / "released").glob(f"{id}.v*")),
    )
    for path in taken:
        if path.exists():
            raise CourseError(say("exercise.exists", id=id, path=_from_root(course, path)))
    if any(id in (cell.get("id"), notebook.grade_id(cell)) for cell in book["cells"]):
        raise CourseError(say("cell.exists", id=id, module=module))


def _from_root(course: Course, path: Path) -> Path:
    """A path as it is written in the guide: from the folder that holds ``course/``."""
    return path.relative_to(course.root) if path.is_relative_to(course.root) else path


def _book(course: Course, path: Path) -> notebook.Notebook:
    if not path.is_file():
        raise CourseError(messages("scaffold")("notebook.missing", path=_from_root(course, path)))
    return notebook.parse(path.read_bytes(), path.name)


def _template(course: Course, name: str) -> Path:
    folder = course.root / TEMPLATES / name
    if not folder.is_dir():
        missing = _from_root(course, folder)
        raise CourseError(messages("scaffold")("template.missing", folder=missing))
    return folder


def _exercise_template(course: Course, kind: str) -> Path:
    known = kinds(course)
    if kind in known:
        return _template(course, "exercises") / f"{kind}{BRIEF}"
    say = messages("scaffold")
    near = difflib.get_close_matches(kind, known, 1)
    guess = say("kind.near", near=near[0]) if near else ""
    raise CourseError(say("kind", kind=kind, known=", ".join(known), guess=guess))


# ---- YAML as text ----


def _renamed(text: str, id: str, title: str = "") -> str:
    """The template under its new name; the comment behind each value stays."""
    text = _set(text, "id", id)
    return _set(text, "title", _scalar(title)) if title else text


def _set(text: str, field: str, value: str) -> str:
    """Another plain value for a top-level field; padding before a comment is kept where it fits."""
    match = re.search(rf"(?m)^{field}:[ \t]*(?P<old>[^#\n]*?)(?P<gap>[ \t]*)(?P<rest>#.*)?$", text)
    if match is None:
        raise CourseError(messages("scaffold")("template.field", field=field))
    gap = " " * max(1, len(match["old"] + match["gap"]) - len(value)) if match["rest"] else ""
    line = f"{field}: {value}{gap}{match['rest'] or ''}"
    return text[: match.start()] + line + text[match.end() :]


def _graded(text: str) -> tuple[str, str]:
    """Brief and key of a graded exercise: ``model`` with its comments moves into the key file."""
    match = re.search(r"(?m)^(?P<notes>(?:#.*\n)*)model:(?P<inline>[^\n]*)\n", text)
    if match is None:
        raise CourseError(messages("scaffold")("template.field", field="model"))
    rest = text[match.end() :]
    end = re.search(r"(?m)^(?:#.*\n)*(?=[^\s#])", rest)
    block, after = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    inline = match["inline"].split("#")[0].strip()
    key = f"{inline}\n" if inline else _dedented(block)
    say = messages("scaffold")
    brief = text[: match.start()].rstrip("\n") + "\n" + after
    brief = _set(_set(brief, "use", "graded"), "stakes", "summative")
    return brief, f"# {say('key.note')}\n{key.rstrip()}\n"


def _dedented(block: str) -> str:
    lines = block.splitlines()
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    depth = min(indents, default=0)
    return "\n".join(line[depth:] for line in lines)


def _enrolled(path: Path, id: str, title: str, jp: int) -> str:
    """The programme's text with one more module, everything else as it was; CourseError if it cannot be."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if re.match(r"modules:", line)), None)
    body = lines[start + 1 :] if start is not None else []
    length = next((n for n, line in enumerate(body) if re.match(r"[^\s#-]", line)), len(body))
    items = [n for n, line in enumerate(body[:length]) if re.match(r"\s*[^\s#]", line)]
    dash = next((m[1] for n in items if (m := re.match(r"(\s*)- ", body[n]))), "  ")
    entry = [f"{dash}- id: {id}\n", f"{dash}  title: {_scalar(title)}\n", f"{dash}  jp: {jp}\n"]
    place = (start or 0) + 1 + (items[-1] + 1 if items else 0)
    new = "".join([*lines[:place], *entry, *lines[place:]])
    if start is None or _last_module(path, new) != id:
        here = Path(*path.parts[-2:])
        raise CourseError(messages("scaffold")("programme", path=here, entry="".join(entry)))
    return new


def _last_module(path: Path, text: str) -> str:
    """The last module of a programme that reads ``text``; nothing when it cannot be read."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    try:
        return msgspec.convert(read_yaml(draft), Programme).modules[-1].id
    except (AuthoringError, msgspec.ValidationError):
        return ""
    finally:
        draft.unlink()


def _scalar(text: str) -> str:
    """A YAML value that reads back as ``text``."""
    try:
        plain = yaml.safe_load(f"t: {text}") == {"t": text} and "#" not in text
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


# ---- the notebook ----


def _text(path: Path, module: str, title: str) -> str:
    """A file of the module template with its gaps filled: {module} and {title}."""
    if path.name == NOTEBOOK:
        book = notebook.parse(path.read_bytes(), path.name)
        return notebook.serialise(_fill(book, {"module": module, "title": title})).decode()
    return path.read_text(encoding="utf-8").replace("{module}", module)


def _fill(value: Any, gaps: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _fill(inner, gaps) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, gaps) for inner in value]
    if not isinstance(value, str):
        return value
    for name, text in gaps.items():
        value = value.replace("{" + name + "}", text)
    return value


def _insert(book: notebook.Notebook, cells: tuple[Cell, ...]) -> None:
    """New cells before the one that closes the module, or at the end."""
    ids = [cell.get("id") for cell in book["cells"]]
    place = ids.index(LAST) if LAST in ids else len(ids)
    book["cells"][place:place] = cells


def _cells(brief: Brief, points: float | None) -> tuple[Cell, ...]:
    """Heading and form, with the hidden points and the marker's cells when graded."""
    say, name = messages("scaffold"), brief.id
    if points is None:
        facts = say("cell.practice", minutes=brief.minutes)
        heading = _markdown(f"bagian-{name}", say("cell.heading", title=brief.title, facts=facts))
        return heading, _code(name, f'module.exercise("{name}")')
    facts = say("cell.graded", minutes=brief.minutes, points=f"{points:g}")
    heading = _markdown(f"bagian-{name}", say("cell.heading", title=brief.title, facts=facts))
    essays = tuple(_essays(brief, points))
    own = points - sum(notebook.points(cell) for cell in essays)
    source = (
        f'module.exercise("{name}")\n### BEGIN HIDDEN TESTS\n'
        f'module.points("{name}", {own:g})\n### END HIDDEN TESTS'
    )
    return heading, _code(name, source, points=own), *essays


def _essays(brief: Brief, points: float) -> Iterator[Cell]:
    """A cell for each text that a person marks: two thirds of the points, in whole numbers."""
    prompts = getattr(brief, "prompts", ())
    if not prompts or brief.visibility != "marker":
        return
    each = float(2 * points // (3 * len(prompts)))
    for prompt in prompts:
        cell = _markdown(f"{brief.id}-{prompt.id}", messages("scaffold")("cell.essay"))
        cell["metadata"]["nbgrader"] = _mark(cell["id"], each, solution=True)
        cell["metadata"]["pamong"] = {"essay": {"exercise": brief.id, "prompt": prompt.id}}
        yield cell


def _markdown(id: str, source: str) -> Cell:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source}


def _code(id: str, source: str, points: float | None = None) -> Cell:
    metadata = {
        "jupyter": {"source_hidden": True},
        "nbgrader": _mark(id, points, solution=False),
    }
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def _mark(id: str, points: float | None, *, solution: bool) -> dict[str, Any]:
    mark = {"grade": points is not None, "grade_id": id, "locked": not solution}
    worth = {} if points is None else {"points": points}
    return {**mark, **worth, "schema_version": 3, "solution": solution, "task": False}


def _note(book: notebook.Notebook, points: float | None) -> str:
    """That nothing is worth anything yet, or what the points add up to when that is not 100."""
    say = messages("scaffold")
    total = sum(notebook.points(cell) for cell in notebook.graded(book))
    zero = say("zero") if points is None else ""
    return "\n".join(filter(None, (zero, "" if total == 100 else say("sum", total=f"{total:g}"))))


def _commands(module: str, exercise: str) -> tuple[str, ...]:
    return (f"pamong check {module}", f"pamong playtest {exercise}", f"pamong preview {module}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
