import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from traitlets.config import Config

from pamong.errors import CourseError
from pamong.grading.configuration import configure, participant_settings
from pamong.grading.restore import stub


def test_everything_follows_from_the_programme(small):
    c = Config()
    configure(c, small.root)
    assert c.CourseDirectory.root == str(small.root / "course")
    assert c.CourseDirectory.course_id == "kursus-contoh"
    assert c.CourseDirectory.db_url == f"sqlite:///{small.root}/course/gradebook.db"
    assert c.Exchange.root == str(small.root / "course" / "exchange")
    assert c.Exchange.timezone == "UTC"
    assert c.ClearSolutions.text_stub == stub()
    assert c.HTMLExporter.preprocessors == ["pamong.grading.preprocessors.CleanPictures"]
    assert c.AsyncKernelManager.transport == "ipc"


def test_configuring_twice_is_configuring_once(small):
    c = Config()
    configure(c, small.root)
    once, environment = deepcopy(c), dict(os.environ)
    configure(c, small.root)
    assert (c, dict(os.environ)) == (once, environment)


def test_no_process_is_given_the_way_to_the_keys(small):
    configure(Config(), small.root)
    assert "PAMONG_GRADERS" not in os.environ


def test_kernel_sockets_are_out_of_reach_and_short_enough(small):
    c = Config()
    configure(c, small.root)
    folder = Path(c.AsyncKernelManager.ip).parent
    assert folder.stat().st_mode & 0o077 == 0
    assert len(c.AsyncKernelManager.ip) < 100


def test_a_folder_without_a_course_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"Tidak ada course/programme\.yaml di"):
        configure(Config(), tmp_path)


def test_a_fault_in_the_programme_stops_nbgrader(small):
    (small.folder / "programme.yaml").write_text("title: [rusak")
    command = [sys.executable, "-m", "nbgrader", "autograde", "m0-contoh"]
    run = subprocess.run(command, cwd=small.root, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "nbgrader_config.py: AuthoringError: " in run.stderr
    assert "programme.yaml" in run.stderr


def test_the_configuration_file_is_short():
    text = (Path(__file__).parent.parent / "nbgrader_config.py").read_text()
    assert len(text.splitlines()) <= 20


def doors(c):
    """The modules that nbgrader's exchange commands come from."""
    return {str(name).rpartition(".")[0] for name in c.ExchangeFactory.values()}


@pytest.mark.parametrize("way", ["address", "name", "file"])
def test_where_there_is_a_service_every_exchange_command_asks_it(small, monkeypatch, way):
    if way == "address":
        monkeypatch.setenv("PAMONG_SERVICE_URL", "http://hub/services/pamong")
    elif way == "name":
        monkeypatch.setenv("PAMONG_DATABASE", "postgresql://localhost/pamong")
    else:
        (small.folder / "service.db").touch()
    c = Config()
    configure(c, small.root)
    assert all(name.startswith("pamong.grading.door.") for name in doors(c))
    assert len(c.ExchangeFactory) == 8
    assert "root" not in c.Exchange


def test_a_participants_settings_stop_nbgrader_where_there_is_no_service(monkeypatch):
    def run():
        c = Config()
        exec(participant_settings(), {"get_config": lambda: c})  # noqa: S102  # as traitlets does
        return c

    with pytest.raises(SystemExit, match="CourseError: PAMONG_SERVICE_URL is not set"):
        run()
    monkeypatch.setenv("PAMONG_SERVICE_URL", "http://hub/services/pamong")
    monkeypatch.setenv("PAMONG_COURSE", "kursus")
    c = run()
    assert c.CourseDirectory.course_id == "kursus"
    assert len(doors(c)) == 6
