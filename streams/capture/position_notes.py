"""Reads and writes what Kafka remembers of capture: a note on the topic of positions, which never forgets a key.

Nothing is confirmed to PostgreSQL before a note that says so is in Kafka. So a slot that reads on behind the newest
note was moved by somebody else.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Final
from uuid import UUID

from confluent_kafka import Message

from ops.clients.client_credentials import Brokers
from streams.capture.pgoutput import lsn_number, lsn_text
from streams.capture.positions_topic import PositionsTopic
from streams.capture.source_identity import Note

KEY: Final = "source"
#: The newest note is among so many records of the topic, or else all of it is read.
NEAR_THE_END: Final = 500


def value(note: Note) -> bytes:
    return json.dumps(
        {
            "token": str(note.token),
            "beat": note.beat,
            "slot": note.slot,
            "system": note.system,
            "timeline": note.timeline,
            "lsn": lsn_text(note.lsn),
            "event": note.event,
        }
    ).encode()


def parse(text: bytes) -> Note | None:
    """None when it is not one of ours."""
    try:
        told: Any = json.loads(text)
        return Note(
            token=UUID(told["token"]),
            beat=int(told["beat"]),
            slot=str(told["slot"]),
            system=str(told["system"]),
            timeline=int(told["timeline"]),
            lsn=lsn_number(told["lsn"]),
            event=str(told["event"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def newest(bootstrap: Brokers, topic: str) -> Note | None:
    """The last note there is. Raises `KafkaException`."""
    with closing(PositionsTopic(bootstrap, topic)) as positions:
        begin, end = positions.bounds()
        if begin == end:
            return None
        near = max(begin, end - NEAR_THE_END)
        found = _last(positions.read(near))
        return found if found is not None or near == begin else _last(positions.read(begin))


def _last(messages: Iterable[Message]) -> Note | None:
    found: Note | None = None
    for message in messages:
        if message.key() == KEY.encode():
            found = parse(message.value() or b"") or found
    return found
