"""Chooses the offset a log is read on from: the store's own, if it is of this log; else the beginning.

Offsets belong to a store and to a topic. A store that has none of its own (it was thrown away, or it is new), one whose
offsets are of a topic that was made anew since, and one that is ahead of its log are built from the beginning, and are
being built until they have come to where the log ended then.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sinks.sink import HeldOffset, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A partition in Kafka: the id of its topic, and the offsets of its first record and behind its last."""

    topic_id: str
    first: int
    end: int


def places(held: Mapping[Partition, HeldOffset], logs: Mapping[Partition, Log]) -> dict[Partition, HeldOffset]:
    return {partition: _place(held.get(partition), log) for partition, log in logs.items()}


def _place(held: HeldOffset | None, log: Log) -> HeldOffset:
    if held is not None and held.topic_id == log.topic_id and log.first <= held.next <= log.end:
        return held
    return HeldOffset(topic_id=log.topic_id, next=log.first, until=log.end)
