"""Decides what a variant costs: in a currency, for a customer group, of so many at once, at a moment. Pure.

The price lists that are in effect are asked in order: the one with the highest priority first, of several with the
same one that which was made last. The first that has a price for this quantity decides, with its tier of the highest
`from_quantity` that is not above the quantity. Where no list decides, the price of the product does. A list is in
effect from `starts_at` until before `ends_at`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.events.price_list import PriceList
from schemas.events.product import Price

#: What a discount is counted in: hundredths of a percent.
WHOLE_BP: Final = 10_000
MOST_FROM_QUANTITY: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a list says of a variant, for whoever takes `from_quantity` or more at once."""

    price_list: PriceList
    from_quantity: int
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Without a group it is what everybody pays. With `price_list_id` no other list is asked."""

    currency: str
    at: datetime
    quantity: int = 1
    customer_group: str | None = None
    price_list_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The price of one, and the list that decided; none: the product's own price."""

    currency: str
    amount_minor: int
    compare_at_minor: int | None
    from_quantity: int
    price_list: PriceList | None


def price_of(base: Iterable[Price], tiers: Iterable[Tier], wanted: Wanted) -> Decided | None:
    """None when there is no price in this currency."""
    asked = [tier for tier in tiers if _applies(tier, wanted)]
    if asked:
        best = max(asked, key=lambda tier: (_rank(tier.price_list), tier.from_quantity))
        return Decided(
            currency=wanted.currency,
            amount_minor=best.amount_minor,
            compare_at_minor=best.compare_at_minor,
            from_quantity=best.from_quantity,
            price_list=best.price_list,
        )
    own = next((price for price in base if price.currency == wanted.currency), None)
    if own is None:
        return None
    return Decided(
        currency=own.currency,
        amount_minor=own.amount_minor,
        compare_at_minor=own.compare_at_minor,
        from_quantity=1,
        price_list=None,
    )


def valid_until(base: Sequence[Price], tiers: Sequence[Tier], wanted: Wanted) -> datetime | None:
    """The first moment after this one at which the clock alone makes it another price, or has another list say it."""
    moments = {
        moment
        for tier in tiers
        if tier.price_list.active and _is_for(tier, wanted)
        for moment in (tier.price_list.starts_at, tier.price_list.ends_at)
        if moment is not None and moment > wanted.at
    }
    now = price_of(base, tiers, wanted)
    return next((at for at in sorted(moments) if price_of(base, tiers, replace(wanted, at=at)) != now), None)


def public_prices(base: Sequence[Price], tiers: Sequence[Tier], at: datetime) -> list[Decided]:
    """What everybody pays for one, in each currency: those of the product first."""
    listed = sorted({tier.price_list.currency for tier in tiers if tier.price_list.customer_group is None})
    currencies = dict.fromkeys((*(price.currency for price in base), *listed))
    found = (price_of(base, tiers, Wanted(currency=currency, at=at)) for currency in currencies)
    return [one for one in found if one is not None]


def group_prices(base: Sequence[Price], tiers: Sequence[Tier], at: datetime) -> dict[str, list[Decided]]:
    """By group, what its customers pay for one in the currencies in which a list of theirs decides."""
    named = sorted({(group, tier.price_list.currency) for tier in tiers if (group := tier.price_list.customer_group)})
    found: dict[str, list[Decided]] = {}
    for group, currency in named:
        one = price_of(base, tiers, Wanted(currency=currency, at=at, customer_group=group))
        if one is not None and one.price_list is not None and one.price_list.customer_group == group:
            found.setdefault(group, []).append(one)
    return found


def next_change(tiers: Iterable[Tier], at: datetime) -> datetime | None:
    """When what somebody pays may be something else by the clock alone."""
    moments = (
        moment
        for tier in tiers
        if tier.price_list.active
        for moment in (tier.price_list.starts_at, tier.price_list.ends_at)
        if moment is not None and moment > at
    )
    return min(moments, default=None)


def in_effect(price_list: PriceList, at: datetime) -> bool:
    begun = price_list.starts_at is None or price_list.starts_at <= at
    return price_list.active and begun and (price_list.ends_at is None or at < price_list.ends_at)


def discounted(amount_minor: int, off_bp: int) -> int:
    """Less by so many hundredths of a percent, to the nearest minor unit; a half becomes the higher price."""
    return (amount_minor * (WHOLE_BP - off_bp) + WHOLE_BP // 2) // WHOLE_BP


def _applies(tier: Tier, wanted: Wanted) -> bool:
    return _is_for(tier, wanted) and in_effect(tier.price_list, wanted.at)


def _is_for(tier: Tier, wanted: Wanted) -> bool:
    """At whatever moment."""
    its = tier.price_list
    return (
        its.currency == wanted.currency
        and its.customer_group in (None, wanted.customer_group)
        and wanted.price_list_id in (None, its.id)
        and tier.from_quantity <= wanted.quantity
    )


def _rank(price_list: PriceList) -> tuple[int, datetime, UUID]:
    return (price_list.priority, price_list.created_at, price_list.id)
