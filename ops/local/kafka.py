"""Runs Kafka as one node that is broker and controller at once.

Replication is 1 because there is one node; the short broker session lets it come back two seconds after a crash
instead of twelve.
"""

import base64
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from ops.clients.client_credentials import unchecked_tls
from ops.local import run_tool, server_software
from ops.local.jar_lock import Progress
from ops.local.program import Program, ServerContext
from ops.local.stack_folders import owned_folder

HEAP = ("-Xms256m", "-Xmx512m")
JVM = ("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")

CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs={logs}
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
auto.create.topics.enable=false
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
log.cleaner.enable=true
log.cleaner.dedupe.buffer.size=33554432
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""
LOGGING = """\
status = warn
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""
API_VERSIONS = 18


class Kafka:
    name = "kafka"

    def __init__(self, around: ServerContext) -> None:
        self._around = around
        self._data = around.data(self.name)
        settings = around.settings
        self.ports: Mapping[str, int] = {
            "kafka_port": settings.kafka_port,
            "kafka_controller_port": settings.kafka_controller_port,
        }

    @property
    def is_ours(self) -> bool:
        return self._around.settings.starts_kafka

    @property
    def address(self) -> str:
        return self._around.settings.kafka_bootstrap

    def prepare(self, tell: Progress) -> None:
        tell("software")
        home = server_software.kafka(self._around.settings.folder.software, self._around.source, tell)
        java = server_software.java(self._around.settings.folder.software)
        owned_folder(self._data, self._around.user)
        logs = owned_folder(self._data / "logs", self._around.user)
        self._write("server.properties", CONFIG.format(**self._ports(), logs=_escaped(str(logs))))
        self._write("log4j2.properties", LOGGING)
        if not (logs / "meta.properties").is_file():
            tell("new log")
            self._format(java, home)

    def program(self) -> Program:
        home = server_software.folder(self._around.settings.folder.software, self.name)
        java = server_software.java(self._around.settings.folder.software)
        return Program(
            name=self.name,
            kind="server",
            command=(*self._java(java, home), "kafka.Kafka", str(self._data / "server.properties")),
            directory=self._data,
            user=self._around.user,
        )

    def is_ready(self) -> bool:
        """Whether one of the brokers answers which requests it knows; a starting one does not answer yet."""
        return any(
            _answers(address, uses_tls=self._around.settings.kafka.uses_tls) for address in self.address.split(",")
        )

    def _ports(self) -> dict[str, int]:
        settings = self._around.settings
        return {"port": settings.kafka_port, "controller_port": settings.kafka_controller_port}

    def _java(self, java: Path, home: Path) -> tuple[str, ...]:
        return (
            str(java),
            *HEAP,
            *JVM,
            "-XX:+AutoCreateSharedArchive",  # written at the first end, and read at every later start
            f"-XX:SharedArchiveFile={self._data / 'classes.jsa'}",
            f"-Dlog4j2.configurationFile={self._data / 'log4j2.properties'}",
            f"-Djava.io.tmpdir={self._around.data('tmp')}",
            "-cp",
            f"{home}/lib/*",
        )

    def _format(self, java: Path, home: Path) -> None:
        config = self._data / "server.properties"
        run_tool.run(
            (*self._java(java, home), "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", config),
            user=self._around.user,
            folder=self._data,
            what="Kafka's log folder could not be made",
            remedy=f"Put that right, or delete {self._data} (the events in it too), and run the command again.",
        )

    def _write(self, name: str, text: str) -> None:
        file = self._data / name
        file.write_text(text)
        os.chown(file, self._around.user.uid, self._around.user.gid)


def _escaped(text: str) -> str:
    """As a file of Java's properties has it, which is read as Latin-1 whatever the locale is."""
    encoded = text.encode("utf-16-be")
    codes = struct.unpack(f"!{len(encoded) // 2}H", encoded)
    return "".join(chr(code) if 0x20 <= code < 0x7F and code != ord("\\") else f"\\u{code:04x}" for code in codes)


def _cluster_id() -> str:
    """A UUID the way Kafka writes it: 22 characters of URL-safe base64 that do not begin with a dash."""
    return "r" + base64.urlsafe_b64encode(uuid4().bytes).decode()[1:22]


def _answers(address: str, *, uses_tls: bool) -> bool:
    host, _, port = address.strip().rpartition(":")
    request = struct.pack("!hhih", API_VERSIONS, 0, 1, -1)
    try:
        with socket.create_connection((host, int(port)), timeout=1) as plain:
            talk = unchecked_tls().wrap_socket(plain) if uses_tls else plain
            talk.sendall(struct.pack("!i", len(request)) + request)
            return len(talk.recv(8)) == 8  # the length and our correlation id
    except OSError:
        return False
