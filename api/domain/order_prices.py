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

    `category_path` has the names from the root down to its product's first category.
    """

    product_id: UUID
    variant_id: UUID
    sku: str
    title: str
    category_path: tuple[str, ...]
    brand: str | None
    unit: str
    on_sale: bool
    prices: tuple[Price, ...]
    tiers: tuple[Tier, ...]
    at: datetime

    def price(self, wanted: Wanted) -> Decided | None:
        return price_of(self.prices, self.tiers, wanted)

    def list_price(self, decided: Decided) -> int:
        """What one costs without any reduction: the price that is crossed out, or else the product's own. Never less
        than what was decided.
        """
        own = next((price.amount_minor for price in self.prices if price.currency == decided.currency), 0)
        return max(decided.amount_minor, own if decided.compare_at_minor is None else decided.compare_at_minor)


def discount_in(adjustment_minor: int) -> int:
    """What of an adjustment is a discount, where nobody says: all that is taken off."""
    return max(-adjustment_minor, 0)


def line(
    offer: Offer,
    where: str = "",
    *,
    quantity: int,
    unit_price_minor: int,
    list_price_minor: int | None,
    adjustment_minor: int = 0,
    discount_minor: int | None = None,
    unit: str | None = None,
) -> OrderLine:
    """In the variant's own unit, where nobody says another.

    Raises `Invalid`, naming a field of the line at `where`, for a list price below the unit price, and for a line that
    is worth more than can be counted.
    """
    if list_price_minor is not None and list_price_minor < unit_price_minor:
        message = f"{offer.sku} was sold at {unit_price_minor} each; its list price is that or more."
        raise Invalid.field(f"{where}list_price_minor", "out_of_range", message)
    total = quantity * unit_price_minor + adjustment_minor
    if not -MOST_MINOR <= total <= MOST_MINOR:
        message = f"The line of {offer.sku} is worth more than can be counted."
        raise Invalid.field(f"{where}quantity", "out_of_range", message)
    return OrderLine(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        sku=offer.sku,
        title=offer.title,
        category=offer.category_path[0] if offer.category_path else None,
        category_path=offer.category_path,
        brand=offer.brand,
        quantity=quantity,
        unit=unit or offer.unit,
        unit_price_minor=unit_price_minor,
        list_price_minor=list_price_minor,
        adjustment_minor=adjustment_minor,
        discount_minor=discount_in(adjustment_minor) if discount_minor is None else discount_minor,
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
    return line(
        offer,
        field.removesuffix("sku"),
        quantity=quantity,
        unit_price_minor=price.amount_minor,
        list_price_minor=offer.list_price(price),
    )
