"""Writes what customer groups pay into the document of a product, as terms that sort as their amounts do, and reads it.

`trade EUR 0000000000000800` is a price. One field holds those of all groups: shops make up as many groups as they like,
and a field for each would be a mapping without end.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas.events.product_prices import ProductPrices

#: In the part of a product's prices.
GROUPS: Final = "groups"
GROUP_PRICES: Final = "group_prices"
#: As many as the dearest price has.
_DIGITS: Final = 16
MOST: Final = 10**_DIGITS - 1


def fields_of(prices: ProductPrices) -> dict[str, list[str]]:
    """For each group, and each currency in which a list of theirs says something, what all variants cost its customers.

    None of it for a product on which no list of a group decides.
    """
    public: dict[str, dict[Any, int]] = {}
    for one in prices.public_prices:
        public.setdefault(one.currency, {})[one.variant_id] = one.amount_minor
    amounts: dict[tuple[str, str], dict[Any, int]] = {}
    for its in prices.group_prices:
        known = amounts.setdefault((its.customer_group, its.currency), dict(public.get(its.currency, {})))
        known[its.variant_id] = its.amount_minor
    if not amounts:
        return {}
    return {
        GROUPS: sorted(of_group(*whose) for whose in amounts),
        GROUP_PRICES: sorted({term(of_group(*whose), one) for whose, its in amounts.items() for one in its.values()}),
    }


def of_group(customer_group: str, currency: str) -> str:
    """What the terms of its prices begin with."""
    return f"{customer_group} {currency}"


def term(whose: str, amount_minor: int) -> str:
    return f"{whose} {amount_minor:0{_DIGITS}d}"


def amounts_in(part: Mapping[str, Any], whose: str) -> list[int]:
    """The lowest first; empty where the group pays what everybody does."""
    said = (one.rpartition(" ") for one in part.get(GROUP_PRICES, ()))
    return [int(amount) for group, _, amount in said if group == whose]
