"""Ctrl-C between two steps, never in the middle of one."""

import os
import signal
import threading

import pytest

from pamong.grading.crew.interruption import Interruption


def ask():
    signal.raise_signal(signal.SIGINT)


def test_between_two_steps_it_stops_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt), Interruption():
        ask()
        done.append("more")
    assert done == []


def test_a_step_that_has_to_be_whole_is_finished_first():
    done = []
    with pytest.raises(KeyboardInterrupt), Interruption() as interruption:
        with interruption.whole():
            ask()
            done.append("whole")
        done.append("more")
    assert done == ["whole"]


def test_what_follows_on_the_first_one_is_not_interrupted_again():
    done = []
    with Interruption() as interruption:
        with pytest.raises(KeyboardInterrupt):
            ask()
        ask()
        with interruption.whole():
            ask()
            done.append("recorded")
    assert done == ["recorded"]


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_an_error_in_a_whole_step_is_that_error():
    with (
        pytest.raises(OSError, match="penuh"),
        Interruption() as interruption,
        interruption.whole(),
    ):
        raise OSError("penuh")


def test_where_it_is_ignored_it_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption():
            ask()
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_does_not_touch_it():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with Interruption():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_forked_child_leaves_it_to_its_parent():
    with Interruption():
        child = os.fork()
        if not child:
            ask()
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
