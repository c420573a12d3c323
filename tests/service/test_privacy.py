"""What is stored about a person can be taken along whole, and is gone whole."""

import csv
import io
import json
import zipfile
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

from pamong.errors import ServiceError
from pamong.service import attendance, audit, meetings, people, privacy, schedule
from pamong.service.bundle import pack
from pamong.service.tables import (
    asked,
    bundles,
    credentials,
    events,
    feedback,
    login_cards,
    login_failures,
    metadata,
    posts,
    remembered,
    room_events,
    rooms,
    seats,
    submissions,
)
from tests.values import replace

from .office import BY, NOW, PEOPLE, PROGRAMME, office

OWN, OTHERS = "milik p001", "milik p002"
SECRETS = ("rahasia-hash", "rahasia-kartu", "rahasia-nbgrader")


def put(connection, table, **values):
    """A row; what the table asks for besides ``values`` means nothing here."""
    for column in table.c:
        if not (column.nullable or column.default or column.primary_key or column.name in values):
            values[column.name] = {str: "-", datetime: NOW, int: 0}[column.type.python_type]
    connection.execute(table.insert().values(**values))


def live(connection, id, words, content):
    """Something of everything there is, of one person."""
    for n in (1, 2):
        put(connection, events, person=id, module="m1", exercise="x", n=n, id=f"{n}",
            line=f'{{"n":{n},"text":"{words}"}}\n'.encode(), received=NOW)  # fmt: skip
    put(connection, submissions, person=id, module="m1", moment=NOW, content=content,
        code=f"KODE-{id}", receipt=f'{{"participant":"{id}"}}'.encode(), signature=b"s",
        secret="rahasia-nbgrader")  # fmt: skip
    number = connection.execute(
        submissions.select().where(submissions.c.person == id)
    ).mappings().one()["id"]  # fmt: skip
    put(connection, feedback, submission=number, notebook="module", page=words.encode(), at=NOW)
    put(connection, remembered, person=id, content={"setuju": words})
    put(connection, credentials, person=id, hash="rahasia-hash", since=NOW)
    put(connection, login_cards, digest=f"rahasia-kartu-{id}", person=id, issued=NOW, expires=NOW)
    put(connection, login_failures, key=f"{id}@127.0.0.1", count=1, since=NOW)
    put(connection, posts, id=f"post-{id}", sort="saran", person=id, title=words, body={},
        state="shown", at=NOW)  # fmt: skip
    put(connection, seats, room="r1", seat=id[-1], person=id)
    put(connection, room_events, room="r1", n=int(id[-1]), id=id[-1], seat=id[-1], at=NOW, act="say",
        data={"text": words, "package": {"harga": 3}})  # fmt: skip
    schedule.extend(
        connection, PROGRAMME, (people.require(connection, id),), "m1",
        until=timedelta(days=1), reason=words, **BY,
    )  # fmt: skip
    attendance.note(connection, "meeting", id, "izin", text=words, **BY)


@contextmanager
def filled(url="sqlite://"):
    """An office with something of everything of two participants."""
    with office(url=url) as found:
        put(found, meetings.meetings, id="meeting", cohort="a01", title="Kelas", starts=NOW,
            ends=NOW, secret="rahasia-rapat")  # fmt: skip
        put(found, rooms, id="r1", cohort="a01", module="m1", exercise="x", version=1, variant="a",
            state="open", opened=NOW, deadline=NOW)  # fmt: skip
        put(found, bundles, content="c1", files=pack({"module.ipynb": OWN.encode()}))
        put(found, bundles, content="c2", files=pack({"module.ipynb": b"sama"}))
        live(found, "p001", OWN, "c1")
        live(found, "p002", OTHERS, "c2")
        put(found, submissions, person="p001", module="m2", moment=NOW, content="c2",
            code="KODE-3", receipt=b"{}", signature=b"s", secret="rahasia-nbgrader")  # fmt: skip
        put(found, asked, id=1, post="post-p002", person="p001", at=NOW, answer=OWN)
        yield found


@pytest.fixture
def connection():
    with filled() as found:
        yield found


def rows(connection):
    """Every value of every table, as text."""
    return {
        table.name: str(connection.execute(table.select()).all())
        for table in metadata.sorted_tables
    }


def test_everything_is_taken_along_in_files_that_can_be_read(connection):
    found = privacy.files(connection, "p001")
    assert (
        found["jawaban/m1/x.jsonl"]
        == f'{{"n":1,"text":"{OWN}"}}\n{{"n":2,"text":"{OWN}"}}\n'.encode()
    )
    folder = "kiriman/m1/20261201T030000"
    assert found[f"{folder}/tanda-terima.json"] == b'{"participant":"p001"}'
    assert found[f"{folder}/berkas/module.ipynb"] == OWN.encode()
    assert found[f"{folder}/umpan-balik/module.html"] == OWN.encode()
    (present,) = csv.DictReader(io.StringIO(found["presensi.csv"].decode("utf-8-sig")))
    assert (present["status"], present["note"], present["title"]) == ("izin", OWN, "Kelas")
    assert OWN in found["perpanjangan.csv"].decode()
    board = json.loads(found["papan.json"])
    assert (board["kiriman"][0]["title"], board["saran"][0]["answer"]) == (OWN, OWN)
    (room,) = json.loads(found["ruang.json"])
    assert [act["data"]["text"] for act in room["perbuatan"]] == [OWN]
    assert json.loads(found["ingatan.json"])[0]["content"] == {"setuju": OWN}
    assert json.loads(found["orang.json"])["name"] == "p001 Rekaan"
    assert "extension.given" in found["tindakan.csv"].decode()
    assert all(name in found[privacy.README].decode() for name in found if name != privacy.README)


