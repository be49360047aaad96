"""Declares the events of a price list: prices for some customers or some time, beside those of the products."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """In effect from `starts_at` until before `ends_at`, while it is `active`; without a moment it has no such end.

    With a `customer_group` it is for customers of that group only, and nobody else is shown its prices.
    """

    id: UUID
    name: str
    currency: str
    customer_group: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListCreated:
    """A price list was made, without prices as yet."""

    price_list: PriceList


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListUpdated:
    """When it is in effect, or before which others, or what it is called is not as before."""

    price_list: PriceList
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListDeleted:
    """It is no more, nor are the prices in it; `price_list` is what was last said of it."""

    price_list: PriceList


HISTORIES = (
    History("price_list.created", (PriceListCreated,)),
    History("price_list.updated", (PriceListUpdated,)),
    History("price_list.deleted", (PriceListDeleted,)),
)
AGGREGATE = Aggregate(
    name="price_list",
    plural="price_lists",
    owner="catalogue",
    histories=HISTORIES,
    gone=PriceListDeleted,
    meanings={
        "PriceList.active": "whether it is in effect at its time",
        "PriceList.created_at": "when it was made; of two lists of one priority the newer one decides",
        "customer_group": "whom it is for; none: everybody",
        "ends_at": "the first moment at which it is not in effect any more; none: it does not end",
        "PriceList.name": "what the shop calls it",
        "priority": "the list with the highest one decides",
        "starts_at": "the first moment at which it is in effect; none: it always was",
    },
)
PriceListEvent = PriceListCreated | PriceListUpdated | PriceListDeleted
