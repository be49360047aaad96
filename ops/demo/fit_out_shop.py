"""Fits a shop out beside its catalogue: weekly promotions, a trade price, collections, taxes, shipping, codes, pages.

What the source decides is said again as it is, so that saying it twice changes nothing. What it does not know (taxes,
shipping, codes) is said once: afterwards it is the shop's.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from ops.demo.grocer_offers import CHEAP_MINOR, STORE_BRAND, Offers
from ops.demo.grocer_source import CURRENCY
from ops.demo.shop_client import Answer, Shop
from ops.demo.shop_pages import write_pages

TRADE: Final = "trade"
BY_THE_CASE: Final = "By the case"
CASE: Final = 6
_BATCH: Final = 500

#: As of Ohio and its Hamilton County; food to take home is free of it.
_STATE_RATE: Final = 575
_COUNTY_RATE: Final = 780
_COUNTY_POSTAL: Final = "452"
_FRESH: Final = "PRODUCE"
_FOOD: Final = ("GROCERY", _FRESH, "MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD", "NUTRITION", "PASTRY")

_SHIPPING: Final = (
    {
        "code": "pickup",
        "names": [{"locale": "en", "name": "Pick up in the store"}],
        "prices": [{"currency": CURRENCY, "amount_minor": 0}],
    },
    {
        "code": "van",
        "names": [{"locale": "en", "name": "By our van"}],
        "countries": ["US"],
        "prices": [{"currency": CURRENCY, "amount_minor": 995, "free_from_minor": 7500}],
    },
)
CODES: Final = (
    {"code": "WELCOME10", "kind": "percentage", "value": 1000},
    {"code": "FIVEOFF", "kind": "amount", "value": 500, "currency": CURRENCY, "minimum_minor": 5000},
    {"code": "FREEVAN", "kind": "free_shipping", "most_uses": 500},
    {"code": "SUMMER17", "kind": "percentage", "value": 2000, "ends_at": "2017-09-01T00:00:00-04:00"},
)


def fit_out(shop: Shop, offers: Offers) -> None:
    _say_prices(shop, offers)
    shop.take_in("collections", collections(offers))
    if not shop.get("/v1/checkout/taxes")["version"]:
        shop.put("/v1/checkout/taxes", _taxes(shop))
    if not shop.get("/v1/checkout/shipping")["version"]:
        shop.put("/v1/checkout/shipping", {"methods": list(_SHIPPING)})
    there = {discount["code"] for discount in shop.pages("/v1/discounts")}
    for code in CODES:
        if code["code"] not in there:
            shop.post("/v1/discounts", code)
    write_pages(shop)


def collections(offers: Offers) -> list[dict[str, Any]]:
    """Two that are chosen, and some by rules, as an import takes them."""
    fresh = _collection(
        "fresh-today", "Fresh today", rule=_rule({"field": "category", "values": [_FRESH]}, {"field": "in_stock"})
    )
    return [
        _collection("offers-of-the-week", "Offers of the week", products=offers.largest_savings()),
        _collection("bestsellers", "Bestsellers", products=list(offers.bestsellers)),
        _collection("store-brand", "Our own brand", rule=_rule({"field": "brand", "values": [STORE_BRAND]})),
        _collection(
            "small-change",
            "Below two dollars",
            rule=_rule({"field": "price", "currency": CURRENCY, "least_minor": 1, "most_minor": CHEAP_MINOR - 1}),
        ),
        *([fresh] if any(product.department == _FRESH for product in offers.products) else []),
    ]


def _say_prices(shop: Shop, offers: Offers) -> None:
    lists = {
        week.name: {"starts_at": week.starts_at.isoformat(), "ends_at": week.ends_at.isoformat(), "priority": 10}
        for week in offers.promotions
    }
    _make_lists(shop, {**lists, BY_THE_CASE: {"customer_group": TRADE, "priority": 20}})
    promoted = (
        {
            "price_list": week.name,
            "sku": one.sku,
            "amount_minor": one.amount_minor,
            "compare_at_minor": one.compare_at_minor,
        }
        for week, promotions in offers.promotions.items()
        for one in promotions
    )
    by_the_case = (
        {"price_list": BY_THE_CASE, "sku": sku, "amount_minor": minor, "from_quantity": CASE}
        for sku, minor in offers.by_the_case_minor().items()
    )
    for batch in _batches((*promoted, *by_the_case)):
        shop.take_in("prices", batch)


def _make_lists(shop: Shop, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    there = {one["name"] for one in shop.pages("/v1/price-lists")}
    for name, rest in wanted.items():
        if name not in there:
            shop.post("/v1/price-lists", {"name": name, "currency": CURRENCY, **rest})


def _taxes(shop: Shop) -> dict[str, Any]:
    food = [one["id"] for one in shop.pages("/v1/categories") if one["external_id"] in _FOOD]
    places = (("", _STATE_RATE), (_COUNTY_POSTAL, _COUNTY_RATE))
    rates = [
        {"country": "US", "postal_prefix": prefix, "category_id": category, "rate": 0 if category else rate}
        for prefix, rate in places
        for category in (None, *food)
    ]
    return {"prices_include_tax": False, "rates": rates}


def _collection(external_id: str, title: str, **content: Any) -> dict[str, Any]:
    text = {"locale": "en", "title": title, "handle": external_id}
    return {"external_id": external_id, "translations": [text], **content}


def _rule(*conditions: Answer) -> dict[str, Any]:
    return {"match": "all", "conditions": list(conditions)}


def _batches(items: Iterable[Answer]) -> Iterable[Sequence[Answer]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
