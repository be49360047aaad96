"""Runs the capture process: it prepares, waits for the slot, relays until SIGTERM, and says why it ended.

It ends by itself for one reason only: going on could lose events or order. Then it exits non-zero, is started again by
the supervisor, and the slot sends again what was not confirmed. Before it starts to read it rather waits than ends, so
that its page of metrics shows what is wrong with slot, publication or topics.

Whenever it begins to read it compares what is there with what was there before (`source`): what is another by now opens
a gap, and is read from all the same. New events come through, and nobody vouches for those that may be missing.
"""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType
from typing import Final

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from ops import metrics, telemetry
from ops.clients import database_roles
from ops.clients.renewed_admin import RenewedAdmin
from ops.failure import Failure
from ops.instances import Claim, serve_metrics
from ops.settings import Settings
from schemas import topics
from schemas.topics import Topic
from streams import topic_descriptions, topic_partitions, topic_settings
from streams.capture import event_producer as kafka
from streams.capture import lease, remembered_source, replication_slot, slot_health, source_identity, topic_watch
from streams.capture import position_notes as notes
from streams.capture import transactional_producer as exactness
from streams.capture.delivery_progress import NotDelivered
from streams.capture.hold_slot import Holding
from streams.capture.lease import Lease, LeaseOver, Unlimited
from streams.capture.log_position import NOWHERE, LogPosition
from streams.capture.note_then_confirm import Noting
from streams.capture.outbox_record import UnusableOutbox
from streams.capture.pgoutput import UnexpectedMessage
from streams.capture.relay_rows import Relay, Stalled
from streams.capture.replication_stream import Stream, StreamEnded
from streams.capture.server_clock import ServerClock
from streams.capture.source_identity import Note, Recorded, TopicState
from streams.capture.topic_watch import SourceChanged, TopicWatch
from streams.capture.transactional_producer import ExactProducer, Fenced
from streams.kafka_unavailable import KafkaUnavailable
from streams.watermark_signature import WatermarkSignature


class PortTaken(Exception):
    """The metrics page cannot be served."""


class TopicsCouldForget(Exception):
    """A topic of events is set so that some may go."""

    def __init__(self, told: str) -> None:
        super().__init__(f"{told}. `rustok streams topics --fix` sets it as declared")


