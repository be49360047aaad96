"""What does Kafka remember of capture? A note on the topic of positions, which is compacted and never forgets a key.

Nothing is confirmed to PostgreSQL before a note that says so is in Kafka. So a slot that reads on behind the newest
note was moved by somebody else.
"""

import json
import time
from contextlib import closing
from typing import Any, Final
from uuid import UUID

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.capture.pgoutput import lsn_number, lsn_text
from streams.capture.source import Note

KEY: Final = "source"
#: The newest note is among so many records of the topic, or else all of it is read.
NEAR_THE_END: Final = 500
START_S: Final = 20.0
POLL_S: Final = 0.2


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


def newest(bootstrap: str, topic: str) -> Note | None:
    """The last note there is."""
    config = {
        "bootstrap.servers": bootstrap,
        "group.id": "rustok-capture",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 50,
    }
    with closing(Consumer(config)) as consumer:
        begin, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=START_S)
        if begin == end:
            return None
        near = max(begin, end - NEAR_THE_END)
        found = _read(consumer, topic, near)
        return found if found is not None or near == begin else _read(consumer, topic, begin)


def _read(consumer: Consumer, topic: str, start: int) -> Note | None:
    consumer.assign([TopicPartition(topic, 0, start)])
    found: Note | None = None
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        message = consumer.poll(POLL_S)
        if message is None:
            continue
        if (error := message.error()) is None:
            if message.key() == KEY.encode():
                found = parse(message.value() or b"") or found
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # the client's own names begin so
            return found
        else:
            raise KafkaException(error)
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"reading {topic} to its end"))  # noqa: SLF001
