"""Attacks on the sandbox: none may see, change, reach, stop or earn anything; honest code earns its values."""

import json
import os
import secrets
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from pamong.errors import CourseError
from pamong.grading.confined import sandbox, seccomp
from pamong.grading.confined.sandbox import Limits, Result, Task

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
ROOT = Path(__file__).parents[1]
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
PYTHONS = tuple(dict.fromkeys([os.path.realpath(sys.executable), "/usr/bin/python3"]))
SHORT = Limits(seconds=20, processor_seconds=1)
ELSEWHERE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from dataclasses import asdict
from pamong.grading.confined.sandbox import Limits, Task, run
job = json.load(sys.stdin)
tasks = [Task(each["name"], each["source"], tuple(each["values"])) for each in job["tasks"]]
print(json.dumps([asdict(each) for each in run(tasks, Limits(**job["limits"]))]))
"""
CHANNEL = """
import os
def send(data):
    for fd in range(3, 64):
        try:
            os.write(fd, data)
        except OSError:
            pass
"""


def python_of_nobody():
    """A Python that an ordinary user may start, where the tests run as root; else None."""
    if os.geteuid() != 0:
        return None
    check = "import sys; sys.path.insert(0, sys.argv[1]); import pamong.grading.confined.sandbox"
    for python in PYTHONS:
        command = [python, "-B", "-c", check, str(ROOT)]
        try:
            subprocess.run(command, **NOBODY, cwd="/", capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None


OTHER = python_of_nobody()


@pytest.fixture(params=["me", "nobody"])
def run(request):
    """Run cells as the user of the tests, and as an ordinary user where that is root."""
    if request.param == "nobody" and os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user: so do those called me")
    if request.param == "nobody" and OTHER is None:
        pytest.fail(
            "no Python here can be started by an ordinary user with Pamong's own modules: "
            "make the working tree and its environment readable for everybody"
        )

    def go(*sources, values=("x",), limits=sandbox.LIMITS):
        tasks = [Task(f"c{n}", source, values) for n, source in enumerate(sources, 1)]
        if request.param == "me":
            return sandbox.run(tasks, limits)
        job = {"tasks": [asdict(task) for task in tasks], "limits": asdict(limits)}
        done = subprocess.run(
            [OTHER, "-B", "-c", ELSEWHERE, str(ROOT)],
            **NOBODY, cwd="/", input=json.dumps(job), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return tuple(Result(**each) for each in json.loads(done.stdout))

    go.python = sys.executable if request.param == "me" else OTHER
    return go


@pytest.fixture
def one(run):
    """The result of a single cell."""

    def go(source, **more):
        (result,) = run(source, **more)
        return result

    def needs(library):
        there = [run.python, "-c", f"import {library}"]
        if subprocess.run(there, capture_output=True, cwd="/", check=False).returncode:
            pytest.skip(f"{library} is not installed for {run.python}")

    go.needs = needs
    return go


def mine(source, *, values=("x",)):
    """The result of a single cell, run as the user of the tests."""
    (result,) = sandbox.run([Task("c1", source, values)])
    return result


@pytest.fixture
def shared():
    """A folder that every user of this machine may read and write, unlike pytest's own."""
    folder = Path("/var/tmp", f"pamong-{secrets.token_hex(8)}")  # noqa: S108  # for everybody
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


# Honest code


def test_honest_values_cross(one):
    result = one("x = {'a': [1, 2.5, None, True, 'é', 2**100], 'b': (1, (2,))}")
    assert result == Result(
        name="c1", values={"x": {"a": [1, 2.5, None, True, "é", 2**100], "b": [1, [2]]}}
    )


def test_cells_share_their_names_and_each_value_is_taken_when_its_cell_is_over(run):
    first, second = run("x = 1\nprint('satu')\nx + 1", "x = x + 10")
    assert (first.values, first.printed) == ({"x": 1}, "satu\n2\n")
    assert second.values == {"x": 11}


def test_an_error_leaves_what_was_there_before_it(run):
    first, second = run("x = 1\ny = 1 / 0", "x += 1")
    assert (first.values, first.cause) == ({"x": 1}, "")
    assert first.error == "baris 2: ZeroDivisionError: division by zero"
    assert second.values == {"x": 2}


