"""Declares every topic and what holds in it: one per aggregate type, keyed by aggregate id, compacted."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`compacted`: the newest record of a key stays for ever. Otherwise records go after `retention_ms`.

    `segment_bytes`: how much is written before older records can go; None: as the cluster has it. `largest_bytes`: of a
    record, with its headers.
    """

    name: str
    partitions: int
    compacted: bool = True
    retention_ms: int | None = None
    segment_bytes: int | None = None
    largest_bytes: int = 8 * 1024 * 1024


PREFIX: Final = "rustok."

TENANTS: Final = Topic(name=PREFIX + "tenant", partitions=1)
CATEGORIES: Final = Topic(name=PREFIX + "category", partitions=2)
PRODUCTS: Final = Topic(name=PREFIX + "product", partitions=4)
ORDERS: Final = Topic(name=PREFIX + "order", partitions=4)

#: Capture says here how far it has come: all that was committed before a moment is in the topics above.
WATERMARKS: Final = Topic(name=PREFIX + "watermarks", partitions=1, compacted=False, retention_ms=3_600_000)

#: How far capture came, in the transactions of Kafka that hold the events; when it is set to be exact.
POSITIONS: Final = Topic(name=PREFIX + "capture-positions", partitions=1, segment_bytes=1024 * 1024)

#: What a feed could not use (bad data), and what is newer than its code. Original bytes, with the reason as headers.
#: A letter is its record and more: the largest record of any topic still fits.
LARGEST_LETTER: Final = 12 * 1024 * 1024
DEAD_LETTERS: Final = Topic(name=PREFIX + "dead-letters", partitions=1, compacted=False, largest_bytes=LARGEST_LETTER)
PARKED: Final = Topic(name=PREFIX + "parked", partitions=1, compacted=False, largest_bytes=LARGEST_LETTER)

#: Which letters of the two above are applied by now: the newest word about each.
SETTLED: Final = Topic(name=PREFIX + "settled", partitions=1, largest_bytes=LARGEST_LETTER)

#: What people decided about letters. A feed tries again what is its own here; no other consumer is disturbed.
LETTERS: Final = Topic(name=PREFIX + "letter", partitions=1)

#: What operators tell a feed: to pass over a record, or to refuse as many as there are for a while.
FEED_DECISIONS: Final = Topic(name=PREFIX + "feed-decisions", partitions=1)

AGGREGATES: Final = (TENANTS, CATEGORIES, PRODUCTS, ORDERS)
#: What the outbox holds events for.
CAPTURED: Final = (*AGGREGATES, LETTERS)
ALL: Final = (*AGGREGATES, WATERMARKS, POSITIONS, DEAD_LETTERS, PARKED, SETTLED, LETTERS, FEED_DECISIONS)


def of_aggregate(aggregate_type: str) -> str:
    """The topic an outbox row goes to."""
    return PREFIX + aggregate_type
