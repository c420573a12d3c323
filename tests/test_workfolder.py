"""Folders that serve one submission after another, and are to each as if it were the first."""

import os
import shutil
import stat
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from pamong.grading import workfolder as layouts
from pamong.grading.source import load_source
from pamong.grading.workfolder import prepared, quickest, workfolder
from pamong.seal import SEALING_KEY, key_beside

MODULE = "m0-contoh"


@pytest.fixture
def source(released):
    return load_source(released, MODULE)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def where(source):
    with workfolder(source, {}) as place:
        return place.folder


def test_a_folder_holds_the_briefs_and_what_was_handed_in_with_the_keys_elsewhere(source):
    with workfolder(source, {"sikap.jsonl": b"{}\n"}) as place:
        assert contents(place.folder) == {**source.files, "sikap.jsonl": b"{}\n"}
        assert contents(place.graders / MODULE / "released") == source.keys
        assert not place.graders.is_relative_to(place.folder)


def test_the_key_of_seals_lies_where_the_keys_are_and_nobody_else_reads_it(source):
    with_key = replace(source, sealing=b"k" * 32, keys={**source.keys, "x.yaml": b""})
    with workfolder(with_key, {}) as place:
        assert key_beside(place.graders) == b"k" * 32
        assert stat.S_IMODE((place.graders / SEALING_KEY).stat().st_mode) == 0o600
        assert not any(path.name == SEALING_KEY for path in place.folder.iterdir())


def test_nothing_of_one_submission_is_there_for_the_next(source):
    with workfolder(source, {"sikap.jsonl": b"{}\n"}) as place:
        (place.folder / "catatan" / "dalam").mkdir(parents=True)
        (place.folder / "catatan" / "dalam" / "a.txt").write_text("a")
        (place.folder / "tautan").symlink_to("/etc")
        before = place.folder
    with workfolder(source, {}) as place:
        assert contents(place.folder) == source.files
        assert place.folder == before
    assert Path("/etc").is_dir()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda brief: brief.unlink(),
        lambda brief: (brief.unlink(), brief.write_text("lain")),
        lambda brief: (brief.unlink(), brief.mkdir()),
        lambda brief: shutil.rmtree(brief.parent),
    ],
    ids=["taken away", "replaced", "replaced by a folder", "the folder is gone"],
)
def test_a_folder_in_which_a_brief_is_not_as_it_was_serves_nobody_else(source, spoil):
    with workfolder(source, {}) as place:
        spoil(place.folder / min(source.files))
        before = place.folder
    with workfolder(source, {}) as place:
        assert contents(place.folder) == source.files
        assert place.folder != before
    assert not before.exists()


def test_a_cell_that_fails_leaves_no_more_behind_than_any_other(source):
    with pytest.raises(ZeroDivisionError), workfolder(source, {"sikap.jsonl": b"{}\n"}):
        _ = 1 / 0
    with workfolder(source, {}) as place:
        assert contents(place.folder) == source.files


def test_two_notebooks_at_once_and_two_processes_have_a_folder_each(source):
    with workfolder(source, {}) as one, workfolder(source, {"sikap.jsonl": b""}) as other:
        assert contents(one.folder) == source.files
        assert "sikap.jsonl" in contents(other.folder)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert where(source) != pool.submit(where, source).result()


def test_folders_are_in_memory_where_there_is_room_and_nobody_asked_for_another_place(
    tmp_path, monkeypatch
):
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(layouts, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(layouts, "ROOM", free // 4)
    assert quickest(2) == tmp_path
    assert quickest(8) is None
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert quickest(2) is None
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(layouts, "IN_MEMORY", tmp_path / "tidak-ada")
    assert quickest(2) is None


def test_what_is_prepared_is_shared_until_the_end_and_made_anew_afterwards(source, tmp_path):
    source = replace(source, keys={**source.keys, "baru.yaml": b"{}"})  # not laid out before
    with prepared([source], tmp_path), workfolder(source, {}) as place:
        assert place.graders.is_relative_to(tmp_path)
        assert all(path.resolve().is_relative_to(tmp_path) for path in place.folder.iterdir())
    shutil.rmtree(tmp_path)
    with workfolder(source, {}) as place:
        assert contents(place.folder) == source.files
        assert contents(place.graders / MODULE / "released") == source.keys