def test_code_that_is_no_python_is_only_an_error(one):
    assert one("x = = 1").error == "baris 1: SyntaxError: invalid syntax"
    assert one("x = '\ud800'").cause == ""
    assert "null bytes" in one("x = 1\0").error


LIBRARIES = {
    "numpy": "x = float(numpy.linalg.solve([[2.0]], [6.0])[0])",
    "pandas": "x = float(pandas.DataFrame({'a': [1, 2]})['a'].sum())",
    "matplotlib": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\n"
    "x = float(open('a.png', 'rb').read(4) == b'\\x89PNG') * 3",
    "sqlite3": "c = sqlite3.connect('a.db')\nx = float(c.execute('select 3').fetchone()[0])",
    "tempfile": "with tempfile.TemporaryFile() as file:\n    x = float(file.write(b'abc'))",
    "socket": "a, b = socket.socketpair()\na.send(b'abc')\nx = float(len(b.recv(9)))",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_work_without_a_view_of_processes(one, library):
    if library in {"numpy", "pandas", "matplotlib"}:
        one.needs(library)
    result = one(f"import {library}\n{LIBRARIES[library]}")
    assert (result.values, result.error) == ({"x": 3.0}, "")


def test_the_order_of_a_set_is_the_same_in_every_run(one):
    source = "x = [hash('desa'), list({'desa', 'kota', 'kabupaten', 'provinsi'})]"
    assert one(source).values["x"] == one(source).values["x"]


def test_a_folder_of_its_own_is_there_to_write_in(one):
    source = "from pathlib import Path\nPath('a.txt').write_text('isi')\n"
    assert one(source + "x = [str(Path.cwd() / 'a.txt'), Path('a.txt').read_text()]").values == {
        "x": [f"{sandbox.TEMPORARY}/rumah/a.txt", "isi"]
    }


def test_no_tasks_need_no_sandbox():
    assert sandbox.run([]) == ()


# Questions


def test_a_question_is_answered_beside_the_names_of_the_code():
    tasks = [
        Task("c", "total = 1\ndef f(n):\n    print(n)\n    return n + total", ("total",)),
        Task("c?total", "", ("total",), "f(40)"),
        Task("c?b", "", ("b",), "f(1) + missing"),
        Task("d", "x = total", ("x",)),
    ]
    first, asked, wrong, last = sandbox.run(tasks)
    assert (first.values, asked.values, last.values) == ({"total": 1}, {"total": 41}, {"x": 1})
    assert (asked.printed, wrong.printed, wrong.values) == ("", "", {})
    assert wrong.error == "baris 1: NameError: name 'missing' is not defined"


# What it may see


SECRETS = """
import os
x = []
for path in {paths}:
    for prefix in ("", "/proc/1/root", "/proc/self/root", *(f"/dev/fd/{fd}" for fd in range(3, 64))):
        try:
            with open(prefix + path) as file:
                x.append(file.read())
        except OSError as error:
            x.append(type(error).__name__)
for fd in range(3, 64):
    try:
        x.append(os.read(os.open("{name}", os.O_RDONLY, dir_fd=fd), 99).decode())
    except OSError as error:
        x.append(type(error).__name__)
"""


def test_no_key_submission_or_gradebook_can_be_read(one, shared):
    kept = [shared / name for name in ("a.key.yaml", "module.ipynb", "gradebook.db")]
    for path in kept:
        path.write_text("rahasia")
        path.chmod(0o666)
    paths = [*map(str, kept), str(ROOT / "pyproject.toml"), "/etc/passwd", "/etc/shadow"]
    found = one(SECRETS.replace("{paths}", str(paths)).replace("{name}", kept[0].name)).values["x"]
    assert set(found) <= {"FileNotFoundError", "PermissionError", "OSError", "NotADirectoryError"}


def test_nothing_but_the_interpreter_is_there(one):
    source = "import os\nx = [sorted(os.listdir('/')), os.listdir('/tmp'), os.listdir('/etc')]"
    top, temporary, settings = one(source).values["x"]
    interpreter = {Path(place).parts[1] for place in (sys.prefix, sys.base_prefix)}
    assert not {"home", "var", "run", "srv", "mnt", "sys", "boot", "proc"} & set(top) - interpreter
    assert set(settings) <= {"ld.so.cache", "localtime"}
    assert "rumah" in temporary


def test_a_link_leads_nowhere(one, shared):
    (shared / "kunci").write_text("rahasia")
    source = f"import os\nos.symlink('{shared}/kunci', 'kunci')\nx = open('kunci').read()"
    result = one(source)
    assert result.values == {}
    assert "FileNotFoundError" in result.error


def test_the_environment_says_nothing(one, monkeypatch):
    monkeypatch.setenv("PAMONG_GRADERS", "/rahasia")
    told = one("import os\nx = dict(os.environ)").values["x"]
    assert told == {**sandbox.ENVIRONMENT, "PWD": "/"}


def test_no_other_process_is_visible_or_can_be_traced(one):
    source = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
own, kept = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)
class Range(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
mine, theirs = Range(ctypes.addressof(own), 8), Range(0x400000, 8)
pidfd = os.pidfd_open(1) if hasattr(os, "pidfd_open") else -1
x = [
    os.path.exists("/proc"), os.path.exists("/dev/fd/0"), max(range(99), key=alive) < 10,
    libc.ptrace(16, 1, 0, 0), libc.ptrace(0, 0, 0, 0), libc.syscall(438, pidfd, 2, 0),
    libc.process_vm_readv(1, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0),
    libc.process_vm_writev(1, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0),
    libc.mount(b"proc", b"/tmp", b"proc", 0, 0),
]
for path in ("/proc/1/mem", "/proc/1/fd/2", "/dev/fd/2", "/dev/stderr"):
    for mode in ("rb", "r+b"):
        try:
            open(path, mode, buffering=0)
            x.append(path)
        except OSError:
            pass
"""
    alive = """
def alive(pid):
    import os
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return -1
    except PermissionError:
        pass
    return pid
"""
    assert one(alive + source).values == {"x": [False, False, True, -1, -1, -1, -1, -1, -1]}


def test_files_that_the_grader_has_open_are_not_inherited(tmp_path):
    (tmp_path / "kunci").write_text("rahasia")
    with (tmp_path / "kunci").open() as file:
        os.set_inheritable(file.fileno(), True)
        source = """
import os
x = []
for fd in range(3, 60):
    try:
        os.lseek(fd, 0, 0)
        x.append(os.read(fd, 100).decode())
    except OSError:
        pass
"""
        (result,) = sandbox.run([Task("c", source, ("x",))])
    assert result.values == {"x": []}


# What it may change


def test_the_gradebook_cannot_be_written(one, shared):
    book = shared / "gradebook.db"
    with sqlite3.connect(book) as connection:
        connection.execute("create table grade (score)")
        connection.execute("insert into grade values (1)")
    connection.close()
    book.chmod(0o666)
    source = f"import sqlite3\nc = sqlite3.connect('{book}')\nc.execute('update grade')"
    assert "OperationalError: unable to open database file" in one(source).error
    with sqlite3.connect(book) as connection:
        assert connection.execute("select score from grade").fetchall() == [(1,)]
    connection.close()


def test_the_system_is_read_only(one):
    source = """
import os, sys
x = []
for folder in ("/", "/etc", "/usr/lib", "/dev", "/dev/shm", os.path.dirname(os.__file__)):
    try:
        open(folder + "/baru", "w")
        x.append(folder)
    except OSError:
        pass
"""
    assert one(source).values == {"x": []}


def test_its_folder_and_its_files_are_bounded(one):
    source = """
x = []
def fill(name):
    written = 0
    try:
        with open(name, "wb", buffering=0) as file:
            while True:
                written += file.write(bytes(2**20))
    except OSError as error:
        return [written, error.errno]
x = [fill(f"{n}") for n in range(6)]
"""
    written = one(source).values["x"]
    assert written[0] == [4 * 2**20, 27]
    assert sum(size for size, _ in written) <= 16 * 2**20
    assert written[-1][1] == 28


def test_rights_cannot_be_regained(one):
    source = """
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
def tried(call, *arguments):
    try:
        call(*arguments)
        return "done"
    except (OSError, ValueError):
        return "refused"
class Words(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint32 * 6)]
head, held = (ctypes.c_uint32 * 2)(0x20080522, 0), Words()
got = libc.capget(head, ctypes.byref(held))
effective, permitted = held.words[0:4:3], held.words[1:5:3]
caps = [got, *effective, *permitted]
x = [
    tried(os.setuid, 0), tried(os.setgroups, [0]), tried(os.chroot, "/tmp"),
    tried(resource.setrlimit, resource.RLIMIT_AS, (-1, -1)),
    tried(resource.setrlimit, resource.RLIMIT_NPROC, (100, 100)),
    libc.unshare(0x10000000), libc.setns(0, 0), libc.mount(b"x", b"/tmp", b"tmpfs", 0, 0),
    *caps,
]
"""
    refused, minus, none = ["refused"] * 5, [-1] * 3, [0] * 5
    assert one(source).values == {"x": refused + minus + none}


# Whom it may reach


def test_no_socket_can_be_opened(one, shared):
    listeners = []
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", 0)),
        (socket.AF_UNIX, str(shared / "soket")),
        (socket.AF_UNIX, "\0" + shared.name),
    ):
        listener = socket.socket(family)
        listener.bind(address)
        listener.listen()
        listener.setblocking(False)
        listeners.append(listener)
    (shared / "soket").chmod(0o777)
    port = listeners[0].getsockname()[1]
    source = f"""
