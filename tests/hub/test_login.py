"""Who comes in at the hub: the authenticator over a real database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from jupyterhub.auth import DummyAuthenticator
from tornado.web import HTTPError

from pamong.hub import admission, login
from pamong.service import credentials, lockout, login_cards, people
from pamong.service.database import Database, sqlite_url
from pamong.service.people import Person
from pamong.service.tables import credentials as kept
from pamong.service.tables import login_cards as cards
from pamong.service.tables import login_failures, metadata
from pamong.service.tables import people as table

PASSWORD = "jeruk-manis-9"
PEOPLE = (
    Person(id="p001", name="Sari Rekaan", role="peserta", office="lurah", cohort="a01"),
    Person(id="p002", name="Budi Rekaan", role="peserta", office="camat", cohort="a02"),
    Person(id="w01", name="Wulan Rekaan", role="widyaiswara"),
    Person(id="g01", name="Gita Rekaan", role="pimpinan"),
    Person(id=people.GRADER, name="Peladen penilaian", role="widyaiswara"),
)
HASH = credentials.hashed(PASSWORD)


@pytest.fixture
def database(tmp_path):
    with closing(Database(sqlite_url(tmp_path / "service.db"))) as database:
        metadata.create_all(database._engine)
        with database.writing() as connection:
            for person in PEOPLE:
                people.add(connection, person)
                credentials.keep(connection, person.id, HASH, now())
        yield database


@pytest.fixture
def door(database):
    found = login.Door(database)
    yield login.roster(found)()
    found._threads.shutdown()


def now() -> datetime:
    return datetime.now(UTC)


def ask(door, address: str = "10.0.0.7", **fields: str):
    """What the authenticator tells the hub, or with which status and reason it refuses."""
    handler = SimpleNamespace(request=SimpleNamespace(remote_ip=address))
    try:
        return asyncio.run(door.authenticate(handler, fields))
    except HTTPError as error:
        return error.status_code, error.log_message


def enter(door, name: str, password: str = PASSWORD, address: str = "10.0.0.7"):
    return ask(door, address, username=name, password=password)


def change(database, person: str, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(table.update().where(table.c.id == person).values(**values))


def card_for(database, person: str, **more: object) -> login_cards.Card:
    with database.writing() as connection:
        return login_cards.issue(connection, person, now(), **more)


def test_whoever_has_the_password_comes_in_with_role_and_cohort_and_never_as_an_administrator(door):
    assert enter(door, " P001 ") == {
        "name": "p001",
        "admin": False,
        "groups": ["peserta", "angkatan-a01"],
    }
    assert enter(door, "g01") == {"name": "g01", "admin": False, "groups": ["pimpinan"]}


@pytest.mark.parametrize(
    "name", ["p001", "nobody", "", "p001@10.0.0.7", "'; drop table people", people.GRADER]
)
def test_a_wrong_password_and_an_unknown_name_are_told_the_same(door, name):
    assert enter(door, name, "salah") == (403, "login.wrong")


def test_nobody_logs_in_as_the_grading_server_even_with_a_password(door):
    assert enter(door, people.GRADER) == (403, "login.wrong")


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(door, monkeypatch):
    done = []
    digest = credentials._digest
    monkeypatch.setattr(credentials, "_digest", lambda *a: done.append(1) or digest(*a))
    credentials._nobody()
    done.clear()
    enter(door, "p001", "salah")
    known = len(done)
    enter(door, "tidak-ada", "salah")
    assert (known, len(done) - known) == (1, 1)


def test_passwords_are_checked_beside_the_event_loop(door):
    async def both() -> int:
        ticks = 0
        handler = SimpleNamespace(request=SimpleNamespace(remote_ip="10.0.0.7"))
        fields = {"username": "p001", "password": PASSWORD}
        login_ = asyncio.ensure_future(door.authenticate(handler, fields))
        while not login_.done():
            ticks += 1
            await asyncio.sleep(0)
        return ticks

    assert asyncio.run(both()) > 100


def test_who_left_is_told_so_and_only_with_the_right_password(door, database):
    change(database, "p001", active=False)
    assert enter(door, "p001") == (403, "login.inactive")
    assert enter(door, "p001", "salah") == (403, "login.wrong")


def test_five_failures_lock_one_person_at_one_address_for_a_while_and_nobody_else(door, database):
    for _ in range(lockout.AT_ADDRESS):
        assert enter(door, "p001", "salah") == (403, "login.wrong")
    assert enter(door, "p001") == (429, "login.locked")
    assert enter(door, "p001", address="10.0.0.8")["name"] == "p001"
    assert enter(door, "p002")["name"] == "p002"
    with database.reading() as connection:
        later = now() + lockout.PAUSE
        assert not lockout.locked(connection, "p001", "10.0.0.7", later)


def test_an_address_that_fails_with_many_names_is_locked_and_another_is_not(database):
    with database.writing() as connection:
        for number in range(lockout.ADDRESS):
            lockout.failed(connection, f"x{number}", "10.9.9.9", now())
        assert lockout.locked(connection, "p001", "10.9.9.9", now())
        assert not lockout.locked(connection, "p001", "10.9.9.8", now())


def test_a_success_forgets_the_failures_before_it(door):
    for _ in range(3):
        for _ in range(lockout.AT_ADDRESS - 1):
            enter(door, "p001", "salah")
        assert enter(door, "p001")["name"] == "p001"


def test_a_card_works_once_and_makes_the_password_of_its_owner(door, database):
    card = card_for(database, "p002")
    typed = card.code.lower().replace("-", " ")
    given = {"kartu": typed, "password": "mangga-muda-7", "again": "mangga-muda-7"}
    assert ask(door, **given) == {
        "name": "p002",
        "admin": False,
        "groups": ["peserta", "angkatan-a02"],
    }
    assert ask(door, **given) == (403, "kartu.wrong")
    assert enter(door, "p002", "mangga-muda-7")["name"] == "p002"
    assert enter(door, "p002") == (403, "login.wrong")


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("pendek", "pendek", "sandi.short"),
        ("x" * 257, "x" * 257, "sandi.long"),
        ("11111111", "11111111", "sandi.simple"),
        ("12345678", "12345678", "sandi.simple"),
        ("p001-aman", "p001-aman", "sandi.name"),
        ("jeruk-manis", "jeruk-masam", "sandi.different"),
    ],
)
def test_a_password_that_will_not_do_is_explained_and_leaves_the_card(
    door, database, password, again, told
):
    card = card_for(database, "p001")
    assert ask(door, kartu=card.code, password=password, again=again) == (403, told)
    good = {"password": "jeruk-manis", "again": "jeruk-manis"}
    assert ask(door, kartu=card.code, **good)["name"] == "p001"


def test_a_card_that_is_too_old_replaced_or_of_somebody_who_left_does_not_work(door, database):
    good = {"password": "jeruk-manis", "again": "jeruk-manis"}
    old = card_for(database, "p001", lifetime=timedelta(seconds=-1))
    replaced, newer = card_for(database, "p001"), card_for(database, "p001")
    assert ask(door, kartu=old.code, **good) == (403, "kartu.wrong")
    assert ask(door, kartu=replaced.code, **good) == (403, "kartu.wrong")
    change(database, "p001", active=False)
    assert ask(door, kartu=newer.code, **good) == (403, "kartu.wrong")
    assert ask(door, kartu="", **good) == (403, "kartu.wrong")


def test_mistyped_cards_do_not_keep_a_class_at_one_address_out(door, database):
    card = card_for(database, "p001")
    good = {"password": "jeruk-manis", "again": "jeruk-manis"}
    for _ in range(lockout.AT_ADDRESS + 1):
        assert ask(door, kartu="2222-2222-2222-2222", **good) == (403, "kartu.wrong")
    assert ask(door, kartu=card.code, **good)["name"] == "p001"


def test_guessing_codes_locks_the_address_too(door, database):
    card = card_for(database, "p001")
    good = {"password": "jeruk-manis", "again": "jeruk-manis"}
    with database.writing() as connection:
        for _ in range(lockout.ADDRESS - 1):
            lockout.failed(connection, None, "10.0.0.7", now())
    assert ask(door, kartu="2222-2222-2222-2222", **good) == (403, "kartu.wrong")
    assert ask(door, kartu=card.code, **good) == (429, "login.locked")
    assert ask(door, "10.0.0.8", kartu=card.code, **good)["name"] == "p001"


@pytest.mark.heavy
def test_failures_of_many_at_the_same_moment_are_all_counted_on_postgresql(server):
    with closing(Database(server.database())) as database:
        metadata.create_all(database._engine)
        moment, number = now(), lockout.ADDRESS
        together = Barrier(8)

        def fail(one: int) -> None:
            if one < 8:
                together.wait()
            with database.writing() as connection:
                lockout.failed(connection, f"p{one:03}", "10.0.0.7", moment)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(fail, range(number)))
        with database.reading() as connection:
            counted = connection.execute(
                login_failures.select().where(login_failures.c.key == "@10.0.0.7")
            ).one()
            assert counted.count == number
            assert lockout.locked(connection, None, "10.0.0.7", moment)


def test_a_reset_takes_the_password_away_at_once(door, database):
    with database.writing() as connection:
        card = login_cards.reset(connection, "p001", now())
        assert login_cards.waiting(connection, now()) == {"p001"}
    assert enter(door, "p001") == (403, "login.wrong")
    assert ask(door, kartu=card.code, password="baru-sekali", again="baru-sekali")["name"] == "p001"


def test_neither_codes_nor_passwords_are_kept_or_shown(database):
    card = card_for(database, "p001")
    with database.reading() as connection:
        rows = repr(
            connection.execute(cards.select()).all() + connection.execute(kept.select()).all()
        )
    plain = card.code.replace("-", "")
    assert card.code not in rows
    assert plain not in rows
    assert PASSWORD not in rows
    assert card.code not in repr(card)
    assert (
        card.address("https://hub.contoh.go.id/")
        == f"https://hub.contoh.go.id/hub/kartu#{card.code}"
    )
    assert card.qr("https://hub.contoh.go.id").startswith("<svg")


def test_who_was_moved_or_has_left_is_so_at_the_next_look(door, database):
    def renewed(name):
        return asyncio.run(door.refresh_user(SimpleNamespace(name=name)))

    assert renewed("p001")["groups"] == ["peserta", "angkatan-a01"]
    change(database, "p001", cohort="a02")
    assert renewed("p001")["groups"] == ["peserta", "angkatan-a02"]
    assert renewed(people.GRADER)["groups"] == [admission.GRADER]
    change(database, "p001", active=False)
    assert renewed("p001") is False
    assert renewed("tidak-ada") is False


def test_a_database_that_is_silent_keeps_people_out_and_throws_nobody_out(door, database):
    database.close()
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE people RENAME TO orang")
    assert enter(door, "p001") == (503, "login.unavailable")
    assert asyncio.run(door.refresh_user(SimpleNamespace(name="p001"))) is True


def test_whoever_others_vouch_for_still_has_to_be_known_and_active(database):
    found = login.Door(database)
    vouched = login.admitted(DummyAuthenticator, found)()
    assert ask(vouched, username="P002", password="x")["groups"] == ["peserta", "angkatan-a02"]
    assert ask(vouched, username="orang-luar", password="x") == (403, "login.unknown")
    assert ask(vouched, username=people.GRADER, password="x") == (403, "login.unknown")
    change(database, "p002", active=False)
    assert ask(vouched, username="p002", password="x") == (403, "login.inactive")
    found._threads.shutdown()
