"""What there is to hand in: whole lines, no outputs, and nothing that only Jupyter has noted."""

import json

import pytest

from pamong import log
from pamong.brief import load_brief
from pamong.errors import Undelivered
from pamong.portfolio import bare, read
from pamong.receipt import digest

from .conftest import MODULE


@pytest.fixture
def folder(released):
    return released.release(MODULE)


@pytest.fixture
def briefs(folder):
    return [
        load_brief(folder / f"{name}.brief.yaml") for name in ("pemahaman", "sikap", "refleksi")
    ]


def test_an_untouched_module_is_handed_in_as_it_was_released(folder, briefs):
    found = read(folder, briefs)
    read_by_graders = [path for path in folder.iterdir() if path.suffix in (".ipynb", ".yaml")]
    assert found.files == {path.name: path.read_bytes() for path in read_by_graders}
    assert found.content == digest(found.files)
    assert [(e.exercise, e.state, e.events, bool(e.missing)) for e in found.entries] == [
        ("pemahaman", "unfinished", 0, True),
        ("sikap", "unfinished", 0, True),
        ("refleksi", "unfinished", 0, True),
    ]


def test_how_far_an_exercise_has_come_is_read_from_its_log(folder, briefs, logs):
    (folder / "pemahaman.jsonl").write_bytes(logs(pemahaman="perfect")["pemahaman"])
    first, second, _ = read(folder, briefs).entries
    assert (first.state, first.missing) == ("finished", ())
    assert first.events == len(
        log.parse((folder / "pemahaman.jsonl").read_bytes(), "pemahaman").events
    )
    assert first.played.exercise == "pemahaman"
    assert second.events == 0


def test_opening_and_running_a_notebook_changes_nothing_that_is_handed_in(folder, briefs):
    before = read(folder, briefs).content
    page = json.loads((folder / "module.ipynb").read_text())
    page["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    page["metadata"]["widgets"] = {"state": "x" * 5000}
    for number, cell in enumerate(each for each in page["cells"] if each["cell_type"] == "code"):
        cell["execution_count"] = number
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["halo"]}]
        cell["metadata"] |= {"execution": {"iopub.execute_input": "2026"}, "scrolled": True}
    (folder / "module.ipynb").write_text(json.dumps(page))
    assert read(folder, briefs).content == before


def test_a_word_in_the_notebook_changes_it(folder, briefs):
    before = read(folder, briefs).content
    page = json.loads((folder / "module.ipynb").read_text())
    page["cells"][-1]["source"] = ["Jawaban saya."]
    (folder / "module.ipynb").write_text(json.dumps(page))
    assert read(folder, briefs).content != before


def test_a_torn_tail_stays_behind_and_a_damaged_log_goes_as_it_is(folder, briefs, logs):
    whole = logs(pemahaman="perfect", sikap="perfect")
    (folder / "pemahaman.jsonl").write_bytes(whole["pemahaman"] + b'{"n":99,"id":"a')
    damaged = b"rusak\n" + whole["sikap"] + b'{"n":'
    (folder / "sikap.jsonl").write_bytes(damaged)
    found = read(folder, briefs)
    assert found.files["pemahaman.jsonl"] == whole["pemahaman"]
    assert found.files["sikap.jsonl"] == damaged
    assert [entry.state for entry in found.entries] == ["finished", "unread", "unfinished"]


def test_a_log_of_another_version_is_said_to_be_unread(folder, briefs, logs):
    other = logs(pemahaman="perfect")["pemahaman"].replace(b'"act":"answer"', b'"act":"unknown"')
    (folder / "pemahaman.jsonl").write_bytes(other)
    first = read(folder, briefs).entries[0]
    assert (first.state, first.missing) == ("unread", ())
    assert first.events > 0


def test_an_unreadable_notebook_goes_as_it_is():
    assert bare(b"{rusak", "module.ipynb") == b"{rusak"


def test_what_is_no_business_of_anybodys_stays_where_it_is(folder, briefs):
    before = read(folder, briefs).content
    (folder / "catatan.txt").write_text("rahasia saya")
    (folder / "lain.jsonl").write_text("bukan latihan")
    (folder / ".rahasia.ipynb").write_text("{}")
    (folder / "pemahaman.torn").write_text("x")
    (folder / "foto").mkdir()
    assert read(folder, briefs).content == before


def test_a_log_beyond_its_limit_is_cut_behind_the_limit_so_that_graders_see_that_it_is_too_large(
    folder, briefs
):
    with (folder / "sikap.jsonl").open("wb") as file:
        file.truncate(log.LOG_LIMIT + 5_000_000)
    found = read(folder, briefs)
    assert len(found.files["sikap.jsonl"]) == log.LOG_LIMIT + 1
    assert found.entries[1].state == "unread"


def test_a_notebook_beyond_its_limit_is_named_and_left_out(folder, briefs):
    with (folder / "module.ipynb").open("ab") as file:
        file.truncate(30_000_000)
    found = read(folder, briefs)
    assert found.remarks == ("module.ipynb",)
    assert "module.ipynb" not in found.files


def test_an_answer_log_that_cannot_be_read_stops_everything(folder, briefs):
    with pytest.raises(Undelivered) as raised:
        read(folder / "hilang", briefs)
    assert raised.value.code == "unread"


def test_too_much_together_is_refused(folder, briefs):
    for number in range(4):
        (folder / f"besar{number}.yaml").write_bytes(b"#" * 19_000_000)
    with pytest.raises(Undelivered) as raised:
        read(folder, briefs)
    assert raised.value.code == "large"


def test_a_statement_belongs_to_summative_exercises_only(folder, briefs):
    assert [entry.summative for entry in read(folder, briefs).entries] == [
        brief.use == "graded" and brief.stakes == "summative" for brief in briefs
    ]
    assert read(folder, briefs).summative == any(b.stakes == "summative" for b in briefs)
