from pamong.grading.intake.completion import before_autograding, complete

MODULE = "m0-contoh"


def test_what_is_missing_is_put_in_and_what_is_unreadable_is_kept_aside(released, hand_in):
    folder, origin = hand_in(released, "p001", notebook=b"{rusak"), released.release(MODULE)
    assert complete(folder, origin) == {"module.ipynb": True}
    assert (folder / "module.ipynb").read_bytes() == (origin / "module.ipynb").read_bytes()
    assert (folder / "module.ipynb.rusak").read_bytes() == b"{rusak"
    (folder / "module.ipynb").unlink()
    assert complete(folder, origin) == {"module.ipynb": False}
    assert complete(folder, origin) == {}


def test_a_link_is_neither_followed_nor_written_through(released, hand_in, tmp_path):
    folder = hand_in(released, "p001", notebook=b"")
    elsewhere = tmp_path / "elsewhere"
    (folder / "module.ipynb").symlink_to(elsewhere)
    assert complete(folder, released.release(MODULE)) == {"module.ipynb": True}
    assert not elsewhere.exists()
    assert not (folder / "module.ipynb").is_symlink()
    assert (folder / "module.ipynb.rusak").is_file()


def test_nbgrader_learns_of_what_was_added(released, hand_in):
    folder = hand_in(released, "p001", notebook=b"")
    notebooks = [str(folder / "lain.ipynb")]
    before_autograding(assignment=MODULE, student="*", notebooks=notebooks)
    assert notebooks == [str(folder / "lain.ipynb"), str(folder / "module.ipynb")]
