"""A scratch world with the outbox as the migrations make it, and a topic for each of several types of aggregates."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import Popen
from urllib.parse import urlsplit

import pytest
from confluent_kafka.admin import AdminClient

from ops.debezium import connect
from ops.settings import PREFIX
from schemas import topics
from schemas.topics import Topic
from streams import make_topics
from streams.bench.against_debezium import place
from streams.bench.scratch_world import Scratch, scratch
from tests.support.stack import Stack
from tests.support.waiting import wait_until

PARTITIONS = 3
PUBLICATION = "rustok_outbox"
HEARTBEATS = "__debezium-heartbeat.rustok"
DEADLINE_S = 90


@dataclass(frozen=True, slots=True)
class Outbox:
    """`types`: rows of these go to topics that are there."""

    servers: Stack
    world: Scratch
    types: tuple[str, ...]

    @contextmanager
    def debezium(self, slot: str) -> Iterator["Popen[bytes]"]:
        """Debezium reading from the slot, as it is configured for everybody; only its heart beats faster."""
        settings = self.servers.settings
        connect.fetch(settings, lambda _: None)
        different = {"heartbeat.interval.ms": "200"}
        with connect.running(settings.folder.software, place(self.world, slot, PUBLICATION), different) as process:
            wait_until(lambda: self.is_read(slot) or process.poll() is not None, DEADLINE_S, "Debezium reads")
            yield process

    def make_slot(self, name: str) -> str:
        slot = f"{self.world.name}_{name}"
        with self.world.connect() as connection:
            connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
        return slot

    def is_read(self, slot: str) -> bool:
        query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
        with self.world.connect() as connection:
            return connection.execute(query, (slot,)).fetchone() == (True,)


@pytest.fixture
def outbox(servers: Stack) -> Iterator[Outbox]:
    settings = servers.settings
    with scratch(settings.postgres_url, settings.kafka_bootstrap, partitions=PARTITIONS) as world:
        with world.connect() as connection:
            connection.execute("DROP TABLE outbox, log_source, log_gaps")
        url = urlsplit(settings.postgres_url)._replace(path=f"/{world.name}").geturl()
        Stack(settings, {f"{PREFIX}POSTGRES_URL": url}).rustok("api", "migrate")
        types = (world.aggregate_type, f"{world.aggregate_type}-second", f"{world.aggregate_type}-third")
        more = [Topic(name=topics.of_aggregate(each), partitions=PARTITIONS, compacted=False) for each in types[1:]]
        make_topics.make(world.bootstrap, more)
        try:
            yield Outbox(servers, world, types)
        finally:
            delete(world.bootstrap, [*(topic.name for topic in more), HEARTBEATS])


def has_topic(bootstrap: str, name: str) -> bool:
    return name in AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics


def delete(bootstrap: str, names: list[str]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    present = admin.list_topics(timeout=10).topics
    for future in admin.delete_topics([name for name in names if name in present] or ["none"]).values():
        future.exception()
