"""Invented programmes: as facts in memory, and as a course on disk with a real gradebook."""

import itertools
import json
import os
import shutil
import sys
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from nbgrader import api as nbgrader_api
from sqlalchemy.exc import SAWarning

from pamong.brief import fingerprint
from pamong.course import Course
from pamong.reports.facts import (
    Cell,
    Deal,
    Frontier,
    Grade,
    ModuleFacts,
    Opinion,
    Play,
    Question,
    Story,
    Submission,
)
from pamong.reports.snapshot import Snapshot
from pamong.roster import Participant

TITLES = {
    "m1": "Komunikasi dan Kolaborasi",
    "m5": "Negosiasi dan Mediasi",
    "m6": "Integritas dan Pelayanan",
}
CELLS = {"relokasi": 40.0, "sikap": 30.0, "postes": 20.0, "esai": 10.0}
NAMES = {
    "pretes": "Tes awal",
    "relokasi": "Relokasi pedagang",
    "sikap": "Sikap seorang mediator",
    "postes": "Tes akhir",
    "esai": "Refleksi",
    "kasus": "Malam banjir",
    "rencana": "Rencana aksi",
}
REGIONS = ("Kota Contoh Utara", "Kota Contoh Timur", "Kota Rekaan Barat", "Kabupaten Rekaan")
RIGHT, WRONG = "a", "b"
OPTIONS = (("a", "Pilihan A"), ("b", "Pilihan B"), ("c", "Pilihan C"), ("d", "Pilihan D"))
BANDS = (
    ("Sangat Memuaskan", 90.01),
    ("Memuaskan", 80.01),
    ("Cukup Memuaskan", 70.01),
    ("Kurang", 0.0),
)
KINDS = {
    "pretes": "choice", "postes": "choice", "relokasi": "negotiation", "sikap": "situational",
    "kasus": "branching", "rencana": "plan",
}  # fmt: skip
LINE = ((1.0, 0.35), (0.92, 0.6), (0.78, 0.78), (0.6, 0.92), (0.35, 1.0))


