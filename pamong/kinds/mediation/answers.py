"""What comes back after each act of the mediator: a ``reply`` event, read without trusting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct, field

from pamong.event import Event
from pamong.kind import illegal
from pamong.kinds.legality import TEXT_LIMIT, known, whole
from pamong.kinds.mediation.case import Brief, party_ids

Ending = Literal["", "agreement", "stopped", "walkout", "steps"]
Light = Literal["content", "willing", "doubt", "refuse"]
"""What a party thinks of a draft, worst last; only the first two accept it."""
ACCEPTING: tuple[Light, ...] = ("content", "willing")
HIGHEST_TRUST = 5
REPLIES: Mapping[str, tuple[str, ...]] = {
    "begin": ("opened", "cool", "hurt"),
    "ask": ("told", "private", "wary", "waiting", "enough", "yes", "hurt"),
    "paraphrase": ("confirmed", "told", "leaked", "yes", "hurt"),
    "reframe": ("calmed", "told", "noted", "yes", "hurt"),
    "caucus": ("came",),
    "joint": ("sat", "slighted"),
    "permission": ("granted", "denied", "hurt"),
    "disclose": ("heard", "leaked"),
    "propose": ("considered", "premature", "imposed"),
    "test": ("tested", "fine", "yes", "hurt"),
    "close": ("agreed", "declined", "imposed"),
    "withdraw": ("stopped",),
}
"""What each act may come to."""
_FIELDS = {"re", "lines", "trust", "ending"}
_OPTIONAL = {"fact", "consent"}
MOST_LINES = 12


class Fact(Struct, frozen=True, kw_only=True):
    """An interest that came to light, as the participant may note it."""

    id: str
    party: str
    label: str
    confidential: bool


class Consent(Struct, frozen=True, kw_only=True):
    """A party's view of a draft; ``issue`` is the one that weighs on it most (empty: none)."""

    light: Light
    issue: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """``lines`` pairs who speaks (empty: nobody in particular) with what is said."""

    re: str
    lines: tuple[tuple[str, str], ...]
    trust: Mapping[str, int]
    ending: Ending = ""
    fact: Fact | None = None
    consent: Mapping[str, Consent] = field(default_factory=dict)


def read_answer(brief: Brief, act: str, event: Event) -> Answer:
    """The answer in a ``reply`` event to ``act``; IllegalEvent when it is none."""
    data: Any = event.data
    if not isinstance(data, Mapping) or not set(data) >= _FIELDS >= set(data) - _OPTIONAL:
        raise illegal(event, "illegal.data", "a reply has re, lines, trust and ending")
    if not isinstance(data["re"], str) or data["re"] not in REPLIES[act]:
        raise illegal(event, "illegal.reply", f"{data['re']!r:.60} is no reply to {act}")
    return Answer(
        re=data["re"],
        lines=_lines(brief, event, data["lines"]),
        trust=_trust(brief, event, data["trust"]),
        ending=_ending(event, data["ending"]),
        fact=_fact(brief, event, data["fact"]) if "fact" in data else None,
        consent=_consent(brief, event, data.get("consent", {})),
    )


def _ending(event: Event, value: object) -> Ending:
    ending: Ending
    for ending in get_args(Ending):
        if value == ending:
            return ending
    raise illegal(event, "illegal.reply", f"{value!r:.60} is no ending")


def as_reply(answer: Answer) -> dict[str, Any]:
    """The content of the ``reply`` event that ``read_answer`` reads back."""
    data: dict[str, Any] = {
        "re": answer.re,
        "lines": [{"by": by, "text": text} for by, text in answer.lines],
        "trust": dict(answer.trust),
        "ending": answer.ending,
    }
    if answer.fact is not None:
        fact = answer.fact
        data["fact"] = {
            "id": fact.id,
            "party": fact.party,
            "label": fact.label,
            "confidential": fact.confidential,
        }
    if answer.consent:
        data["consent"] = {
            party: {"light": it.light, "issue": it.issue} for party, it in answer.consent.items()
        }
    return data


def _lines(brief: Brief, event: Event, value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_LINES:
        raise illegal(event, "illegal.data", "lines are a short list")
    found = []
    for line in value:
        if not isinstance(line, Mapping) or set(line) != {"by", "text"}:
            raise illegal(event, "illegal.data", "a line has by and text")
        found.append(
            (known(event, line["by"], ("", *party_ids(brief))), _text(event, line["text"]))
        )
    return tuple(found)


def _text(event: Event, value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise illegal(event, "illegal.data", "a text of bounded length was expected")
    return value


def _trust(brief: Brief, event: Event, value: object) -> dict[str, int]:
    if not isinstance(value, Mapping) or set(value) != set(party_ids(brief)):
        raise illegal(event, "illegal.data", "trust is told for every party")
    return {party: whole(event, value[party], 0, HIGHEST_TRUST) for party in party_ids(brief)}


def _fact(brief: Brief, event: Event, value: object) -> Fact:
    if not isinstance(value, Mapping) or set(value) != {"id", "party", "label", "confidential"}:
        raise illegal(event, "illegal.data", "an interest has id, party, label and confidential")
    if not isinstance(value["confidential"], bool):
        raise illegal(event, "illegal.data", "confidential is neither true nor false")
    return Fact(
        id=_text(event, value["id"]),
        party=known(event, value["party"], party_ids(brief)),
        label=_text(event, value["label"]),
        confidential=value["confidential"],
    )


def _consent(brief: Brief, event: Event, value: object) -> dict[str, Consent]:
    if not isinstance(value, Mapping):
        raise illegal(event, "illegal.data", "consent is told by party")
    found: dict[str, Consent] = {}
    for party, it in value.items():
        if not isinstance(it, Mapping) or set(it) != {"light", "issue"}:
            raise illegal(event, "illegal.data", "consent has light and issue")
        light = known(event, it["light"], get_args(Light))
        issue = known(event, it["issue"], ("", *(issue.id for issue in brief.issues)))
        name = known(event, party, party_ids(brief))
        found[name] = Consent(light=next(i for i in get_args(Light) if i == light), issue=issue)
    return found
