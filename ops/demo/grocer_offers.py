"""Says what the grocer had on offer: what a store sold for less in a week, what it sold most, what is in its shelves.

A promotion is what the till took for one, before coupons, where it gave the discount of the week; the middle one of
these prices, where it is below the product's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ops.demo.grocer_source import Grocer, GrocerProduct
from ops.demo.promotion_weeks import Week, weeks_around

MOST_SHOWN: Final = 50
CHEAP_MINOR: Final = 200
STORE_BRAND: Final = "Store brand"


@dataclass(frozen=True, slots=True)
class Promotion:
    sku: str
    amount_minor: int
    compare_at_minor: int

    @property
    def saved_minor(self) -> int:
        return self.compare_at_minor - self.amount_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Of one shop. `this_week` is one of `promotions`; `bestsellers` come in order."""

    this_week: Week
    promotions: dict[Week, Sequence[Promotion]]
    bestsellers: Sequence[str]
    products: Sequence[GrocerProduct]

    def largest_savings(self) -> list[str]:
        """What is cheapest against its own price this week."""
        ranked = sorted(self.promotions[self.this_week], key=lambda one: (-one.saved_minor, one.sku))
        return [one.sku for one in ranked[:MOST_SHOWN]]

    def by_the_case_minor(self) -> dict[str, int]:
        """What traders pay for one of six bestsellers: 5 % off, a half becomes the higher price."""
        own = {product.external_id: product.price_minor for product in self.products}
        return {sku: (own[sku] * 9_500 + 5_000) // 10_000 for sku in self.bestsellers}


def offers_of_store(grocer: Grocer, store: int, now: datetime) -> Offers:
    products = grocer.products(store)
    weeks = weeks_around(now)
    return Offers(
        this_week=weeks[1],
        promotions={
            week: _promotions(grocer, products, "sold WHERE store_id = ? AND week = ?", store, week.source_week)
            for week in weeks
        },
        bestsellers=_bestsellers(grocer, products, "sold WHERE store_id = ?", store),
        products=products,
    )


def offers_of_busiest_day(grocer: Grocer, products: Sequence[GrocerProduct], now: datetime) -> Offers:
    """Of all stores together, those of that day as those of this week. `Grocer.busiest_day` was asked before."""
    this_week = weeks_around(now)[1]
    return Offers(
        this_week=this_week,
        promotions={this_week: _promotions(grocer, products, "day WHERE true")},
        bestsellers=_bestsellers(grocer, products, "day WHERE true"),
        products=products,
    )


def _promotions(grocer: Grocer, products: Sequence[GrocerProduct], among: str, *values: Any) -> list[Promotion]:
    own = {product.external_id: product.price_minor for product in products}
    found = grocer.ask(
        f"""
        SELECT product_id::VARCHAR, quantile_disc(round(promotion_minor / quantity)::BIGINT, 0.5) AS amount_minor
        FROM {among} AND promoted AND quantity > 0 GROUP BY product_id HAVING amount_minor > 0 ORDER BY product_id
        """,  # noqa: S608  # texts of this module
        *values,
    )
    return [Promotion(sku, amount, own[sku]) for sku, amount in found if amount < own.get(sku, 0)]


def _bestsellers(grocer: Grocer, products: Sequence[GrocerProduct], among: str, *values: Any) -> list[str]:
    """Which most baskets had. What has no price of its own is none."""
    priced = {product.external_id for product in products if product.price_minor > 0}
    found = grocer.ask(
        f"SELECT product_id::VARCHAR FROM {among} AND quantity > 0 GROUP BY product_id"  # noqa: S608
        " ORDER BY count(DISTINCT basket_id) DESC, product_id",
        *values,
    )
    return [sku for (sku,) in found if sku in priced][:MOST_SHOWN]
