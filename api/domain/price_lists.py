"""Decides what becomes of a price list, and of the prices that a product has in lists. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import FieldError, Invalid
from api.domain.list_prices import MOST_FROM_QUANTITY, Tier, group_prices, next_change, public_prices
from api.domain.money import EXPONENTS, MOST_MINOR
from schemas.events.price_list import PriceList, PriceListCreated, PriceListDeleted, PriceListUpdated
from schemas.events.product import Price
from schemas.events.product_prices import (
    GroupPrice,
    ListPrice,
    ProductPrices,
    ProductPricesDeleted,
    ProductPricesUpdated,
    PublicPrice,
)

#: Of a list; two with the same one are in the order in which they were made.
MOST_PRIORITY: Final = 1_000_000
#: What a customer group may be called: a code of the shop's own.
GROUP_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]*$"
LONGEST_GROUP: Final = 63
#: Groups that have prices of their own of one product: all of them are in its document in search.
MOST_GROUPS: Final = 100
#: What may be changed; the currency and whom it is for stay as they are, for its prices were meant so.
CHANGEABLE: Final = ("name", "starts_at", "ends_at", "priority", "active")
#: Those that decide which list decides.
_DECIDING: Final = frozenset({"starts_at", "ends_at", "priority", "active"})


@dataclass(frozen=True, slots=True)
class VariantPrices:
    """Of one variant: what the product says, and what the lists say."""

    variant_id: UUID
    base: tuple[Price, ...]
    tiers: tuple[Tier, ...]


def create(price_list: PriceList, now: datetime) -> Decision[PriceList]:
    _check(price_list)
    event = DatedEvent(PriceListCreated(price_list=price_list), now)
    return Decision(aggregate_id=price_list.id, value=price_list, happened=(event,))


def change(held: Versioned[PriceList], wanted: PriceList, now: datetime) -> Decision[PriceList] | None:
    """None when nothing is different."""
    changed = tuple(name for name in CHANGEABLE if getattr(held.value, name) != getattr(wanted, name))
    if not changed:
        return None
    _check(wanted)
    event = DatedEvent(PriceListUpdated(price_list=wanted, changed=changed), now)
    return Decision(aggregate_id=wanted.id, value=wanted, happened=(event,), was_at=held.version)


def delete(held: Versioned[PriceList], now: datetime) -> Decision[PriceList]:
    event = DatedEvent(PriceListDeleted(price_list=held.value), now)
    return Decision(aggregate_id=held.value.id, value=held.value, happened=(event,), was_at=held.version)


def decides_otherwise(event: PriceListUpdated) -> bool:
    """Whether a product may have another price by this change."""
    return not _DECIDING.isdisjoint(event.changed)


def prices_of(before: ProductPrices, variants: Sequence[VariantPrices], at: datetime) -> ProductPrices:
    """What there is to tell of a product's prices at this moment. `variants` are in its order."""
    return ProductPrices(
        id=before.id,
        product_id=before.product_id,
        list_prices=tuple(
            ListPrice(
                price_list_id=tier.price_list.id,
                variant_id=variant.variant_id,
                from_quantity=tier.from_quantity,
                currency=tier.price_list.currency,
                amount_minor=tier.amount_minor,
                compare_at_minor=tier.compare_at_minor,
            )
            for variant in variants
            for tier in variant.tiers
        ),
        public_prices=tuple(
            PublicPrice(
                variant_id=variant.variant_id,
                currency=one.currency,
                amount_minor=one.amount_minor,
                compare_at_minor=one.compare_at_minor,
                price_list_id=None if one.price_list is None else one.price_list.id,
            )
            for variant in variants
            for one in public_prices(variant.base, variant.tiers, at)
        ),
        group_prices=tuple(
            GroupPrice(
                customer_group=group,
                variant_id=variant.variant_id,
                currency=one.currency,
                amount_minor=one.amount_minor,
                compare_at_minor=one.compare_at_minor,
                price_list_id=one.price_list.id,
            )
            for variant in variants
            for group, its in group_prices(variant.base, variant.tiers, at).items()
            for one in its
            if one.price_list is not None
        ),
        next_change_at=next_change((tier for variant in variants for tier in variant.tiers), at),
    )


def renew(held: Versioned[ProductPrices], wanted: ProductPrices, now: datetime) -> Decision[ProductPrices] | None:
    """From what was said last to what is so now; None when it is the same."""
    names = ("list_prices", "public_prices", "group_prices", "next_change_at")
    changed = tuple(name for name in names if getattr(held.value, name) != getattr(wanted, name))
    if not changed:
        return None
    event = DatedEvent(ProductPricesUpdated(product_prices=wanted, changed=changed), now)
    return Decision(aggregate_id=wanted.id, value=wanted, happened=(event,), was_at=held.version)


