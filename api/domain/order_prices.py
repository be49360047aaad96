"""Prices a line of an order: what is on offer, times a quantity, and an adjustment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain.errors import Invalid
from api.domain.list_prices import Decided, Tier, Wanted, price_of
from api.domain.money import MOST_MINOR
from schemas.events.order import OrderLine
from schemas.events.product import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A variant as it stands at the moment `at`, by the clock of the database, with what price lists say of it.

    `category` is the name of the root of its product's first category.
    """

    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None
    on_sale: bool
    prices: tuple[Price, ...]
    tiers: tuple[Tier, ...]
    at: datetime

    def price(self, wanted: Wanted) -> Decided | None:
        return price_of(self.prices, self.tiers, wanted)


def line(offer: Offer, *, quantity: int, unit_price_minor: int, adjustment_minor: int = 0) -> OrderLine:
    total = quantity * unit_price_minor + adjustment_minor
    if not -MOST_MINOR <= total <= MOST_MINOR:
        raise Invalid.field("quantity", "out_of_range", f"The line of {offer.sku} is worth more than can be counted.")
    return OrderLine(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        sku=offer.sku,
        title=offer.title,
        category=offer.category,
        quantity=quantity,
        unit_price_minor=unit_price_minor,
        adjustment_minor=adjustment_minor,
        total_minor=total,
    )


def at_list_price(
    offer: Offer, quantity: int, currency: str, field: str, *, customer_group: str | None = None
) -> OrderLine:
    """A line at the price that the shop has for this group and quantity now.

    Raises `Invalid` for what is not on sale or has no price in this currency.
    """
    if not offer.on_sale:
        raise Invalid.field(field, "not_on_sale", f"{offer.sku} is not on sale.")
    price = offer.price(Wanted(currency=currency, at=offer.at, quantity=quantity, customer_group=customer_group))
    if price is None:
        raise Invalid.field(field, "no_price", f"{offer.sku} has no price in {currency}.")
    return line(offer, quantity=quantity, unit_price_minor=price.amount_minor)
