"""A hub in one file: destroyed and put back, or not touched at all."""

import io
import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime

import pytest

from pamong.course import DATABASE, GRADEBOOK, Course
from pamong.errors import CourseError
from pamong.hub import backup, preparation, tokens
from pamong.hub.settings import from_environment
from pamong.service import credentials, people
from pamong.service.database import Database, sqlite_url
from pamong.service.people import Person

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


@pytest.fixture
def hub(released, monkeypatch):
    """Settings and course of a hub with somebody in it, a submission and a ledger."""
    for variable in (DATABASE, GRADEBOOK):
        monkeypatch.delenv(variable, raising=False)
    settings = from_environment(released.root, {})
    preparation.prepare(settings, released, NOW)
    with closing(Database(released.service_url)) as database, database.writing() as connection:
        people.add(connection, Person(id="p001", name="Sari Rekaan", role="peserta"))
        credentials.keep(connection, "p001", "scrypt$", NOW)
    with closing(sqlite3.connect(settings.state / "hub.sqlite")) as connection, connection:
        connection.execute("create table users (name text)")
        connection.execute("insert into users values ('p001')")
    handed_in = released.submitted("p001", "m0-contoh")
    handed_in.mkdir(parents=True)
    (handed_in / "pemahaman.jsonl").write_text('{"n": 1}\n', encoding="utf-8")
    released.ledger.write_text("{}\n", encoding="utf-8")
    for place in (released.release("m0-contoh"), released.source("m0-contoh")):
        (place / "figures").mkdir()
        (place / "figures" / "alur.svg").write_text("<svg/>", encoding="utf-8")
    return settings, released


def destroy(settings, course) -> None:
    shutil.rmtree(course.folder)
    shutil.rmtree(course.graders)
    shutil.rmtree(settings.state)


def contents(settings, course) -> dict[str, bytes]:
    """Every file that is not a database, by name."""
    found = {}
    for top in (course.folder, course.graders, settings.state):
        for path in top.rglob("*"):
            name = path.relative_to(course.root).as_posix()
            if path.is_file() and path.suffix not in (".db", ".sqlite") and "-" not in path.suffix:
                found[name] = path.read_bytes()
    return found


