"""Times a consumer group's way through a topic by its committed offsets, without asking the process.

The clock starts with the first commit that is seen, so the start of a process does not count, and the records before
that commit do not count either.
"""

import subprocess
import time
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from schemas.topics import Topic
from streams.bench import process_usage
from streams.bench.backlog_drain import DidNotFinish

LOOK_EVERY_S: Final = 0.02
DEADLINE_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """`cpu_s_per_100k`: processor seconds of the process for 100,000 records."""

    records_per_s: float
    cpu_s_per_100k: float


def drain(
    bootstrap: Brokers,
    topic: Topic,
    records: int,
    group: str,
    reader: AbstractContextManager["subprocess.Popen[bytes]"],
) -> GroupFigures:
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    watcher = kafka_clients.consumer(bootstrap, {"group.id": group, "log_level": 3})
    with closing(watcher), reader as process:
        already = _wait(watcher, partitions, 1, process)
        began, used = time.monotonic(), process_usage.of(process.pid)
        _wait(watcher, partitions, records, process)
        seconds = max(time.monotonic() - began, LOOK_EVERY_S)
        cpu_s = process_usage.of(process.pid).cpu_s - used.cpu_s
    counted = records - already or records
    return GroupFigures(counted / seconds, cpu_s / counted * 100_000)


def _wait(watcher: Consumer, partitions: list[TopicPartition], records: int, process: "subprocess.Popen[bytes]") -> int:
    """How many are committed, as soon as there are so many."""
    deadline = time.monotonic() + DEADLINE_S
    while (done := _committed(watcher, partitions)) < records:
        if process.poll() is not None:
            raise DidNotFinish(f"{process.args!s} ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise DidNotFinish(f"{process.args!s} did {done} of {records} records in {DEADLINE_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    return done


def _committed(watcher: Consumer, partitions: list[TopicPartition]) -> int:
    try:
        return sum(max(0, each.offset) for each in watcher.committed(partitions, timeout=5.0))
    except KafkaException:
        return 0  # the group's coordinator is being chosen
