"""The order of a key's events, also where a topic has got more partitions since."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from streams.audit_log import Seen

_ids = count(1)


@dataclass(frozen=True)
class Record:
    """As the client gives it."""

    version: int
    at: int
    id: str

    def topic(self) -> str:
        return "rustok.order"

    def key(self) -> bytes:
        return b"an order"

    def partition(self) -> int:
        return self.at

    def headers(self) -> list[tuple[str, bytes]]:
        return [("id", self.id.encode()), ("ce_aggregateversion", str(self.version).encode())]


def disorder(*records: tuple[int, int] | tuple[int, int, str]) -> list[str]:
    """Of a version in a partition each, as they are read; with an id where it is that of another."""
    seen = Seen()
    for version, partition, *id_ in records:
        record: Any = Record(version, partition, *(id_ or [str(next(_ids))]))
        seen.add(record)
    return [*seen.disorder.values(), *(said for _, said in seen.across_partitions())]


def test_versions_in_order_are_right() -> None:
    assert disorder((1, 0), (2, 0), (3, 0)) == []


def test_an_older_version_behind_a_newer_one_is_out_of_order() -> None:
    assert len(disorder((1, 0), (3, 0), (2, 0))) == 1


def test_older_events_in_one_partition_and_newer_ones_in_another_are_in_order_however_they_are_read() -> None:
    assert disorder((3, 5), (1, 0), (4, 5), (2, 0)) == []


def test_what_was_emitted_again_into_another_partition_is_in_order() -> None:
    assert disorder((1, 0), (2, 0), (2, 5), (3, 5)) == []


def test_an_older_event_in_another_partition_than_newer_ones_is_out_of_order() -> None:
    (said,) = disorder((1, 0), (3, 0), (2, 5))

    assert "3 is in one partition, and 2 in another" in said


def test_what_was_sent_again_when_there_came_more_partitions_is_in_order() -> None:
    assert disorder((1, 0), (2, 0, "two"), (3, 0, "three"), (2, 5, "two"), (3, 5, "three"), (4, 5)) == []
    assert disorder((2, 5, "two"), (3, 5, "three"), (4, 5), (1, 0), (2, 0, "two"), (3, 0, "three")) == []
