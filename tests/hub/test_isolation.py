"""A hub for real people, attacked from one participant's account; accounts are made and removed again."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp

import psutil
import pytest

from pamong.course import Course
from pamong.hub import accounts, prestart, tokens
from pamong.hub.prerequisites import closed
from pamong.hub.settings import Settings, from_environment
from pamong.service import handover, people
from pamong.service.database import Database
from pamong.service.people import Person
from tests.browser.test_hub import four_ports
from tests.conftest import MODULE

ROOT = Path(__file__).parents[2]
SYSTEM = Path("/usr/bin/python3")
STAFF = (accounts.GRADING, accounts.SERVICE)
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can give people accounts"),
    pytest.mark.skipif(shutil.which("useradd") is None, reason="useradd is missing"),
]
LOOK = """
import json, os, socket, sys
found = {}
for name, (how, target) in json.load(sys.stdin).items():
    try:
        if how == "read":
            with open(target, "rb") as file:
                file.read(1)
        elif how == "list":
            os.listdir(target)
        elif how == "write":
            with open(target, "ab"):
                pass
        elif how == "rename":
            os.rename(target, target + ".hilang")
        elif how == "connect":
            with socket.socket(socket.AF_UNIX) as end:
                end.connect(target)
        elif how == "signal":
            os.kill(int(target), 0)
        found[name] = True
    except OSError:
        found[name] = False
print(json.dumps(found))
"""
"""What an account can do of a list of things."""


@dataclass(frozen=True)
class Hub:
    settings: Settings
    course: Course
    python: Path

    def server(self, name: str) -> psutil.Process:
        """The process of somebody's server."""
        account = accounts.account(self.settings, name)
        return next(
            it
            for it in psutil.process_iter(["username", "cmdline"])
            if it.info["username"] == account and "jupyterhub.singleuser" in it.info["cmdline"]
        )

    def can(self, name: str, **things: tuple[str, object]) -> dict[str, bool]:
        """Which of these things the account of ``name`` can do."""
        own = pwd.getpwnam(accounts.account(self.settings, name))
        done = subprocess.run(
            [SYSTEM, "-I", "-c", LOOK],
            input=json.dumps({key: (how, str(target)) for key, (how, target) in things.items()}),
            user=own.pw_uid, group=own.pw_gid, cwd="/", env={}, text=True, check=True,
            extra_groups=os.getgrouplist(own.pw_name, own.pw_gid), capture_output=True,
        )  # fmt: skip
        return json.loads(done.stdout)