def test_a_destroyed_hub_is_put_back_whole(hub, tmp_path):
    settings, course = hub
    before, secret = contents(settings, course), tokens.tokens(settings.state)
    made = backup.save(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    destroy(settings, course)
    restored = backup.restore(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    assert restored == made
    assert contents(settings, course) == before
    assert tokens.tokens(settings.state) == secret
    with closing(Database(course.service_url)) as database, database.reading() as connection:
        found = people.find(connection, "p001")
        assert found is not None
        assert found.name == "Sari Rekaan"
        assert credentials.find(connection, "p001") == "scrypt$"
    with closing(sqlite3.connect(settings.state / "hub.sqlite")) as connection:
        assert connection.execute("select name from users").fetchall() == [("p001",)]
    assert Course.load(course.root).secret() == course.secret()


def test_folders_that_are_made_anew_are_left_out_and_a_modules_folders_are_not(hub, tmp_path):
    settings, course = hub
    kept = course.release("m0-contoh") / "exchange" / "soal.csv"
    left_out = (
        course.folder / "exchange" / "masuk.txt",
        course.release("m0-contoh") / ".ipynb_checkpoints" / "module.ipynb",
    )
    for path in (kept, *left_out):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ada", encoding="utf-8")
    backup.save(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    destroy(settings, course)
    backup.restore(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    assert kept.read_text(encoding="utf-8") == "ada"
    assert (course.release("m0-contoh") / "figures" / "alur.svg").is_file()
    assert [path for path in left_out if path.exists()] == []


@pytest.fixture
def apart(hub, tmp_path, monkeypatch):
    """A hub whose databases are files outside its course: by the variable, and by the settings."""
    settings, course = hub
    service, gradebook = tmp_path / "jauh" / "layanan.data", tmp_path / "nilai.db"
    service.parent.mkdir()
    shutil.move(course.folder / "service.db", service)
    shutil.move(course.gradebook, gradebook)
    for beside in ("-wal", "-shm"):
        (course.folder / f"service.db{beside}").unlink(missing_ok=True)
    monkeypatch.setenv(DATABASE, f"sqlite:///{service}")
    with (course.folder / "programme.yaml").open("a", encoding="utf-8") as file:
        file.write(f"gradebook: sqlite:///{gradebook}\n")
    return settings, Course.load(course.root), service, gradebook


def test_databases_outside_the_course_are_saved_and_put_back_in_their_places(apart, tmp_path):
    settings, course, service, gradebook = apart
    file = tmp_path / "cadangan.tar.gz"
    with closing(sqlite3.connect(gradebook)) as connection, connection:
        connection.execute("create table tanda (isi text)")
    with closing(Database(course.service_url)) as database, database.writing() as connection:
        people.add(connection, Person(id="p002", name="Budi Rekaan", role="peserta"))
        backup.save(settings, course, file, NOW)
    with closing(Database(course.service_url)) as database, database.writing() as connection:
        people.add(connection, Person(id="p003", name="Sesudahnya", role="peserta"))
    gradebook.unlink()
    backup.restore(settings, course, file, NOW)
    with closing(sqlite3.connect(gradebook)) as connection:
        assert connection.execute("select * from tanda").fetchall() == []
    with closing(Database(course.service_url)) as database, database.reading() as connection:
        known = [people.find(connection, name) is not None for name in ("p001", "p002", "p003")]
        assert known == [True, False, False]
    (kept,) = (path for path in service.parent.iterdir() if path.suffix.startswith(".before-"))
    with closing(Database(sqlite_url(kept))) as database, database.reading() as connection:
        assert people.find(connection, "p003") is not None


def test_a_database_that_cannot_be_found_or_saved_is_never_just_left_out(
    apart, tmp_path, monkeypatch
):
    settings, course, service, gradebook = apart
    file = tmp_path / "cadangan.tar.gz"
    monkeypatch.delenv(DATABASE)
    with pytest.raises(CourseError) as caught:
        backup.save(settings, Course.load(course.root), file, NOW)
    assert str(caught.value) == (
        f"The service's database {course.folder / 'service.db'} is not there. "
        "Set PAMONG_DATABASE as the hub has it. Nothing was saved."
    )
    monkeypatch.setenv(DATABASE, "mysql://pamong:rahasia@server/kursus")
    with pytest.raises(CourseError, match=r"pamong:\*\*\*@server/kursus cannot be saved"):
        backup.save(settings, Course.load(course.root), file, NOW)
    monkeypatch.setenv(DATABASE, f"sqlite:///{service}")
    gradebook.unlink()
    with pytest.raises(CourseError, match="The gradebook's database .*nilai.db is not there"):
        backup.save(settings, course, file, NOW)
    assert not file.exists()


def test_a_backup_is_not_restored_where_its_database_would_be_looked_for_elsewhere(
    hub, tmp_path, monkeypatch
):
    settings, course = hub
    file = tmp_path / "cadangan.tar.gz"
    backup.save(settings, course, file, NOW)
    before = contents(settings, course)
    for url in (f"sqlite:///{tmp_path}/lain.db", "postgresql://pamong:rahasia@server/kursus"):
        monkeypatch.setenv(DATABASE, url)
        with pytest.raises(CourseError, match="Set PAMONG_DATABASE as it was") as caught:
            backup.restore(settings, Course.load(course.root), file, NOW)
        assert "rahasia" not in str(caught.value)
    assert contents(settings, course) == before


@pytest.mark.heavy
def test_a_restore_that_postgresql_refuses_leaves_folders_and_says_what_was_replaced(
    hub, tmp_path, monkeypatch, server
):
    settings, course = hub
    file, service = tmp_path / "cadangan.tar.gz", server.database()
    monkeypatch.setenv(DATABASE, service)
    monkeypatch.setenv(GRADEBOOK, server.database())
    course = Course.load(course.root)
    backup.save(settings, course, file, NOW)
    before = contents(settings, course)
    wrong = service.rpartition("/")[0] + "/tidak-ada" + ("?" + service.partition("?")[2])
    monkeypatch.setenv(GRADEBOOK, wrong)
    with pytest.raises(CourseError, match="The service's database was replaced already"):
        backup.restore(settings, Course.load(course.root), file, NOW)
    assert contents(settings, course) == before
    monkeypatch.setenv(DATABASE, wrong)
    with pytest.raises(CourseError, match="Nothing was changed."):
        backup.restore(settings, Course.load(course.root), file, NOW)
    assert contents(settings, course) == before


def test_a_backup_is_its_owners_alone_and_never_replaces_another(hub, tmp_path):
    settings, course = hub
    file = tmp_path / "cadangan.tar.gz"
    backup.save(settings, course, file, NOW)
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    with pytest.raises(CourseError, match="is there already. Name another file."):
        backup.save(settings, course, file, NOW)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_being_written_while_it_is_saved_is_there_whole_or_not_at_all(hub, tmp_path):
    settings, course = hub
    with closing(Database(course.service_url)) as database, database.writing() as connection:
        people.add(connection, Person(id="p002", name="Budi Rekaan", role="peserta"))
        backup.save(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    backup.restore(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    with closing(Database(course.service_url)) as database, database.reading() as connection:
        assert people.find(connection, "p001") is not None
        assert people.find(connection, "p002") is None


def test_what_was_there_is_kept_beside_what_is_put_back(hub, tmp_path):
    settings, course = hub
    backup.save(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    course.ledger.write_text("sesudahnya\n", encoding="utf-8")
    backup.restore(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    assert course.ledger.read_text(encoding="utf-8") == "{}\n"
    (kept,) = course.root.glob("course.before-*")
    assert (kept / "ledger.jsonl").read_text(encoding="utf-8") == "sesudahnya\n"


def spoilt(file, how: str) -> None:
    """Make a backup one that must not be believed."""
    if how == "cut":
        os.truncate(file, file.stat().st_size // 2)
        return
    with tarfile.open(file, "r:gz") as archive:
        members = [(member, archive.extractfile(member).read()) for member in archive]
    with tarfile.open(file, "w:gz") as archive:
        for member, content in members:
            changed = content
            if how == "changed" and member.name == "course/ledger.jsonl":
                changed = b"lain\n"
            elif how == "missing" and member.name == "course/ledger.jsonl":
                continue
            elif how == "other" and member.name == backup.MANIFEST:
                changed = json.dumps(json.loads(content) | {"format": 99}).encode()
            member.size = len(changed)
            archive.addfile(member, io.BytesIO(changed))
        if how in ("outside", "link"):
            strange = tarfile.TarInfo(
                "course/../../keluar" if how == "outside" else "course/tautan"
            )
            if how == "link":
                strange.type, strange.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(strange, io.BytesIO(b""))


@pytest.mark.parametrize("how", ["cut", "changed", "missing", "other", "outside", "link"])
def test_a_backup_that_is_not_whole_changes_nothing(hub, tmp_path, how):
    settings, course = hub
    file = tmp_path / "cadangan.tar.gz"
    backup.save(settings, course, file, NOW)
    spoilt(file, how)
    before = contents(settings, course)
    with pytest.raises(CourseError, match="Nothing was changed; take another backup."):
        backup.restore(settings, course, file, NOW)
    assert contents(settings, course) == before
    assert sorted(path.name for path in course.root.glob(".restore*")) == []
    assert not (tmp_path / "keluar").exists()


def test_a_restore_that_fails_half_way_leaves_what_was_there(hub, tmp_path, monkeypatch):
    settings, course = hub
    backup.save(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    before = contents(settings, course)
    rename, done = backup.Path.rename, []

    def third_fails(path, to):
        done.append(to)
        if len(done) == 3:
            raise OSError(28, "No space left on device", str(path))
        return rename(path, to)

    monkeypatch.setattr(backup.Path, "rename", third_fails)
    with pytest.raises(CourseError, match="No space left on device. Nothing was changed."):
        backup.restore(settings, course, tmp_path / "cadangan.tar.gz", NOW)
    monkeypatch.undo()
    assert contents(settings, course) == before
