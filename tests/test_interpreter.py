import builtins
import contextlib
import gc
import getpass
import json
import locale
import logging
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython import get_ipython
from IPython.core.magics.script import ScriptMagics
from nbclient import NotebookClient
from traitlets.config import SingletonConfigurable

from pamong import notebook
from pamong.course import NOTEBOOK, Course
from pamong.grading.execution import limits, surroundings
from pamong.grading.execution.interpreter import execute, lingering
from pamong.grading.restore import fill, restore
from pamong.roster import read_roster
from pamong.simulate import answer_logs, cast, shown

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE / "notebooks").glob("*.ipynb"))
MODULES = sorted(each.name for each in (HERE.parent / "course" / "release").iterdir())


def page(*sources):
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return {"cells": cells}


def run(folder, *sources, environment=None, **limited):
    executed = execute(page(*sources), folder, environment or {}, **limited)
    return [cell["outputs"] for cell in executed["cells"]]


def texts(outputs):
    return [(each.get("name"), each["text"]) for each in outputs]


def passed_elsewhere(request):
    """Whether this test was run, and passed, in a process that has not imported matplotlib yet.

    A grading process has not; here the tests of reports may have, and then its backend is chosen.
    """
    if "matplotlib" not in sys.modules:
        return False
    test = f"{__file__}::{request.node.name}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    done = subprocess.run(
        command, cwd=HERE.parent, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    return True


# What a kernel gives ------------------------------------------------------------------------------

_CELL_FILE = r"/\w+/ipykernel_\d+/\d+\.py|<cell [0-9a-f]{12}>\.py|(?<=\()\d+\.py(?=, line)"
_MACHINERY = re.compile(r"File \S*/(ipykernel|pamong/grading)/")


def normalize(cell):
    """A cell's count and outputs without what may differ between two runs.

    That is: colours, names of the cells' own files, addresses, times, frames of the machinery, the depth
    of a recursion, and into how many pieces a stream was cut.
    """
    outputs = []
    for output in map(_plain, cell["outputs"]):
        if output["output_type"] == "error":
            lines = [line for line in output["traceback"] if not _MACHINERY.match(line)]
            output["traceback"] = [b for a, b in pairwise(["", *lines]) if a != b]
        if (
            output["output_type"] == "stream"
            and outputs
            and outputs[-1].get("name") == output["name"]
        ):
            outputs[-1]["text"] += output["text"]
        else:
            outputs.append(output)
    return cell["execution_count"], outputs


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"\x1b\[[0-9;]*m", "", value)
    value = re.sub(_CELL_FILE, "<cell>", value)
    value = re.sub(r"\b0x[0-9a-f]{6,}", "<address>", value)
    return re.sub(r"<dc:date>[^<]*", "<time>", value)


def by_kernel(page, folder, environment):
    node = nbformat.from_dict(json.loads(json.dumps(page)))
    client = NotebookClient(
        node, allow_errors=True, timeout=120, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ, "PYTHONWARNINGS": "", **environment})
    return node


def assert_equal_to_a_kernel(page, prepare, tmp_path, environment):
    folders = [tmp_path / "kernel", tmp_path / "here"]
    for folder in folders:
        folder.mkdir()
        prepare(folder)
    expected = by_kernel(page, folders[0], environment)
    executed = execute(page, folders[1], environment, seconds=300, processor=300)
    for one, other in zip(expected["cells"], executed["cells"], strict=True):
        if one["cell_type"] == "code":
            assert normalize(other) == normalize(one), one["source"]


@pytest.mark.kernel
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_what_a_kernel_gives(path, tmp_path, request):
    if path.stem == "figures" and passed_elsewhere(request):
        return
    read = notebook.parse(path.read_bytes(), path.name)
    environment = {"NBGRADER_EXECUTION": "autograde"}
    assert_equal_to_a_kernel(read, lambda folder: None, tmp_path, environment)


