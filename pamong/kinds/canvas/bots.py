"""Players of a canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot, Seat
from pamong.kinds import normative as procedure
from pamong.kinds.canvas import filling, rules, writing
from pamong.kinds.canvas.case import TAGS, Brief, Field, Key, Stage
from pamong.kinds.canvas.sheet import Cells, State, Value, used

Place = Seat[Brief, Key, State]
PAUSE = 0.004
"""Chance, per action, that a person stops there."""
COPIED = 0.6
"""Chance that the least able person copies a text instead of writing one."""
MEASURED = 0.35
"""Chance that the least able person gives a target its figure and date."""
MENDED = 0.95
"""Chance, per action at the end, that the ablest person mends what the page points at."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place to write: a field of a stage, or of one of its rows."""

    stage: Stage
    row: str
    field: Field

    def cells(self, state: State) -> Cells:
        return state.cells(self.stage.id, self.row)

    def put(self, value: Value) -> Action:
        sent = list(value) if isinstance(value, tuple) else value
        data: dict[str, object] = {"stage": self.stage.id, "field": self.field.id, "value": sent}
        return Action("cell", {**data, "row": self.row}) if self.row else Action("set", data)


Writer = Callable[[Place, Spot], Value]


def perfect(seat: Place) -> Action | None:
    return _next(seat, _good) or _extend(seat) or _end(seat)


def random(seat: Place) -> Action | None:
    return _next(seat, _any) or _end(seat)


def middle(seat: Place) -> Action | None:
    """Middle options and figures, half the words asked for."""
    return _next(seat, _halfway) or _end(seat)


def first(seat: Place) -> Action | None:
    """Whatever comes first, and one word."""
    return _next(seat, _foremost) or _end(seat)


def normative(seat: Place) -> Action | None:
    """Fills in everything, with the sentence that is right everywhere and says nothing."""
    return _next(seat, _proper) or _end(seat)


def person(seat: Place) -> Action | None:
    """Writes less, copies more and measures less, the less able; mends some of what is pointed at."""
    if seat.state.finished:
        return None
    if seat.rng.random() < PAUSE:
        return Action("finish")
    return _next(seat, _personal) or _mend(seat) or _end(seat)


def _end(seat: Place) -> Action | None:
    return None if seat.state.finished else Action("finish")


def _spots(seat: Place) -> Iterator[Spot]:
    """Every place on the open stages, in the order of the form."""
    for stage in seat.brief.stages:
        if stage.id not in seat.state.opened:
            continue
        yield from (Spot(stage, "", each) for each in stage.fields)
        for id, row in seat.state.live(stage.id).items():
            given = stage.rows.one_per if stage.rows and row.given else ""
            columns = stage.rows.columns if stage.rows else ()
            yield from (Spot(stage, id, each) for each in columns if each.id != given)


def _next(seat: Place, write: Writer) -> Action | None:
    """The first place where nothing stands yet, or the next row to add."""
    if seat.state.finished:
        return None
    for spot in _spots(seat):
        linkable = spot.field.type != "link" or used(seat.state, seat.brief.stage(spot.field.to))
        if spot.field.id not in spot.cells(seat.state) and linkable:
            return spot.put(write(seat, spot))
    for stage in seat.brief.stages:
        if stage.id in seat.state.opened and filling.lacking_rows(seat.state, stage):
            return Action("add", {"stage": stage.id})
    return None


def _extend(seat: Place) -> Action | None:
    """One more row where a rule wants more than the least number of rows."""
    for stage in seat.brief.stages:
        for rule in stage.rules:
            if rule.rule in ("covers", "linked"):
                found = rules.find(seat.brief, seat.state, stage, rule)
                room = stage.rows and len(seat.state.live(stage.id)) < stage.rows.max_rows
                if found.met < found.of and room:
                    return Action("add", {"stage": stage.id})
    return None


def _mend(seat: Place) -> Action | None:
    """Writes anew where a text is too short, copied or without measure; the abler the likelier."""
    if seat.rng.random() > MENDED * seat.skill:
        return None
    for spot in _spots(seat):
        value = spot.cells(seat.state).get(spot.field.id)
        noted = any(
            (note.stage, note.row, note.field) == (spot.stage.id, spot.row, spot.field.id)
            for note in rules.notes(seat.brief, seat.state)
        )
        short = filling.worth(spot.field, spot.cells(seat.state), seat.state) < 1
        if value is not None and (noted or short) and spot.field.type in ("text", "short"):
            return spot.put(_good(seat, spot))
    return None


# ---- what they write ----


def _measured(spot: Spot) -> bool:
    named = (rule.fields for rule in spot.stage.rules if rule.rule == "number_and_date")
    return any(spot.field.id in fields for fields in named)


def _written(seat: Place) -> list[tuple[Spot, rules.Text]]:
    stages = {stage.id: stage for stage in seat.brief.stages}
    return [
        (Spot(stages[each.stage], each.row, stages[each.stage].part(each.field)), each)
        for each in rules.texts(seat.brief, seat.state)
    ]


