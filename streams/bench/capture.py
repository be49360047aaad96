"""Is capture fast enough? Its throughput and latency on running servers, in a scratch world, beside what is possible.

Throughput: a backlog of outbox rows, one in each transaction, beside `pg_recvlogical` that throws them away.
Latency: from commit to Kafka at 200 commits/s, beside a bare reader of the replication stream at the same time.
"""

import signal
import sys
from pathlib import Path
from shutil import which
from statistics import median
from types import FrameType
from typing import Final

import click

from ops.failure import Failure
from ops.local import software
from ops.settings import Settings
from streams.bench import backlog, filling, latency
from streams.bench.figures import Figure, show, tell
from streams.bench.scratch import scratch

COMMITS_PER_S: Final = 200.0
PER: Final = 100_000
MEGABYTE: Final = 1024 * 1024


@click.command()
@click.option("--events", type=click.IntRange(min=1000), default=200_000, show_default=True, help="Rows of backlog.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the medians count.")
@click.option("--seconds", type=click.IntRange(min=1), default=10, show_default=True, help="Of commits, for latency.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def capture(events: int, rounds: int, seconds: int, as_json: bool) -> None:
    """Capture beside pg_recvlogical, on the running servers."""
    signal.signal(signal.SIGTERM, _leave)  # so that the scratch world is removed
    figures = measure(Settings(), events, rounds, seconds)
    show(figures, as_json=as_json)


def measure(settings: Settings, events: int, rounds: int, seconds: int) -> dict[str, Figure]:
    pg_recvlogical = _pg_recvlogical(settings)
    with scratch(settings.postgres_url, settings.kafka_bootstrap) as world:
        tell(f"latency: {seconds} s of {COMMITS_PER_S:.0f} commits/s")
        to_kafka, to_reader = latency.measure(world, int(seconds * COMMITS_PER_S), COMMITS_PER_S)
        tell(f"backlog: writing {events:,} rows, a transaction each")
        end = filling.fill(world, events)
        ours, raw = [], []
        for number, (one, other) in enumerate(backlog.rounds(world, events, end, pg_recvlogical, rounds), 1):
            tell(
                f"backlog: round {number} of {rounds}: capture {one.events_per_s:,.0f} events/s, "
                f"pg_recvlogical {other.events_per_s:,.0f} events/s"
            )
            ours.append(one)
            raw.append(other)
    share = PER / events
    return {
        "capture_events_per_s": Figure.of(
            median(run.events_per_s for run in ours), median(run.events_per_s for run in raw), "events/s"
        ),
        "capture_cpu_s_per_100k": Figure.of(
            median(run.cpu_s for run in ours) * share, median(run.cpu_s for run in raw) * share, "s"
        ),
        "capture_peak_mb": Figure.of(
            max(run.peak_bytes for run in ours) / MEGABYTE, max(run.peak_bytes for run in raw) / MEGABYTE, "MB"
        ),
        "commit_to_kafka_ms_p50": Figure.of(to_kafka.p50, to_reader.p50, "ms"),
        "commit_to_kafka_ms_p99": Figure.of(to_kafka.p99, to_reader.p99, "ms"),
    }


def _pg_recvlogical(settings: Settings) -> str:
    ours = Path(software.postgres(settings.folder.software)) / "pg_recvlogical"
    found = str(ours) if ours.exists() else which("pg_recvlogical")
    if found is None:
        raise Failure("There is no pg_recvlogical to compare with.", "Put PostgreSQL's programs on the PATH.")
    return found


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)
