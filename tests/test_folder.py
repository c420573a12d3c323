"""A folder that somebody else has filled."""

import threading

from pamong.grading.intake.folder import clear, locked


def test_all_is_cleared_away_but_the_links_that_are_kept(tmp_path):
    outside, folder = tmp_path / "luar", tmp_path / "dalam"
    outside.mkdir()
    (outside / "a").write_text("a")
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "d").write_text("d")
    for name in ("kept", "link", "file"):
        (folder / name).symlink_to(outside)
    (folder / "file").unlink()
    (folder / "file").write_text("no link any more")
    assert clear(folder, {"kept", "file", "gone"}) == {"kept"}
    assert [path.name for path in folder.iterdir()] == ["kept"]
    assert (outside / "a").read_text() == "a"


def test_whoever_exchanges_a_submission_waits_for_those_who_read(tmp_path):
    order = []

    def exchange():
        with locked(tmp_path, shared=False):
            order.append("exchanged")

    with locked(tmp_path, shared=True), locked(tmp_path, shared=True):
        other = threading.Thread(target=exchange)
        other.start()
        other.join(0.2)
        order.append("read")
    other.join()
    assert order == ["read", "exchanged"]


def test_where_no_lock_can_be_had_there_is_none(tmp_path):
    with locked(tmp_path / "tidak-ada", shared=False):
        pass