import socket
x = []
for family, address in (
    (socket.AF_INET, ("127.0.0.1", {port})), (socket.AF_INET6, ("::1", {port})),
    (socket.AF_UNIX, "{shared}/soket"), (socket.AF_UNIX, "\\x00{shared.name}"),
    (socket.AF_NETLINK, (0, 0)),
):
    try:
        socket.socket(family).connect(address)
        x.append(address)
    except OSError:
        x.append("refused")
"""
    assert one(source).values == {"x": ["refused"] * 5}
    for listener in listeners:
        with pytest.raises(BlockingIOError):
            listener.accept()
        listener.close()


def test_without_the_filter_the_network_is_still_another_one(monkeypatch):
    monkeypatch.setattr(seccomp, "program", everything_allowed)
    with socket.socket() as listener, socket.socket(socket.AF_UNIX) as abstract:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        name = secrets.token_hex(8)
        abstract.bind("\0" + name)
        abstract.listen()
        source = f"""
import socket
x = []
for family, address in (
    (socket.AF_INET, ("127.0.0.1", {listener.getsockname()[1]})), (socket.AF_UNIX, "\\x00{name}"),
):
    try:
        socket.socket(family).connect(address)
    except OSError as error:
        x.append(type(error).__name__)
"""
        (result,) = sandbox.run([Task("c", source, ("x",))])
    assert len(result.values["x"]) == 2
    assert set(result.values["x"]) <= {"ConnectionRefusedError", "OSError"}


# What it may use


BOMBS = """
import ctypes, multiprocessing, os, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def tried(call):
    try:
        return call()
    except (OSError, RuntimeError):
        return "refused"