#: Wrong with slot, publication or topics; looked at again and again, so that it is seen and goes on once it is right.
WATCHED: Final = (replication_slot.PublicationUnusable, replication_slot.SlotUnusable, TopicsCouldForget)
#: Somebody has to change something before it can work.
NEEDS_SOMEBODY: Final = (
    *WATCHED,
    remembered_source.NotMigrated,
    kafka.NoSuchTopic,
    kafka.RecordTooLarge,
    PortTaken,
    UnusableOutbox,
    UnexpectedMessage,
)
#: Works again when the other side does.
PASSES: Final = (
    KafkaUnavailable,
    Fenced,
    LeaseOver,
    NotDelivered,
    replication_slot.SlotLost,
    Stalled,
    StreamEnded,
    psycopg.OperationalError,
    KafkaException,
)
LOOK_AGAIN_S: Final = 0.5
NOTED_WITHIN_S: Final = 15.0
FIRST_NOTE_S: Final = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The topics capture writes to. `events` are declared, and kept as declared."""

    events: Sequence[Topic] = topics.CAPTURED
    watermarks: str = topics.WATERMARKS.name
    positions: str = topics.POSITIONS.name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(topic.name for topic in self.events)


OURS: Final = Where()


def run(settings: Settings, where: Where = OURS, claim: Claim | None = None) -> int:
    """The process: returns its exit code. With a `claim` everybody can see that it runs."""
    telemetry.configure(settings, process="capture")
    where = replace(where, events=topic_settings.as_set(settings, where.events))
    stopping = _until_signalled()
    try:
        database_roles.require_at_start(settings, "capture")
        _serve_metrics(settings, claim)
        while not stopping():
            try:
                _capture(settings, where, stopping)
            except SourceChanged as changed:
                log.warning("source_changed", reason=str(changed))
    except replication_slot.Stopped:
        pass
    except Failure as refused:
        log.error("capture_cannot_run", reason=f"{refused.what} {refused.remedy}", kind=type(refused).__name__)
        return 2
    except NEEDS_SOMEBODY as problem:
        log.error("capture_cannot_run", reason=str(problem), kind=type(problem).__name__)
        return 2
    except PASSES as problem:
        log.error("capture_gave_up", reason=_reason(problem), kind=type(problem).__name__)
        return 1
    log.info("capture_stopped", slot=settings.capture_slot)
    return 0


def _capture(settings: Settings, where: Where, stopping: Callable[[], bool]) -> None:
    name, publication = settings.capture_slot, settings.capture_publication
    exact, signature = settings.capture_exact, WatermarkSignature.of(settings)
    client = kafka.connect(settings.kafka, transactional_id=f"rustok-capture-{name}" if exact else "")
    for topic in (*where.names, where.watermarks, where.positions):
        kafka.require_topic(client, topic)
    admin = topic_descriptions.connect(settings.kafka)
    watching = RenewedAdmin(partial(topic_descriptions.connect, settings.kafka))
    application = f"capture {name}"
    with closing(database_roles.connect(settings, "capture", name=application)) as connection:
        connection.execute("SET synchronous_commit = on")
        _until_usable(connection, admin, settings, where, stopping)
        ours_until = Unlimited() if exact else Lease(settings.capture_lease_s)
        holding = Holding(
            connection,
            settings.postgres_capture_url,
            name,
            publication,
            evict_after_s=settings.capture_evict_after_s,
            lease_s=ours_until.seconds,
        )
        with closing(Stream(holding.take(stopping))) as stream:
            # While it stood by there may have come more partitions: keys go by what is known of them.
            topic_partitions.counted(client)
            producer: Producer | ExactProducer = client
            if exact:
                producer = ExactProducer(client, topic=where.positions)
                producer.take_over()
            begun, first = _begin(settings, connection, admin, where)
            asked_at = lease.now()
            connection.execute("SELECT")
            ours_until.renew(asked_at)
            after = NOWHERE
            if isinstance(producer, ExactProducer):
                after = _passed_over(settings, connection, producer, where, begun)
            try:
                relay = Relay(
                    stream,
                    ServerClock(connection, name, publication, ours_until, begun),
                    producer,
                    slot=name,
                    watermark_topic=where.watermarks,
                    signature=signature,
                    watermark_interval_s=settings.watermark_interval_s,
                    ours_until=ours_until,
                    noting=_note_first(producer, where, first, ours_until),
                    surroundings=TopicWatch(watching, where.events, begun.source.topics),
                    gaps=remembered_source.opened(connection),
                    known_topics=where.names,
                    after=after,
                )
                relay.run(stopping)
            finally:
                # Whoever has the slot next sends it again; nothing of ours may come behind that.
                client.purge()
                slot_health.forget()


def _begin(
    settings: Settings, connection: psycopg.Connection, admin: AdminClient, where: Where
) -> tuple[Recorded, Note]:
    """What is there, compared with what was; gaps are open from here on. And the note to begin with."""
    name = settings.capture_slot
    note = notes.newest(settings.kafka, where.positions)
    before = remembered_source.recorded(connection)
    now = remembered_source.now(connection, settings.postgres_capture_url, name, settings.capture_publication, note)
    now = now.with_topics(_topic_states(admin, where))
    found = source_identity.openings(before, note, now)
    for one in found:
        log.warning("gap_opened", kind=one.kind, detail=one.detail)
    begun = remembered_source.begin(connection, before, note, found, now.source, where.names)
    sent = note.lsn if note is not None and note.token == begun.token else 0
    first = Note(
        token=begun.token,
        beat=begun.beat,
        slot=name,
        system=now.source.system,
        timeline=now.source.timeline,
        lsn=max(sent, now.confirmed),
        event=note.event if note is not None and sent else "",
    )
    return begun, first


def _topic_states(admin: AdminClient, where: Where) -> dict[str, TopicState]:
    there = topic_partitions.counted(admin)
    described = topic_descriptions.describe(admin, {name: there[name] for name in where.names if name in there})
    declared = {topic.name: topic for topic in where.events}
    return {name: topic_watch.state_of(declared[name], one) for name, one in described.items()}


def _note_first(producer: Producer | ExactProducer, where: Where, first: Note, ours_until: Lease | Unlimited) -> Noting:
    """Before anything is sent Kafka remembers in which history: whoever finds no note has sent nothing."""
    noting = Noting(producer, where.positions, first)
    noting.begin()
    deadline = time.monotonic() + NOTED_WITHIN_S
    while not noting.kept:
        producer.flush(FIRST_NOTE_S)
        ours_until.check()
        if time.monotonic() > deadline:
            raise KafkaUnavailable("Kafka does not acknowledge")
    return noting


def _passed_over(
    settings: Settings, connection: psycopg.Connection, producer: ExactProducer, where: Where, begun: Recorded
) -> LogPosition:
    """Only now that the slot is ours: from here on Kafka refuses what the one before us still sends."""
    key = exactness.history(connection, settings.capture_slot, begun.token)
    producer.key = key
    after = exactness.read_place(settings.kafka, where.positions, key)
    log.info("capture_is_exact", slot=settings.capture_slot, after=str(after))
    return after


def _until_usable(
    connection: psycopg.Connection, admin: AdminClient, settings: Settings, where: Where, stopping: Callable[[], bool]
) -> None:
    """Waits for somebody to put right what is wrong with slot, publication or topics, and shows that it waits."""
    told = ""
    was_there = remembered_source.recorded(connection) is not None
    was_there = was_there or notes.newest(settings.kafka, where.positions) is not None
    while not stopping():
        try:
            replication_slot.prepare(
                connection,
                settings.capture_slot,
                settings.capture_publication,
                topics=where.names,
                was_there=was_there,
                failover=settings.capture_failover_slot,
            )
            _require_topics_that_keep(connection, admin, where)
        except WATCHED as problem:
            _show(problem)
            if str(problem) != told:
                told = str(problem)
                log.error("capture_cannot_run", reason=told, kind=type(problem).__name__)
            time.sleep(LOOK_AGAIN_S)
        else:
            metrics.CAPTURE_PUBLICATION.set(1)
            metrics.CAPTURE_TOPICS_KEEP.set(1)
            return
    raise replication_slot.Stopped


def _require_topics_that_keep(connection: psycopg.Connection, admin: AdminClient, where: Where) -> None:
    """Raises `TopicsCouldForget`. What Kafka may have removed already is a gap."""
    wrong = topic_watch.could_forget(where.events, topic_descriptions.describe(admin, where.names))
    remembered_source.note_gaps(connection, [topic_watch.removed(one) for one in wrong if one.removes])
    if wrong:
        raise TopicsCouldForget("; ".join(map(str, wrong)))


def _show(problem: Exception) -> None:
    metrics.CAPTURE_PUBLICATION.set(not isinstance(problem, replication_slot.PublicationUnusable))
    metrics.CAPTURE_TOPICS_KEEP.set(not isinstance(problem, TopicsCouldForget))
    if isinstance(problem, replication_slot.SlotUnusable):
        slot_health.in_state("foreign")


def _reason(problem: Exception) -> str:
    told = problem.args[0] if problem.args else ""
    return told.str() if isinstance(told, KafkaError) else str(problem).strip()


def _serve_metrics(settings: Settings, claim: Claim | None) -> None:
    try:
        serve_metrics("capture", settings.capture_metrics_port, "capture_metrics_port", settings, claim)
    except Failure as taken:
        raise PortTaken(taken.what) from taken


def _until_signalled() -> Callable[[], bool]:
    signalled: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signalled.append(number)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return lambda: bool(signalled)