def nothing_said(new_id: UUID, product_id: UUID) -> Versioned[ProductPrices]:
    """Of a product that was in no list yet."""
    none = ProductPrices(
        id=new_id, product_id=product_id, list_prices=(), public_prices=(), group_prices=(), next_change_at=None
    )
    return Versioned(none, 0)


def forget(held: Versioned[ProductPrices], now: datetime) -> Decision[ProductPrices]:
    """The product itself goes."""
    event = DatedEvent(ProductPricesDeleted(product_prices=held.value), now)
    return Decision(aggregate_id=held.value.id, value=held.value, happened=(event,), was_at=held.version)


def wrong(price_list: PriceList) -> list[FieldError]:
    """What no list may be."""
    found = []
    if price_list.currency not in EXPONENTS:
        found.append(FieldError("currency", "unknown_currency", f"{price_list.currency} is no ISO 4217 currency."))
    starts_at, ends_at = price_list.starts_at, price_list.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        found.append(FieldError("ends_at", "too_low", "It ends after it starts."))
    if not 0 <= price_list.priority <= MOST_PRIORITY:
        found.append(FieldError("priority", "out_of_range", f"It is 0 to {MOST_PRIORITY}."))
    return found


def wrong_prices(prices: ProductPrices) -> list[FieldError]:
    """What no prices of a product may be."""
    found = []
    for at, one in enumerate(prices.list_prices):
        here = f"list_prices.{at}"
        if not 1 <= one.from_quantity <= MOST_FROM_QUANTITY:
            found.append(FieldError(f"{here}.from_quantity", "out_of_range", f"It is 1 to {MOST_FROM_QUANTITY}."))
        found += _wrong_amounts(here, one.currency, one.amount_minor, one.compare_at_minor)
    for at, public in enumerate(prices.public_prices):
        here = f"public_prices.{at}"
        found += _wrong_amounts(here, public.currency, public.amount_minor, public.compare_at_minor)
    for at, its in enumerate(prices.group_prices):
        here = f"group_prices.{at}"
        if len(its.customer_group) > LONGEST_GROUP or re.fullmatch(GROUP_PATTERN, its.customer_group) is None:
            found.append(FieldError(f"{here}.customer_group", "malformed", "It is letters, digits, - and _."))
        found += _wrong_amounts(here, its.currency, its.amount_minor, its.compare_at_minor)
    return found


def groups_of(variants: Sequence[VariantPrices]) -> set[str]:
    """Those that have prices of their own of the product that these are the variants of."""
    tiers = (tier for variant in variants for tier in variant.tiers)
    return {group for tier in tiers if (group := tier.price_list.customer_group) is not None}


def check_groups(groups: Collection[str]) -> None:
    """Raises `Invalid` for more than a product can have prices for."""
    if len(groups) > MOST_GROUPS:
        message = f"A product has prices of its own for {MOST_GROUPS} customer groups at most."
        raise Invalid.field("price_list", "too_many_groups", message)


def check_tier(tier: Tier) -> None:
    """Raises `Invalid`."""
    if found := _wrong_amounts("", tier.price_list.currency, tier.amount_minor, tier.compare_at_minor):
        raise Invalid("The price breaks a rule.", found)


def _check(price_list: PriceList) -> None:
    if found := wrong(price_list):
        raise Invalid("The price list breaks a rule.", found)


def _wrong_amounts(here: str, currency: str, amount_minor: int, compare_at_minor: int | None) -> list[FieldError]:
    before = f"{here}." if here else ""
    found = []
    if currency not in EXPONENTS:
        found.append(FieldError(f"{before}currency", "unknown_currency", f"{currency} is no ISO 4217 currency."))
    if not 0 <= amount_minor <= MOST_MINOR:
        found.append(FieldError(f"{before}amount_minor", "out_of_range", f"It is 0 to {MOST_MINOR}."))
    if compare_at_minor is not None and not amount_minor <= compare_at_minor <= MOST_MINOR:
        found.append(FieldError(f"{before}compare_at_minor", "too_low", "The crossed-out price is below the price."))
    return found


def without_prices(prices: ProductPrices) -> ProductPrices:
    """What may be told of them when the shop is gone."""
    return replace(prices, list_prices=(), public_prices=(), group_prices=(), next_change_at=None)
