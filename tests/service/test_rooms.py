"""A room: whoever does what, nobody sees the other's points, nobody is stuck, and yes means this offer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief
from pamong.catalogue import PACKAGE
from pamong.course import Exercise
from pamong.errors import IllegalEvent
from pamong.kinds import KINDS
from pamong.service.rooms import policy
from pamong.service.rooms.case import MEDIATOR, Case, is_playable, seated, size, variants
from pamong.service.rooms.room import (
    JOINT,
    LONGEST,
    PROGRAM,
    Entry,
    Room,
    admit,
    apply,
    fold,
    start,
)
from pamong.service.rooms.view import sheet, view
from tests.values import replace

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def exercise(kind: str) -> Exercise:
    brief = load_brief(PACKAGE.parent / "templates" / "exercises" / f"{kind}.brief.yaml")
    return Exercise(KINDS[kind], brief, brief.model)


EXERCISES = {kind: exercise(kind) for kind in ("negotiation", "mediation")}


def table(kind: str, variant: str = "") -> Case:
    it = EXERCISES[kind]
    return seated(it, variant or variants(it)[0])


def opened(kind: str, vacant: str = "") -> Room:
    case = table(kind)
    return start(case, {seat: PROGRAM if seat == vacant else f"p-{seat}" for seat in case.seats})


def entry(room: Room, seat: str, act: str, channel: str = JOINT, /, **data: object) -> Entry:
    n = len(room.entries) + 1
    return Entry(n=n, id=str(n), seat=seat, act=act, data=data, at=AT, channel=channel)


def do(room: Room, seat: str, act: str, channel: str = JOINT, /, quiet=(), **data: object) -> Room:
    """What the desk does: a person's act, then whatever a program has to say to it."""
    room = admit(room, entry(room, seat, act, channel, **data), quiet)
    kind = room.case.kind
    while said := policy.due(EXERCISES[kind], variants(EXERCISES[kind])[0], room):
        room = apply(room, entry(room, said[0], "reply", **said[1]))
    return room


def package(room: Room, *options: int) -> dict[str, int]:
    return dict(zip((issue.id for issue in room.case.issues), options, strict=True))


