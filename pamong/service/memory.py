"""What a participant has agreed to, seen and last used, as a row."""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy import Connection, select

from pamong.light.remembered import Remembered
from pamong.service.tables import people, remembered

log = logging.getLogger(__name__)


def recall(connection: Connection, person: str) -> Remembered:
    """What is remembered of somebody; what cannot be believed counts as nothing."""
    query = select(remembered.c.content).where(remembered.c.person == person)
    content = connection.execute(query).scalar()
    try:
        return msgspec.convert(content or {}, Remembered)
    except msgspec.ValidationError as error:
        log.warning("remembered of %s: %s. It counts as empty.", person, error)
        return Remembered()


def amend(connection: Connection, person: str, **changes: str) -> None:
    """Change some of it and leave the rest, whoever does so at the same moment."""
    query = select(people.c.id).where(people.c.id == person).with_for_update(key_share=True)
    connection.execute(query)
    there = recall(connection, person)
    content = msgspec.to_builtins(msgspec.structs.replace(there, **changes))
    connection.execute(remembered.delete().where(remembered.c.person == person))
    connection.execute(remembered.insert().values(person=person, content=content))