x = [
    tried(os.fork), tried(os.forkpty),
    tried(lambda: os.posix_spawn(sys.executable or "/x", ["x"], {})),
    tried(lambda: subprocess.run([sys.executable or "/x"])),
    tried(lambda: threading.Thread(target=print).start()),
    tried(lambda: multiprocessing.Process(target=print).start()),
    *(libc.syscall(number, 17, 0, 0, 0, 0) for number in (56, 57, 58, 435)),
]
"""


def everything_allowed():
    return struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)


def test_there_is_never_a_second_process_or_thread(one):
    assert one(BOMBS).values == {"x": ["refused"] * 6 + [-1] * 4}


def test_a_fork_bomb_stays_a_single_process(one):
    source = """
import os
x = 0
for _ in range(10_000):
    try:
        if os.fork() == 0:
            x = -1
    except OSError:
        x += 1
"""
    assert one(source).values == {"x": 10_000}


def test_without_the_filter_the_limit_on_processes_still_holds(monkeypatch):
    monkeypatch.setattr(seccomp, "program", everything_allowed)
    source = """
import os, threading
x = []
for call in (os.fork, threading.Thread(target=print).start):
    try:
        x.append(call())
    except (OSError, RuntimeError):
        x.append("refused")
"""
    (result,) = sandbox.run([Task("c", source, ("x",))])
    assert result.values == {"x": ["refused", "refused"]}


def test_a_memory_bomb_is_an_error_and_the_next_cell_is_judged(run):
    first, second = run("y = b'x'\nwhile True:\n    y = y + y", "del y\nx = 2")
    assert first.error == "baris 3: MemoryError: "
    assert second.values == {"x": 2}


def test_memory_outside_the_process_is_refused(one):
    source = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
x = [libc.shmget(0, 2**20, 0o1600), libc.semget(0, 1, 0o1600), libc.msgget(0, 0o1600)]
try:
    os.memfd_create("x")
except OSError:
    x.append("refused")
"""
    assert one(source).values == {"x": [-1, -1, -1, "refused"]}


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "while True:\n    try:\n        n = 1\n        while n: pass\n    except BaseException: pass",
        "import signal\nfor n in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        "while True: print('x' * 1000)",
        "sum(range(10**12))",
    ],
    ids=["loop", "stubborn", "deaf", "endless-output", "in-c"],
)
def test_endless_work_is_stopped(run, source):
    before, endless, after = run("x = 1", source, "x = 3", limits=SHORT)
    assert before.values == {"x": 1}
    assert endless.cause in {
        "Kode berjalan lebih lama dari 1 detik, lalu dihentikan.",
        "Kode mengakhiri proses Python sebelum selesai (sinyal SIGKILL).",
    }
    assert (endless.values, after.values) == ({}, {})
    assert after.cause.startswith("Kode tidak sempat dijalankan")


