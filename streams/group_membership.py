"""Sets how a group of consumers notices that a member is gone: by its silence, for as long as a session.

Members are dynamic: Kafka itself gives each a name, and one that ends says so and is missed by nobody. With names of
our own (static members) two processes of the same name would throw each other out for ever, and the partitions of one
that ended would wait for it.
"""

import os
import socket
from typing import Final

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # the client exports these two by name only
    ConfigResource,
    ResourceType,
)

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from ops.settings import Settings

_LIMIT: Final = "group.min.session.timeout.ms"
#: Kafka's own default of that limit, for one that does not tell.
_USUAL_LIMIT_MS: Final = 6000
_ANSWERS_WITHIN_S: Final = 10.0
#: Signs of life in a session: some may be late before anybody is taken for dead.
SIGNS: Final = 5
#: A rebalance waits so long for a member that is still writing a batch.
REBALANCE_MS: Final = 60_000
#: A topic that is deleted and made anew has no partitions for a moment, and its reader gets none until it looks again.
LOOK_AT_TOPICS_MS: Final = 3_000

log = structlog.get_logger(__name__)


def session_ms(settings: Settings) -> int:
    """As set, or as short as this Kafka allows. Raises `KafkaException` when it does not answer."""
    wanted = round(settings.feed_session_s * 1000)
    limit = _limit_ms(settings.kafka)
    if wanted < limit:
        log.info("session_is_longer", set_ms=wanted, kafka_allows_ms=limit)
    return max(wanted, limit)


def client_id(name: str) -> str:
    """What Kafka's own tools show of a member: what it is, on which machine, in which process."""
    return f"{name}@{socket.gethostname()}:{os.getpid()}"


def _limit_ms(bootstrap: Brokers) -> int:
    client = kafka_clients.admin(bootstrap)
    broker = next(iter(client.list_topics(timeout=_ANSWERS_WITHIN_S).brokers))
    resource = ConfigResource(ResourceType.BROKER, str(broker))
    (asked,) = client.describe_configs([resource], request_timeout=_ANSWERS_WITHIN_S).values()
    try:
        return int(asked.result()[_LIMIT].value)
    except (KafkaException, KeyError):  # not everybody may ask
        return _USUAL_LIMIT_MS
