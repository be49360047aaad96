"""Lets only that be confirmed to PostgreSQL which Kafka remembers as sent: a note goes first, the confirmation after.

One note at a time is on its way, so there are at most as many as confirmations.
"""

from dataclasses import replace
from functools import partial

from confluent_kafka import Producer

from streams.capture import position_notes as notes
from streams.capture.delivery_progress import NotDelivered
from streams.capture.source_identity import Note
from streams.capture.transactional_producer import ExactProducer


class Noting:
    """`kept`: all before it was sent, and Kafka remembers that."""

    def __init__(self, producer: Producer | ExactProducer, topic: str, first: Note) -> None:
        self._producer = producer
        self._topic = topic
        self._newest = first
        self._under_way = False
        self.kept = 0

    def begin(self) -> None:
        """Says what capture begins with."""
        self._send(self._newest)

    def counted(self, beat: int) -> None:
        """The database counts so far, and the next note says so."""
        self._newest = replace(self._newest, beat=beat)

    def note(self, lsn: int, event: str) -> None:
        """All before `lsn` was sent. Noted with the next turn when Kafka has no room, or another note is under way."""
        if lsn > self._newest.lsn and not self._under_way:
            self._send(replace(self._newest, lsn=lsn, event=event or self._newest.event))

    def _send(self, note: Note) -> None:
        try:
            self._producer.produce(
                self._topic, notes.value(note), notes.KEY, partition=0, on_delivery=partial(self._delivered, note.lsn)
            )
        except BufferError:
            return
        self._newest = note
        self._under_way = True

    def _delivered(self, lsn: int, error: object, _record: object) -> None:
        if error is not None:
            raise NotDelivered(error)
        self._under_way = False
        self.kept = max(self.kept, lsn)
