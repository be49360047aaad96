"""Runs the intake of events and their delivery in one process, until it is told to stop."""

import signal
from collections.abc import Sequence
from threading import Event, Thread
from typing import Final

import structlog

from ops import metrics
from ops.clients import database_roles
from ops.clients.public_addresses import PrivateHosts
from ops.clients.public_http import PublicHttp
from ops.instances import Claim, serve_metrics
from ops.settings import Settings
from ops.webhook_seal import webhook_seal
from schemas.event_codec import Decoder
from streams.dead_letters.send_dead_letters import KafkaDeadLetters
from streams.schema_source import RegistryClient
from streams.topic_collector import Collecting, TopicCollector
from streams.webhooks.deliver_webhooks import Deliverer
from streams.webhooks.take_in_events import TOPICS, EventIntake

GROUP: Final = "webhooks"
PROCESS: Final = "webhooks"

log = structlog.get_logger(__name__)


class WebhookDelivery:
    """Both halves, for tests as for the process; `group` and `topics` are its consumer's."""

    def __init__(self, settings: Settings, stopping: Event, group: str = GROUP, topics: Sequence[str] = TOPICS) -> None:
        private = PrivateHosts.of(settings.webhook_private_hosts)
        http = PublicHttp(private, settings.webhook_answer_s, settings.webhook_ca)
        self._deliverer = Deliverer(settings, webhook_seal(settings), http, KafkaDeadLetters(settings.kafka), stopping)
        decoder = Decoder(RegistryClient.of(settings, PROCESS))
        intake = EventIntake(decoder, KafkaDeadLetters(settings.kafka), self._deliverer.wake)
        self._collector = TopicCollector(
            settings,
            stopping,
            Collecting(
                name="webhooks",
                group=group,
                topics=topics,
                duty="webhooks",
                take_in=intake.take_in,
                measure=intake.revive,
                active=lambda _: None,
            ),
        )

    def run(self) -> None:
        """Until `stopping` is set."""
        delivering = Thread(target=self._deliverer.run, name="deliveries")
        delivering.start()
        self._collector.run()
        delivering.join()


def run(settings: Settings, own: Claim) -> None:
    """The process. Raises a `Failure` where there is no key to open secrets with."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    database_roles.require_at_start(settings, "webhooks")
    metrics.begin_webhooks()
    serve_metrics("webhooks", settings.webhooks_metrics_port, "webhooks_metrics_port", settings, own)
    WebhookDelivery(settings, stopping).run()
    log.info("webhooks_stopped")
