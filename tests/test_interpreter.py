import os
import sys
from pathlib import Path

from IPython import get_ipython
from traitlets.config import SingletonConfigurable

from pamong.grading.interpreter import execute


def run(folder, *sources, environment=None, seconds=30):
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    executed = execute({"cells": cells}, folder, environment or {}, seconds=seconds)
    return [cell["outputs"] for cell in executed["cells"]]


def test_what_a_cell_shows_is_captured_as_jupyter_would(tmp_path):
    source = "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))\nprint('a')\n1.5"
    shown, result, printed = run(tmp_path, source)[0]
    assert shown["output_type"] == "display_data"
    assert shown["data"]["text/html"] == "<b>x</b>"
    assert (result["output_type"], result["data"]) == ("execute_result", {"text/plain": "1.5"})
    assert result["execution_count"] == 1
    assert printed == {"output_type": "stream", "name": "stdout", "text": "a\n"}


def test_an_error_is_output_and_the_next_cell_runs(tmp_path):
    failed, fine = run(tmp_path, "x = 1\n1 / 0", "x")
    assert (failed[0]["ename"], failed[0]["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert fine[0]["data"]["text/plain"] == "1"


def test_a_syntax_error_is_output(tmp_path):
    assert run(tmp_path, "x =")[0][0]["ename"] == "SyntaxError"


def test_leaving_the_interpreter_ends_a_cell_not_the_process(tmp_path):
    assert run(tmp_path, "raise SystemExit(1)", "2")[1][0]["data"]["text/plain"] == "2"


def test_noise_on_stderr_is_an_output_of_its_own(tmp_path):
    noise, shown = run(tmp_path, "import sys\nprint('hati-hati', file=sys.stderr)\nprint('a')")[0][
        ::-1
    ]
    assert noise == {"output_type": "stream", "name": "stderr", "text": "hati-hati\n"}
    assert shown["name"] == "stdout"


def test_every_notebook_has_a_namespace_of_its_own(tmp_path):
    run(tmp_path, "rahasia = 1")
    assert run(tmp_path, "rahasia")[0][0]["ename"] == "NameError"


def test_the_process_is_left_as_it_was(tmp_path):
    before = (Path.cwd(), dict(os.environ), sys.modules["__main__"], sys.displayhook)
    shown = run(
        tmp_path, "import os\nos.getcwd(), os.environ['X_COBA']", environment={"X_COBA": "1"}
    )
    assert shown[0][0]["data"]["text/plain"] == str((str(tmp_path), "1"))
    assert (Path.cwd(), dict(os.environ), sys.modules["__main__"], sys.displayhook) == before
    assert get_ipython() is None
    assert SingletonConfigurable._instance is None


def test_cells_that_take_too_long_are_stopped_and_the_rest_fails(tmp_path):
    endless = "try:\n    while True:\n        pass\nexcept Exception:\n    pass"
    stopped, after = run(tmp_path, endless, "15", seconds=1)
    assert (stopped[-1]["ename"], stopped[-1]["evalue"]) == (
        "Expired",
        "the notebook ran longer than 1 s",
    )
    assert after[0]["evalue"] == "the notebook ran too long"


def test_a_flood_of_output_is_cut(tmp_path):
    (printed,) = run(tmp_path, "print('x' * 10_000_000)")[0]
    assert len(printed["text"]) == 64 * 1024


def test_a_module_laid_beside_the_notebook_is_not_imported(tmp_path):
    (tmp_path / "penyusup.py").write_text("x = 1")
    assert run(tmp_path, "import penyusup")[0][0]["ename"] == "ModuleNotFoundError"