def middle(room: Room) -> dict[str, int]:
    return {issue.id: len(issue.options) // 2 for issue in room.case.issues}


def refusal(call, *args: object, **more: object) -> str:
    with pytest.raises(IllegalEvent) as caught:
        call(*args, **more)
    return caught.value.code


# ---------------------------------------------------------------- anything anybody does

ACTS = st.sampled_from(
    ("say", "ask", "share", "offer", "accept", "decline", "walk", "substitute", "return", "leave")
)
PLAYS = st.lists(st.tuples(st.integers(0, 2), ACTS, st.integers(0, 5), st.booleans()), max_size=25)


def attempt(room: Room, seat: str, act: str, number: int) -> Room:
    """One act with data that may fit; refused ones change nothing."""
    case = room.case
    latest = room.offers[-1].n if room.offers else 0
    caucus = f"caucus:{case.seats[number % 2]}"
    data = {
        "say": {"text": f"halo {number}"},
        "share": {"issue": case.issues[number % len(case.issues)].id},
        "offer": {"package": {it.id: number % len(it.options) for it in case.issues}},
        "accept": {"offer": latest - number // 3},
        "decline": {"offer": latest},
        "substitute": {"seat": case.seats[number % len(case.seats)]},
    }.get(act, {})
    channel = caucus if act == "say" and number > 2 and case.kind == "mediation" else JOINT
    try:
        return do(room, seat, act, channel, quiet=case.seats, **data)
    except IllegalEvent:
        return room


def played(kind: str, plays: list[tuple[int, str, int, bool]]) -> Room:
    room = opened(kind)
    for place, act, number, keep in plays:
        if keep or act not in ("walk", "leave"):
            seat = room.case.seats[place % len(room.case.seats)]
            room = attempt(room, seat, act, number)
    return room


def foreign(case: Case, seat: str) -> Case:
    """The same case to whoever sits on ``seat``: all that is private to the others is another."""
    chairs = tuple(
        chair
        if chair.id == seat or not chair.points
        else replace(
            chair,
            points=tuple(tuple(97 + 2 * it for it in row) for row in chair.points),
            floor=chair.floor + 1,
            confidential="lain",
            fallback="lain",
            needs=(),
        )
        for chair in case.chairs
    )
    return replace(case, chairs=chairs)


@pytest.mark.parametrize("kind", EXERCISES)
@given(plays=PLAYS)
@settings(max_examples=60)
def test_until_the_end_a_seat_sees_nothing_that_depends_on_the_secrets_of_another(kind, plays):
    room = played(kind, plays)
    names = dict.fromkeys(room.case.seats, "X")
    for seat in room.case.seats:
        other = fold(foreign(room.case, seat), room.people, room.entries)
        assert sheet(room.case, seat, names) == sheet(other.case, seat, names)
        if not room.ending:
            assert view(room, seat, ()) == view(other, seat, ())
            assert view(room, seat, ())["debrief"] is None


@pytest.mark.parametrize("kind", EXERCISES)
@given(plays=PLAYS)
@settings(max_examples=60)
def test_no_room_is_ever_stuck(kind, plays):
    """Somebody who is there can always end it, whoever has to act can do something, folding agrees."""
    room = played(kind, plays)
    assert fold(room.case, room.people, room.entries) == room
    if room.ending:
        assert all(room.may(seat) == () for seat in room.case.seats)
        return
    assert all("walk" in room.may(seat) for seat in room.humans)
    assert room.due <= room.humans
    assert room.due
    for seat in room.due:
        spent = len(room.offered(seat)) >= room.case.rounds
        assert spent or {"offer", "accept"} & set(room.may(seat))
    assert apply(room, entry(room, "", "timeout")).ending == "timeout"


@pytest.mark.parametrize("kind", EXERCISES)
@given(plays=PLAYS)
@settings(max_examples=60)
def test_a_deal_is_the_very_offer_that_every_other_party_named(kind, plays):
    room = played(kind, plays)
    if room.ending != "deal":
        return
    last = room.offers[-1]
    named = [it for it in room.entries if it.data.get("offer") and it.n > last.n]
    agreed = {it.seat for it in named if it.act == "accept" or it.data.get("re") == "accept"}
    assert agreed | {last.seat} >= {chair.id for chair in room.case.parties}
    assert {it.data["offer"] for it in named} == {last.n}
    assert room.deal == last.package


@given(plays=PLAYS)
@settings(max_examples=60)
def test_a_caucus_is_heard_by_its_party_and_the_mediator_alone(plays):
    room = played("mediation", plays)
    first, second = room.case.parties
    for seat, deaf in ((first.id, second.id), (second.id, first.id)):
        channels = {it["channel"] for it in view(room, seat, ())["entries"]}
        assert f"caucus:{deaf}" not in channels
    heard = view(room, MEDIATOR, ())["entries"]
    assert len(heard) == len(room.entries)


# ---------------------------------------------------------------- a negotiation


def test_two_people_take_turns_and_agree_on_the_offer_they_name():
    room = opened("negotiation")
    assert (room.due, "offer" in room.may("b")) == ({"a"}, False)
    assert refusal(do, room, "b", "offer", package=middle(room)) == "refused.turn"
    room = do(room, "a", "offer", package=package(room, 0, 3, 0, 4))
    assert refusal(do, room, "a", "accept", offer=1) == "refused.turn"
    room = do(room, "b", "offer", package=package(room, 3, 3, 3, 4))
    assert refusal(do, room, "a", "accept", offer=1) == "refused.stale"
    room = do(room, "a", "accept", offer=2)
    assert (room.ending, room.deal) == ("deal", (3, 3, 3, 4))
    assert room.due == frozenset()


def test_who_has_offered_in_every_round_can_only_take_or_leave():
    room = opened("negotiation")
    for _ in range(room.case.rounds):
        room = do(room, "a", "offer", package=middle(room))
        room = do(room, "b", "offer", package=middle(room))
    assert refusal(do, room, "a", "offer", package=middle(room)) == "refused.rounds"
    assert set(room.may("a")) >= {"accept", "walk"}


@pytest.mark.parametrize(
    ("act", "data", "code"),
    [
        ("say", {"text": "x" * (LONGEST + 1)}, "refused.long"),
        ("say", {"text": " \n"}, "refused.empty"),
        ("say", {"text": 7}, "refused.empty"),
        ("say", {"text": "a", "more": 1}, "refused.data"),
        ("share", {"issue": "lain"}, "refused.data"),
        ("share", {"issue": []}, "refused.data"),
        ("offer", {"package": {"jam": 1}}, "refused.package"),
        ("offer", {"package": "jam"}, "refused.package"),
        ("decline", {"offer": 1}, "refused.act"),
        ("substitute", {"seat": "b"}, "refused.present"),
        ("leave", {}, "refused.present"),
        ("timeout", {}, "refused.act"),
        ("reply", {"re": "walkout", "text": ""}, "refused.act"),
        ("dance", {}, "refused.act"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(act, data, code):
    assert refusal(do, opened("negotiation"), "a", act, **data) == code


@pytest.mark.parametrize("named", [[], {}, None, 7])
def test_what_is_no_name_of_a_seat_puts_no_program_on_one(named):
    room = opened("negotiation")
    assert refusal(do, room, "a", "substitute", quiet={"b"}, seat=named) == "refused.present"


def test_no_option_is_taken_from_true_or_from_outside():
    room = opened("negotiation")
    for wrong in (True, -1, 5, 1.0, "1"):
        asked = {**middle(room), "jam": wrong}
        assert refusal(do, room, "a", "offer", package=asked) == "refused.package"


# ---------------------------------------------------------------- when somebody goes


def test_a_silent_seat_is_played_on_by_the_program_which_answers_the_offer_that_stands():
    room = opened("negotiation")
    room = do(room, "a", "offer", package=package(room, 0, 4, 0, 4))
    assert "substitute" not in room.may("a", quiet=())
    room = do(room, "a", "substitute", quiet={"b"}, seat="b")
    assert room.played == {"b"}
    last = room.entries[-1]
    assert (last.seat, last.act, last.data["re"]) == ("b", "reply", "offer")
    assert room.due == {"a"}
    room = do(room, "a", "share", issue="kebersihan")
    assert room.entries[-1].data["re"] == "noted"
    room = do(room, "a", "accept", offer=room.offers[-1].n)
    assert room.ending == "deal"


def test_the_program_also_plays_the_side_of_the_brief_and_never_below_its_alternative():
    room = do(opened("negotiation"), "b", "substitute", quiet={"a"}, seat="a")
    assert room.due == {"b"}
    for options in ((4, 0, 4, 0), (3, 2, 3, 3), (3, 3, 3, 4)):
        if not room.ending:
            room = do(room, "b", "offer", package=package(room, *options))
    if room.deal is not None:
        assert room.case.chair("a").side.total(room.deal) >= room.case.chair("a").floor
    assert {it.seat for it in room.entries if it.act == "reply"} == {"a"}


def test_whoever_comes_back_sits_on_the_own_seat_again():
    room = do(opened("negotiation"), "a", "substitute", quiet={"b"}, seat="b")
    assert room.may("b") == ("return",)
    assert refusal(do, room, "b", "walk") == "refused.seat"
    room = do(room, "b", "return")
    assert (room.played, room.due) == (frozenset(), {"a"})


def test_a_seat_that_was_the_programs_from_the_start_is_nobodys_to_return_to():
    room = opened("negotiation", vacant="b")
    assert room.may("b") == ()
    assert refusal(do, room, "b", "return") == "refused.seat"
    room = do(room, "a", "ask")
    assert room.entries[-1].data["re"] == "info"


def test_the_program_leaves_whoever_insults_it_and_takes_no_poor_last_offer():
    room = opened("negotiation", vacant="b")
    worst = [row.index(min(row)) for row in room.case.chair("b").points]
    while not room.ending:
        room = do(room, "a", "offer", package=package(room, *worst))
    assert (room.ending, room.ended_by) == ("walkout", "b")
    assert len(room.offered("a")) == EXERCISES["negotiation"].key.temper.insults
    room = opened("negotiation", vacant="b")
    while not room.ending:
        room = do(room, "a", "offer", package=package(room, 1, 1, 1, 0))
    assert (room.ending, len(room.offered("a"))) == ("walkout", room.case.rounds)


def test_leaving_a_silent_partner_ends_the_talk_for_both():
    room = do(opened("negotiation"), "a", "leave", quiet={"b"})
    assert (room.ending, room.ended_by) == ("left", "a")


# ---------------------------------------------------------------- a mediation


def test_only_the_mediator_drafts_and_both_parties_have_to_agree():
    room = opened("mediation")
    first, second = (chair.id for chair in room.case.parties)
    assert room.due == {MEDIATOR}
    assert refusal(do, room, first, "offer", package=middle(room)) == "refused.turn"
    room = do(room, MEDIATOR, "offer", package=middle(room))
    assert room.due == {first, second}
    room = do(room, first, "accept", offer=1)
    room = do(room, second, "decline", offer=1)
    assert (room.ending, room.due) == ("", {MEDIATOR})
    room = do(room, MEDIATOR, "offer", package=package(room, 0, 1, 2, 1))
    assert refusal(do, room, first, "accept", offer=1) == "refused.stale"
    room = do(do(room, first, "accept", offer=4), second, "accept", offer=4)
    assert (room.ending, room.deal) == ("deal", (0, 1, 2, 1))


def test_without_their_mediator_the_parties_draft_themselves():
    room = opened("mediation")
    first, second = (chair.id for chair in room.case.parties)
    room = do(room, first, "substitute", quiet={MEDIATOR}, seat=MEDIATOR)
    room = do(room, first, "offer", package=middle(room))
    assert room.due == {second}
    room = do(room, second, "accept", offer=2)
    assert room.ending == "deal"


def test_a_party_that_the_program_plays_agrees_to_nothing_below_its_alternative():
    room = opened("mediation")
    second = room.case.parties[1]
    room = do(room, MEDIATOR, "substitute", quiet={second.id}, seat=second.id)
    worst = [row.index(min(row)) for row in second.points]
    room = do(room, MEDIATOR, "offer", package=package(room, *worst))
    assert room.entries[-1].data["re"] == "decline"
    best = [row.index(max(row)) for row in second.points]
    room = do(room, MEDIATOR, "offer", package=package(room, *best))
    assert room.entries[-1].data["re"] == "accept"


# ---------------------------------------------------------------- what is told


def test_the_second_seat_learns_its_interests_from_its_own_points():
    told = sheet(table("negotiation"), "b", {"a": "A", "b": "B"})
    assert told["role"]["name"] == "Ketua Paguyuban Pedagang Contoh"
    assert told["lines"][0].startswith("Yang paling berarti bagi Anda ialah Jumlah lapak.")
    assert told["batna"] == {
        "points": 36,
        "text": "Pedagang berjualan di halaman toko Jalan Andaian.",
    }
    assert told["points"]["lapak"] == [0, 5, 12, 37, 43]
    assert told["table"][0]["person"] == "A"


def test_an_author_may_write_the_second_seats_instructions():
    it = EXERCISES["negotiation"]
    written = replace(it, key=replace(it.key, seat="Ingat anggota Anda."))
    told = sheet(seated(written, "a"), "b", {"a": "A", "b": "B"})
    assert told["lines"] == ["Ingat anggota Anda."]
    assert sheet(seated(written, "a"), "a", {"a": "A", "b": "B"})["lines"] != told["lines"]


def test_after_the_end_both_sides_are_told_in_their_own_points():
    room = opened("negotiation")
    room = do(room, "a", "offer", package=package(room, 1, 3, 3, 4))
    room = do(room, "b", "accept", offer=1)
    for seat, floors in (("a", [36, 36]), ("b", [36, 36])):
        told = view(room, seat, ())["debrief"]
        own, other = told["sides"]
        assert own["total"] == room.case.chair(seat).side.total(room.deal)
        assert [own["floor"], other["floor"]] == floors
        assert 0 < told["joint"] <= 1
        assert told["points"] != told["other_points"]


def test_a_table_is_laid_for_negotiations_and_for_mediations_of_two():
    assert [is_playable(it) for it in EXERCISES.values()] == [True, True]
    assert [size(it) for it in EXERCISES.values()] == [2, 3]
    assert not is_playable(exercise("ranking"))