@pytest.mark.kernel
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("module", MODULES)
def test_a_released_module_with_a_participants_logs_gives_what_a_kernel_gives(module, tmp_path):
    course = Course.load(HERE.parent)
    source = course.source(module)
    read = notebook.parse((source / NOTEBOOK).read_bytes(), NOTEBOOK)
    roster = read_roster(course.roster, course.programme)
    people = cast(roster, datetime(2026, 12, 11, tzinfo=UTC), 5)
    person = next(each for each in people if each.share == 1)
    met = shown(read["cells"], module, person.participant)
    logs = answer_logs(course.shelf(module), course.secret(), person, 5, met)

    def prepare(folder):
        for each in source.glob("*.yaml"):
            (folder / each.name).write_bytes(each.read_bytes())
        for name, content in logs.items():
            (folder / f"{name}.jsonl").write_bytes(content)

    environment = {
        "NBGRADER_EXECUTION": "autograde",
        "PAMONG_GRADERS": str(course.graders),
        "PAMONG_PARTICIPANT": person.participant.id,
        "PAMONG_ROLE": person.participant.role,
    }
    assert_equal_to_a_kernel(fill(restore(read, None), logs), prepare, tmp_path, environment)


def test_what_a_cell_shows_is_captured_as_jupyter_would(tmp_path):
    source = "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))\nprint('a')\n1.5"
    shown, printed, result = run(tmp_path, source)[0]
    assert shown["output_type"] == "display_data"
    assert shown["data"]["text/html"] == "<b>x</b>"
    assert printed == {"output_type": "stream", "name": "stdout", "text": "a\n"}
    assert (result["output_type"], result["data"]) == ("execute_result", {"text/plain": "1.5"})
    assert result["execution_count"] == 1


