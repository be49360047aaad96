"""Measures the capture's throughput and latency on running servers, in a scratch world, beside what is possible.

Throughput: a backlog of outbox rows, one in each transaction, beside `pg_recvlogical` that throws them away.
Latency: from commit to Kafka at 200 commits/s, beside a bare reader of the replication stream at the same time.
Exact: both again with events and position in one transaction of Kafka, beside capture without.
Or both of them beside Debezium: `streams.bench.against_debezium`.
"""

import signal
import sys
from functools import partial
from pathlib import Path
from shutil import which
from types import FrameType
from typing import Final

import click

from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.local import server_software
from ops.settings import Settings
from streams.bench import (
    against_debezium,
    backlog_drain,
    capture_latency,
    capture_process,
    outbox_backlog,
    side_by_side,
)
from streams.bench.scratch_world import scratch

COMMITS_PER_S: Final = 200.0
EXACTLY: Final = partial(capture_process.running, capture_exact=True)


@click.command()
@click.option("--events", type=click.IntRange(min=1000), default=200_000, show_default=True, help="Rows of backlog.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the medians count.")
@click.option("--seconds", type=click.IntRange(min=1), default=10, show_default=True, help="Of commits, for latency.")
@click.option(
    "--against", type=click.Choice(["pg_recvlogical", "debezium"]), default="pg_recvlogical", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def capture(events: int, rounds: int, seconds: int, against: str, as_json: bool) -> None:
    """Capture beside pg_recvlogical, or beside Debezium, on the running servers.

    Debezium is fetched from Maven Central at the first use.
    """
    signal.signal(signal.SIGTERM, _leave)  # so that the scratch world is removed
    run = against_debezium.measure if against == "debezium" else measure
    figures = run(Settings(), events, rounds, seconds)
    show(figures, as_json=as_json)


def measure(settings: Settings, events: int, rounds: int, seconds: int) -> dict[str, Figure]:
    pg_recvlogical = _pg_recvlogical(settings)
    with scratch(settings.postgres_url, settings.kafka) as world:
        tell(f"latency: {seconds} s of {COMMITS_PER_S:.0f} commits/s")
        to_kafka, to_reader = capture_latency.measure(
            world, int(seconds * COMMITS_PER_S), COMMITS_PER_S, capture_process.running
        )
        tell(f"backlog: writing {events:,} rows, a transaction each")
        end = outbox_backlog.fill(world, events)
        tell("exact: latency, and one round of the backlog")
        exactly_to_kafka, _ = capture_latency.measure(world, int(seconds * COMMITS_PER_S), COMMITS_PER_S, EXACTLY)
        exact = backlog_drain.into_kafka(world, events, EXACTLY)
        drained = side_by_side.drain(
            "pg_recvlogical",
            lambda: backlog_drain.into_kafka(world, events, capture_process.running),
            lambda: backlog_drain.into_nothing(world, events, end, pg_recvlogical),
            events,
            rounds,
        )
    return {
        **drained,
        "commit_to_kafka_ms_p50": Figure.of(to_kafka.p50, to_reader.p50, "ms"),
        "commit_to_kafka_ms_p99": Figure.of(to_kafka.p99, to_reader.p99, "ms"),
        "exact_events_per_s": Figure.of(exact.events_per_s, drained["capture_events_per_s"].ours, "events/s"),
        "exact_commit_to_kafka_ms_p50": Figure.of(exactly_to_kafka.p50, to_kafka.p50, "ms"),
        "exact_commit_to_kafka_ms_p99": Figure.of(exactly_to_kafka.p99, to_kafka.p99, "ms"),
    }


def _pg_recvlogical(settings: Settings) -> str:
    ours = Path(server_software.postgres(settings.folder.software)) / "pg_recvlogical"
    found = str(ours) if ours.exists() else which("pg_recvlogical")
    if found is None:
        raise Failure("There is no pg_recvlogical to compare with.", "Put PostgreSQL's programs on the PATH.")
    return found


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)