def test_nothing_of_others_and_no_secret_is_taken_along(connection):
    told = b"".join(privacy.files(connection, "p001").values()).decode()
    assert OTHERS not in told
    assert "p002 Rekaan" not in told
    assert not any(secret in told for secret in (*SECRETS, "rahasia-rapat"))


def test_equal_data_are_equal_archives_that_their_owner_alone_reads(connection, tmp_path):
    first, second = (privacy.archive(privacy.files(connection, "p001")) for _ in range(2))
    assert first == second
    privacy.put(tmp_path / "p001.zip", first)
    assert (tmp_path / "p001.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "p001.zip") as bundle:
        assert bundle.testzip() is None
        assert privacy.README in bundle.namelist()


def test_who_asked_for_data_is_on_record(connection):
    privacy.exported(connection, "p001", **BY)
    assert audit.read(connection, limit=1)[0].act == "data.exported"
    with pytest.raises(ServiceError, match="Nobody has the id p009"):
        privacy.exported(connection, "p009", **BY)


def test_what_is_deleted_is_nowhere_in_the_database(connection):
    before = rows(connection)
    assert {name for name, text in before.items() if OWN in text or "p001" in text} >= {
        "people", "events", "submissions", "feedback", "remembered", "extensions", "attendance",
        "posts", "asked", "seats", "room_events", "audit", "credentials", "login_cards",
    }  # fmt: skip
    gone = privacy.delete(connection, "p001", reason="permintaan sendiri", **BY)
    after = rows(connection)
    assert [name for name, text in after.items() if OWN in text] == []
    assert [name for name, text in after.items() if "p001" in text] == ["audit"]
    assert "p001 Rekaan" not in str(after)
    assert gone.rows["events"] == 2
    assert people.find(connection, "p001") is None


def test_receipts_can_still_be_recognised_by_hash_and_code(connection):
    gone = privacy.delete(connection, "p001", reason="x", **BY)
    assert [(one["code"], one["content"]) for one in gone.receipts] == [
        ("KODE-p001", "c1"), ("KODE-3", "c2"),
    ]  # fmt: skip
    line = audit.read(connection, limit=1)[0]
    assert (line.act, line.whom, line.what["reason"]) == ("data.deleted", "p001", "x")
    assert line.what["receipts"] == list(gone.receipts)


def test_others_keep_what_is_theirs(connection):
    before = privacy.files(connection, "p002")
    privacy.delete(connection, "p001", reason="x", **BY)
    assert privacy.files(connection, "p002") == before
    acts = connection.execute(room_events.select()).mappings().all()
    assert [act["data"] for act in acts] == [
        {"text": "", "package": {"harga": 3}}, {"text": OTHERS, "package": {"harga": 3}},
    ]  # fmt: skip
    assert list(connection.execute(bundles.select()).scalars()) == ["c2"]


def test_the_lines_of_audit_about_somebody_stay_without_what_they_said(connection):
    count = len(audit.read(connection, whom="p001"))
    privacy.delete(connection, "p001", reason="x", **BY)
    lines = audit.read(connection, whom="p001")
    assert len(lines) == count + 1
    assert {str(line.what) for line in lines[1:]} == {"{}"}
    assert {line.who for line in lines} == {"k01"}


def test_nobody_points_to_who_was_deleted(connection):
    people.update(connection, replace(PEOPLE[0], superior=""), at=NOW)
    people.update(connection, replace(PEOPLE[1], superior="p001", replaces="p001"), at=NOW)
    privacy.delete(connection, "p001", reason="x", **BY)
    found = people.find(connection, "p002")
    assert (found.superior, found.replaces) == ("", "")


def test_data_expire_so_many_days_after_the_end_of_a_cohort(connection):
    def over(programme, day):
        return [one.id for one in privacy.expired(connection, programme, date.fromisoformat(day))]

    assert over(PROGRAMME, "2027-12-11") == []
    assert over(PROGRAMME, "2027-12-12") == ["p001", "p002"]
    assert over(PROGRAMME, "2028-06-30") == ["p001", "p002", "p003"]
    assert over(replace(PROGRAMME, retention_days=None), "2099-01-01") == []


def test_every_table_that_names_a_person_is_looked_into():
    """Whoever adds one decides what of it is handed out, and that it is deleted."""
    keyed = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "people" and key.ondelete == "CASCADE"
    }
    named = {table.name for table in metadata.sorted_tables if "person" in table.c}
    assert named - keyed == {"seats"}
    assert named == {
        "asked", "attendance", "credentials", "events", "extensions", "login_cards", "posts",
        "remembered", "seats", "submissions", "waiting",
    }  # fmt: skip


def test_a_server_hands_out_and_deletes_the_same(connection, server):
    with filled(server.database()) as there:
        for person in ("p001", "p002", "k01"):
            assert privacy.files(there, person) == privacy.files(connection, person)
        assert privacy.delete(there, "p001", reason="x", **BY) == privacy.delete(
            connection, "p001", reason="x", **BY
        )
        assert [name for name, text in rows(there).items() if OWN in text] == []
        assert privacy.files(there, "p002") == privacy.files(connection, "p002")