def test_endless_waiting_is_stopped(one):
    limits = Limits(seconds=0.5)
    result = one("import time\nx = 1\ntime.sleep(1000)", limits=limits)
    assert result.cause == "Kode berjalan lebih lama dari 0.5 detik, lalu dihentikan."
    assert result.values == {}


@pytest.mark.parametrize("limit", [100, 16 * 1024])
def test_what_is_printed_is_cut(one, limit):
    result = one("x = 1\nfor n in range(10_000): print(n)", limits=Limits(printed=limit))
    assert len(result.printed) == limit
    assert result.values == {"x": 1}


def test_what_a_forged_line_prints_is_cut_at_the_limit_of_this_run():
    line = json.dumps({"name": "c1", "values": {}, "refused": {}, "printed": "x" * 900})
    task = Task("c1", f"{CHANNEL}send({line.encode()!r} + b'\\n')\nos._exit(0)")
    (result,) = sandbox.run([task], Limits(printed=100))
    assert result.printed == "x" * 100


def test_letters_of_every_script_take_no_more_room_than_they_need(one):
    source = "x = ['ꦥ' * 20_000]\nprint('ꦥ\\U0001f600\\ud83d' * 5)"
    result = one(source)
    assert result.values == {"x": ["ꦥ" * 20_000]}
    assert result.printed == "ꦥ\U0001f600\ufffd" * 5 + "\n"


def test_a_large_value_leaves_the_others_as_they_are(one):
    result = one("x = list(range(10**6))\ny = list(range(6000))\nz = y", values=("x", "y", "z"))
    assert result.values == {"y": list(range(6000)), "z": list(range(6000))}
    assert "terlalu banyak" in result.refused["x"]


def test_endless_output_behind_our_back_is_stopped(one):
    result = one(CHANNEL + "while True: send(b'x' * 10_000)")
    assert result.cause == "Kode mengirim data melebihi batas, lalu dihentikan."


# Forgeries


@pytest.mark.parametrize(
    "line",
    [
        b"points: 100",
        b"[]",
        b"null",
        b'"c1"',
        b"{}",
        b'{"name": "lain", "values": {"x": 1}, "refused": {}}',
        b'{"name": "c1", "values": [1], "refused": {}}',
        b'{"name": "c1", "values": {"x": 1}}',
        b'{"name": "c1", "values": {"x": NaN}, "refused": {}}',
        b'{"name": "c1", "values": {"x": -Infinity}, "refused": {}}',
        b'{"name": "c1", "values": {"x": ' + b"9" * 5000 + b'}, "refused": {}}',
        b'{"name": "c1", "values": {"x": ' + b"[" * 100_000 + b'}, "refused": {}}',
        b'{"name": "c1", "values": {"x": "\xff\xfe"}, "refused": {}}',
        b"\x80\x04\x95pickle",
    ],
)
def test_a_forged_line_that_is_not_what_we_write_is_unreadable(line):
    result = mine(f"{CHANNEL}send({line!r} + b'\\n')\nos._exit(0)")
    assert result == Result(name="c1", cause="Hasil kode tidak dapat dibaca.")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"1e999", "bilangannya tak hingga"),
        (b"1" + b"0" * 400, "bilangannya tak hingga"),
        (b'"\\ud800"', "karakter yang tidak sah"),
        (b'{"\\udfff": 1}', "karakter yang tidak sah"),
        (b"[" * 40 + b"]" * 40, "terlalu dalam"),
        (b'"' + b"x" * 70_000 + b'"', "terlalu banyak"),
    ],
)
def test_a_forged_value_that_is_not_plain_is_refused(value, reason):
    line = b'{"name": "c1", "values": {"x": ' + value + b'}, "refused": {}}\n'
    result = mine(f"{CHANNEL}send({line!r})\nos._exit(0)")
    assert result.values == {}
    assert reason in result.refused["x"]


