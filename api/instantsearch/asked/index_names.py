"""Reads the name of an index: a view of the shop's products, how they are sorted, in which language and money; or its
categories, or what others searched for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

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
Held = Literal["products", "categories", "past queries"]
#: These are called as the clients' manuals call them. They have no order of their own choice, and no money.
OTHERS: Final[Mapping[str, Held]] = {"categories": "categories", "products_query_suggestions": "past queries"}
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class View:
    """None: the shop's own."""

    sort: Sort
    locale: str | None = None
    currency: str | None = None
    holds: Held = "products"


def view_named(name: str) -> View:
    """`products_price_asc`, `products/de`, `products/de-AT/EUR`. Raises `NotAsked` (404)."""
    first, *others = name.split("/")
    if (first not in SORTS and first not in OTHERS) or len(others) > 2:
        raise no_index(name)
    locale, currency = None, None
    for other in others:
        if other in EXPONENTS and currency is None and first in SORTS:
            currency = other
        elif _LOCALE.fullmatch(other) and locale is None:
            locale = other
        else:
            raise no_index(name)
    return View(SORTS.get(first, "relevance"), locale, currency, OTHERS.get(first, "products"))


def is_locale(text: str) -> bool:
    return _LOCALE.fullmatch(text) is not None
