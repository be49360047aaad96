"""The page of a product."""

from collections.abc import Mapping
from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, redirect

from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.storefront.own_api import Refused
from api.storefront.pages.search_pages import WHY
from api.storefront.shown_product import currencies_of, details_of, linked_data, variants_of
from api.storefront.shown_search import hit_of
from api.storefront.visit import Visit
from api.storefront.words import direction_of
from api.use_cases.product_files.html_text import html_text

_RELATED: Final = 6

product_pages = APIBlueprint("product_pages", __name__, url_prefix=STOREFRONT_ROOT)


@product_pages.get("/<locale>/products/<handle>")
@public(WHY)
def show_product(locale: str, handle: str) -> Response:
    """What it is, what it costs now, whether it can be had, and what else there is of its kind."""
    visit = Visit.of(locale)
    answer = visit.api.get(
        f"/v1/products/by-handle/{handle}", locale=locale, currency=visit.currency, include="categories"
    )
    if answer.moved_to is not None:
        now = answer.moved_to.partition("?")[0].rpartition("/")[2]
        return redirect(visit.at(f"products/{now}"), 301)  # type: ignore[return-value]  # werkzeug's, which Flask's is
    product = answer.body
    described = html_text(product["description"] or "")
    handles = _handles(visit, product)
    address = visit.at(f"products/{product['handle']}", currency=visit.shop.currency)
    own, related, fresh = _searched(visit, product)
    in_stock = None if own is None else bool(own["in_stock"])
    return visit.page(
        "product.html",
        product=product,
        description=described,
        direction=direction_of(product["locale"]),
        variants=variants_of(visit, product),
        details=details_of(visit, product),
        categories=[
            {"name": one["name"], "address": visit.at(f"category/{one['slug']}")} for one in product["categories"]
        ],
        currencies=[
            {"code": code, "address": visit.at(f"products/{product['handle']}", currency=code)}
            for code in currencies_of(visit, product)
        ],
        in_stock=in_stock,
        related=[hit_of(visit, hit) for hit in related],
        bought=[hit_of(visit, hit) for hit in _bought_with(visit, product)],
        linked=linked_data(visit, product, described, address, in_stock),
        canonical=visit.whole(address),
        alternates=[
            {
                "locale": one,
                "address": visit.whole(visit.at(f"products/{name}", locale=one, currency=visit.shop.currency)),
            }
            for one, name in handles.items()
        ],
        languages=[
            {"locale": one, "address": visit.at(f"products/{handles.get(one, product['handle'])}", locale=one)}
            for one in visit.shop.locales
        ],
        fresh=fresh,
    )


def _handles(visit: Visit, product: Mapping[str, Any]) -> dict[str, str]:
    """Its address in each language of the shop that it has texts in."""
    texts = visit.api.get(f"/v1/products/{product['id']}", fields="translations").body["translations"]
    return {text["locale"]: text["handle"] for text in texts if text["locale"] in visit.shop.locales}


def _searched(
    visit: Visit, product: Mapping[str, Any]
) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]], Mapping[str, Any] | None]:
    """Its own hit, what is related to it, and how fresh that is. Nothing where the search does not say."""
    told = _beside(visit, product, "related")
    return (None, [], None) if told is None else (told["product"], told["hits"], told)


def _bought_with(visit: Visit, product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    told = _beside(visit, product, "bought-together")
    return [] if told is None else list(told["hits"])


def _beside(visit: Visit, product: Mapping[str, Any], what: str) -> Mapping[str, Any] | None:
    """None where nobody can say."""
    address = f"/v1/search/products/{product['id']}/{what}"
    try:
        told: Mapping[str, Any] = visit.api.get(
            address, size=_RELATED, locale=visit.locale, currency=visit.currency
        ).body
    except Refused:
        return None
    return told
