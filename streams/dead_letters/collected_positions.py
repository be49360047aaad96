"""Keeps how far the dead letters' topics are read in the table's own database, in the transaction of the dead letters.

So the place goes wherever they go: to an older copy that is put back, and to a standby server that takes over without
the last of them. A topic that was made anew is read from its beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from streams.dead_letters.dead_letters_table import as_platform

Partition = tuple[str, int]

_READ: Final = 'SELECT topic, "partition", topic_id, next_offset FROM dead_letter_offsets WHERE reader = %s'
_KEEP: Final = """
    INSERT INTO dead_letter_offsets (reader, topic, "partition", topic_id, next_offset) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (reader, topic, "partition")
    DO UPDATE SET (topic_id, next_offset) = (excluded.topic_id, excluded.next_offset)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """All before the offset `next` of the topic with this id is in the table."""

    topic_id: str
    next: int


def read(connection: psycopg.Connection[Any], reader: str) -> dict[Partition, Place]:
    with as_platform(connection):
        rows = connection.execute(_READ, (reader,)).fetchall()
    return {(topic, partition): Place(topic_id, next_) for topic, partition, topic_id, next_ in rows}


def keep(connection: psycopg.Connection[Any], reader: str, places: Mapping[Partition, Place]) -> None:
    """In the transaction of the connection, or in one of its own."""
    with as_platform(connection):
        for (topic, partition), place in places.items():
            connection.execute(_KEEP, (reader, topic, partition, place.topic_id, place.next))
