"""Keeps how far the dead letters' topics are read, in the table's own database and transaction.

So the offsets go wherever the dead letters go: to an older copy that is put back, and to a standby server that takes
over without the last of them. A topic that was made anew is read from its beginning.
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
class CollectedOffset:
    """All before the offset `next` of the topic with this id is in the table."""

    topic_id: str
    next: int


def read(connection: psycopg.Connection[Any], reader: str) -> dict[Partition, CollectedOffset]:
    with as_platform(connection):
        rows = connection.execute(_READ, (reader,)).fetchall()
    return {(topic, partition): CollectedOffset(topic_id, next_) for topic, partition, topic_id, next_ in rows}


def keep(connection: psycopg.Connection[Any], reader: str, offsets: Mapping[Partition, CollectedOffset]) -> None:
    """In the transaction of the connection, or in one of its own."""
    with as_platform(connection):
        for (topic, partition), offset in offsets.items():
            connection.execute(_KEEP, (reader, topic, partition, offset.topic_id, offset.next))
