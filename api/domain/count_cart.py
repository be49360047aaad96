"""Counts a cart against what the shop sells and charges now: the price of each line, what is wrong with it, the totals.

What it takes is looked up before (`Shelf`), so that one cart counts the same wherever it is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from api.domain.cart_totals import Taxed, Totals, totals
from api.domain.carts import Cart, CartLine
from api.domain.discounts import NOTHING, Claim, Discount, refusal, taken_off
from api.domain.errors import FieldError, Invalid
from api.domain.list_prices import Wanted
from api.domain.order_prices import Offer, at_list_price
from api.domain.shipping_methods import OfferedMethod, ShippingMethod, offered
from api.domain.tax_rates import Path, TaxTable, rate_due
from schemas.events.order import OrderLine

#: Why a line costs what it did not: the prices of the customer's group, or any others of the shop's.
PriceChange = Literal["customer_group", "shop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the lines of a cart stand for now. `offers` are by variant; one that is not there is sold no more.

    `available` has how many can be sold of variants that are counted and have no backorder. `paths` lead to the
    categories of products. `discount` is what the cart's code stands for, if anything, and `discount_used` how often
    its customer used it; None: nobody knows who it is. `customer_group` is whose prices they pay.
    """

    offers: Mapping[UUID, Offer]
    available: Mapping[UUID, int]
    paths: Mapping[UUID, Sequence[Path]]
    taxes: TaxTable
    methods: Sequence[ShippingMethod]
    discount: Discount | None
    discount_used: int | None
    customer_group: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """`sold` is the line as it would be ordered; None: it cannot be, `problem` says why.

    `available` is None where nobody counts, or more is sold than there is. `price_changed_by` is None where it costs
    what it did.
    """

    line: CartLine
    sold: OrderLine | None
    available: int | None
    problem: FieldError | None
    tax_rate: int
    tax_minor: int = 0
    price_changed_by: PriceChange | None = None

    @property
    def price_changed(self) -> bool:
        return self.price_changed_by is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCart:
    """`methods` are what the cart can be sent by; `problems` keep it from being ordered, whoever accepts changes."""

    lines: tuple[CountedLine, ...]
    methods: tuple[OfferedMethod, ...]
    totals: Totals
    problems: tuple[FieldError, ...]


def counted(cart: Cart, shelf: Shelf, locales: Sequence[str]) -> CountedCart:
    lines = [_line(at, line, cart, shelf) for at, line in enumerate(cart.lines)]
    subtotal = sum(_worth(line) for line in lines)
    methods = offered(
        shelf.methods, country=cart.country, currency=cart.currency, subtotal_minor=subtotal, locales=locales
    )
    chosen = next((one for one in methods if one.code == cart.shipping_method), None)
    no_discount = _no_discount(cart, shelf, subtotal)
    usable = shelf.discount if no_discount is None else None
    off = NOTHING if usable is None else taken_off(usable, subtotal)
    shipping = Taxed(
        0 if chosen is None or off.free_shipping else chosen.amount_minor,
        rate_due(shelf.taxes.rates, cart.country, cart.postal_code, ()),
    )
    summed = totals(
        [Taxed(_worth(line), line.tax_rate) for line in lines],
        shipping,
        discount_minor=off.lines_minor,
        prices_include_tax=shelf.taxes.includes_tax(cart.country),
    )
    return CountedCart(
        lines=tuple(replace(line, tax_minor=tax) for line, tax in zip(lines, summed.line_tax_minor, strict=True)),
        methods=tuple(methods),
        totals=summed,
        problems=(
            *_of_cart(cart, shelf, chosen),
            *(() if no_discount is None else (no_discount,)),
            *(line.problem for line in lines if line.problem is not None),
        ),
    )


