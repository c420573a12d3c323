"""Live rooms over HTTP: who gets in, what is refused, and that a room outlives the service."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import count

import pytest

from pamong.service import privacy, schedule
from pamong.service.rooms import table
from pamong.service.schedule import Window
from pamong.service.service import Service

from .conftest import NOW, Client, Hands, Serving
from .tables import GRADED, MEDIATION, MODULE, NEGOTIATION, laid

LOBBY = "pamong/rooms/"
NOW_AT_ONCE = "look?quiet=x"
"""Knows of silence that is not there, so it is answered without waiting."""
NUMBERS = count()


@pytest.fixture(scope="module")
def service(released_once, tmp_path_factory):
    found = laid(released_once, tmp_path_factory.mktemp("rooms") / "root", Hands())
    with closing(found.database):
        yield found


@pytest.fixture(scope="module")
def client(service):
    with Serving(service, rooms_tick=0.1) as serving:
        yield Client(serving.address)


def met(client: Client, who: str) -> Client:
    """Somebody who has accepted the privacy notice."""
    asks = client.as_(who)
    page = asks.get("pamong/privacy").text
    version = page.partition('name="notice" value="')[2].partition('"')[0]
    asks.form("pamong/consent", notice=version)
    return asks


def join(client: Client, exercise: str = NEGOTIATION, **more: object) -> dict:
    answer = client.post(f"{LOBBY}join", {"module": MODULE, "exercise": exercise, **more})
    return {"status": answer.status, **answer.said}


@pytest.fixture(scope="module")
def pair(client):
    """A room with p002 and p004: its id, and both, whoever has the first offer first."""
    one, other = met(client, "p002"), met(client, "p004")
    join(one)
    room = join(other)["room"]
    begins = one.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said
    return room, (one, other) if "offer" in begins["may"] else (other, one)


def do(client: Client, room: str, act: str, id: str = "", channel: str = "joint", **data: object):
    message = {"id": id or f"uji-{next(NUMBERS)}", "act": act, "data": data, "channel": channel}
    return client.post(f"{LOBBY}{room}/acts", message)


def test_the_lobby_shows_what_may_be_played_and_keeps_graded_cases_for_afterwards(client):
    asks = met(client, "p005")
    page = asks.get(LOBBY).text
    assert page.count("data-join") == 2
    assert f'data-case="{MODULE}/{GRADED}"' in page
    assert "Kasus ini dinilai" in page
    assert join(asks, GRADED)["status"] == 404
    assert join(asks, "pemahaman")["status"] == 404


def test_a_graded_case_is_kept_until_no_late_work_is_taken_any_more(client, service):
    asks, week = met(client, "p005"), timedelta(days=7)
    programme = service.course.programme
    shown = {}
    for ago in (week / 7, week * 2):
        window = Window(closes=service.clock() - ago, grace=week)
        with service.database.writing() as connection:
            schedule.put(connection, programme, "a01", MODULE, window, by="k01", at=NOW)
        shown[ago] = "Kasus ini dinilai" not in asks.get(LOBBY).text
    with service.database.writing() as connection:
        schedule.clear(connection, "a01", MODULE, by="k01", at=NOW)
    assert list(shown.values()) == [False, True]


def test_the_notice_comes_before_the_first_room(client):
    answer = client.as_("p006").get(LOBBY)
    assert (answer.status, answer.headers["Location"]) == (302, "/services/pamong/privacy")


def test_nobody_else_gets_into_a_room_or_learns_that_it_exists(client, pair):
    room, _ = pair
    for who in ("p005", "p006", "w01", "k01", "g01"):
        asks = client.as_(who)
        assert asks.get(f"{LOBBY}{room}/").status == 404
        assert asks.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").status == 404
        assert do(asks, room, "say", text="halo").status == 404
    assert client.as_("").get(f"{LOBBY}{room}/").status in (302, 403)
    assert client.as_("w01").get(LOBBY).status == 403


def test_a_page_holds_its_own_points_alone_and_escapes_what_was_typed(pair):
    room, (first, second) = pair
    assert do(second, room, "say", text="</script><script>alert(1)</script>").status == 200
    pages = [each.get(f"{LOBBY}{room}/").text for each in (first, second)]
    assert not any("<script>alert" in page for page in pages)
    own = '"kebersihan":[0,8,18,34,37]'
    assert [own in page for page in pages].count(True) == 1
    assert ['"kebersihan":[23,19,13,6,3]' in page for page in pages].count(True) == 1


def test_acts_are_refused_in_the_readers_words_and_sending_twice_changes_nothing(pair):
    room, (first, second) = pair
    package = {"jam": 1, "kebersihan": 3, "lapak": 3, "daftar": 4}
    refused = do(second, room, "offer", package=package)
    assert (refused.status, refused.said["text"]) == (409, "Sekarang bukan giliran Anda.")
    once = do(first, room, "offer", "sama", package=package)
    again = do(first, room, "offer", "sama", package=package)
    assert (once.status, once.said["n"]) == (again.status, again.said["n"])
    assert do(first, room, "say", text="separuh \ud83d").status == 200
    assert second.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said["entries"][-1]["text"] == "separuh ?"
    walk = {"id": "é", "act": "walk"}
    for wrong in ([], {"id": "x"}, {"id": "", "act": "say"}, {"id": "x", "act": 7}, "walk", walk):
        assert first.post(f"{LOBBY}{room}/acts", wrong).status == 400
    assert do(first, room, "say", text="x" * 601).said["text"] == "Pesan terlalu panjang."


def test_a_room_goes_on_where_it_was_after_the_service_was_restarted(service, pair):
    room, (_, second) = pair
    before = second.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said
    fresh = Service(course=service.course, database=service.database, clock=service.clock)
    with Serving(fresh) as serving:
        asks = Client(serving.address, second.who)
        assert asks.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said == before
        agreed = do(asks, room, "accept", offer=before["standing"]["n"])
    assert agreed.said["ending"] == "deal"
    assert agreed.said["debrief"]["sides"][0]["total"] == agreed.said["deal"]["points"]


def test_a_closed_room_stays_readable_to_its_members_and_its_list_names_it(pair):
    room, (first, _) = pair
    assert first.get(f"{LOBBY}{room}/").status == 200
    assert f'href="/services/pamong/rooms/{room}/"' in first.get(LOBBY).text
    ended = do(first, room, "say", text="masih di sini?")
    assert (ended.status, ended.said["text"]) == (409, "Perundingan ini sudah berakhir.")


def test_the_clock_of_the_server_ends_a_room(client, service):
    asks = met(client, "p003")
    room = join(asks, alone=True)["room"]
    assert asks.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said["left"] == 20 * 60
    service.clock.move(minutes=20)
    told = asks.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said
    assert (told["ending"], told["left"]) == ("timeout", 0)
    with service.database.reading() as connection:
        assert table.open_of(connection, "p003", service.clock()) is None


def test_whoever_waits_long_enough_may_stop_and_is_seated_with_nobody(client):
    one, other = met(client, "p003"), met(client, "p005")
    assert join(one, MEDIATION)["room"] == ""
    assert one.post(f"{LOBBY}cancel", {}).status == 200
    assert one.get(f"{LOBBY}wait").said == {"room": "", "waiting": False}
    assert join(other, MEDIATION)["room"] == ""


def test_rooms_need_the_cookie_against_forged_requests(client, pair):
    room, (first, _) = pair
    forged = Client(client.address, first.who)
    forged.token = "uji-xsrf"
    answer = forged.post(f"{LOBBY}{room}/acts", {"id": "a", "act": "walk"}, X_XSRFToken="lain")
    assert answer.status == 403


def test_a_look_in_between_is_answered_at_once_where_there_is_news(client, service):
    assert service.clock() > NOW
    asks = met(client, "p001")
    room = join(asks, alone=True)["room"]
    begun = asks.get(f"{LOBBY}{room}/look?quiet=x").said
    assert begun["n"] == 0
    if "ask" in begun["may"]:
        do(asks, room, "ask")
        assert asks.get(f"{LOBBY}{room}/look?since=0").said["n"] == 2
    do(asks, room, "walk")


def test_a_room_stays_readable_when_somebody_who_sat_there_was_deleted(service, client):
    one, other = met(client, "p001"), met(client, "p005")
    join(one)
    room = join(other)["room"]
    assert do(other, room, "say", text="Nomor saya 0812").status == 200
    with service.database.writing() as connection:
        privacy.delete(connection, "p005", reason="meminta", by="k01", at=NOW)
    told = one.get(f"{LOBBY}{room}/{NOW_AT_ONCE}").said
    assert [line["text"] for line in told["entries"]] == [""]
    assert "tidak lagi mengikuti pelatihan" in one.get(f"{LOBBY}{room}/").text
    service.clock.move(minutes=4)
    gone = one.get(f"{LOBBY}{room}/{NOW_AT_ONCE}&awake=1").said
    assert len(gone["quiet"]) == 1
    assert do(one, room, "substitute", seat=gone["quiet"][0]).status == 200
    assert do(one, room, "walk").said["ending"] == "walk"
