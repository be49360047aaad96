"""Prices a line of an order: what is on offer, times a quantity, and an adjustment."""

from dataclasses import dataclass
from uuid import UUID

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR
from schemas.events.order import OrderLine
from schemas.events.product import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A variant as it stands at this moment; `category` is the name of the root of its product's first category."""

    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category: str | None
    on_sale: bool
    prices: tuple[Price, ...]


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


def at_list_price(offer: Offer, quantity: int, currency: str, field: str) -> OrderLine:
    """A line at the shop's own price. Raises `Invalid` for what is not on sale or has no price in this currency."""
    if not offer.on_sale:
        raise Invalid.field(field, "not_on_sale", f"{offer.sku} is not on sale.")
    price = next((price for price in offer.prices if price.currency == currency), None)
    if price is None:
        raise Invalid.field(field, "no_price", f"{offer.sku} has no price in {currency}.")
    return line(offer, quantity=quantity, unit_price_minor=price.amount_minor)
