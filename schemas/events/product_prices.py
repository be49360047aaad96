"""Declares the events of a product's prices: what lists say of its variants, what everybody and each group pays now."""

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
class GroupPrice:
    """What customers of a group pay for one where a list of theirs decides: else they pay what everybody does."""

    customer_group: str
    variant_id: UUID
    currency: str
    amount_minor: int
    compare_at_minor: int | None
    price_list_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesV1:
    """Of a product that was in a price list once."""

    id: UUID
    product_id: UUID
    list_prices: tuple[ListPrice, ...]
    public_prices: tuple[PublicPrice, ...]
    next_change_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPrices:
    """v2: search shows a customer group its own prices.

    Of a product that was in a price list once.
    """

    id: UUID
    product_id: UUID
    list_prices: tuple[ListPrice, ...]
    public_prices: tuple[PublicPrice, ...]
    group_prices: tuple[GroupPrice, ...]
    next_change_at: datetime | None

    @classmethod
    def from_previous(cls, old: ProductPricesV1) -> "ProductPrices":
        """Version 1 did not say what groups pay; all prices are told anew when the tables are brought to version 2."""
        return cls(
            id=old.id,
            product_id=old.product_id,
            list_prices=old.list_prices,
            public_prices=old.public_prices,
            group_prices=(),
            next_change_at=old.next_change_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesUpdatedV1:
    """A price list says something else about the product, or one of them began or ended by the clock."""

    product_prices: ProductPricesV1
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesUpdated:
    """v2: search shows a customer group its own prices.

    A price list says something else about the product, or one of them began or ended by the clock.
    """

    product_prices: ProductPrices
    changed: tuple[str, ...]

    @classmethod
    def from_previous(cls, old: ProductPricesUpdatedV1) -> "ProductPricesUpdated":
        """What version 1 said, in the words of version 2."""
        return cls(product_prices=ProductPrices.from_previous(old.product_prices), changed=old.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesDeletedV1:
    """The product is gone; `product_prices` is what was last said of them."""

    product_prices: ProductPricesV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPricesDeleted:
    """v2: search shows a customer group its own prices.

    The product is gone; `product_prices` is what was last said of them.
    """

    product_prices: ProductPrices

    @classmethod
    def from_previous(cls, old: ProductPricesDeletedV1) -> "ProductPricesDeleted":
        """What version 1 said, in the words of version 2."""
        return cls(product_prices=ProductPrices.from_previous(old.product_prices))


HISTORIES = (
    History("product_prices.updated", (ProductPricesUpdatedV1, ProductPricesUpdated)),
    History("product_prices.deleted", (ProductPricesDeletedV1, ProductPricesDeleted)),
)
AGGREGATE = Aggregate(
    name="product_prices",
    plural="product_prices",
    owner="catalogue",
    histories=HISTORIES,
    gone=ProductPricesDeleted,
    partitions=4,
    holds="what price lists say about each product, and what everybody and each customer group pay now",
    meanings={
        "ListPrice.amount_minor": "the price of one",
        "from_quantity": "how many one has to take at once to get it",
        "ListPrice.variant_id": "what it is the price of",
        "PublicPrice.variant_id": "what it is the price of",
        "GroupPrice.customer_group": "whose price it is",
        "GroupPrice.variant_id": "what it is the price of",
        "group_prices": "what each customer group pays for one, where it is a list of theirs that says so",
        "list_prices": "what the price lists say, whoever they are for and whenever they are in effect",
        "next_change_at": "when what somebody pays for one may be something else by the clock; none: not by itself",
        "price_list_id": "the price list that says so",
        "ProductPrices.product_id": "whose prices they are",
        "public_prices": "what everybody pays for one of each variant, in the order of the product",
    },
)
ProductPricesEvent = ProductPricesUpdated | ProductPricesDeleted
