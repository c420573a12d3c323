"""The trusted side of a module."""

import json
import pickle

import pytest

from pamong.doctor import examine
from pamong.errors import CourseError
from pamong.grading.release import release
from pamong.grading.source import load_source
from pamong.seal import sealing_key

MODULE = "m0-contoh"


def test_a_module_must_be_released_before_it_is_graded(small):
    with pytest.raises(CourseError, match="m0-contoh was never released. Run `pamong release m0"):
        load_source(small, MODULE)


def test_a_module_without_notebook_is_named(released):
    (released.source(MODULE) / "module.ipynb").unlink()
    with pytest.raises(CourseError, match=r"module\.ipynb is missing"):
        load_source(released, MODULE)


def test_the_version_follows_source_briefs_and_keys(released):
    before = load_source(released, MODULE).version
    assert load_source(released, MODULE).version == before
    index = released.keys(MODULE) / "released" / "index.json"
    index.write_text(index.read_text() + " ")
    assert load_source(released, MODULE).version != before


def test_the_key_of_seals_travels_with_a_source_but_is_no_part_of_what_it_is(released):
    bare = load_source(released, MODULE)
    sealing = sealing_key(released.secret())
    found = load_source(released, MODULE)
    assert (bare.sealing, found.sealing) == (b"", sealing)
    assert pickle.loads(pickle.dumps(found)).sealing == sealing
    assert found.version == bare.version
    assert str(sealing) not in repr(found)


def test_a_notebook_that_changed_after_its_release_is_refused(released):
    path = released.source(MODULE) / "module.ipynb"
    page = json.loads(path.read_bytes())
    page["cells"][0]["source"] = "# Lain"
    path.write_text(json.dumps(page))
    with pytest.raises(CourseError, match="has changed since its release. Run `pamong release m0"):
        load_source(released, MODULE)


def test_a_source_travels_as_bytes_and_needs_no_folder(released):
    source = load_source(released, MODULE)
    assert set(source.pages) == {"module.ipynb"}
    assert {"index.json", "pemahaman.v1.key.yaml"} <= set(source.keys)
    copied = pickle.loads(pickle.dumps(source))
    assert copied == source
    assert copied.version == source.version
    assert copied.notebooks == source.notebooks


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"pemahaman": 1}', '{"pemahaman": {"v1": []}}']
)
def test_a_damaged_index_is_told_by_whoever_reads_it(released, content):
    index = released.keys(MODULE) / "released" / "index.json"
    index.write_text(content)
    for read in (
        lambda: load_source(released, MODULE),
        lambda: released.shelf(MODULE).latest(),
        lambda: release(released, MODULE),
    ):
        with pytest.raises(CourseError) as caught:
            read()
        told = str(caught.value)
        assert told.startswith(f"{index}, which tells what was released, is damaged (")
        assert told.endswith("). Restore it from version control.")
    assert index.read_text() == content


@pytest.mark.parametrize("part", ["brief", "key"])
def test_a_frozen_file_that_is_gone_stops_grading_and_is_not_frozen_anew(released, part):
    path = released.keys(MODULE) / "released" / f"pemahaman.v1.{part}.yaml"
    path.unlink()
    for read in (lambda: load_source(released, MODULE), lambda: release(released, MODULE)):
        with pytest.raises(CourseError) as caught:
            read()
        assert str(caught.value) == (
            f"{path} is not there any more, though it was released. Restore it from version control: "
            "answers are graded by it."
        )
    assert not path.exists()


def test_a_module_whose_released_keys_are_gone_is_not_taken_for_one_never_released(released):
    index = released.keys(MODULE) / "released" / "index.json"
    index.unlink()
    told = (
        f"{index} is not there any more, though {MODULE} was released. Restore the folder from version "
        f"control: answers are graded by it. To begin anew, move {released.release(MODULE)} away."
    )
    for read in (lambda: load_source(released, MODULE), lambda: release(released, MODULE)):
        with pytest.raises(CourseError) as caught:
            read()
        assert str(caught.value) == told
    assert told in {found.advice for found in examine(released)}
