"""A cart: what somebody means to buy, until they do. It is nobody's fact but theirs, so no event tells of it.

It holds SKUs and quantities, and what each cost when it was put in; everything else is computed when it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from api.domain.errors import Conflict, Invalid
from api.domain.order_contacts import Address
from api.domain.orders import MOST_LINES, MOST_OF_A_LINE

CartState = Literal["open", "ordered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """`unit_price_minor` is what one cost when the line was last changed."""

    variant_id: UUID
    sku: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """`customer_ref` is whose it is; None: of whoever has its token. `order_id` is what became of it."""

    id: UUID
    customer_ref: str | None
    currency: str
    country: str | None
    postal_code: str | None
    shipping_method: str | None
    discount_code: str | None
    lines: tuple[CartLine, ...]
    made_at: datetime
    changed_at: datetime
    order_id: UUID | None = None
    tax_included_minor: int | None = None

    @property
    def state(self) -> CartState:
        return "open" if self.order_id is None else "ordered"


class CartOrdered(Conflict):
    """It has become an order, and is what that is about: it changes no more."""

    code = "cart_ordered"

    def __init__(self) -> None:
        super().__init__("This cart was ordered: it changes no more.")


class CartChanged(Conflict):
    """What is in it is not any more what was put in; `errors` names each line, with what was and what is."""

    code = "cart_changed"


def require_open(cart: Cart) -> None:
    """Raises `CartOrdered`."""
    if cart.order_id is not None:
        raise CartOrdered


def sent_to(cart: Cart, address: Address | None) -> Cart:
    """A shipping address counts before what the cart says."""
    return cart if address is None else replace(cart, country=address.country, postal_code=address.postal_code)


def with_quantities(cart: Cart, wanted: Mapping[UUID, CartLine], at: datetime) -> Cart:
    """With so many of these in place of what was in it of them; of what there are to be none, the line goes.

    Raises `Invalid` for more lines than a cart may have.
    """
    kept = [wanted.get(line.variant_id, line) for line in cart.lines]
    known = {line.variant_id for line in cart.lines}
    lines = [line for line in (*kept, *(one for id_, one in wanted.items() if id_ not in known)) if line.quantity]
    if len(lines) > MOST_LINES:
        raise Invalid.field("lines", "too_long", f"A cart has at most {MOST_LINES} lines.")
    return replace(cart, lines=tuple(lines), changed_at=at)


def added_up(cart: Cart, given: Sequence[CartLine]) -> dict[UUID, CartLine]:
    """What `with_quantities` wants, when these come to what is in it already; doubles are one line.

    Raises `Invalid` for more of one than a line may have.
    """
    so_far = {line.variant_id: line.quantity for line in cart.lines}
    summed: dict[UUID, CartLine] = {}
    for at, line in enumerate(given):
        before = summed[line.variant_id].quantity if line.variant_id in summed else so_far.get(line.variant_id, 0)
        quantity = before + line.quantity
        if quantity > MOST_OF_A_LINE:
            message = f"{line.sku}: at most {MOST_OF_A_LINE} can be in a cart."
            raise Invalid.field(f"lines.{at}.quantity", "out_of_range", message)
        summed[line.variant_id] = replace(line, quantity=quantity)
    return summed
