"""How does the capture process live? It prepares, waits for the slot, relays until SIGTERM, and says why it ended.

It ends by itself for one reason only: going on could lose events or order. Then it exits non-zero, is started again by
the supervisor, and the slot sends again what was not confirmed.
"""

import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from types import FrameType
from typing import Final

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException

from ops import metrics, telemetry
from ops.settings import Settings
from schemas import topics
from streams.capture import producer as kafka
from streams.capture import slot
from streams.capture.pgoutput import UnexpectedMessage
from streams.capture.progress import NotDelivered
from streams.capture.records import UnusableOutbox
from streams.capture.relay import Relay, Stalled
from streams.capture.server_clock import ServerClock
from streams.capture.stream import Stream, StreamEnded


class PortTaken(Exception):
    """The metrics page cannot be served."""


#: Somebody has to change something before it can work.
NEEDS_SOMEBODY: Final = (
    slot.PublicationUnusable,
    slot.SlotUnusable,
    slot.SlotLost,
    kafka.NoSuchTopic,
    kafka.RecordTooLarge,
    PortTaken,
    UnusableOutbox,
    UnexpectedMessage,
)
#: Works again when the other side does.
PASSES: Final = (kafka.KafkaUnavailable, NotDelivered, Stalled, StreamEnded, psycopg.OperationalError, KafkaException)

REQUIRED_TOPICS: Final = tuple(topic.name for topic in topics.AGGREGATES)

log = structlog.get_logger(__name__)


def run(
    settings: Settings,
    *,
    watermark_topic: str = topics.WATERMARKS.name,
    required_topics: Sequence[str] = REQUIRED_TOPICS,
) -> int:
    """The process: returns its exit code."""
    telemetry.configure(settings, process="capture")
    stopping = _until_signalled()
    try:
        _serve_metrics(settings)
        _capture(settings, watermark_topic, required_topics, stopping)
    except slot.Stopped:
        pass
    except NEEDS_SOMEBODY as problem:
        log.error("capture_cannot_run", reason=str(problem))
        return 2
    except PASSES as problem:
        log.error("capture_gave_up", reason=_reason(problem), kind=type(problem).__name__)
        return 1
    log.info("capture_stopped", slot=settings.capture_slot)
    return 0


def _capture(
    settings: Settings, watermark_topic: str, required_topics: Sequence[str], stopping: Callable[[], bool]
) -> None:
    name, publication = settings.capture_slot, settings.capture_publication
    producer = kafka.connect(settings.kafka_bootstrap)
    for topic in (*required_topics, watermark_topic):
        kafka.require_topic(producer, topic)
    application = f"capture {name}"
    with closing(psycopg.connect(settings.postgres_url, autocommit=True, application_name=application)) as connection:
        slot.prepare(connection, name, publication)
        taken = slot.take(connection, settings.postgres_url, name, publication, stopping)
        with closing(Stream(taken)) as stream:
            relay = Relay(
                stream,
                ServerClock(connection, publication),
                producer,
                slot=name,
                watermark_topic=watermark_topic,
                watermark_interval_s=settings.watermark_interval_s,
                known_topics=required_topics,
            )
            relay.run(stopping)


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
