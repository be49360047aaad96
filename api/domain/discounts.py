"""Says what a discount code takes off a cart: a percentage, an amount, or the shipping; and when it takes nothing.

A cart has one code. It takes off the lines together, each its share (`schemas.amount_shares`); tax is due on what is
left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from api.domain.errors import FieldError, Invalid

Kind = Literal["percentage", "amount", "free_shipping"]
#: A percentage is a whole number of hundredths of a percent: 1000 is 10 %.
ALL_OF_IT: Final = 10_000
MOST_USES: Final = 1_000_000_000
LONGEST_CODE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """`value` is hundredths of a percent, or minor units of `currency`, or 0 of free shipping.

    `minimum_minor` is of the subtotal, in `currency`. `most_uses` are of everybody together, `most_each` of a customer.
    """

    id: UUID
    code: str
    kind: Kind
    value: int
    currency: str | None
    minimum_minor: int
    starts_at: datetime | None
    ends_at: datetime | None
    most_uses: int | None
    most_each: int | None
    active: bool
    uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who wants a discount, when, for what; `used` is how often they had it. Of a visitor nobody knows: None."""

    at: datetime
    currency: str
    subtotal_minor: int
    used: int | None


@dataclass(frozen=True, slots=True)
class Off:
    """What is taken off the lines, and whether the shipping costs nothing."""

    lines_minor: int = 0
    free_shipping: bool = False


NOTHING: Final = Off()


def checked_discount(discount: Discount) -> Discount:
    """The discount itself. Raises `Invalid` naming each field that does not fit the others."""
    wrong = []
    if discount.kind == "percentage" and not 0 < discount.value <= ALL_OF_IT:
        wrong.append(FieldError("value", "out_of_range", f"A percentage is 1 to {ALL_OF_IT}, in hundredths."))
    if discount.kind == "amount" and discount.value < 1:
        wrong.append(FieldError("value", "out_of_range", "An amount is 1 or more."))
    if discount.kind == "free_shipping" and discount.value != 0:
        wrong.append(FieldError("value", "out_of_range", "Free shipping has no value."))
    if discount.currency is None and (discount.kind == "amount" or discount.minimum_minor):
        wrong.append(FieldError("currency", "missing", "An amount or a minimum is in a currency."))
    if discount.starts_at and discount.ends_at and discount.ends_at <= discount.starts_at:
        wrong.append(FieldError("ends_at", "too_early", "It ends after it starts."))
    if wrong:
        raise Invalid("The discount does not fit together.", wrong)
    return discount


def kept(discount: Discount) -> Discount:
    """As it is for an order that uses it: whatever becomes of the code, and however often others use it, it stays good
    for this one, from its minimum on.
    """
    return replace(discount, active=True, starts_at=None, ends_at=None, most_uses=None, most_each=None)


def refusal(discount: Discount, claim: Claim) -> FieldError | None:
    """Why it takes nothing off; None: it does. From `starts_at` on, and not at `ends_at` any more."""
    code, message = _refusal(discount, claim)
    return FieldError("discount_code", code, f"{discount.code}: {message}") if code else None


def taken_off(discount: Discount, subtotal_minor: int) -> Off:
    """Never more than there is; half a cent is a whole one."""
    match discount.kind:
        case "percentage":
            return Off((2 * subtotal_minor * discount.value + ALL_OF_IT) // (2 * ALL_OF_IT))
        case "amount":
            return Off(min(discount.value, subtotal_minor))
        case "free_shipping":
            return Off(free_shipping=True)


def _refusal(discount: Discount, claim: Claim) -> tuple[str, str]:
    if not discount.active or (discount.ends_at is not None and claim.at >= discount.ends_at):
        return "ended", "it is over."
    if discount.starts_at is not None and claim.at < discount.starts_at:
        return "not_started", "it has not begun."
    if discount.currency not in (None, claim.currency):
        return "other_currency", f"it is in {discount.currency}."
    if claim.subtotal_minor < discount.minimum_minor:
        return "below_minimum", f"it is from {discount.minimum_minor} on, the subtotal is {claim.subtotal_minor}."
    if discount.most_uses is not None and discount.uses >= discount.most_uses:
        return "used_up", "it was used as often as it can be."
    if discount.most_each is not None and claim.used is None:
        return "sign_in", "it is for customers who are signed in."
    if discount.most_each is not None and claim.used is not None and claim.used >= discount.most_each:
        return "used_up", "you used it as often as you can."
    return "", ""
