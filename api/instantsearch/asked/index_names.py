"""Reads the name of an index, a view of the shop's products: how they are sorted, in which language and money."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.domain.money import EXPONENTS
from api.instantsearch.refusals import no_index
from sinks.search.product_query import Sort

SORTS: Final[Mapping[str, Sort]] = {
    "products": "relevance",
    "products_price_asc": "price_asc",
    "products_price_desc": "price_desc",
    "products_newest": "newest",
    "products_title": "title",
}
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class View:
    """None: the shop's own."""

    sort: Sort
    locale: str | None = None
    currency: str | None = None


def view_named(name: str) -> View:
    """`products_price_asc`, `products/de`, `products/de-AT/EUR`. Raises `NotAsked` (404)."""
    first, *others = name.split("/")
    if first not in SORTS or len(others) > 2:
        raise no_index(name)
    locale, currency = None, None
    for other in others:
        if other in EXPONENTS and currency is None:
            currency = other
        elif _LOCALE.fullmatch(other) and locale is None:
            locale = other
        else:
            raise no_index(name)
    return View(SORTS[first], locale, currency)


def is_locale(text: str) -> bool:
    return _LOCALE.fullmatch(text) is not None
