"""Declares the events of a product's prices: what price lists say about its variants, and what everybody pays now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """The price of one in a price list, for whoever takes `from_quantity` or more of it at once."""

    price_list_id: UUID
    variant_id: UUID
    from_quantity: int
    currency: str
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPrice:
    """What everybody pays for one. `price_list_id` is the list that says so; none: the product itself."""

    variant_id: UUID
    currency: str
    amount_minor: int
    compare_at_minor: int | None
    price_list_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPrices:
    """Of a product that was in a price list once."""

    id: UUID
    product_id: UUID
    list_prices: tuple[ListPrice, ...]
    public_prices: tuple[PublicPrice, ...]
    next_change_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesUpdated:
    """A price list says something else about the product, or one of them began or ended by the clock."""

    product_prices: ProductPrices
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesDeleted:
    """The product is gone; `product_prices` is what was last said of them."""

    product_prices: ProductPrices


HISTORIES = (
    History("product_prices.updated", (ProductPricesUpdated,)),
    History("product_prices.deleted", (ProductPricesDeleted,)),
)
AGGREGATE = Aggregate(
    name="product_prices",
    plural="product_prices",
    owner="catalogue",
    histories=HISTORIES,
    gone=ProductPricesDeleted,
    partitions=4,
    holds="what price lists say about each product, and what everybody pays now",
    meanings={
        "ListPrice.amount_minor": "the price of one",
        "from_quantity": "how many one has to take at once to get it",
        "ListPrice.variant_id": "what it is the price of",
        "PublicPrice.variant_id": "what it is the price of",
        "list_prices": "what the price lists say, whoever they are for and whenever they are in effect",
        "next_change_at": "when what everybody pays may be something else by the clock; none: not by itself",
        "price_list_id": "the price list that says so",
        "ProductPrices.product_id": "whose prices they are",
        "public_prices": "what everybody pays for one of each variant, in the order of the product",
    },
)
ProductPricesEvent = ProductPricesUpdated | ProductPricesDeleted
