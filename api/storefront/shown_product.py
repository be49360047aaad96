"""Makes of a product what its page shows: variants with their prices, details, and what search engines read of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.storefront.amounts import plain
from api.storefront.quantities import priced_by
from api.storefront.visit import Visit

_SCHEMA: Final = "https://schema.org"


def variants_of(visit: Visit, product: Mapping[str, Any]) -> list[dict[str, Any]]:
    """In the product's order, each called by the values of its options."""
    names = {choice["code"]: {one["code"]: one["name"] for one in choice["values"]} for choice in product["choices"]}
    return [
        {
            "sku": one["sku"],
            "name": " · ".join(
                names.get(code, {}).get(value, value) for code, value in _in_order(product["options"], one)
            ),
            "price": _price_of(visit, one),
            "unit": priced_by([one["unit"]]),
        }
        for one in product["variants"]
    ]


def _in_order(options: Sequence[str], variant: Mapping[str, Any]) -> list[tuple[str, str]]:
    values = variant["option_values"]
    return [(code, values[code]) for code in options if code in values]


def _price_of(visit: Visit, variant: Mapping[str, Any]) -> dict[str, Any] | None:
    price = variant.get("price")
    if price is None:
        return None
    currency = price["currency"]

    def told(name: str) -> str | None:
        return None if price[name] is None else visit.money(price[name], currency)

    return {
        "amount": told("amount_minor"),
        "before": told("compare_at_minor"),
        "lowest": told("lowest_minor"),
        "tax": visit.words.tax_in if price["tax_included"] else visit.words.tax_out,
    }


def details_of(visit: Visit, product: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Its typed attributes in words."""
    return [(name, _said(visit, value)) for name, value in product["attributes"].items()]


def _said(visit: Visit, value: Any) -> str:
    match value:
        case bool():
            return visit.words.yes if value else visit.words.no
        case {"number": str(number)}:
            return number
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def currencies_of(visit: Visit, product: Mapping[str, Any]) -> list[str]:
    """Those it has a price in, the shop's own first, and the one that was asked for."""
    found = {price["currency"] for one in product["variants"] for price in one["prices"]}
    return sorted(found | {visit.shop.currency, visit.currency}, key=lambda code: (code != visit.shop.currency, code))


def linked_data(
    visit: Visit, product: Mapping[str, Any], description: str, address: str, in_stock: bool | None
) -> dict[str, Any]:
    """A `Product` of schema.org; an offer says nothing of stock where that is not known."""
    stock = {} if in_stock is None else {"availability": f"{_SCHEMA}/{'InStock' if in_stock else 'OutOfStock'}"}
    offers = [
        {
            "@type": "Offer",
            "sku": one["sku"],
            "price": plain(one["price"]["amount_minor"], one["price"]["currency"]),
            "priceCurrency": one["price"]["currency"],
            "url": visit.whole(address),
            **stock,
        }
        for one in product["variants"]
        if one.get("price") is not None
    ]
    told = {
        "@context": _SCHEMA,
        "@type": "Product",
        "name": product["title"],
        "description": product["seo_description"] or description or None,
        "image": [one["url"] for one in product["images"]],
        "sku": product["variants"][0]["sku"] if product["variants"] else None,
        "brand": {"@type": "Brand", "name": product["brand"]} if product["brand"] else None,
        "offers": offers,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}
