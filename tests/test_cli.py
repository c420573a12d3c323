"""The command line, as typed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from pamong.course import Course
from pamong.grading.records import ledger
from pamong.grading.records.gradebook import Gradebook

MODULE = "m0-contoh"
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
    run = pamong("preview", "m0-contoh", "--participant", "p001", cwd=root)
    assert run.returncode == 2
    assert "Pilihan MODULE, --participant tidak dapat dipakai bersama." in run.stderr


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


def test_what_only_looks_or_fails_gives_a_course_no_service(root: Path) -> None:
    looks = ("progress",), ("audit",), ("roster", "import", "--dry-run")
    for arguments in looks:
        run = pamong(*arguments, cwd=root)
        assert (run.returncode, run.stderr) == (0, ""), arguments
    assert pamong("roster", "import", "tidak-ada.csv", cwd=root).returncode == 1
    card = pamong("serve", "card", "p001", cwd=root)
    assert card.returncode == 1
    assert "There is no service here" in card.stderr
    assert not [path.name for path in (root / "course").glob("service.db*")]


def test_a_key_that_nobody_knows_in_the_settings_is_told_by_the_doctor(root: Path) -> None:
    with (root / "course" / "programme.yaml").open("a", encoding="utf-8") as file:
        file.write("pass_mrak: 75\n")
    run = pamong("doctor", cwd=root)
    assert run.returncode == 1
    assert "pass_mrak" in run.stdout


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


def read_rows(course: Course) -> list[tuple]:
    with closing(Gradebook.open(course)) as book:
        return [
            (row.participant, row.cell, row.auto, row.needs_person) for row in book.rows(MODULE)
        ]


def mark_by_hand(course: Course, participant: str, cell: str, points: float) -> None:
    """What formgrader does when a marker gives points."""
    with closing(sqlite3.connect(course.gradebook)) as connection, connection:
        connection.execute(
            """
            update grade set manual_score = ?, needs_manual_grade = 0
            where cell_id in (select id from base_cell where name = ?)
            and notebook_id in (
                select submitted_notebook.id from submitted_notebook join submitted_assignment
                on submitted_assignment.id = submitted_notebook.assignment_id where student_id = ?
            )
            """,
            (points, cell, participant),
        )


@pytest.fixture
def collected(released, logs, hand_in, written):
    """Three submissions: a full one, one whose log is damaged, an empty one."""
    hand_in(released, "p001", logs(pemahaman="perfect") | {"refleksi": written("Begini.")})
    hand_in(released, "p002", {"pemahaman": b"\x1b[31mrusak [/b]\n\n"})
    hand_in(released, "p003")
    return released


def test_grading_ends_with_a_table_and_what_errored(collected: Course) -> None:
    run = pamong("grade", "--participant", "p001", "--participant", "p002",
                 "--participant", "p9", cwd=collected.root)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    lines = [line.rstrip() for line in run.stdout.splitlines()]
    assert lines[1].split() == [
        "module", "submitted", "unchanged", "scored", "missing", "errored", "to", "mark",
    ]  # fmt: skip
    assert lines[3].split() == [MODULE, "2", "0", "1", "3", "1", "2"]
    assert "1 errored:" in lines
    (errored,) = [line for line in lines if line.startswith("  p002")]
    assert errored.startswith(
        "  p002  m0-contoh  pemahaman  pemahaman.jsonl, line 1: not an event ("
    )
    assert lines[-1] == "p9 has handed in nothing."
    again = pamong("grade", cwd=collected.root)
    assert f"{MODULE}          3          1       0        5        1        2" in again.stdout


def test_a_cohort_is_that_of_the_roster(collected: Course) -> None:
    path = collected.folder / "programme.yaml"
    text = path.read_text("utf-8")
    added = "cohorts:\n  - {id: a02, title: Angkatan II}\n"
    path.write_text(text.replace("cohorts:\n", added), "utf-8")
    roster = collected.roster.read_text("utf-8")
    collected.roster.write_text(roster.replace("Simulasi,a01", "Simulasi,a02"), "utf-8")
    run = pamong("grade", "--cohort", "a02", cwd=collected.root)
    assert f"{MODULE}          1          0       0        3        0        0" in run.stdout
    run = pamong("grade", "--cohort", "a99", cwd=collected.root)
    assert (run.returncode, run.stdout, run.stderr) == (
        1,
        "",
        "There is no cohort a99 in course/programme.yaml. There are: a02, a01.\n",
    )


def test_a_dry_run_prints_whose_score_would_change_and_why(
    collected: Course, hand_in, logs
) -> None:
    first = pamong("grade", "--dry-run", cwd=collected.root)
    assert "m0-contoh  pemahaman: 3 of 3 scores change\n  first grading (2)\n" in first.stdout
    assert "A dry run: nothing was changed.\n" in first.stdout
    assert not collected.ledger.exists()
    assert not (collected.folder / "autograded").exists()
    pamong("grade", cwd=collected.root)
    hand_in(collected, "p001", logs(pemahaman="first"))
    told = pamong("grade", "--dry-run", cwd=collected.root).stdout
    points = told.split("    p001  40 → ")[1].split("\n")[0]
    assert float(points) < 40
    assert told.startswith(
        "m0-contoh  pemahaman: 1 of 3 scores changes\n"
        f"  the answer changed (1)\n    p001  40 → {points}\n"
    )
    assert told.count("scores") == 1


def test_a_manual_mark_outlives_grading_again(collected: Course, hand_in, logs, written) -> None:
    pamong("grade", cwd=collected.root)
    mark_by_hand(collected, "p001", "uraian-q1", 25.0)
    pamong("grade", "--force", cwd=collected.root)
    assert ("p001", "uraian-q1", None, False) in read_rows(collected)
    hand_in(collected, "p001", logs(pemahaman="perfect") | {"refleksi": written("Lain.")})
    told = pamong("grade", "--dry-run", cwd=collected.root).stdout
    assert (
        "p001  for a person → for a person (the manual mark 25 stays, to be looked at again)"
    ) in told
    pamong("grade", cwd=collected.root)
    assert ("p001", "uraian-q1", None, True) in read_rows(collected)
    told = pamong("grade", "--explain", "p001", "uraian-q1", cwd=collected.root).stdout
    assert "\nGradebook: 25 of 30 (automatic –, manual 25, extra –); waits for a person\n" in told


def test_a_score_is_explained(collected: Course) -> None:
    pamong("grade", cwd=collected.root)
    run = pamong("grade", "--explain", "p001", "pemahaman", cwd=collected.root)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("p001 (lurah)  m0-contoh  pemahaman\n")
    assert "\nWhat it comes to now: 40 of 40 points (score 1.0000 × 40)\n" in run.stdout
    assert "\nGradebook: 40 of 40 (automatic 40, manual –, extra –)\n" in run.stdout
    assert "  nothing → 40  first grading  (source " in run.stdout
    run = pamong("grade", "--explain", "p002", "pemahaman", cwd=collected.root)
    assert "\n✗ pemahaman.jsonl, line 1: not an event (" in run.stdout
    assert "\x1b" not in run.stdout
    run = pamong("grade", "--explain", "p01", "pemahaman", cwd=collected.root)
    assert (run.returncode, run.stderr.split(".")[0]) == (1, "Nobody is called p01")


def test_workers_and_a_scheduler_are_not_for_the_same_run(root: Path) -> None:
    run = pamong("grade", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1", cwd=root)
    assert run.returncode == 2
    assert "--workers and --scheduler cannot be combined." in run.stderr
    assert pamong("grade", "--explain", "p001", "a", "m1", "m2", cwd=root).returncode == 2


def test_after_a_ctrl_c_the_same_command_grades_only_the_rest(
    released: Course, logs, hand_in, tmp_path: Path
) -> None:
    played = logs(pemahaman="perfect")
    people = [f"p{number:03}" for number in range(400)]
    for person in people:
        hand_in(released, person, played)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(released.root, undisturbed)
    process = subprocess.Popen(
        [sys.executable, "-c", "from pamong.cli import main; main()", "grade", "--workers", "2"],
        cwd=released.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    while not released.ledger.is_file() or not released.ledger.stat().st_size:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
    helpers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Interrupted after " in err
    assert "Traceback" not in err
    assert helpers
    assert psutil.wait_procs(helpers, timeout=10)[1] == []

    recorded = {row[0] for row in read_rows(released)}
    assert 50 <= len(recorded) < len(people)
    autograded = released.folder / "autograded"
    assert {path.parent.parent.name for path in autograded.glob("*/*/module.ipynb")} == recorded
    assert len(list(ledger.read(released.ledger))) == 3 * len(recorded)

    run = pamong("grade", "--workers", "2", cwd=released.root)
    assert [line.split()[1:3] for line in run.stdout.splitlines() if MODULE in line] == [
        [str(len(people)), str(len(recorded))]
    ]
    whole = pamong("grade", "--workers", "2", cwd=undisturbed)
    assert whole.returncode == 0
    assert read_rows(released) == read_rows(Course.load(undisturbed))
    assert [path.read_bytes() for path in sorted(autograded.glob("*/*/module.ipynb"))] == [
        path.read_bytes()
        for path in sorted((undisturbed / "course" / "autograded").glob("*/*/module.ipynb"))
    ]
