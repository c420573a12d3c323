"""Steps that staff start: one at a time, remembered with their words and their end."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from pamong.errors import ServiceError
from pamong.service.desk.work import Workshop

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def ended(shop, id_):
    while (work := shop.find(id_)).running:
        time.sleep(0.05)
    return work


def test_a_step_tells_what_it_printed_and_how_it_ended_and_nothing_else_runs_meanwhile(
    released, monkeypatch
):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "rahasia-hub")
    shop = Workshop(released.root)
    first = shop.start("collect", "k01", NOW)
    with pytest.raises(ServiceError, match="Another step is running"):
        shop.start("grade", "k01", NOW)
    work = ended(shop, first)
    assert (work.step, work.by, work.begun) == ("collect", "k01", NOW)
    assert work.printed.startswith("$ pamong collect\n")
    assert "Traceback" not in work.printed
    assert shop.recent() == (work,)
    again = Workshop(released.root)  # a service that was started anew
    assert again.find(first) == work


def test_a_step_that_was_killed_is_told_as_broken_off(tmp_path):
    folder = tmp_path / "course" / "work" / "20261201T030000-grade-0123abcd"
    folder.mkdir(parents=True)
    (folder / "about.json").write_text('{"step":"grade","by":"k01","begun":"2026-12-01T03:00:00Z"}')
    work = Workshop(tmp_path).find(folder.name)
    assert (work.running, work.status, work.printed) == (False, None, "")


@pytest.mark.parametrize("id_", ["..", "../../etc", "20261201T030000-grade-0123abcd", ""])
def test_a_step_that_never_was_is_not_found(tmp_path, id_):
    assert Workshop(tmp_path).find(id_) is None


def test_a_step_with_another_name_is_refused(tmp_path):
    with pytest.raises(ServiceError, match="There is no step 'rm'"):
        Workshop(tmp_path).start("rm", "k01", NOW)
