"""The command line, as typed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = Path(__file__).parent / "course_small"


def pamong(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pamong.cli import main; main()", *words]
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_outside_a_course_the_error_says_where_to_run(tmp_path: Path) -> None:
    run = pamong("check", cwd=tmp_path)
    assert run.returncode == 1
    assert run.stderr == (
        f"Tidak ada course/programme.yaml di {tmp_path} atau di atasnya. "
        "Jalankan perintah ini dari folder utama program.\n"
    )


def test_an_unknown_module_is_an_error_that_lists_the_known_ones(root: Path) -> None:
    run = pamong("check", "m9", cwd=root)
    assert (run.returncode, run.stderr) == (
        1,
        "Tidak ada modul “m9” dalam course/programme.yaml. Yang ada: m0-contoh.\n",
    )


def test_wrong_usage_has_its_own_status(root: Path) -> None:
    assert pamong("simulate", "--seed", "x", "m0-contoh", cwd=root).returncode == 2


def test_simulating_before_releasing_says_what_to_do_first(root: Path) -> None:
    run = pamong("simulate", "m0-contoh", cwd=root)
    assert run.returncode == 1
    assert "m0-contoh has not been released. Run `pamong release m0-contoh` first." in run.stderr


def test_grading_before_collecting_says_what_to_do_first(root: Path) -> None:
    run = pamong("grade", cwd=root)
    assert run.returncode == 1
    assert "pamong release" in run.stderr


def test_a_wrong_roster_is_named_line_by_line(root: Path) -> None:
    path = root / "course" / "roster.csv"
    path.write_text("id,name,role,region,cohort,superior\nP1,,raja,,x,\n", encoding="utf-8")
    run = pamong("roster", "check", cwd=root)
    assert run.returncode == 1
    assert run.stderr.count("roster.csv:2:1: ") == 5


def test_the_roster_is_counted_by_role(root: Path) -> None:
    run = pamong("roster", "check", cwd=root)
    assert run.returncode == 0
    assert "participants: " in run.stdout


def test_every_command_explains_itself(root: Path) -> None:
    overview = pamong("--help", cwd=root).stdout
    for command in (
        "roster", "check", "playtest", "preview", "release", "simulate", "collect", "grade",
        "feedback", "report", "doctor", "demo", "new",
    ):  # fmt: skip
        assert command in overview
        assert pamong(command, "--help", cwd=root).returncode == 0


def test_a_check_with_warnings_alone_succeeds_and_tells_them_in_indonesian(root: Path) -> None:
    run = pamong("check", "m0-contoh", cwd=root)
    assert (run.returncode, run.stdout) == (
        0,
        "Modul m0-contoh\n"
        "  Sebaiknya diperiksa:\n"
        "    course/source/m0-contoh/module.ipynb: bagian modul (mandiri, kelas, terapan) belum ditandai "
        "pada metadata sel, sehingga waktunya belum dapat dihitung\n"
        "  0 kesalahan, 1 peringatan.\n",
    )


def test_a_check_with_an_error_fails_and_json_is_nothing_but_the_list(root: Path) -> None:
    path = root / "course" / "source" / "m0-contoh" / "sikap.brief.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("minutes:", "menit:"), "utf-8")
    run = pamong("check", "m0-contoh", "--json", cwd=root)
    found = json.loads(run.stdout)
    assert (run.returncode, run.stderr) == (1, "")
    assert found[0] == {
        "severity": "error",
        "file": "course/source/m0-contoh/sikap.brief.yaml",
        "line": 8,
        "column": 1,
        "field": "menit",
        "message": "bidang “menit” tidak dikenal; mungkin maksudnya “minutes”",
    }


def test_a_broken_programme_is_told_like_any_other_file(root: Path) -> None:
    path = root / "course" / "programme.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "warna: biru\n", encoding="utf-8")
    run = pamong("check", "--json", cwd=root)
    assert run.returncode == 1
    assert [each["field"] for each in json.loads(run.stdout)] == ["warna"]


def test_schemas_are_written_into_the_course(root: Path) -> None:
    run = pamong("schema", cwd=root)
    assert run.returncode == 0
    assert (root / "course" / ".schema" / "negotiation.brief.schema.json").is_file()
    printed = pamong("schema", "negotiation.brief", cwd=root).stdout
    assert json.loads(printed)["properties"]["kind"]["const"] == "negotiation"


def test_a_playtest_that_breaks_a_promise_fails(root: Path) -> None:
    key = root / "graders" / "m0-contoh" / "pemahaman.key.yaml"
    key.write_text(
        key.read_text(encoding="utf-8") + 'calibration: {random: ">= 0.99"}\n', encoding="utf-8"
    )
    run = pamong("playtest", "m0-contoh/pemahaman", "--rounds", "3", cwd=root)
    assert run.returncode == 1
    assert "✗ kalibrasi random: rata-rata " in run.stdout
    assert ", seharusnya >= 0.99" in run.stdout


def test_a_new_module_and_exercise_say_what_they_made_and_what_comes_next(root: Path) -> None:
    shutil.copytree(SMALL.parents[1] / "templates", root / "templates")
    run = pamong("new", "module", "m6-baru", "--title", "Modul Baru", cwd=root)
    assert run.returncode == 0
    run = pamong(
        "new", "exercise", "choice", "m6-baru/loket", "--graded", "--points", "40", cwd=root
    )
    assert (run.returncode, run.stdout) == (
        0,
        "Dibuat:\n"
        "  course/source/m6-baru/loket.brief.yaml\n"
        "  graders/m6-baru/loket.key.yaml\n"
        "  course/source/m6-baru/module.ipynb\n"
        "Jumlah nilai modul sekarang 40. Ubahlah nilai dalam buku kerja sampai jumlahnya 100: pada "
        "points dalam metadata nbgrader sel, module.points(…), dan judul di atasnya.\n"
        "Langkah berikutnya: ubah berkas di atas, lalu\n"
        "  pamong check m6-baru\n"
        "  pamong playtest m6-baru/loket\n"
        "  pamong preview m6-baru\n",
    )
    again = pamong("new", "exercise", "choice", "m6-baru/loket", cwd=root)
    assert again.returncode == 1
    assert "sudah ada" in again.stderr


def test_a_refused_release_names_files_from_the_folder_of_the_course(root: Path) -> None:
    path = root / "course" / "source" / "m0-contoh" / "sikap.brief.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("minutes: 5", "minutes: 7,5"), "utf-8")
    run = pamong("release", "m0-contoh", cwd=root / "course")
    assert (run.returncode, run.stderr) == (
        1,
        "course/source/m0-contoh/sikap.brief.yaml:8:1: minutes: harus bilangan bulat, bukan “7,5”\n",
    )


def test_a_preview_of_what_there_is_not_is_refused_before_anything_is_promised(root: Path) -> None:
    run = pamong("preview", "m77", cwd=root)
    assert (run.returncode, run.stdout, run.stderr) == (
        1,
        "",
        "Tidak ada modul “m77” dalam course/programme.yaml. Yang ada: m0-contoh.\n",
    )
