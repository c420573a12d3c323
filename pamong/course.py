"""A course on disk: where everything lies, and the exercises as they were authored or released."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

import msgspec

from pamong import document
from pamong.brief import load_brief, load_key
from pamong.catalogue import messages
from pamong.errors import CourseError, UnknownVersion
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds import KINDS
from pamong.programme import Programme, find_root

BRIEF = ".brief.yaml"
KEY = ".key.yaml"
NOTEBOOK = "module.ipynb"
SECRET_SIZE = 32
"""Bytes of the secret of a course."""
INDEX = "index.json"
"""Fingerprints of what was released, beside the frozen files."""
GRADEBOOK = "PAMONG_GRADEBOOK"
"""The environment variable that names the gradebook's database, before ``gradebook:`` does."""
DATABASE = "PAMONG_DATABASE"
"""The environment variable that names the service's database."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A brief with its key; the key of a practice exercise is the model in its brief."""

    kind: AnyKind
    brief: Brief
    key: Key


class Shelf:
    """The released versions of one module's exercises, beside the keys.

    ``released/<exercise>.v<version>.brief.yaml`` and ``.key.yaml`` never change once they are there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[tuple[str, int], Exercise] = {}

    def get(self, exercise: str, version: int) -> Exercise:
        """One released version; UnknownVersion when it was never released or has been removed."""
        if (exercise, version) not in self._read:
            self._read[exercise, version] = self._load(exercise, version)
        return self._read[exercise, version]

    def versions(self, exercise: str) -> tuple[int, ...]:
        """Every released version of an exercise, ascending."""
        found = self.folder.glob(f"{exercise}.v*{BRIEF}")
        numbers = (path.name.removeprefix(f"{exercise}.v").removesuffix(BRIEF) for path in found)
        return tuple(sorted(int(number) for number in numbers if number.isdigit()))

    def latest(self) -> Mapping[str, Exercise]:
        """The newest released version of every exercise, by id."""
        names = {path.name.partition(".v")[0] for path in self.folder.glob(f"*.v*{BRIEF}")}
        return {name: self.get(name, self.versions(name)[-1]) for name in sorted(names)}

    def _load(self, exercise: str, version: int) -> Exercise:
        path = self.folder / f"{exercise}.v{version}{BRIEF}"
        if not path.is_file():
            raise UnknownVersion(exercise, version, self.versions(exercise))
        self._require_untouched(exercise, version)
        brief = load_brief(path)
        kind = KINDS[brief.kind]
        if (model := getattr(brief, "model", None)) is not None:
            return Exercise(kind, brief, model)
        return Exercise(kind, brief, load_key(path.with_name(path.name.replace(BRIEF, KEY)), kind))

    def _require_untouched(self, exercise: str, version: int) -> None:
        """CourseError when a frozen file is not the one whose fingerprint the release wrote down."""
        index = self.folder / INDEX
        if not index.is_file():
            return
        known = read_index(index.read_bytes(), index).get(exercise)
        digests = known.get(f"v{version}") if isinstance(known, dict) else None
        if not digests:
            raise CourseError(
                f"{index} does not know version {version} of {exercise}. "
                "Restore it from version control."
            )
        for part, digest in digests.items():
            path = self.folder / f"{exercise}.v{version}.{part}.yaml"
            require_frozen(path, path.read_bytes() if path.is_file() else None, digest)


Index = dict[str, dict[str, dict[str, str]] | str]
"""SHA-256 of what was released: by exercise, version and part; of a notebook by its name."""


def read_index(content: bytes, path: Path) -> Index:
    """What a release wrote down at ``path``; CourseError when it cannot be read."""
    try:
        return msgspec.json.decode(content, type=Index)
    except msgspec.DecodeError as error:
        raise CourseError(
            f"{path}, which tells what was released, is damaged ({error}). "
            "Restore it from version control."
        ) from error


def require_frozen(path: Path, content: bytes | None, digest: str) -> None:
    """CourseError unless a released file is there (``content`` is not None) and as it was released."""
    if content is None:
        raise CourseError(
            f"{path} is not there any more, though it was released. Restore it from version control: "
            "answers are graded by it."
        )
    if sha256(content).hexdigest() != digest:
        raise CourseError(
            f"{path} was changed after its release. Restore it from version control; "
            "to correct an exercise, raise its version instead."
        )


@dataclass(frozen=True)
class Course:
    """The folders of one course; ``root`` is the repository that holds ``course/``."""

    root: Path
    programme: Programme

    @classmethod
    def load(cls, root: Path | None = None) -> Course:
        """The course at ``root``, or around the working folder; CourseError when there is none."""
        found = find_root((root or Path.cwd()).resolve())
        if found is None:
            raise CourseError(messages("course")("missing", folder=root or Path.cwd()))
        path = found / "course" / "programme.yaml"
        return cls(found, document.convert(document.read(path), Programme))

    @cached_property
    def folder(self) -> Path:
        return self.root / "course"

    @cached_property
    def graders(self) -> Path:
        """Where the keys are; ``graders:`` in programme.yaml, relative to the root."""
        return (self.root / self.programme.graders).resolve()

    @cached_property
    def roster(self) -> Path:
        return self.folder / "roster.csv"

    @cached_property
    def gradebook(self) -> Path:
        """The file of the gradebook, unless the course keeps it elsewhere (``gradebook_url``)."""
        return self.folder / "gradebook.db"

    @cached_property
    def gradebook_url(self) -> str:
        """Where the gradebook is, for SQLAlchemy and nbgrader alike; it may hold a password.

        The variable PAMONG_GRADEBOOK counts before ``gradebook:`` in programme.yaml; a file in
        SQLite is relative to the root.
        """
        return self._url(GRADEBOOK, self.programme.gradebook, self.gradebook)

    @cached_property
    def service_url(self) -> str:
        """Where the service's database is, for SQLAlchemy; PAMONG_DATABASE counts before the file."""
        return self._url(DATABASE, "", self.folder / "service.db")

    @property
    def has_service(self) -> bool:
        """Whether the service's database was named, or is a file on this machine."""
        return bool(os.environ.get(DATABASE, "").strip()) or self._service_file.is_file()

    @property
    def may_write_service(self) -> bool:
        """Whether this account can reach the service's database by itself."""
        file = self._service_file
        if file.is_file():
            return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
        return bool(os.environ.get(DATABASE, "").strip())

    @property
    def _service_file(self) -> Path:
        file = self.service_url.partition("sqlite:///")[2]
        return Path(file.replace("%3F", "?").replace("%25", "%"))

    def _url(self, variable: str, setting: str, usual: Path) -> str:
        url = os.environ.get(variable, "").strip() or setting
        if not url:
            return f"sqlite:///{quoted(usual)}"
        scheme, _, file = url.partition(":///")
        if scheme.startswith("sqlite") and file not in ("", ":memory:") and file[0] != "/":
            return f"{scheme}:///{quoted(self.root)}/{file}"
        return re.sub("^postgres(ql)?:", "postgresql+psycopg:", url)

    @cached_property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    @cached_property
    def reports(self) -> Path:
        return self.folder / "reports"

    @cached_property
    def ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    def source(self, module: str) -> Path:
        return self.folder / "source" / module

    def release(self, module: str) -> Path:
        return self.folder / "release" / module

    def submitted(self, participant: str, module: str) -> Path:
        return self.folder / "submitted" / participant / module

    def autograded(self, participant: str, module: str) -> Path:
        return self.folder / "autograded" / participant / module

    def feedback(self, participant: str, module: str) -> Path:
        return self.folder / "feedback" / participant / module

    def keys(self, module: str) -> Path:
        return self.graders / module

    def shelf(self, module: str) -> Shelf:
        """The released exercises of a module."""
        return Shelf(self.keys(module) / "released")

    def require_shelf(self, module: str) -> None:
        """CourseError when a module was released, but what answers are graded by is not there any more."""
        index, copy = self.keys(module) / "released" / INDEX, self.release(module)
        if (copy / NOTEBOOK).is_file() and not index.is_file():
            raise CourseError(
                f"{index} is not there any more, though {module} was released. Restore the folder "
                f"from version control: answers are graded by it. To begin anew, move {copy} away."
            )

    def authored(self, module: str) -> Mapping[str, Exercise]:
        """Every exercise of a module as it is being written, by id."""
        found: dict[str, Exercise] = {}
        for path in sorted(self.source(module).glob(f"*{BRIEF}")):
            brief = load_brief(path)
            kind = KINDS[brief.kind]
            key = getattr(brief, "model", None)
            if key is None:
                key = load_key(self.keys(module) / path.name.replace(BRIEF, KEY), kind)
            found[brief.id] = Exercise(kind, brief, key)
        return found

    def secret(self) -> bytes:
        """The secret that chooses payoff variants; made on first use, readable by its owner only."""
        path = self.graders / ".secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, scratch = mkstemp(prefix=".secret.", dir=path.parent)  # its owner's alone
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(os.urandom(SECRET_SIZE))
                    file.flush()
                    os.fsync(handle)
                with suppress(FileExistsError):  # another process was quicker
                    path.hardlink_to(scratch)
            finally:
                Path(scratch).unlink()
        found = path.read_bytes()
        if len(found) < SECRET_SIZE:
            raise CourseError(f"{path} is damaged. Restore it from the backup.")
        return found

    def require_module(self, module: str) -> str:
        """``module`` if the programme has it; CourseError that lists the ones it has."""
        known = [plan.id for plan in self.programme.modules]
        if module not in known:
            raise CourseError(messages("course")("module", module=module, known=", ".join(known)))
        return module


def quoted(path: Path) -> str:
    """A path as a part of a URL that SQLAlchemy reads."""
    return str(path).replace("%", "%25").replace("?", "%3F")
