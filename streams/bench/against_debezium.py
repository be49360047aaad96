"""Measures capture against Debezium: on the same outbox, broker and machine, in one run.

Debezium captures as `ops/debezium/connector.properties` says: once as it is, and once tuned for latency. What it does
before it reads from its slot, like starting Java, counts for nothing but its memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Final

from psycopg.conninfo import conninfo_to_dict

from ops.bench.figures import Figure, tell
from ops.clients.client_credentials import kafka_access
from ops.debezium import connect
from ops.settings import Settings
from streams.bench import backlog_drain, capture_latency, capture_process, outbox_backlog, side_by_side
from streams.bench.backlog_drain import Running
from streams.bench.capture_latency import Latency
from streams.bench.scratch_world import Scratch, scratch

if TYPE_CHECKING:
    import subprocess

COMMITS_PER_S: Final = 200.0
#: Its own default: no topic of heartbeats is left behind.
DEFAULT: Final = {"heartbeat.interval.ms": "0"}
TUNED: Final = {**DEFAULT, "poll.interval.ms": "5"}

#: Commits until Java has compiled what is run often.
WARM_UP: Final = 1000


def place(world: Scratch, slot: str, publication: str = "") -> connect.ConnectorTarget:
    """The scratch world, as Debezium is told of it."""
    given = {name: str(value) for name, value in conninfo_to_dict(world.url).items()}
    return connect.ConnectorTarget(
        host=given["host"],
        port=given.get("port", "5432"),
        user=given["user"],
        password=given.get("password", ""),
        database=given["dbname"],
        slot=slot,
        publication=publication or world.publication,
        bootstrap=kafka_access(world.bootstrap).bootstrap,
    )


def debezium(settings: Settings, different: Mapping[str, str]) -> Running:
    """Runs it with some of its properties `different`."""

    @contextmanager
    def running(world: Scratch, slot: str) -> "Iterator[subprocess.Popen[bytes]]":
        with connect.running(settings.folder.software, place(world, slot), different) as process:
            yield process

    return running


def measure(settings: Settings, events: int, rounds: int, seconds: int) -> dict[str, Figure]:
    connect.fetch(settings, lambda piece: tell(f"debezium: {piece}"))
    ours, default, tuned = capture_process.running, debezium(settings, DEFAULT), debezium(settings, TUNED)
    with scratch(settings.postgres_url, settings.kafka) as world:
        commits = int(seconds * COMMITS_PER_S)
        one, other, third = _latencies(world, (ours, tuned, default), commits, rounds)
        tell(f"backlog: writing {events:,} rows, a transaction each")
        outbox_backlog.fill(world, events)
        drained = side_by_side.drain(
            "Debezium",
            lambda: backlog_drain.into_kafka(world, events, ours),
            lambda: backlog_drain.into_kafka(world, events, default),
            events,
            rounds,
        )
    return {
        **drained,
        "commit_to_consumer_ms_p50": Figure.of(one.p50, third.p50, "ms"),
        "commit_to_consumer_ms_p99": Figure.of(one.p99, third.p99, "ms"),
        "commit_to_consumer_ms_p50_tuned": Figure.of(one.p50, other.p50, "ms"),
        "commit_to_consumer_ms_p99_tuned": Figure.of(one.p99, other.p99, "ms"),
    }


def _latencies(world: Scratch, captures: tuple[Running, ...], commits: int, rounds: int) -> list[Latency]:
    """Of each, the medians of the rounds."""
    found: list[list[Latency]] = [[] for _ in captures]
    for number in range(rounds):
        for done, running in zip(found, captures, strict=True):
            to_kafka, _ = capture_latency.measure(world, commits, COMMITS_PER_S, running, warm_up=WARM_UP)
            done.append(to_kafka)
        said = ", ".join(f"{done[-1].p50:.1f}/{done[-1].p99:.1f}" for done in found)
        tell(f"latency: round {number + 1} of {rounds}: p50/p99 ms of capture, Debezium tuned, by default: {said}")
    return [Latency(p50=median(each.p50 for each in done), p99=median(each.p99 for each in done)) for done in found]
