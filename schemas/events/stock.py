"""Declares the events of stock: what there is of a variant at a location, and how much of it is promised."""

from dataclasses import dataclass
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What can still be sold is `on_hand` − `reserved`; below zero only where `backorder` allows it.

    One for each variant and location; a variant without any is not counted, and sells as if there were enough.
    """

    id: UUID
    variant_id: UUID
    product_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    incoming: int
    low_threshold: int | None
    backorder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted:
    """Somebody counted, corrected, moved goods between locations, or changed how the stock is kept.

    The first one begins to count the variant there. `delta` is what came (above zero) or went, 0 when only `changed`
    fields are others.
    """

    stock: Stock
    delta: int
    reason: str
    changed: tuple[str, ...]
    transfer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved:
    """An order was placed: `quantity` of what is there is promised to it."""

    stock: Stock
    order_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased:
    """What was promised to an order is free again: it was cancelled, or nobody paid for it in time."""

    stock: Stock
    order_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShipped:
    """What was promised to an order has left: on hand and reserved are less by `quantity`."""

    stock: Stock
    order_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLow:
    """What can still be sold came down to the threshold or below it; told once, until it has risen above it."""

    stock: Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReplenished:
    """What can be sold rose above the threshold again."""

    stock: Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeleted:
    """The variant is not counted at this location any more, or is gone itself; `stock` is what was last said of it."""

    stock: Stock


HISTORIES = (
    History("stock.adjusted", (StockAdjusted,)),
    History("stock.reserved", (StockReserved,)),
    History("stock.released", (StockReleased,)),
    History("stock.shipped", (StockShipped,)),
    History("stock.low", (StockLow,)),
    History("stock.replenished", (StockReplenished,)),
    History("stock.deleted", (StockDeleted,)),
)
AGGREGATE = Aggregate(
    name="stock",
    plural="stock",
    owner="warehouse",
    histories=HISTORIES,
    gone=StockDeleted,
    partitions=4,
    holds="what there is of each variant at each location",
    meanings={
        "backorder": "whether more may be sold than there is",
        "delta": "what came (above zero) or went",
        "incoming": "what is ordered and not here yet; it is not sold",
        "location_id": "where it lies",
        "low_threshold": "where what can be sold counts as low; none: never",
        "on_hand": "what is there, what is reserved included",
        "order_id": "which order",
        "product_id": "the product that the variant is of",
        "reserved": "what of it is promised to orders",
        "Stock.variant_id": "what is counted",
        "transfer_id": "the same for what left one location and came to another",
    },
)
StockEvent = StockAdjusted | StockReserved | StockReleased | StockShipped | StockLow | StockReplenished | StockDeleted
