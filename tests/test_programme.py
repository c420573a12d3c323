"""The settings file of a course."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.errors import AuthoringError, CourseError
from pamong.programme import find_root

YAML = """\
title: Uji
course_id: uji
modules: [{id: m1, title: Satu, jp: 4, deadline: "2026-12-11T23:59"}]
cohorts: [{id: a01, title: Angkatan I}]
roles: [lurah]
"""


def course(tmp_path: Path, text: str) -> Course:
    (tmp_path / "course").mkdir(exist_ok=True)
    (tmp_path / "course" / "programme.yaml").write_text(text, encoding="utf-8")
    return Course.load(tmp_path)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Asia/Jakarta", datetime(2026, 12, 11, 16, 59, tzinfo=UTC)),
        ("Asia/Makassar", datetime(2026, 12, 11, 15, 59, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2026, 12, 11, 14, 59, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_local_time_in_the_zone_of_the_programme(
    tmp_path: Path, zone: str, utc: datetime
) -> None:
    assert course(tmp_path, YAML + f"time_zone: {zone}\n").programme.deadline("m1") == utc


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-11T23:59+07:00", datetime(2026, 12, 11, 16, 59, tzinfo=UTC)),
        ("2026-12-11T16:59Z", datetime(2026, 12, 11, 16, 59, tzinfo=UTC)),
        ("2026-12-11", datetime(2026, 12, 11, 14, 59, tzinfo=UTC)),
    ],
)
def test_a_deadline_may_have_its_own_offset_and_a_date_alone_lasts_until_its_end(
    tmp_path: Path, text: str, utc: datetime
) -> None:
    content = YAML.replace("2026-12-11T23:59", text) + "time_zone: Asia/Jayapura\n"
    assert course(tmp_path, content).programme.deadline("m1") == utc


def test_a_course_is_found_from_any_folder_inside_it(tmp_path: Path) -> None:
    course(tmp_path, YAML)
    (tmp_path / "course" / "source").mkdir()
    assert Course.load(tmp_path / "course" / "source").root == tmp_path


def test_no_course_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(
        CourseError, match="Tidak ada course/programme.yaml di .* Jalankan perintah ini dari"
    ):
        Course.load(tmp_path)


def test_a_course_that_has_lost_its_settings_is_not_taken_for_one_above_it(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "demo"):
        (root / "course" / "source").mkdir(parents=True)
        (root / "course" / "programme.yaml").touch()
    assert find_root(tmp_path / "demo") == tmp_path / "demo"
    (tmp_path / "demo" / "course" / "programme.yaml").unlink()
    assert find_root(tmp_path / "demo" / "course" / "source") is None
    assert find_root(tmp_path / "course" / "source") == tmp_path


def test_an_unknown_module_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        CourseError, match="Tidak ada modul “m9” dalam course/programme.yaml. Yang ada: m1."
    ):
        course(tmp_path, YAML).require_module("m9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (YAML + "time_zone: Mars/Utara\n", "time_zone 'Mars/Utara' tidak dikenal"),
        (YAML.replace("[{id: a01", "[{id: a01, title: x}, {id: a01"), "cohorts: ada id yang sama"),
        (
            YAML.replace("Angkatan I}", "Angkatan I, starts: Senin}"),
            "starts: “Senin” bukan hari; tulis",
        ),
        (
            YAML.replace("Angkatan I}", "Angkatan I, ends: 2026-W50-5}"),
            "ends: “2026-W50-5” bukan hari",
        ),
        (
            YAML.replace("Angkatan I}", "Angkatan I, starts: 2026-12-11, ends: 2026-11-23}"),
            "ends (2026-11-23) mendahului starts (2026-12-11)",
        ),
        (
            YAML + "bands: {source: S, status: T, since: lama, levels: []}\n",
            "since: “lama” bukan hari; tulis seperti 2026-12-11",
        ),
        (YAML + "roles: [camat]\n", "bidang “roles” muncul dua kali; yang pertama di baris 5"),
        (YAML.replace("title: Uji\n", ""), "bidang “title” wajib diisi"),
        (
            YAML.replace("jp: 4", "jp: empat"),
            "modules[0].jp: isi tidak sesuai: diharapkan int, yang ada str",
        ),
    ],
)
def test_a_wrong_settings_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AuthoringError) as caught:
        course(tmp_path, text)
    assert message in str(caught.value)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    one = course(tmp_path, YAML)
    assert one.secret() == one.secret()
    assert len(one.secret()) == 32
    assert (tmp_path / "graders" / ".secret").stat().st_mode & 0o777 == 0o600