def as_ordered(cart: Cart, shown: CountedCart, order_id: UUID) -> Cart:
    """The cart once it is an order, with the prices that it was ordered at."""
    lines = [
        replace(one.line, unit_price_minor=one.sold.unit_price_minor) for one in shown.lines if one.sold is not None
    ]
    return replace(cart, lines=tuple(lines), order_id=order_id, tax_included_minor=shown.totals.tax_included_minor)


def changed_prices(cart: CountedCart) -> list[FieldError]:
    """Each line that costs another price than when it was put in."""
    return [
        FieldError(
            f"lines.{at}.unit_price_minor",
            "price_changed",
            f"{one.sold.sku}: it was {one.line.unit_price_minor}, and is {one.sold.unit_price_minor}"
            f"{', the price of the customer group.' if one.price_changed_by == 'customer_group' else '.'}",
        )
        for at, one in enumerate(cart.lines)
        if one.sold is not None and one.price_changed
    ]


def _worth(line: CountedLine) -> int:
    return 0 if line.sold is None else line.sold.total_minor


def _line(at: int, line: CartLine, cart: Cart, shelf: Shelf) -> CountedLine:
    offer = shelf.offers.get(line.variant_id)
    if offer is None:
        gone = FieldError(f"lines.{at}.sku", "gone", f"{line.sku} is not sold any more.")
        return CountedLine(line=line, sold=None, available=None, problem=gone, tax_rate=0)
    paths = shelf.paths.get(offer.product_id, ())
    rate = rate_due(shelf.taxes.rates, cart.country, cart.postal_code, paths)
    available = shelf.available.get(line.variant_id)
    try:
        sold = at_list_price(
            offer, line.quantity, cart.currency, f"lines.{at}.sku", customer_group=shelf.customer_group
        )
    except Invalid as invalid:
        return CountedLine(line=line, sold=None, available=available, problem=invalid.errors[0], tax_rate=rate)
    short = None
    if available is not None and available < line.quantity:
        told = f"{offer.sku}: {max(available, 0)} available, {line.quantity} wanted."
        short = FieldError(f"lines.{at}.quantity", "short", told)
    return CountedLine(
        line=line,
        sold=sold,
        available=available,
        problem=short,
        tax_rate=rate,
        price_changed_by=_changed_by(line, sold, offer, cart.currency),
    )


def _changed_by(line: CartLine, sold: OrderLine, offer: Offer, currency: str) -> PriceChange | None:
    """The group, where everybody else pays what the line cost before."""
    if sold.unit_price_minor == line.unit_price_minor:
        return None
    everybodys = offer.price(Wanted(currency=currency, at=offer.at, quantity=line.quantity))
    same = everybodys is not None and everybodys.amount_minor == line.unit_price_minor
    return "customer_group" if same else "shop"


def _no_discount(cart: Cart, shelf: Shelf, subtotal: int) -> FieldError | None:
    """Why the code that was brought takes nothing off; None: it does, or none was brought."""
    if cart.discount_code is None:
        return None
    if shelf.discount is None:
        return FieldError("discount_code", "unknown_code", f"There is no code {cart.discount_code}.")
    claim = Claim(at=shelf.at, currency=cart.currency, subtotal_minor=subtotal, used=shelf.discount_used)
    return refusal(shelf.discount, claim)


def _of_cart(cart: Cart, shelf: Shelf, chosen: OfferedMethod | None) -> list[FieldError]:
    """What is missing before it can be ordered."""
    wrong = []
    if not cart.lines:
        wrong.append(FieldError("lines", "too_short", "There is nothing in the cart."))
    sends = any(method.active for method in shelf.methods)
    if cart.country is None and (sends or shelf.taxes.rates):
        wrong.append(FieldError("country", "missing", "Say where it goes."))
    if sends and cart.shipping_method is None:
        wrong.append(FieldError("shipping_method", "missing", "Choose how it is sent."))
    elif cart.shipping_method is not None and chosen is None:
        message = f"{cart.shipping_method} does not go there, or is not offered any more."
        wrong.append(FieldError("shipping_method", "not_offered", message))
    return wrong
