"""Compares what shops offer with the source: promotions to the cent, what is in collections, what search shows."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ops.demo import fit_out_shop
from ops.demo.grocer_offers import CHEAP_MINOR, STORE_BRAND, Offers
from ops.demo.shop_client import Shop

#: Shop, what it is, and of which SKU; `""`: of all together.
Place = tuple[str, str, str]
#: Collections of which the source knows how much is in them.
_COUNTED: Final = ("offers-of-the-week", "bestsellers", "small-change", "store-brand")
_LIST: Final = "price list "
#: Promotions of this week that are looked up in search as a customer would.
_LOOKED_UP: Final = 10
#: The scheduler tells what begins by the clock, product by product; thousands of them at once take it a while.
_TOLD_S: Final = 120.0
_LOOKS_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class OfferDifference:
    """None stands for what one side does not have."""

    place: Place
    source: int | None
    shop: int | None


@dataclass(frozen=True, slots=True)
class OfferComparison:
    """Prices in cents, and numbers of products."""

    source: dict[Place, int]
    shop: dict[Place, int]

    def differences(self) -> list[OfferDifference]:
        places = sorted(self.source.keys() | self.shop.keys())
        return [
            OfferDifference(place, self.source.get(place), self.shop.get(place))
            for place in places
            if self.source.get(place) != self.shop.get(place)
        ]

    @property
    def prices(self) -> int:
        """How many prices the source's lists have."""
        return sum(what.startswith(_LIST) for _, what, _ in self.source)

    @property
    def source_minor(self) -> int:
        return _listed(self.source)

    @property
    def shop_minor(self) -> int:
        return _listed(self.shop)


def compare_offers(sides: Iterable[tuple[Shop, Offers]]) -> OfferComparison:
    source: dict[Place, int] = {}
    found: dict[Place, int] = {}
    for shop, offers in sides:
        source |= {(shop.slug, what, sku): number for (what, sku), number in _wanted(offers).items()}
        found |= {(shop.slug, what, sku): number for (what, sku), number in _found(shop, offers).items()}
    return OfferComparison(source, found)


def _wanted(offers: Offers) -> dict[tuple[str, str], int]:
    wanted = {
        (f"{_LIST}{week.name}", one.sku): one.amount_minor
        for week, promotions in offers.promotions.items()
        for one in promotions
    }
    wanted |= {(f"{_LIST}{fit_out_shop.BY_THE_CASE}", sku): minor for sku, minor in offers.by_the_case_minor().items()}
    cheap = sum(0 < product.price_minor < CHEAP_MINOR for product in offers.products)
    branded = sum(product.brand == STORE_BRAND for product in offers.products)
    numbers = (len(offers.largest_savings()), len(offers.bestsellers), cheap, branded)
    wanted |= {(f"collection {name}", ""): number for name, number in zip(_COUNTED, numbers, strict=True)}
    wanted |= {("codes", ""): len(fit_out_shop.CODES)}
    return wanted | {("search", one.sku): one.amount_minor for one in offers.promotions[offers.this_week][:_LOOKED_UP]}


def _found(shop: Shop, offers: Offers) -> dict[tuple[str, str], int]:
    """Lists of other weeks, of a demo that ran then, are none of these."""
    found: dict[tuple[str, str], int] = {}
    names = {week.name for week in offers.promotions} | {fit_out_shop.BY_THE_CASE}
    for price_list in shop.pages("/v1/price-lists"):
        if price_list["name"] in names:
            prices = shop.pages(f"/v1/price-lists/{price_list['id']}/prices")
            what = f"{_LIST}{price_list['name']}"
            found |= {(what, one["sku"]): one["prices"][0]["amount_minor"] for one in prices}
    for name in _COUNTED:
        products = shop.pages(f"/v1/collections/by-handle/{name}/products", locale="en", fields="id")
        found[f"collection {name}", ""] = sum(1 for _ in products)
    codes = {discount["code"] for discount in shop.pages("/v1/discounts")}
    found["codes", ""] = sum(code["code"] in codes for code in fit_out_shop.CODES)
    return found | _searched(shop, offers)


def _searched(shop: Shop, offers: Offers) -> dict[tuple[str, str], int]:
    """As soon as it is what was promised, or when that should have been told long ago."""
    wanted = {("search", one.sku): one.amount_minor for one in offers.promotions[offers.this_week][:_LOOKED_UP]}
    deadline = time.monotonic() + _TOLD_S
    while (found := _shown(shop, offers)) != wanted and time.monotonic() < deadline:
        time.sleep(_LOOKS_EVERY_S)
    return found


def _shown(shop: Shop, offers: Offers) -> dict[tuple[str, str], int]:
    found = {}
    for one in offers.promotions[offers.this_week][:_LOOKED_UP]:
        for hit in shop.get("/v1/search/products", q=one.sku, per_page=20)["hits"]:
            if one.sku in hit["skus"]:
                found["search", one.sku] = hit["price_min_minor"]
    return found


def _listed(side: dict[Place, int]) -> int:
    return sum(minor for (_, what, _), minor in side.items() if what.startswith(_LIST))