class Invention:
    """A programme whose size and habits are chosen; the same choices give the same facts."""

    def __init__(self, people=160, cohorts=8, modules=("m5",), seed=1):
        self.rng = np.random.default_rng(seed)
        self.extra = np.random.default_rng(seed + 1000)  # so that the main one goes on as before
        self.cohorts = tuple((f"a{n:02}", f"Angkatan {n}") for n in range(1, cohorts + 1))
        self.modules = modules
        roles = ("lurah",) * 20 + ("camat",) * 3 + ("walikota",)
        self.people = tuple(
            Participant(
                id=f"p{n:03}",
                name=f"Peserta Contoh {n}",
                role=roles[n % 24],
                region=REGIONS[min(int(self.rng.integers(0, 13)) // 4, 3)],
                cohort=self.cohorts[n % cohorts][0],
            )
            for n in range(people)
        )
        self.ability = {person.id: float(self.rng.normal(0, 1)) for person in self.people}
        self.submissions, self.grades, self.plays, self.deals = [], [], [], []
        self.opinions = []

    def chance(self, person, easy=0.0):
        return 1 / (1 + np.exp(-(1.4 * self.ability[person.id] + easy)))

    def answers(self, person, items, easy=0.0):
        """Item scores that depend on ability and on the item's own ease."""
        return {
            f"s{n}": float(self.rng.random() < self.chance(person, easy + 0.25 * (n - items / 2)))
            for n in range(1, items + 1)
        }

    def play(self, person, module, exercise, items, easy=0.0, finished=True):
        scores = self.answers(person, items, easy) if finished else {}
        self.plays.append(
            Play(participant=person.id, module=module, exercise=exercise, finished=finished,
                 items=scores, answers=self.options(scores),
                 minutes=float(self.extra.gamma(9, 1)) if finished else 0.0)
        )  # fmt: skip
        return np.mean(list(scores.values())) if scores else 0.0

    def options(self, scores):
        """The right option is a, wrong answers are spread over the others."""
        return {
            item: RIGHT if score else str(self.extra.choice(["b", "c", "d"]))
            for item, score in scores.items()
        }

    def cases(self):
        """Everybody who handed in plays the branching case and makes a plan."""
        for it in tuple(self.submissions):
            good = self.ability[it.participant] > self.extra.normal()
            self.plays.append(
                Play(participant=it.participant, module=it.module, exercise="kasus", finished=True,
                     items={}, steps=(("s1", "a" if good else "b"), ("s2", "a")), minutes=20.0,
                     ending="baik" if good else "buruk")
            )  # fmt: skip
            self.plays.append(
                Play(participant=it.participant, module=it.module, exercise="rencana",
                     finished=True, items={}, minutes=9.0,
                     parts={"Urutan": 0.8, "Peran": 0.2 + 0.1 * good})
            )  # fmt: skip
        return self

    def evaluate(self, share=1.0):
        """The first ``share`` of those who handed in judge facilitator and rooms."""
        cohorts = {person.id: person.cohort for person in self.people}
        for it in self.submissions[: int(share * len(self.submissions))]:
            for question, mean in (
                ("Fasilitator menjelaskan dengan jelas", 4),
                ("Ruang nyaman", 2),
            ):
                place = int(np.clip(self.extra.normal(mean, 1), 0, 4))
                self.opinions.append(
                    Opinion(module=it.module, cohort=cohorts[it.participant], group="Umum",
                            question=question, answer=str(place + 1), place=place, offered=5)
                )  # fmt: skip
            self.opinions.append(
                Opinion(module=it.module, cohort=cohorts[it.participant], group="Umum",
                        question="Saran", answer=f"Saran <b>{it.participant[1:]}</b>", place=-1,
                        offered=0)
            )  # fmt: skip
        return self

    def everybody(self, absent=0.1, pretest=True, essay="pending", weak=""):
        """Everybody plays, except a share of ``absent``; cohort ``weak`` learns nothing."""
        for module, person in itertools.product(self.modules, self.people):
            if self.rng.random() < absent:
                continue
            self.submissions.append(
                Submission(participant=person.id, module=module, at="2026-12-10T08:00:00+00:00")
            )
            learns = -1.0 if person.cohort == weak else 0.9
            if pretest:
                self.play(person, module, "pretes", 10, -0.8)
            deal = self.bargain(person, module)
            shares = {
                "relokasi": 0.3 + 0.6 * deal.agreed - deal.left / 100,
                "sikap": self.play(person, module, "sikap", 6, 0.6),
                "postes": self.play(person, module, "postes", 10, learns),
                "esai": 0.7,
            }
            for cell, maximum in CELLS.items():
                pending = cell == "esai" and essay == "pending"
                score = 0.0 if pending else maximum * float(np.clip(shares[cell], 0, 1))
                self.grade(person, module, cell, score, pending)
        return self

    def grade(self, person, module, cell, score, pending=False):
        self.grades.append(
            Grade(participant=person.id, module=module, cell=cell, score=score, pending=pending)
        )

    def bargain(self, person, module):
        agreed = bool(self.rng.random() < 0.85)
        own, other = LINE[int(self.rng.integers(0, len(LINE)))]
        lost = float(self.rng.gamma(1.5, 0.06)) if agreed else 0.25
        self.plays.append(
            Play(participant=person.id, module=module, exercise="relokasi", finished=True, items={})
        )
        deal = Deal(
            participant=person.id, module=module, exercise="relokasi", variant="v1", agreed=agreed,
            zone=True, within=bool(self.rng.random() < 0.9), own=own - lost, other=other - lost,
            left=200 * lost,
        )  # fmt: skip
        self.deals.append(deal)
        return deal

    def snapshot(self, **changes):
        more = sorted({play.exercise for play in self.plays} & {"kasus", "rencana"})
        played = tuple(
            Cell(id=name, title=NAMES[name], maximum=0, kind=KINDS[name], minutes=10)
            for name in ("pretes", "relokasi", "sikap", "postes", *more)
        )
        told = self.modules if more else ()
        cells = tuple(Cell(id=name, title=NAMES[name], maximum=CELLS[name]) for name in CELLS)
        facts = {
            "taken": "2026-12-12T03:30:00+00:00",
            "code": "0.1.0",
            "fingerprint": "0123456789ab",
            "programme": "Pelatihan Contoh",
            "time_zone": "Asia/Jakarta",
            "pass_mark": 70.0,
            "cohorts": self.cohorts,
            "people": self.people,
            "modules": tuple(
                ModuleFacts(id=name, title=TITLES[name], weight=1.0, due="", cells=cells,
                            played=played)
                for name in self.modules
            ),
            "submissions": tuple(self.submissions),
            "grades": tuple(self.grades),
            "plays": tuple(self.plays),
            "deals": tuple(self.deals),
            "frontiers": (Frontier(exercise="relokasi", variant="v1", points=LINE),),
            "unread": 0,
            "bands": BANDS,
            "bands_status": "contoh",
            "questions": tuple(
                Question(module=name, form=form, id=f"s{n}", stem=f"Pertanyaan {n}?",
                         options=OPTIONS, correct=(RIGHT,))
                for name in self.modules
                for form in ("pretes", "postes")
                for n in range(1, 11)
            ),
            "stories": tuple(
                Story(module=name, exercise="kasus", title="Malam banjir",
                      situations={"s1": "Kabar pertama", "s2": "Kabar kedua"},
                      options={"s1.a": "Datang", "s1.b": "Tunggu", "s2.a": "Lapor"},
                      endings={"baik": "Surut", "buruk": "Meluap"})
                for name in told
            ),
            "opinions": tuple(self.opinions),
        }  # fmt: skip
        return Snapshot(**(facts | changes))


@pytest.fixture(scope="session")
def invent():
    return Invention


REPOSITORY = Path(__file__).resolve().parents[2]
MODULE = "m0-contoh"
CELLS_ON_DISK = (("pemahaman", 40, "code"), ("sikap", 30, "code"), ("uraian-q1", 30, "markdown"))


class CourseOnDisk:
    """The small course with its exercises frozen, two cohorts, answer logs and a gradebook."""

    def __init__(self, root, blank):
        self.blank = blank
        shutil.copytree(REPOSITORY / "tests" / "course_small", root, dirs_exist_ok=True)
        (root / "templates").symlink_to(REPOSITORY / "templates")
        programme = root / "course" / "programme.yaml"
        second = "  - {id: a01, title: Angkatan I}\n  - {id: a02, title: Angkatan II}"
        text = programme.read_text("utf-8").replace("  - {id: a01, title: Angkatan I}", second)
        programme.write_text(text, "utf-8")
        people = [
            f"p{n:03},Peserta Rekaan {n},lurah,Kota Rekaan,a{n % 2 + 1:02}," for n in range(8)
        ]
        roster = "\n".join(["id,name,role,region,cohort,superior", *people, ""])
        (root / "course" / "roster.csv").write_text(roster, "utf-8")
        self._freeze(root)
        self.course = Course.load(root)

    def _freeze(self, root):
        released = root / "graders" / MODULE / "released"
        released.mkdir()
        index = {}
        for brief in (root / "course" / "source" / MODULE).glob("*.brief.yaml"):
            name = brief.name.removesuffix(".brief.yaml")
            shutil.copy(brief, released / f"{name}.v1.brief.yaml")
            key = root / "graders" / MODULE / f"{name}.key.yaml"
            if key.exists():
                shutil.copy(key, released / f"{name}.v1.key.yaml")
            parts = {
                part: fingerprint(path)
                for part in ("brief", "key")
                if (path := released / f"{name}.v1.{part}.yaml").exists()
            }
            index[name] = {"v1": parts}
        (released / "index.json").write_text(json.dumps(index), "utf-8")

    def hand_in(self, participant, at="2026-12-10 08:00:00.000000 UTC"):
        folder = self.course.submitted(participant, MODULE)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "timestamp.txt").write_text(at, "utf-8")
        return folder

    def answer(self, participant, exercise="pemahaman", **chosen):
        """A finished log of the multiple choice with the given options chosen."""
        acts = [("system", "open", {"order": {"b1": ["a", "b", "c"], "b2": ["a", "b", "c"]}})]
        acts += [
            ("participant", "answer", {"item": item, "chosen": [option]})
            for item, option in chosen.items()
        ]
        acts.append(("participant", "finish", {}))
        lines = [
            json.dumps(
                {"n": n, "id": f"e{n}", "at": f"2026-12-10T08:00:{n:02}.000Z", "who": who,
                 "act": act, "data": data, "exercise": exercise, "version": 1, "attempt": 1}
            )
            for n, (who, act, data) in enumerate(acts, 1)
        ]  # fmt: skip
        path = self.hand_in(participant) / f"{exercise}.jsonl"
        path.write_text("\n".join([*lines, ""]), "utf-8")
        return path

    @contextmanager
    def gradebook(self):
        """nbgrader's gradebook with the module's cells and everybody of the roster."""
        if not self.course.gradebook.exists():
            shutil.copy(self.blank, self.course.gradebook)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way with its session
            with nbgrader_api.Gradebook(f"sqlite:///{self.course.gradebook}", "kursus") as book:
                yield book

    def grade(self, book, participant, cell, **values):
        """Set columns of one grade, submitting first where nothing was."""
        try:
            book.find_submission(MODULE, participant)
        except nbgrader_api.MissingEntry:
            book.add_submission(MODULE, participant, timestamp=datetime(2026, 12, 10, 8))
        grade = book.find_grade(cell, "module", MODULE, participant)
        for name, value in ({"needs_manual_grade": False} | values).items():
            setattr(grade, name, value)
        book.db.commit()

    def graded(self):
        """Everybody played and was graded; the essays wait."""
        with self.gradebook() as book:
            for n in range(8):
                first, second = (RIGHT if n > 2 else WRONG), (RIGHT if n > 4 else WRONG)
                self.answer(f"p{n:03}", b1=first, b2=second)
                score = 20.0 * ((first == RIGHT) + (second == RIGHT))
                self.grade(book, f"p{n:03}", "pemahaman", auto_score=score)
                self.grade(book, f"p{n:03}", "sikap", auto_score=3.0 * n)
                self.grade(book, f"p{n:03}", "uraian-q1", needs_manual_grade=True)
        return self


@pytest.fixture(scope="session")
def blank_gradebook(tmp_path_factory):
    """Made once: nbgrader starts another process for each new gradebook."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader finds the program that makes its tables by name.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        with nbgrader_api.Gradebook(f"sqlite:///{path}", "kursus") as book:
            book.add_assignment(MODULE)
            book.add_notebook("module", MODULE)
            for name, maximum, cell_type in CELLS_ON_DISK:
                book.add_grade_cell(name, "module", MODULE, max_score=maximum, cell_type=cell_type)
            for n in range(8):
                book.add_student(f"p{n:03}")
    return path


@pytest.fixture(scope="session")
def course_on_disk(blank_gradebook):
    """Makes such a course in an empty folder."""
    return partial(CourseOnDisk, blank=blank_gradebook)


@pytest.fixture
def on_disk(tmp_path, course_on_disk):
    return course_on_disk(tmp_path)


NOW = datetime(2026, 12, 12, 3, 30, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW
