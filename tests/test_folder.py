"""A folder that somebody else has filled."""

import threading

from pamong.grading.intake.folder import locked


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
