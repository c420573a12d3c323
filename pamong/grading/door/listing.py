"""``list``: released modules, one's own submissions, or everybody's, in the shape of nbgrader's own."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeList

from pamong.client import Client
from pamong.grading.door.exchange import Door, stamp

Info = dict[str, Any]


class List(Door, ExchangeList):
    """nbgrader's ``list``, which the Assignment List and formgrader read too."""

    def init_src(self) -> None:
        """The service knows."""

    def init_dest(self) -> None:
        """Nothing is written."""

    def copy_files(self) -> None:
        """Nothing is copied."""

    def list_files(self) -> list[Info]:
        """List files."""
        found = self._found()
        if self.inbound or self.cached:
            self.log.info("Submitted assignments:")
        else:
            self.log.info("Released assignments:")
        self._tell(found)
        return found

    def remove_files(self) -> list[Info]:
        """Take released modules back; what was handed in is kept."""
        if self.inbound or self.cached:
            self.fail("What was handed in is kept by the service and cannot be removed here.")
        found = self._found()
        self.log.info("Removing released assignments:")
        self._tell(found)
        for info in found:
            self.office.unrelease(info["assignment_id"])
        return [{**info, "status": "removed"} for info in found]

    def _found(self) -> list[Info]:
        if self.inbound:
            return self._inbound()
        return self._own() if self.cached else self._released()

    def _tell(self, found: Iterable[Info]) -> None:
        for info in found:
            for line in info.get("submissions", [info]):
                self.log.info(self._line(line))

    def _line(self, info: Info) -> str:
        if info["status"] != "submitted":
            there = " (already downloaded)" * (info["status"] == "fetched")
            return f"{info['course_id']} {info['assignment_id']}{there}"
        names = ("course_id", "student_id", "assignment_id", "timestamp")
        line = " ".join(str(info[name]) for name in names)
        if info["has_local_feedback"] and not info["feedback_updated"]:
            return f"{line} (feedback already fetched)"
        ready = "feedback ready to be fetched"
        return f"{line} ({ready if info['has_exchange_feedback'] else 'no feedback available'})"

    def _fits(self, course: str, assignment: str) -> bool:
        wanted = self.folder.assignment_id
        return self.folder.course_id in ("", "*", course) and wanted in ("", "*", assignment)

    def _released(self) -> list[Info]:
        found = []
        for course, module, notebooks in self._open():
            if not self._fits(course, module):
                continue
            home = self.home(course, module)
            names = sorted(notebooks)
            there = home.is_dir()
            if there:
                names = sorted(path.name for path in home.glob("*.ipynb"))
            place = Path(os.path.abspath(home)) if there else Path(module)  # noqa: PTH100  # as nbgrader does
            found.append(
                {
                    "course_id": course,
                    "assignment_id": module,
                    "status": "fetched" if there else "released",
                    "path": str(place),
                    "notebooks": [
                        {"notebook_id": Path(name).stem, "path": str(place / name)}
                        for name in names
                    ],
                }
            )
        return found

    def _open(self) -> Iterable[tuple[str, str, Iterable[str]]]:
        """Course, module and notebooks of all that may be fetched."""
        client = Client.from_environment()
        if client is None:
            return [(self.folder.course_id, module, ()) for module in self.office.released()]
        course = client.me().course
        return [
            (course, module.id, module.notebooks)
            for module in client.modules()
            if module.released and (module.notebooks or module.window.state != "early")
        ]

    def _own(self) -> list[Info]:
        """One's own submissions; nobody has any who takes part in nothing."""
        client = Client.from_environment()
        me = client.me() if client else None
        if client is None or me is None or me.role != "peserta":
            return []
        found = []
        for module in client.modules():
            if not module.submissions or not self._fits(me.course, module.id):
                continue
            infos = [
                self._submission(me.course, me.id, module.id, stamp(each.moment), each.feedback)
                for each in reversed(client.submissions(module.id))
            ]
            for info in infos:
                info["notebooks"] = self._notebooks(info, module.notebooks)
                self._sum_up(info)
            found.append(_grouped(infos))
        return found

    def _inbound(self) -> list[Info]:
        """Everybody's submissions, for staff."""
        course, wanted = self.folder.course_id, self.folder.assignment_id
        modules = [wanted] if wanted not in ("", "*") else list(self.office.released())
        groups: dict[tuple[str, str], list[Info]] = defaultdict(list)
        for module in modules:
            for each in self.office.handed_in(module):
                if self.folder.student_id in ("", "*", each.participant):
                    info = self._submission(
                        course, each.participant, module, stamp(each.moment), each.feedback
                    )
                    info["notebooks"] = self._notebooks(info, ())
                    self._sum_up(info)
                    groups[each.participant, module].append(info)
        return [_grouped(list(reversed(infos))) for _, infos in sorted(groups.items())]

    def _submission(
        self, course: str, person: str, module: str, moment: str, feedback: Mapping[str, str]
    ) -> Info:
        return {
            "course_id": course,
            "student_id": person,
            "assignment_id": module,
            "timestamp": moment,
            "status": "submitted",
            "path": f"{person}+{module}+{moment}",
            "feedback": dict(feedback),
        }

    def _notebooks(self, info: Info, names: Iterable[str]) -> list[Info]:
        feedback = info.pop("feedback")
        stems = sorted({*(Path(name).stem for name in names), *feedback})
        home = self.home(info["course_id"], info["assignment_id"])
        folder = home / "feedback" / info["timestamp"]
        return [_notebook(info, stem, folder, feedback.get(stem)) for stem in stems]

    def _sum_up(self, info: Info) -> None:
        books = info["notebooks"]
        info["has_local_feedback"] = bool(books) and all(it["has_local_feedback"] for it in books)
        info["has_exchange_feedback"] = bool(books) and all(
            it["has_exchange_feedback"] for it in books
        )
        info["feedback_updated"] = any(it["feedback_updated"] for it in books)
        home = self.home(info["course_id"], info["assignment_id"])
        place = os.path.abspath(home / "feedback" / info["timestamp"])  # noqa: PTH100  # as nbgrader does
        info["local_feedback_path"] = place if info["has_local_feedback"] else None


def _notebook(info: Info, stem: str, folder: Path, published: str | None) -> Info:
    local = folder / f"{stem}.html"
    there = local.is_file()
    known = hashlib.sha256(local.read_bytes()).hexdigest() if there else ""
    return {
        "notebook_id": stem,
        "path": f"{info['path']}/{stem}.ipynb",
        "has_local_feedback": there,
        "has_exchange_feedback": published is not None,
        "local_feedback_path": str(local) if there else None,
        "feedback_updated": there and published is not None and known != published,
    }


def _grouped(infos: list[Info]) -> Info:
    """The submissions of one person in one assignment, the oldest first."""
    first = infos[0]
    names = ("course_id", "student_id", "assignment_id", "status")
    return {**{name: first[name] for name in names}, "submissions": infos}
