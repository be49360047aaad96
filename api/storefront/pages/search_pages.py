"""The first page of a shop, its search, and the pages of its categories: all of them ask the search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, redirect, request

from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.storefront.asked_search import SORTS, AskedSearch
from api.storefront.own_api import Refused
from api.storefront.shown_product import currencies_of
from api.storefront.shown_search import chosen_of, facets_of, hit_of, last_page, marked, pages_of
from api.storefront.visit import Visit, shop_of_host

WHY: Final = "it asks the API as the visitor, who is refused there"
_MOST_LINKS: Final = 100
_MOST_WRITTEN: Final = 3

search_pages = APIBlueprint("search_pages", __name__, url_prefix=STOREFRONT_ROOT)


@search_pages.get("/")
@public(WHY)
def choose_language() -> Response:
    """To the shop in the visitor's language, or else in its own."""
    shop = shop_of_host()
    best = request.accept_languages.best_match(shop.locales) or shop.default_locale
    answer = redirect(Visit(shop=shop, locale=best, request=request).at())
    answer.headers["Vary"] = "Accept-Language"
    return answer  # type: ignore[return-value]  # werkzeug's class, which Flask's is made of


@search_pages.get("/<locale>/")
@public(WHY)
def show_search(locale: str) -> Response:
    """What the shop has, narrowed down by what stands in the address."""
    visit = Visit.of(locale)
    asked = AskedSearch.read(request.args, visit.currency)
    roots = _categories(visit, root="true") if asked.is_nothing else []
    return _found(visit, asked, below=roots)


@search_pages.get("/<locale>/category/<slug>")
@public(WHY)
def show_category(locale: str, slug: str) -> Response:
    """What is in a category, and the categories in it."""
    visit = Visit.of(locale)
    answer = visit.api.get(f"/v1/categories/by-slug/{slug}", locale=locale)
    if answer.moved_to is not None:
        slug = answer.moved_to.partition("?")[0].rpartition("/")[2]
        return redirect(visit.at(f"category/{slug}"), 301)  # type: ignore[return-value]  # as above
    category = answer.body
    asked = AskedSearch.read(request.args, visit.currency)
    text = visit.text_in(category["translations"])
    return _found(
        visit,
        asked,
        page=f"category/{slug}",
        within=category["id"],
        title=text["name"],
        description=text["description"],
        below=_categories(visit, parent_id=category["id"]),
    )


def _categories(visit: Visit, **which: str) -> list[dict[str, str]]:
    found = visit.api.get("/v1/categories", sort="position", limit=_MOST_LINKS, **which).body["items"]
    texts = [visit.text_in(one["translations"]) for one in found]
    return [
        {"name": text["name"], "lang": text["locale"], "address": visit.at(f"category/{text['slug']}")}
        for text in texts
    ]


def _found(
    visit: Visit,
    asked: AskedSearch,
    *,
    page: str = "",
    within: str | None = None,
    below: list[dict[str, str]],
    **shown: Any,
) -> Response:
    question = asked.question(visit.currency) | ({"category": within} if within else {})
    told: Mapping[str, Any] = visit.api.get(
        "/v1/search/products", locale=visit.locale, currency=visit.currency, session=visit.session, **question
    ).body
    last = last_page(told["total"])
    if 0 < last < asked.page:
        return redirect(visit.at(page, **replace(asked, page=last).parameters()))  # type: ignore[return-value]  # as above
    facets = facets_of(visit, asked, told["facets"], in_category=within is not None)
    pages = pages_of(visit, asked, told["total"], page)
    return visit.page(
        "search.html",
        asked=asked,
        told=told,
        meant=marked(told["did_you_mean"]["highlight"]) if told["did_you_mean"] else None,
        hits=[hit_of(visit, hit) for hit in told["hits"]],
        facets=facets,
        chosen=list(chosen_of(visit, asked, facets, page)),
        sorts=SORTS,
        pages=pages,
        written=_written(visit, asked),
        here=page,
        below=below,
        fresh=told,
        currencies=_currencies(visit, asked, told["hits"], page),
        languages=languages(visit, page, **asked.parameters()),
        **shown,
    )


def _written(visit: Visit, asked: AskedSearch) -> list[dict[str, Any]]:
    """Pages and posts with all the words, beside the first hits; none where nobody can say."""
    if not asked.q or asked.page > 1:
        return []
    try:
        told = visit.api.get("/v1/search/pages", q=asked.q, locale=visit.locale, per_page=_MOST_WRITTEN).body
    except Refused:
        return []
    return [
        {
            "title": marked(hit["highlight"]) if hit["highlight"] else hit["title"],
            "snippet": marked(hit["snippet"]) if hit["snippet"] else hit["summary"],
            "lang": hit["locale"],
            "address": visit.at(f"{hit['kind']}s/{hit['handle']}"),
        }
        for hit in told["hits"]
        if told["match"] == "all"
    ]


def _currencies(visit: Visit, asked: AskedSearch, hits: Sequence[Mapping[str, Any]], page: str) -> list[dict[str, str]]:
    """Those that the first product has a price in. Bounds of prices are left out: they were meant in this one."""
    product = visit.api.get(f"/v1/products/{hits[0]['id']}", fields="variants").body if hits else {"variants": []}
    parameters = asked.without("price_from").without("price_to").parameters()
    return [
        {"code": code, "address": visit.at(page, currency=code, **parameters)} for code in currencies_of(visit, product)
    ]


def languages(visit: Visit, page: str, /, **parameters: Any) -> list[dict[str, str]]:
    """The same page in each language of the shop."""
    return [{"locale": one, "address": visit.at(page, locale=one, **parameters)} for one in visit.shop.locales]
