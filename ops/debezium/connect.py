"""Runs Debezium in Kafka Connect, one process, with the properties beside this file as they are.

Its software is fetched at the first use. What it notes about its progress is in a folder that goes with it: the next
one reads on from its slot.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.local import server_software
from ops.local.downloads import Downloads
from ops.local.jar_lock import Progress
from ops.local.maven_jars import JarSource
from ops.settings import Settings

HERE: Final = Path(__file__).parent
CONNECTOR: Final = HERE / "connector.properties"
WORKER: Final = HERE / "worker.properties"
LOGGING: Final = HERE / "log4j2.properties"

#: Less than the 2 GB of Kafka Connect's own start script, and enough.
HEAP: Final = ("-Xms256m", "-Xmx512m")
STOP_S: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorTarget:
    """Which outbox is captured, into which Kafka."""

    host: str
    port: str
    user: str
    password: str
    database: str
    slot: str
    publication: str
    bootstrap: str

    @property
    def environment(self) -> dict[str, str]:
        """As the properties name it."""
        return {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
            "RUSTOK_CAPTURE_SLOT": self.slot,
            "RUSTOK_CAPTURE_PUBLICATION": self.publication,
            "RUSTOK_KAFKA_BOOTSTRAP": self.bootstrap,
        }


def fetch(settings: Settings, tell: Progress) -> None:
    """What is needed to run it, from Maven Central when it is not there yet."""
    server_software.java(settings.folder.software)
    server_software.debezium(settings.folder.software, JarSource(Downloads(settings.downloads)), tell)


@contextmanager
def running(
    software_folder: Path, place: ConnectorTarget, different: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker that has been started, with some of the connector's properties `different`.

    What it complains about can be read from its standard error.
    """
    with tempfile.TemporaryDirectory(prefix="rustok-debezium-") as name:
        folder = Path(name)
        connector = folder / CONNECTOR.name
        shutil.copyfile(CONNECTOR, connector)
        with connector.open("a") as properties:
            properties.writelines(f"{key}={value}\n" for key, value in (different or {}).items())
        with (folder / "log").open("wb") as log, (folder / "log").open("rb") as said:
            process = subprocess.Popen(
                _command(software_folder, connector),
                cwd=folder,
                env={**os.environ, **place.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            process.stderr = said  # a file: a pipe that nobody empties would stop it
            try:
                yield process
            finally:
                _end(process)


def _command(software_folder: Path, connector: Path) -> tuple[str, ...]:
    home = server_software.folder(software_folder, "debezium")
    return (
        str(server_software.java(software_folder)),
        *HEAP,
        f"-Dlog4j2.configurationFile={LOGGING}",
        "-cp",
        f"{home}/lib/*",
        "org.apache.kafka.connect.cli.ConnectStandalone",
        str(WORKER),
        str(connector),
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
