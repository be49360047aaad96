"""Declares every topic: one per aggregate, keyed by its id and compacted if it has a state, and the platform's own."""

from dataclasses import dataclass
from typing import Final

from schemas.aggregate import Aggregate
from schemas.aggregates import AGGREGATES as ROWS
from schemas.events import category, dead_letter, order, page, product, product_prices, search_log, stock, tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`holds` says what is in it. `compacted`: the newest record of a key stays for ever. Otherwise records go after
    `retention_ms`.

    `uncompacted_ms`: for so long every record of a compacted topic stays. `segment_bytes`: how much is written before
    older records can go; None: as the cluster has it. `largest_bytes`: of a record, with its headers. `copies`: on so
    many brokers; 0: as many as the cluster makes. `in_step`: so many must have a record before it counts as written; 0:
    one less than there are copies.
    """

    name: str
    partitions: int
    holds: str = ""
    compacted: bool = True
    retention_ms: int | None = None
    segment_bytes: int | None = None
    largest_bytes: int = 8 * 1024 * 1024
    uncompacted_ms: int = 0
    copies: int = 0
    in_step: int = 0


PREFIX: Final = "rustok."
_DAY_MS: Final = 24 * 3600 * 1000


def of_aggregate(aggregate_type: str) -> str:
    """The topic an outbox row goes to."""
    return PREFIX + aggregate_type


def topic_of(row: Aggregate) -> Topic:
    """That of all events of an aggregate."""
    holds = row.holds or row.plural.replace("_", " ")
    return Topic(
        name=of_aggregate(row.name),
        partitions=row.partitions,
        holds=holds,
        compacted=row.kept_days is None,
        retention_ms=None if row.kept_days is None else row.kept_days * _DAY_MS,
    )


TENANTS: Final = topic_of(tenant.AGGREGATE)
CATEGORIES: Final = topic_of(category.AGGREGATE)
PRODUCTS: Final = topic_of(product.AGGREGATE)
ORDERS: Final = topic_of(order.AGGREGATE)
STOCK: Final = topic_of(stock.AGGREGATE)
PRODUCT_PRICES: Final = topic_of(product_prices.AGGREGATE)
PAGES: Final = topic_of(page.AGGREGATE)
SEARCH_LOGS: Final = topic_of(search_log.AGGREGATE)

#: Capture says here that all that was committed before a moment is in the topics above.
WATERMARKS: Final = Topic(
    name=PREFIX + "watermarks",
    partitions=1,
    holds="how far the capture has come",
    compacted=False,
    retention_ms=3_600_000,
    segment_bytes=16 * 1024 * 1024,
)

#: In the transactions of Kafka that hold the events; when capture is set to be exact.
POSITIONS: Final = Topic(
    name=PREFIX + "capture-positions",
    partitions=1,
    holds="where an [exact capture](capture.md#exact) goes on",
    segment_bytes=1024 * 1024,
)

#: Original bytes, with the reason as headers. A dead letter is its record and more: the largest of any topic fits.
LARGEST_DEAD_LETTER: Final = 12 * 1024 * 1024
DEAD_LETTERS: Final = Topic(
    name=PREFIX + "dead-letters",
    partitions=1,
    holds="what a feed could not use",
    compacted=False,
    largest_bytes=LARGEST_DEAD_LETTER,
)
PARKED: Final = Topic(
    name=PREFIX + "parked",
    partitions=1,
    holds="what is newer than a feed's code",
    compacted=False,
    largest_bytes=LARGEST_DEAD_LETTER,
)

#: The newest word about each.
SETTLED: Final = Topic(
    name=PREFIX + "settled",
    partitions=1,
    holds="which dead letters are applied by now",
    largest_bytes=LARGEST_DEAD_LETTER,
)

#: A feed tries again what is its own here; no other consumer is disturbed.
DEAD_LETTER_DECISIONS: Final = topic_of(dead_letter.AGGREGATE)

#: To pass over a record, or to refuse as many as there are for a while.
FEED_DECISIONS: Final = Topic(
    name=PREFIX + "feed-decisions",
    partitions=1,
    holds="what operators told a [feed that waits](dead-letters.md#when-a-feed-waits)",
)

#: Those of aggregates that have a state, which can be emitted again.
AGGREGATES: Final = tuple(topic_of(row) for row in ROWS if row.has_state)
#: What the outbox holds events for.
CAPTURED: Final = tuple(topic_of(row) for row in ROWS)
ALL: Final = (*CAPTURED, WATERMARKS, POSITIONS, DEAD_LETTERS, PARKED, SETTLED, FEED_DECISIONS)