def test_a_forgery_nested_as_deep_as_json_allows_stops_nobody():
    deep = b"[" * 900 + b"]" * 900
    for line in (
        b'{"name": "c1", "values": {"x": ' + deep + b'}, "refused": {}}',
        b'{"name": "c1", "values": {}, "refused": {"x": ' + deep + b"}}",
        b'{"name": "c1", "values": {}, "refused": {"x": ""}}',
        b'{"name": "c1", "values": {}, "refused": {"x": 7}, "printed": ' + deep + b"}",
    ):
        result = mine(f"{CHANNEL}send({line!r} + b'\\n')\nos._exit(0)")
        assert (result.values, result.cause, list(result.refused)) == ({}, "", ["x"])


def test_a_forged_line_can_only_answer():
    line = {
        "name": "c1", "values": {"x": 48, "nilai": 100}, "refused": {"x2": "", "y": {}},
        "printed": ["\x1b[2J"], "error": {"a": 1}, "cause": "", "points": 100, "outcome": "scored",
    }  # fmt: skip
    data = json.dumps(line).encode() + b"\n"
    result = mine(f"{CHANNEL}send({data!r} * 3)\nos._exit(0)")
    assert result == Result(name="c1", values={"x": 48})


def test_a_result_on_standard_output_is_only_printed():
    line = json.dumps({"name": "c1", "values": {"x": 48}, "refused": {}})
    source = f"import os, sys\nprint({line!r})\nfor fd in (0, 1, 2): os.write(fd, b'{line}\\n')"
    result = mine(source + "\nsys.__stdout__.write('x');")
    assert (result.values, result.printed) == ({}, f"{line}\n")


def test_overwritten_builtins_change_nothing_outside():
    source = """
import builtins, json, os, sys
x = 1
for name in ("print", "repr", "isinstance", "type", "len", "compile", "eval"):
    setattr(builtins, name, lambda *a, **k: 48)
json.dumps = lambda *a, **k: '{"points": 100}'
sys.stdout.write = sys.stderr.write = lambda text: 48
"""
    result = mine(source)
    assert result.values == {}
    assert result.cause


def test_control_characters_never_reach_the_marker():
    printed = mine("x = 1\nprint('a\\x1b[31m\\u202e\\x00\\tb\\n')").printed
    assert printed == "a\ufffd[31m\ufffd\ufffd\tb\n\n"


# Values


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("class E:\n    __eq__ = lambda *a: True\nx = E()", "jenis E tidak didukung"),
        ("class E(int):\n    __eq__ = lambda *a: True\nx = E(1)", "jenis E tidak didukung"),
        ("class E(dict):\n    pass\nx = [E()]", "jenis E tidak didukung"),
        ("x = float('nan')", "bilangannya tak hingga, bukan bilangan"),
        ("x = [float('inf')]", "bilangannya tak hingga, bukan bilangan"),
        ("x = 10**10_000", "atau terlalu besar"),
        ("x = '\\ud800'", "karakter yang tidak sah"),
        ("x = []\nx.append(x)", "terlalu dalam"),
        ("x = []\nfor _ in range(100): x = [x]", "terlalu dalam"),
        ("x = []\nfor _ in range(30): x = [x, x]", "isinya terlalu banyak"),
        ("x = list(range(10**6))", "isinya terlalu banyak"),
        ("x = 'x' * 10**8", "isinya terlalu banyak"),
        ("x = {1: 2}", "kunci kamus harus berupa teks"),
        ("x = {1, 2}", "jenis set tidak didukung"),
        ("x = b'x'", "jenis bytes tidak didukung"),
        ("def x(): pass", "jenis function tidak didukung"),
    ],
)
def test_a_value_that_is_not_plain_is_refused_in_words(source, reason):
    result = mine(source)
    assert (result.values, result.cause) == ({}, "")
    assert reason in result.refused["x"]


