"""Turns a row into a record, and the end of a transaction into a position that can be confirmed.

This is the hot path: per row one parsed message, one record and one call of the producer, nothing else.
"""

from collections.abc import Callable, Collection

from confluent_kafka import KafkaError, KafkaException, Producer

from schemas import outbox_row, topics
from streams.capture import outbox_record, pgoutput, row_decoder
from streams.capture.delivery_progress import Progress
from streams.capture.event_producer import RecordTooLarge, require_topic
from streams.capture.log_position import ALL, NOWHERE, LogPosition
from streams.capture.transactional_producer import ExactProducer

MICROSECONDS_PER_MILLISECOND = 1000

# Sent by a server that follows another, and for columns with types of their own: nothing we need. Changes of rows and
# removals come from a publication that was not right once, and rows of other tables, too: the log tells of them for as
# long as it is read, also when the publication was put right. They are no events.
IGNORED = frozenset(b"OYMUDT")


class Intake:
    """`received`: all before it has arrived. `reply_requested`: the server asked for a sign of life.

    Topics that are not known to exist are looked up before the first record goes there. Rows up to and including the
    place `after` are in Kafka already and passed over. `last_event` is the id of the last row that was read.
    """

    def __init__(
        self,
        producer: Producer | ExactProducer,
        progress: Progress,
        wait_for_room: Callable[[], None],
        known_topics: Collection[str] = (),
        after: LogPosition = NOWHERE,
    ) -> None:
        self.received = 0
        self.reply_requested = False
        self.last_event: bytes | str | None = ""
        self._producer = producer
        self._progress = progress
        self._wait_for_room = wait_for_room
        self._relations: dict[int, tuple[outbox_record.RecordOf, row_decoder.Reader] | None] = {}
        self._known_topics = known_topics
        self._topics: dict[bytes, str] = {}
        self._in_transaction = False
        self._commit = ""
        self._ordinal = 0
        self._timestamp = 0
        self._after = after
        self._pass_over = 0

    def take(self, messages: list[bytes]) -> None:
        """Produces every row; what it was handed is one stretch of the progress."""
        stretch = self._progress.open()
        acknowledged = stretch.acknowledged
        sent = 0
        for message in messages:
            if message[0] == pgoutput.KEEPALIVE:
                end, reply_requested = pgoutput.keepalive(message)
                self.reply_requested = self.reply_requested or reply_requested
                self.received = max(self.received, end)
                if not self._in_transaction:
                    stretch.end = max(stretch.end, end)
                continue
            kind = message[pgoutput.BODY]
            if kind == pgoutput.INSERT:
                self._ordinal += 1
                if self._ordinal > self._pass_over:
                    sent += self._produce(message, acknowledged)
            elif kind == pgoutput.BEGIN:
                commit, committed_at = pgoutput.begin(message)
                self._in_transaction = True
                self._commit = pgoutput.lsn_text(commit)
                self._ordinal = 0
                self._pass_over = self._already(commit)
                self._timestamp = committed_at // MICROSECONDS_PER_MILLISECOND
            elif kind == pgoutput.COMMIT:
                stretch.end, stretch.committed_at = pgoutput.commit(message)
                self._in_transaction = False
            elif kind == pgoutput.RELATION:
                relation = pgoutput.relation(message)
                self._relations[relation.id] = (
                    (outbox_record.maker(relation), row_decoder.reader(relation, outbox_record.VARYING))
                    if relation.name == outbox_row.TABLE
                    else None
                )
            elif kind not in IGNORED:
                raise pgoutput.UnexpectedMessage(f"the plugin sent a message of kind {chr(kind)}")
        stretch.records = sent
        self.received = max(self.received, stretch.end)
        self._progress.close()

    def _already(self, commit: int) -> int:
        """How many rows of the transaction are in Kafka."""
        if commit == self._after.commit:
            return self._after.ordinal
        return ALL if commit < self._after.commit else 0

    def _produce(self, message: bytes, acknowledged: Callable[[object, object], None]) -> int:
        """How many records it became: none for a row of another table."""
        outbox = self._relations[pgoutput.relation_of(message)]
        if outbox is None:
            return 0
        record_of, read = outbox
        aggregate_type, key, value, headers = record_of(read(message), f"{self._commit}/{self._ordinal}")
        self.last_event = headers[0][1]
        topic = self._topics.get(aggregate_type) or self._topic(aggregate_type)
        while True:
            try:
                self._producer.produce(
                    topic, value, key, on_delivery=acknowledged, timestamp=self._timestamp, headers=headers
                )
            except BufferError:
                self._wait_for_room()
            except KafkaException as refused:
                if refused.args[0].code() != KafkaError.MSG_SIZE_TOO_LARGE:
                    raise
                raise RecordTooLarge(str(headers[0][1]), len(message)) from refused
            else:
                return 1

    def _topic(self, aggregate_type: bytes) -> str:
        topic = topics.of_aggregate(aggregate_type.decode())
        if topic not in self._known_topics:
            require_topic(self._producer, topic)
        self._topics[aggregate_type] = topic
        return topic