def reachable_python(folder: Path) -> Path:
    """A Python that every account can run, with what this one has installed."""
    if (
        closed(Path(sys.executable).resolve().parent) is None
        and closed(Path(sys.executable).parent) is None
    ):
        return Path(sys.executable)
    version = subprocess.run(
        [SYSTEM, "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    packages = Path(pytest.__file__).parents[1]
    if version != ".".join(map(str, sys.version_info[:2])) or closed(packages):
        pytest.skip("no Python here that other accounts can run")
    subprocess.run([SYSTEM, "-m", "venv", "--without-pip", folder], check=True)
    own = folder / "lib" / f"python{version}" / "site-packages"
    (own / "pamong-test.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    for name in ("share", "etc"):
        with suppress(FileExistsError):
            (folder / name).symlink_to(Path(sys.prefix) / name)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def hub(released_once):
    if closed(ROOT):
        pytest.skip("other accounts cannot reach this checkout")
    before = {each.pw_name for each in pwd.getpwall()}
    folder = Path(mkdtemp(prefix="pamong-isolasi-", dir="/var/tmp"))  # pytest's are closed
    folder.chmod(0o755)
    (folder / "home").mkdir()
    shutil.copytree(released_once, folder / "root")
    for name in ("jupyterhub_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder / "root")
    (folder / "root").chmod(0o755)
    course, python = Course.load(folder / "root"), reachable_python(folder / "python")
    variables = {
        "PAMONG_HUB_MODE": "server", "PAMONG_HUB_PORT": str(four_ports()),
        "PAMONG_HUB_HOMES": str(folder / "home"), "PAMONG_HUB_ACCOUNTS": f"pu{token_hex(2)}-",
    }  # fmt: skip
    settings = from_environment(course.root, variables)
    with closing(Database(course.service_url)) as database:
        database.upgrade()
        with database.writing() as connection:
            for name in ("p001", "p002"):
                people.add(
                    connection,
                    Person(id=name, name=name, role="peserta", office="lurah", cohort="a01"),
                )
            handover.release(connection, course, MODULE, by="uji", at=datetime.now(UTC))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAMONG_", "JUPYTER"))}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    command = [python, "-c", "from pamong.cli import main; main()", "serve", "--server"]
    log = (folder / "hub.log").open("wb")
    process = subprocess.Popen(
        command, cwd=course.root, env={**kept, **variables, "PATH": path}, stdout=log, stderr=log
    )
    try:
        wait(lambda: process.poll() is None and health(settings), folder / "hub.log")
        prestart.start(settings, ["p001", "p002", "penilai"])
        for name in ("p001", "p002", "penilai"):
            wait(lambda name=name: ready(settings, name), folder / "hub.log")
        yield Hub(settings, course, python)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)
        log.close()
        for name in {each.pw_name for each in pwd.getpwall()} - before:
            subprocess.run(["pkill", "-KILL", "-u", name], check=False)
            subprocess.run(
                ["userdel", "--force", "--remove", name], check=False, capture_output=True
            )
        shutil.rmtree(settings.run, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def wait(done, log: Path) -> None:
    for _ in range(900):
        if done():
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8").splitlines()
    raise AssertionError("\n".join(line for line in said if "200 GET" not in line)[-6000:])


def health(settings: Settings) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"{settings.local_url}/hub/sehat", timeout=5) as it,  # noqa: S310  # loopback
    ):
        return it.status == 200
    return False


def asked(url: str, token: str, method: str = "GET"):
    request = urllib.request.Request(  # noqa: S310  # loopback
        url, headers={"Authorization": f"token {token}"}, method=method
    )
    with urllib.request.urlopen(  # noqa: S310  # loopback
        request, data=b"{}" if method == "POST" else None, timeout=30
    ) as answer:
        return json.load(answer)


def ready(settings: Settings, name: str) -> bool:
    operator = tokens.tokens(settings.state)["operator"]
    return asked(f"{settings.hub_api}/users/{name}", operator).get("server") is not None


def nothing(found: dict[str, bool]) -> None:
    could = {name for name, done in found.items() if done}
    assert could == set(), could


def test_every_server_runs_as_an_account_of_its_own_with_limits(hub):
    first, second, grading = hub.server("p001"), hub.server("p002"), hub.server("penilai")
    assert len({it.username() for it in (first, second, grading)}) == 3
    assert "root" not in {it.username() for it in (first, second, grading)}
    limits = Path(f"/proc/{first.pid}/limits").read_text()
    for name, limit in (("address space", 4 << 30), ("processes", 256), ("core file size", 0)):
        assert re.search(rf"Max {name} +{limit} +{limit} ", limits), limits


def test_a_participant_reaches_nothing_of_a_neighbour(hub):
    neighbour = hub.server("p002")
    environment = neighbour.environ()
    kernel = asked(
        f"{hub.settings.local_url}/user/p002/api/kernels",
        environment["JUPYTERHUB_API_TOKEN"],
        "POST",
    )
    place = hub.settings.run / "p002" / "run"
    wait(
        lambda: list(place.glob(f"kernel-{kernel['id']}-ipc-*")),
        hub.settings.root.parent / "hub.log",
    )
    sockets = sorted(place.glob("kernel-*-ipc-*"))
    home = Path(environment["HOME"])
    assert hub.can("p002", home=("list", home), answers=("list", home / "pelatihan" / MODULE))[
        "answers"
    ]
    nothing(
        hub.can(
            "p001",
            home=("list", home),
            answers=("list", home / "pelatihan"),
            runtime=("list", place),
            told=("list", place.parent / "told"),
            enrolment=("read", place.parent / "told" / "enrolment.json"),
            connection=("read", next(place.glob("kernel-*.json"))),
            **{f"socket{n}": ("connect", path) for n, path in enumerate(sockets)},
            environment=("read", f"/proc/{neighbour.pid}/environ"),
            memory=("read", f"/proc/{neighbour.pid}/mem"),
            kill=("signal", neighbour.pid),
        )
    )


def test_the_channels_of_a_kernel_are_files_that_a_neighbour_cannot_open(hub):
    """ipykernel's one TCP port only takes the output of forks, under a secret, and says nothing."""
    token = hub.server("p002").environ()["JUPYTERHUB_API_TOKEN"]
    kernel = asked(f"{hub.settings.local_url}/user/p002/api/kernels", token, "POST")
    place = hub.settings.run / "p002" / "run"
    connection = json.loads((place / f"kernel-{kernel['id']}.json").read_text(encoding="utf-8"))
    assert connection["transport"] == "ipc"
    assert Path(connection["ip"]).parent == place
    assert place.stat().st_mode & 0o077 == 0


def test_a_participant_reaches_nothing_of_the_course_or_the_hub(hub):
    course, state = hub.course, hub.settings.state
    processes = [
        it
        for it in psutil.process_iter(["cmdline"])
        if str(course.root) in " ".join(it.info["cmdline"] or [])
    ]
    assert len(processes) >= 3
    nothing(
        hub.can(
            "p001",
            course=("list", course.folder),
            source=("list", course.source(MODULE)),
            release=("list", course.release(MODULE)),
            submissions=("list", course.folder / "submitted"),
            gradebook=("read", course.gradebook),
            keys=("list", course.graders),
            secret=("read", course.graders / ".secret"),
            service=("read", course.folder / "service.db"),
            hub=("read", state / "hub.sqlite"),
            tokens=("read", state / "tokens.json"),
            cookie=("read", state / "cookie_secret"),
            routes=("read", state / "proxy" / "routes.toml"),
            proxy=("read", state / "proxy" / "traefik.toml"),
            config=("write", course.root / "jupyterhub_config.py"),
            replaced=("rename", course.folder),
            own_told=("write", hub.settings.run / "p001" / "told" / "enrolment.json"),
            **{f"environment{it.pid}": ("read", f"/proc/{it.pid}/environ") for it in processes},
        )
    )


def test_staff_grade_but_never_see_passwords_or_the_hubs_secrets(hub):
    course, state = hub.course, hub.settings.state
    found = hub.can(
        "penilai",
        keys=("list", course.graders),
        source=("write", course.source(MODULE) / "module.ipynb"),
        secret=("read", course.graders / ".secret"),
    )
    assert set(found.values()) == {True}, found
    nothing(
        hub.can(
            "penilai",
            service=("read", course.folder / "service.db"),
            replaced=("rename", course.folder / "service.db"),
            hub=("read", state / "hub.sqlite"),
            tokens=("read", state / "tokens.json"),
            home=("list", hub.server("p001").environ()["HOME"]),
            environment=("read", f"/proc/{hub.server('p001').pid}/environ"),
        )
    )


def test_a_participants_server_holds_no_token_but_its_own(hub):
    others = set(tokens.tokens(hub.settings.state).values())
    for name in ("p001", "penilai"):
        assert not others & set(hub.server(name).environ().values())
    own = hub.server("p001").environ()["JUPYTERHUB_API_TOKEN"]
    assert asked(f"{hub.settings.hub_api}/user", own)["name"] == "p001"
    for path in ("users", "users/p002", "groups", "info", "proxy"):
        with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error 40[34]"):
            asked(f"{hub.settings.hub_api}/{path}", own)
    with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error 40[34]"):
        asked(f"{hub.settings.hub_api}/users/p002/server", own, "POST")
    with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error 40[134]"):
        asked(f"{hub.settings.local_url}/user/p002/api/status", own)
