"""How does the capture process live? It prepares, waits for the slot, relays until SIGTERM, and says why it ended.

It ends by itself for one reason only: going on could lose events or order. Then it exits non-zero, is started again by
the supervisor, and the slot sends again what was not confirmed. Before it starts to read it rather waits than ends, so
that its page of metrics shows what is wrong with slot or publication.
"""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from types import FrameType
from typing import Final

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from ops import metrics, telemetry
from ops.settings import Settings
from schemas import topics
from streams.capture import exact as exactness
from streams.capture import health, lease, slot
from streams.capture import producer as kafka
from streams.capture.exact import ExactProducer, Fenced
from streams.capture.holding import Holding
from streams.capture.lease import Lease, LeaseOver, Unlimited
from streams.capture.pgoutput import UnexpectedMessage
from streams.capture.place import NOWHERE, Place
from streams.capture.progress import NotDelivered
from streams.capture.records import UnusableOutbox
from streams.capture.relay import Relay, Stalled
from streams.capture.server_clock import ServerClock
from streams.capture.stream import Stream, StreamEnded


class PortTaken(Exception):
    """The metrics page cannot be served."""


#: Wrong with slot or publication; looked at again and again, so that it can be seen and goes on once it is right.
WATCHED: Final = (slot.PublicationUnusable, slot.SlotUnusable, slot.SlotLost)
#: Somebody has to change something before it can work.
NEEDS_SOMEBODY: Final = (
    *WATCHED,
    kafka.NoSuchTopic,
    kafka.RecordTooLarge,
    PortTaken,
    UnusableOutbox,
    UnexpectedMessage,
)
#: Works again when the other side does.
PASSES: Final = (
    kafka.KafkaUnavailable,
    Fenced,
    LeaseOver,
    NotDelivered,
    Stalled,
    StreamEnded,
    psycopg.OperationalError,
    KafkaException,
)
LOOK_AGAIN_S: Final = 0.5

REQUIRED_TOPICS: Final = tuple(topic.name for topic in topics.CAPTURED)

log = structlog.get_logger(__name__)


def run(
    settings: Settings,
    *,
    watermark_topic: str = topics.WATERMARKS.name,
    position_topic: str = topics.POSITIONS.name,
    required_topics: Sequence[str] = REQUIRED_TOPICS,
) -> int:
    """The process: returns its exit code."""
    telemetry.configure(settings, process="capture")
    stopping = _until_signalled()
    try:
        _serve_metrics(settings)
        _capture(settings, watermark_topic, position_topic, required_topics, stopping)
    except slot.Stopped:
        pass
    except NEEDS_SOMEBODY as problem:
        log.error("capture_cannot_run", reason=str(problem), kind=type(problem).__name__)
        return 2
    except PASSES as problem:
        log.error("capture_gave_up", reason=_reason(problem), kind=type(problem).__name__)
        return 1
    log.info("capture_stopped", slot=settings.capture_slot)
    return 0


def _capture(
    settings: Settings,
    watermark_topic: str,
    position_topic: str,
    required_topics: Sequence[str],
    stopping: Callable[[], bool],
) -> None:
    name, publication = settings.capture_slot, settings.capture_publication
    exact = settings.capture_exact
    client = kafka.connect(settings.kafka_bootstrap, transactional_id=f"rustok-capture-{name}" if exact else "")
    for topic in (*required_topics, watermark_topic, *((position_topic,) if exact else ())):
        kafka.require_topic(client, topic)
    application = f"capture {name}"
    with closing(psycopg.connect(settings.postgres_url, autocommit=True, application_name=application)) as connection:
        _until_usable(connection, settings, stopping)
        ours_until = Unlimited() if exact else Lease(settings.capture_lease_s)
        holding = Holding(
            connection,
            settings.postgres_url,
            name,
            publication,
            evict_after_s=settings.capture_evict_after_s,
            lease_s=ours_until.seconds,
        )
        with closing(Stream(holding.take(stopping))) as stream:
            asked_at = lease.now()
            connection.execute("SELECT")
            ours_until.renew(asked_at)
            producer, after = _exactly(settings, connection, client, position_topic) if exact else (client, NOWHERE)
            relay = Relay(
                stream,
                ServerClock(connection, name, publication, ours_until),
                producer,
                slot=name,
                watermark_topic=watermark_topic,
                watermark_interval_s=settings.watermark_interval_s,
                ours_until=ours_until,
                known_topics=required_topics,
                after=after,
            )
            try:
                relay.run(stopping)
            finally:
                # Whoever has the slot next sends it again; nothing of ours may come behind that.
                client.purge()


def _exactly(
    settings: Settings, connection: psycopg.Connection, client: Producer, position_topic: str
) -> tuple[ExactProducer, Place]:
    """Only now that the slot is ours: from here on Kafka refuses what the one before us still sends."""
    key = exactness.history(connection, settings.capture_slot)
    producer = ExactProducer(client, topic=position_topic, key=key)
    producer.take_over()
    after = exactness.read_place(settings.kafka_bootstrap, position_topic, key)
    log.info("capture_is_exact", slot=settings.capture_slot, after=str(after))
    return producer, after


def _until_usable(connection: psycopg.Connection, settings: Settings, stopping: Callable[[], bool]) -> None:
    """Waits for somebody to put right what is wrong with slot or publication, and shows meanwhile that it waits."""
    told = ""
    while not stopping():
        try:
            slot.prepare(
                connection,
                settings.capture_slot,
                settings.capture_publication,
                failover=settings.capture_failover_slot,
            )
        except WATCHED as problem:
            _show(problem)
            if str(problem) != told:
                told = str(problem)
                log.error("capture_cannot_run", reason=told, kind=type(problem).__name__)
            time.sleep(LOOK_AGAIN_S)
        else:
            metrics.CAPTURE_PUBLICATION.set(1)
            return
    raise slot.Stopped


def _show(problem: Exception) -> None:
    metrics.CAPTURE_PUBLICATION.set(not isinstance(problem, slot.PublicationUnusable))
    match problem:
        case slot.SlotLost():
            health.in_state("lost")
        case slot.SlotUnusable():
            health.in_state("foreign")


def _reason(problem: Exception) -> str:
    told = problem.args[0] if problem.args else ""
    return told.str() if isinstance(told, KafkaError) else str(problem).strip()


def _serve_metrics(settings: Settings) -> None:
    port = settings.capture_metrics_port
    try:
        metrics.serve(port, settings.listen_host)
    except OSError as taken:
        raise PortTaken(f"port {port} is taken; name another in RUSTOK_CAPTURE_METRICS_PORT") from taken


def _until_signalled() -> Callable[[], bool]:
    signalled: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signalled.append(number)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return lambda: bool(signalled)
