"""Three brokers of Kafka of a test's own, each of them controller, too: one can be killed, and two go on."""

import base64
import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import AlterPartitionReassignmentsRequest
from confluent_kafka import KafkaException

from ops.clients import kafka as kafka_clients
from ops.local import server_software
from ops.local.program import ServerContext
from ops.local.stack_folders import owned_folder
from tests.support.free_port import free_port
from tests.support.java_server import JavaServer
from tests.support.waiting import wait_until

BROKERS = (1, 2, 3)
READY_S = 120
CONFIG = """\
process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs={logs}
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
log.cleaner.dedupe.buffer.size=33554432
offsets.topic.replication.factor=3
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
share.coordinator.state.topic.num.partitions=2
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


@dataclass
class Brokers:
    bootstrap: str
    running: dict[int, JavaServer] = field(default_factory=dict)

    def leaders(self) -> Counter[int]:
        """How many partitions each broker leads."""
        topics = kafka_clients.admin(self.bootstrap).list_topics(timeout=10).topics.values()
        return Counter(one.leader for topic in topics for one in topic.partitions.values())

    def all_in_step(self) -> bool:
        """Whether every copy of every partition has all that its leader has."""
        topics = kafka_clients.admin(self.bootstrap).list_topics(timeout=10).topics.values()
        return all(set(one.isrs) == set(one.replicas) for topic in topics for one in topic.partitions.values())

    async def move_copies(self, plan: Mapping[str, Any]) -> None:
        """What `kafka-reassign-partitions.sh --execute` asks for, which is not among the jars that we have."""
        topics: dict[str, list[tuple[int, list[int], dict[str, str]]]] = {}
        for one in plan["partitions"]:
            topics.setdefault(one["topic"], []).append((one["partition"], one["replicas"], {}))
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap)
        await client.bootstrap()
        try:
            asked = [(name, partitions, {}) for name, partitions in topics.items()]
            request = AlterPartitionReassignmentsRequest(timeout_ms=30_000, topics=asked, tags={})
            answer = await client.send(client.get_random_node(), request)
        finally:
            await client.close()
        assert answer.error_code == 0, answer

    def kill(self, broker: int) -> None:
        self.running.pop(broker).signal(signal.SIGKILL)

    def are_ready(self) -> bool:
        try:
            return len(kafka_clients.admin(self.bootstrap, {"log_level": 0}).list_topics(timeout=3).brokers) == len(
                BROKERS
            )
        except KafkaException:
            return False


@contextmanager
def three_brokers(around: ServerContext, folder: Path) -> Iterator[Brokers]:
    """`folder` has to be one that the servers' user can reach."""
    software = server_software.kafka(around.settings.folder.software, around.source, lambda _: None)
    java = (
        str(server_software.java(around.settings.folder.software)),
        "-Xmx320m",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{software}/lib/*",
    )
    ports = {broker: (free_port(), free_port()) for broker in BROKERS}
    voters = ",".join(f"{broker}@127.0.0.1:{controller}" for broker, (_, controller) in ports.items())
    cluster = "r" + base64.urlsafe_b64encode(os.urandom(16)).decode()[1:22]
    brokers = Brokers(",".join(f"127.0.0.1:{port}" for port, _ in ports.values()))
    try:
        for broker, (port, controller) in ports.items():
            home = owned_folder(folder / f"kafka-{broker}", around.user)
            logs = owned_folder(home / "logs", around.user)
            config = home / "server.properties"
            config.write_text(CONFIG.format(id=broker, voters=voters, port=port, controller=controller, logs=logs))
            os.chown(config, around.user.uid, around.user.gid)
            form = (*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config))
            done = subprocess.run(form, capture_output=True, text=True, check=False, **JavaServer.run_as(around, home))
            assert done.returncode == 0, done.stdout + done.stderr
            brokers.running[broker] = JavaServer(around, home, (*java, "kafka.Kafka", str(config)))
        wait_until(brokers.are_ready, READY_S, "three brokers answer")
        yield brokers
    finally:
        for server in brokers.running.values():
            server.signal(signal.SIGKILL)
        for broker in BROKERS:
            shutil.rmtree(folder / f"kafka-{broker}", ignore_errors=True)
