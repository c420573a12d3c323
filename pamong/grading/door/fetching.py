"""``fetch_assignment`` and ``fetch_feedback``: what the service has for a participant, into their folder."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from nbgrader.exchange.abc import ExchangeFetchAssignment, ExchangeFetchFeedback

from pamong import wire
from pamong.errors import ServiceError
from pamong.grading.door.exchange import Door, stamp


class FetchAssignment(Door, ExchangeFetchAssignment):
    """nbgrader's ``fetch_assignment``: the whole module or nothing of it."""

    def init_src(self) -> None:
        self.course = self.client.me().course
        self.require_course(self.course)
        self.module = self.folder.assignment_id
        known = [module.id for module in self.client.modules() if module.released]
        if self.module not in known:
            self.log.error("Released are: %s", ", ".join(known) or "none")
            self.fail(f"Assignment not found: {self.module}")
        self.files = self.client.files(self.module)

    def init_dest(self) -> None:
        self.place = Path(os.path.abspath(self.home(self.course, self.module)))  # noqa: PTH100
        if self.place.is_dir() and not self.replace_missing_files:
            here = self.home(self.course, self.module)
            self.fail(f"You already have a copy of the assignment in this directory: {here}")

    def copy_files(self) -> None:
        self.log.info("Destination: %s", self.place)
        if self.place.is_dir():
            for info in self.files:
                if not (self.place / _relative(info)).exists():
                    self.log.warning("Replacing missing file '%s'", info.name)
                    self._put(info, self.place)
        else:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(mkdtemp(prefix=f".{self.module}.", dir=self.place.parent))
            try:
                (draft / "new").mkdir()  # with the modes that this account gives its folders
                for info in self.files:
                    self._put(info, draft / "new")
                (draft / "new").rename(self.place)
            finally:
                shutil.rmtree(draft)
        self.log.info("Fetched as: %s %s", self.course, self.module)

    def _put(self, info: wire.FileInfo, folder: Path) -> None:
        content = self.client.file(self.module, info.name)
        if sha256(content).hexdigest() != info.sha256:
            raise ServiceError(f"{info.name} changed while it was fetched. Fetch the module again.")
        path = folder / _relative(info)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class FetchFeedback(Door, ExchangeFetchFeedback):
    """nbgrader's ``fetch_feedback``: every published page on one's own submissions."""

    def init_src(self) -> None:
        self.course = self.client.me().course
        self.require_course(self.course)
        self.module = self.folder.assignment_id
        self.submissions = self.client.submissions(self.module)

    def init_dest(self) -> None:
        self.place = Path(os.path.abspath(self.home(self.course, self.module) / "feedback"))  # noqa: PTH100

    def copy_files(self) -> None:
        self.log.info("Destination: %s", self.place)
        for each in self.submissions:
            moment = stamp(each.moment)
            for notebook in each.feedback:
                page = self.client.feedback(self.module, each.code, notebook)
                path = self.place / moment / f"{Path(notebook).name}.html"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(page)
                self.log.info("Fetched feedback: %s", path)
            if not each.feedback:
                place = f"{self.course}/{self.module}"
                self.log.warning("Could not find feedback for '%s' submitted at %s", place, moment)


def _relative(info: wire.FileInfo) -> PurePosixPath:
    """The name as a path that stays inside the folder; ServiceError for any other."""
    path = PurePosixPath(info.name)
    if path.is_absolute() or not path.parts or any(part.startswith(".") for part in path.parts):
        raise ServiceError(f"The service names a file {info.name!r}, which cannot be.")
    return path