def test_only_declared_names_cross():
    assert mine("x = 1\nnilai = 100", values=("x", "y")).values == {"x": 1}


# Endings


def test_leaving_politely_is_only_an_error(run):
    first, second = run("x = 1\nimport sys\nsys.exit(0)", "x += 1")
    assert (first.values, first.error) == ({"x": 1}, "baris 3: SystemExit: 0")
    assert second.values == {"x": 2}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import os\nos._exit(0)", "kode keluar 0"),
        ("import os\nos.kill(os.getpid(), 9)", "sinyal SIGKILL"),
        ("import os\nos.abort()", "sinyal SIGABRT"),
        ("import ctypes\nctypes.string_at(0)", "sinyal SIGSEGV"),
        ("import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 39)\nimport os\nos._exit(5)", "keluar 5"),
        ("import os, sys\nos.execv(sys.executable, ['python', '-c', 'raise SystemExit(4)'])", "keluar 4"),
    ],
)  # fmt: skip
def test_a_killed_interpreter_is_errored_and_says_why(run, source, told):
    before, dead, after = run("x = 1", source, "x = 3")
    assert before.values == {"x": 1}
    assert dead.cause.startswith("Kode mengakhiri proses Python sebelum selesai (")
    assert told in dead.cause
    assert after == Result(
        name="c3",
        cause="Kode tidak sempat dijalankan karena sel sebelumnya menghentikan Python.",
    )


def test_its_own_supervisor_cannot_be_killed(one):
    source = """
import os
for pid in (1, -1):
    for number in (9, 15, 19):
        try:
            os.kill(pid, number)
        except OSError:
            pass
x = "hidup"
"""
    assert one(source).values == {"x": "hidup"}


def named(name):
    """Whether a process of this machine bears the name."""
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                return True
        except OSError:
            continue
    return False


def wait_for(condition):
    """Until it holds; fails after twenty seconds."""
    for _ in range(400):
        if condition():
            return
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(["sleep", "9"], timeout=0.05, check=False)
    pytest.fail("it never came about")


def bearing(name):
    return f"import ctypes, time\nctypes.CDLL(None).prctl(15, b'{name}')\ntime.sleep(1000)"


def test_nothing_is_left_running(run):
    name = f"p{secrets.token_hex(6)}"
    run(bearing(name), limits=Limits(seconds=1.5))
    wait_for(lambda: not named(name))


def test_nothing_survives_a_killed_grader():
    name = f"p{secrets.token_hex(6)}"
    job = {"tasks": [asdict(Task("c", bearing(name)))], "limits": {"seconds": 600.0}}
    grader = subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with grader:
        grader.stdin.write(json.dumps(job).encode())
        grader.stdin.close()
        wait_for(lambda: named(name))
        grader.kill()
    wait_for(lambda: not named(name))


# Without it


def test_without_bubblewrap_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CourseError, match="apt install bubblewrap"):
        sandbox.run([Task("c", "x = 1", ("x",))])


def test_the_probe_says_nothing_where_a_sandbox_opens():
    assert sandbox.probe() == ""


def fake(monkeypatch, folder, script):
    """Another program in the place of bubblewrap."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_sandbox_that_falls_silent_is_ended(monkeypatch, tmp_path):
    fake(monkeypatch, tmp_path, "exec 1>&-\nexec /bin/sleep 1000")
    assert sandbox.probe() == (
        "Ruang uji tidak dapat dibuka: Kode mengakhiri proses Python sebelum selesai (sinyal SIGKILL)."
    )


def test_a_sandbox_that_cannot_open_says_what_bubblewrap_said(monkeypatch, tmp_path):
    script = "echo 'bwrap: No permissions to create a new namespace' >&2\nexit 1"
    fake(monkeypatch, tmp_path, script)
    told = "Ruang uji tidak dapat dibuka: bwrap: No permissions to create a new namespace"
    assert sandbox.probe() == told
    assert [each.cause for each in sandbox.run([Task("a", "1"), Task("b", "2")])] == [told, told]
    with pytest.raises(CourseError, match=f"{told} Let bubblewrap make namespaces"):
        sandbox.require_open()
    monkeypatch.undo()
    sandbox.require_open()