def _good(seat: Place, spot: Spot) -> Value:
    rng, field = seat.rng, spot.field
    if field.type == "text":
        others = [text.words for other, text in _written(seat) if other != spot]
        return writing.own_text(rng, field.min_words, others, measured=_measured(spot))
    if field.type == "person":
        return writing.role(rng)
    if field.type == "short":
        return writing.short_text(rng, measured=_measured(spot))
    if field.type in ("choice", "several", "tag"):
        return _chosen(seat, spot)
    if field.type == "link":
        return _least_served(seat, spot)
    return _figure(spot.field, 0.5)


def _chosen(seat: Place, spot: Spot) -> Value:
    """What the key expects, else the next option that no row stands for yet."""
    field = spot.field
    given = spot.cells(seat.state).get(spot.stage.rows.one_per, "") if spot.stage.rows else ""
    name = f"{spot.stage.id}.{given}.{field.id}" if spot.row else f"{spot.stage.id}.{field.id}"
    if name in seat.key.expected:
        return seat.key.expected[name]
    rows = seat.state.live(spot.stage.id).values() if spot.row else ()
    taken = {value for row in rows for value in _ids(row.cells.get(field.id, ()))}
    free = [id for id in field.ids if id not in taken]
    if field.type == "choice":
        return (free or list(field.ids))[0]
    return tuple(id for id in field.ids if id in (free or field.ids)[:TAGS])


def _ids(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _least_served(seat: Place, spot: Spot) -> str:
    """The row above that the fewest rows lead up to."""
    above = used(seat.state, seat.brief.stage(spot.field.to))
    links = [row.cells.get(spot.field.id) for row in seat.state.live(spot.stage.id).values()]
    return min(above, key=links.count)


def _figure(field: Field, share: float) -> Value:
    if field.type == "date":
        return f"2026-{1 + round(11 * share):02d}-15"
    if field.type == "rating":
        return 1 + round(4 * share)
    value = field.low + (min(field.high, field.low + 1000) - field.low) * share
    return int(value) if field.whole else round(value, 2)


def _any(seat: Place, spot: Spot) -> Value:
    rng, field = seat.rng, spot.field
    if field.type in ("text", "short", "person"):
        count = rng.randint(1, max(field.min_words // 3, 1))
        return " ".join("".join(rng.choices("aeiknrtu", k=5)) for _ in range(count))
    if field.type in ("several", "tag"):
        return tuple(rng.sample(field.ids, rng.randint(1, min(TAGS, len(field.ids)))))
    if field.type == "choice":
        return rng.choice(field.ids)
    if field.type == "link":
        return rng.choice(list(used(seat.state, seat.brief.stage(field.to))))
    return _figure(field, rng.random())


def _halfway(seat: Place, spot: Spot) -> Value:
    field = spot.field
    if field.type == "text":
        return " ".join(
            writing.boilerplate(field.min_words).split()[: max(field.min_words // 2, 1)]
        )
    return _at(seat, spot, 0.5)


def _foremost(seat: Place, spot: Spot) -> Value:
    if spot.field.type in ("text", "short", "person"):
        return spot.field.label.split()[0]
    return _at(seat, spot, 0.0)


def _at(seat: Place, spot: Spot, share: float) -> Value:
    """The option, row or figure at this share of the way through the list or the range."""
    field = spot.field
    if field.type in ("short", "person"):
        return messages("canvas")("normative.short")
    if field.type == "link":
        return next(iter(used(seat.state, seat.brief.stage(field.to))))
    if field.options:
        id = field.ids[int((len(field.ids) - 1) * share)]
        return id if field.type == "choice" else (id,)
    return _figure(field, share)


def _proper(seat: Place, spot: Spot) -> Value:
    field = spot.field
    if field.type == "text":
        return writing.boilerplate(field.min_words)
    if field.options:
        place = procedure.most_procedural([option.text for option in field.options])
        return field.ids[place] if field.type == "choice" else (field.ids[place],)
    return _at(seat, spot, 1.0)


def _personal(seat: Place, spot: Spot) -> Value:
    rng, skill, field = seat.rng, seat.skill, spot.field
    written = _written(seat)
    if field.type == "text":
        if written and rng.random() < COPIED * (1 - skill):
            other, text = rng.choice(written)
            return other.cells(seat.state)[text.field]
        share = rng.gauss(0.85 + 0.5 * skill, 0.2)
        measured = _measured(spot) and rng.random() < MEASURED + (1 - MEASURED) * skill
        least = round(field.min_words * min(max(share, 0.2), 2.0))
        others = [text.words for _, text in written] if rng.random() < skill else []
        return writing.own_text(rng, least, others, measured=measured)
    if field.type in ("choice", "link") and rng.random() > 0.3 + 0.7 * skill:
        return _any(seat, spot)
    if field.type == "rating":
        return _figure(field, rng.random())
    return _good(seat, spot)


BOTS: Mapping[str, Bot] = {
    "perfect": perfect,
    "random": random,
    "middle": middle,
    "first": first,
    "normative": normative,
    "person": person,
}