def test_an_error_is_output_and_the_next_cell_runs(tmp_path):
    failed, fine = run(tmp_path, "x = 1\n1 / 0", "x")
    assert (failed[0]["ename"], failed[0]["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert fine[0]["data"]["text/plain"] == "1"


def test_every_notebook_has_a_namespace_of_its_own(tmp_path):
    run(tmp_path, "rahasia = 1\nrahasia")
    asked = run(tmp_path, "rahasia", "Out, In[:-1], _i, _", "__import__('__main__').rahasia")
    assert [each[0].get("ename") for each in asked] == ["NameError", None, "AttributeError"]
    assert asked[1][0]["data"]["text/plain"] == "({}, ['', 'rahasia'], 'rahasia', '')"


# Where it differs, and means to -------------------------------------------------------------------


def test_both_streams_are_shown_in_the_order_of_writing(tmp_path):
    (written,) = run(
        tmp_path, "import sys\nfor i in range(2):\n    print(i)\n    print(i, file=sys.stderr)"
    )
    assert texts(written) == [
        ("stdout", "0\n"), ("stderr", "0\n"), ("stdout", "1\n"), ("stderr", "1\n")
    ]  # fmt: skip


def test_what_no_file_can_hold_is_written_out(tmp_path):
    printed, shown = run(
        tmp_path, "print('\\ud800')", "display({'text/plain': '\\ud800'}, raw=True)"
    )
    assert printed[0]["text"] == "\\ud800\n"
    assert shown[0]["data"]["text/plain"] == "\\ud800"


def test_a_value_that_is_not_json_is_an_error_of_the_cell(tmp_path):
    source = (
        "from IPython.display import publish_display_data\npublish_display_data({'x/y': object()})"
    )
    assert run(tmp_path, source)[0][0]["ename"] == "TypeError"


def test_closing_stdout_closes_nothing(tmp_path):
    assert texts(run(tmp_path, "import sys\nsys.stdout.close()", "print(1)")[1]) == [
        ("stdout", "1\n")
    ]


def test_a_warning_of_the_compiler_is_shown_each_time_the_cell_runs(tmp_path):
    for _ in range(2):
        (warned, _) = run(tmp_path, "1 is 1")[0]
        assert warned["text"].count("SyntaxWarning") == 2


def test_leaving_ends_a_cell_not_the_process(tmp_path):
    left = run(tmp_path, "raise SystemExit(1)", "exit", "quit()", "2")
    assert left[0][0]["ename"] == "SystemExit"
    assert left[1:3] == [[], []]
    assert left[3][0]["data"]["text/plain"] == "2"


def test_a_loop_may_be_run_because_none_is_running(tmp_path):
    waited = run(tmp_path, "import asyncio\nasyncio.run(asyncio.sleep(0, 5))")
    assert waited[0][0]["data"]["text/plain"] == "5"


def test_what_is_written_past_python_is_not_shown(tmp_path, capfd):
    assert run(tmp_path, "import os\nos.write(1, b'x');", "!echo y")[1][0]["text"] == "y\r\n"
    assert capfd.readouterr().out == "x"


def test_a_cell_that_does_not_run_has_no_output(tmp_path):
    cells = page("", "1 / 0", "3")
    cells["cells"][0]["outputs"] = cells["cells"][1]["outputs"] = [{"output_type": "forged"}]
    cells["cells"][1]["metadata"] = {"tags": ["skip-execution"]}
    executed = execute(cells, tmp_path, {})["cells"]
    assert [(each["outputs"], each["execution_count"]) for each in executed[:2]] == [([], None)] * 2
    assert executed[2]["execution_count"] == 1


def test_a_module_laid_beside_the_notebook_is_not_imported(tmp_path):
    (tmp_path / "penyusup.py").write_text("x = 1")
    assert run(tmp_path, "import penyusup")[0][0]["ename"] == "ModuleNotFoundError"


def test_an_error_that_cannot_say_what_it_is_has_a_name(tmp_path):
    source = "class E(Exception):\n    def __str__(self):\n        1 / 0\nraise E"
    assert (run(tmp_path, source)[0][0]["ename"], run(tmp_path, source)[0][0]["evalue"]) == (
        "E",
        "",
    )


# Limits -------------------------------------------------------------------------------------------


def test_cells_that_take_too_long_are_stopped_and_the_rest_fails(tmp_path):
    endless = "print('a')\ntry:\n    while True:\n        pass\nexcept Exception:\n    pass"
    stopped, after = run(tmp_path, endless, "15", seconds=1)
    assert texts(stopped[:1]) == [("stdout", "a\n")]
    assert (stopped[-1]["ename"], stopped[-1]["evalue"]) == (
        "Expired",
        "the notebook ran longer than 1 s",
    )
    assert after[0]["evalue"] == "the notebook ran longer than 1 s"


def test_waiting_is_limited_by_the_clock_on_the_wall(tmp_path):
    stopped = run(tmp_path, "import time\ntime.sleep(60)", seconds=0.2)[0]
    assert stopped[-1]["evalue"] == "the notebook ran longer than 0.2 s"


def test_processor_time_is_limited(tmp_path):
    stopped = run(tmp_path, "while True:\n    pass", processor=0.2)[0]
    assert stopped[-1]["evalue"] == "the notebook took more than 0.2 s of processor time"


def test_the_limit_on_processor_time_goes_by_the_clock_that_is_held_against_it(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(time, "process_time", lambda: 1_000_000.0)
    ((shown,),) = run(
        tmp_path, "import resource\nresource.getrlimit(resource.RLIMIT_CPU)[0]", processor=10
    )
    taken = sum(os.times()[:2])
    assert abs(int(shown["data"]["text/plain"]) - taken - 10 - limits.GRACE) < 60


def test_memory_is_limited_and_given_back(tmp_path):
    greedy = "x = []\nwhile True:\n    x.append(bytearray(10_000_000))"
    failed, small = run(tmp_path, greedy, "del x\nlen(bytearray(10_000_000))", memory=300_000_000)
    assert failed[0]["ename"] == "MemoryError"
    assert small[0]["data"]["text/plain"] == "10000000"


def test_a_flood_of_output_is_cut_with_a_line_that_says_so(tmp_path):
    source = "for i in range(100_000):\n    print('x' * 100)\n    display(i)\n    1 / (99_999 - i)"
    flooded, after = run(tmp_path, source, "print('y')\n2", output=10_000)
    said = "Only 10000 characters of a notebook's output are kept; the rest is not.\n"
    assert said in [each.get("text") for each in flooded]
    assert flooded[-1]["ename"] == "ZeroDivisionError"
    assert len(json.dumps(flooded)) < 30_000
    assert after == []


def test_one_long_line_is_cut(tmp_path):
    ((cut, said),) = run(tmp_path, "print('x' * 10_000_000)", output=1_000)
    assert (cut["text"], said["name"]) == ("x" * 900, "stderr")


def test_a_long_message_of_an_error_is_cut(tmp_path):
    ((error,),) = run(tmp_path, "raise ValueError('x' * 1_000_000)")
    assert len(error["evalue"]) == 10_000


def test_endless_recursion_is_an_error(tmp_path):
    failed, fine = run(
        tmp_path, "import sys\nsys.setrecursionlimit(150)\ndef f():\n    f()\nf()", "1"
    )
    assert failed[0]["ename"] == "RecursionError"
    assert fine[0]["data"]["text/plain"] == "1"


CHILD = """
import sys
from pathlib import Path
from pamong.grading.execution import limits
from pamong.grading.execution.interpreter import execute
limits.GRACE = 1
cell = {"cell_type": "code", "metadata": {}, "source": sys.argv[1]}
execute({"cells": [cell]}, Path.cwd(), {}, **{sys.argv[2]: 0.5})
"""


# Python 3.11 looks up what is raised at a jump back one instruction before the place jumped to:
# ``n = 1`` keeps that within the ``try``.
@pytest.mark.parametrize(
    ("source", "limit", "status"),
    [
        ("while True:\n    try:\n        n = 1\n        while n: pass\n    except BaseException: pass", "seconds", limits.STOPPED),
        ("import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass", "seconds", limits.STOPPED),
        ("import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)", "processor", -signal.SIGXCPU),
    ],
    ids=["catches everything", "sleeps through everything", "computes in C"],
)  # fmt: skip
def test_a_cell_that_nothing_stops_ends_with_its_process(source, limit, status, tmp_path):
    command = [sys.executable, "-c", CHILD, source, limit]
    done = subprocess.run(command, cwd=tmp_path, timeout=60, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (status, b"")


# What is left behind ------------------------------------------------------------------------------

NASTY = [
    "import os; os.environ['UJI'] = '1'; os.environ.pop('HOME', None); os.environ['PATH'] = ''",
    "import os; os.chdir('/'); os.umask(0)",
    "import warnings; warnings.filterwarnings('error'); warnings.showwarning = print",
    "import sys; sys.path.insert(0, '/uji'); sys.path = []; sys.argv[:] = ['x']; sys.meta_path.clear()",
    "import sys; sys.stdout = sys.stderr = sys.__stdout__ = None",
    "import sys; sys.displayhook = sys.excepthook = print",
    "import signal; [signal.signal(s, signal.SIG_IGN) for s in (2, 10, 15)]; signal.alarm(1)",
    "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])",
    "import random; random.seed(1)",
    "import builtins; builtins.len = lambda _: 7; builtins.uji = 1; del builtins.sum",
    "import builtins; builtins.__import__ = None",
    "import locale; locale.setlocale(locale.LC_ALL, 'C')",
    "import logging; logging.basicConfig(level=1); logging.disable(50)",
    "import logging; log = logging.getLogger('asyncio'); log.propagate = False; log.handlers.append(0)",
    "import logging; log = logging.getLogger('baru'); log.setLevel(1); log.addHandler(logging.StreamHandler())",
    "import sys; sys.setrecursionlimit(5000); sys.setswitchinterval(1); sys.settrace(print)",
    "import gc; gc.disable(); gc.set_threshold(1)",
    "import socket; socket.setdefaulttimeout(1)",
    "import sys; del sys.modules['json']; sys.modules['re'] = None",
    "import sys; sys.modules['__main__'] = None; __name__ = 'bukan'",
    "import decimal; decimal.getcontext().prec = 2",
    "import getpass; getpass.getpass = input = print",
    "import tempfile; tempfile.tempdir = '/uji'",
    "from __future__ import annotations",
    "%config InteractiveShell.ast_node_interactivity = 'all'",
    "%precision 1",
    "get_ipython().display_formatter.formatters['text/html'].for_type(float, str)",
    "get_ipython().events.register('pre_execute', lambda: print('masih'))",
    "get_ipython().input_transformers_cleanup.append(lambda lines: ['0'])",
    "get_ipython().run_cell = get_ipython().showtraceback = None",
    "import asyncio; task = asyncio.create_task(asyncio.sleep(99)); await asyncio.sleep(0)",
    "_ = __ = 5; In.clear(); Out[1] = 9",
    "import os; os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '99')",
    "display('lama', display_id='x')",
    "raise KeyboardInterrupt",
]
HONEST = [
    "import os, sys, json, re, random, decimal, logging",
    "display('baru', display_id='x')",
    "def f(a: int):\n    return a\nf.__annotations__",
    "len('abc'), sum([1, 2]), 'UJI' in os.environ, 'uji' in dir(__builtins__), __name__",
    "1.23456\n2.34567",
    "decimal.Decimal(1) / 3",
    "_, Out, In",
    "logging.getLogger('baru').warning('terlihat')",
    "__import__('warnings').warn('hati-hati')",
    "await __import__('asyncio').sleep(0, len(__import__('asyncio').all_tasks()))",
    "1 / 0",
]


def state():
    loggers = [logging.root, *(logging.getLogger(name) for name in ("asyncio", "baru"))]
    return {
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "filters": list(warnings.filters),
        "show": warnings.showwarning,
        "path": (id(sys.path), tuple(sys.path), tuple(sys.argv), tuple(sys.meta_path)),
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__),
        "hooks": (sys.displayhook, sys.excepthook, sys.gettrace(), threading.excepthook),
        "signals": [signal.getsignal(each) for each in sorted(signal.valid_signals())],
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "timers": (signal.getitimer(signal.ITIMER_REAL), signal.getitimer(signal.ITIMER_PROF)),
        "random": random.getstate(),
        "builtins": dict(vars(builtins)),
        "locale": locale.setlocale(locale.LC_ALL),
        "logging": [
            (each.level, tuple(each.handlers), each.disabled, each.propagate) for each in loggers
        ],
        "disabled": logging.root.manager.disable,
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), socket.getdefaulttimeout()),
        "memory": __import__("resource").getrlimit(__import__("resource").RLIMIT_AS),
        "gc": (gc.isenabled(), gc.get_threshold()),
        "modules": (sys.modules["json"], sys.modules["re"], sys.modules["__main__"]),
        "getpass": getpass.getpass,
        "shell": (get_ipython(), SingletonConfigurable._instance),
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nasty=st.lists(st.sampled_from(NASTY), min_size=1, max_size=6, unique=True))
def test_nothing_of_one_notebook_reaches_the_next(tmp_path, nasty):
    clean = [normalize(cell) for cell in execute(page(*HONEST), tmp_path, {})["cells"]]
    before = state()
    with contextlib.suppress(Exception):  # without builtins nothing can be described
        execute(page(*nasty), tmp_path, {"PAMONG_PARTICIPANT": "p001"})
    assert state() == before
    assert [normalize(cell) for cell in execute(page(*HONEST), tmp_path, {})["cells"]] == clean
    assert state() == before


@pytest.mark.parametrize("source", NASTY)
def test_each_nasty_cell_alone_leaves_the_process_as_it_was(tmp_path, source):
    before = state()
    run(tmp_path, source)
    assert state() == before


def test_a_magic_asked_for_after_a_cell_has_broken_python_is_not_left_half_made(tmp_path):
    run(tmp_path, "%config")  # what magics are made of has been imported
    run(tmp_path, "import sys; del sys.modules['json']; sys.modules['re'] = None", "%config")
    made = [each for each in gc.get_objects() if type(each) is ScriptMagics]
    assert all(hasattr(each, "bg_processes") for each in made)


def test_figures_of_one_notebook_do_not_reach_the_next(tmp_path, request):
    if passed_elsewhere(request):
        return
    pyplot = "import matplotlib.pyplot as plt\nimport numpy as np"
    run(
        tmp_path,
        pyplot,
        "plt.rcParams['lines.linewidth'] = 9; np.random.seed(1); plt.ioff(); plt.figure();",
    )
    first = run(
        tmp_path, pyplot, "plt.rcParams['lines.linewidth'], plt.get_fignums(), plt.plot([1]);", "1"
    )
    assert [each["output_type"] for each in first[1]] == ["display_data"]
    assert "image/png" in first[1][0]["data"]
    asked = run(tmp_path, pyplot, "plt.rcParams['lines.linewidth'], plt.get_fignums()")
    assert asked[1][0]["data"]["text/plain"] == "(1.5, [])"


def test_a_process_is_lingering_while_a_thread_of_a_notebook_runs(tmp_path):
    source = "import threading\nstop = threading.Event()\nt = threading.Thread(target=stop.wait)\nt.start()"
    surroundings._left.clear()  # what other tests have left behind
    kept = []
    builtins_before = dict(vars(builtins))
    run(tmp_path, source + "\nimport json\njson.kept_for_the_test = (stop, t)")
    stop, thread = json.kept_for_the_test
    del json.kept_for_the_test
    assert lingering()
    stop.set()
    thread.join()
    assert not lingering()
    assert (kept, dict(vars(builtins))) == ([], builtins_before)


def test_a_background_process_of_a_notebook_is_ended(tmp_path):
    source = "import os\nos.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '99')"
    pid = int(run(tmp_path, source)[0][-1]["data"]["text/plain"])
    assert not Path(f"/proc/{pid}").exists()


def test_the_environment_is_that_of_the_notebook(tmp_path):
    asked = run(
        tmp_path, "import os\nos.getcwd(), os.environ['X_COBA']", environment={"X_COBA": "1"}
    )
    assert asked[0][0]["data"]["text/plain"] == str((str(tmp_path), "1"))
    assert "X_COBA" not in os.environ
