"""Keeps how far topics are read that are carried into a table, in the table's own database and transaction.

So the offsets go wherever the rows go: to an older copy that is put back, and to a standby server that takes over
without the last of them. A topic that was made anew is read from its beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from streams.as_duty import as_duty

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


def read(connection: psycopg.Connection[Any], reader: str, group: str) -> dict[Partition, CollectedOffset]:
    """`group`: the group of roles of whose duty it is."""
    with as_duty(connection, group):
        rows = connection.execute(_READ, (reader,)).fetchall()
    return {(topic, partition): CollectedOffset(topic_id, next_) for topic, partition, topic_id, next_ in rows}


def keep(
    connection: psycopg.Connection[Any], reader: str, group: str, offsets: Mapping[Partition, CollectedOffset]
) -> None:
    """In the transaction of the connection, or in one of its own."""
    with as_duty(connection, group):
        for (topic, partition), offset in offsets.items():
            connection.execute(_KEEP, (reader, topic, partition, offset.topic_id, offset.next))
