"""Shows a found product to a visitor: in a language they understand, at its price in their currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sinks.search.price_clauses import amounts_of
from sinks.search.product_documents import STOCK_PART
from sinks.search.product_query import ProductQuery
from sinks.search.query_words import Markers
from sinks.search.search_languages import choose, language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductHit:
    """`locale` is that of the shown texts. Prices are in the currency that was asked for, and those of whoever
    asked; without one in it, None.

    `units` are those that its variants are sold by, each once: a price is that of one (`schemas.units`).

    `highlight` is the title with the found words in `<em>`, HTML-escaped; `snippet` the same of the subtitle or of a
    part of the description. `description` is what is kept of its beginning, without HTML. `pinned`: a rule of the shop
    put it where it is.
    """

    id: UUID
    title: str
    handle: str
    subtitle: str | None
    description: str | None
    brand: str | None
    tags: tuple[str, ...]
    category_ids: tuple[UUID, ...]
    currency: str | None
    price_min_minor: int | None
    price_max_minor: int | None
    image_url: str | None
    skus: tuple[str, ...]
    units: tuple[str, ...]
    in_stock: bool
    locale: str
    highlight: str | None
    snippet: str | None
    score: float | None
    version: int
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class SuggestedCategory:
    """`highlight` is the name with what was typed in `<em>`, HTML-escaped."""

    id: UUID
    name: str
    locale: str
    highlight: str | None


def shown_hit(hit: Mapping[str, Any], query: ProductQuery, markers: Markers, *, pinned: bool = False) -> ProductHit:
    document = hit["_source"]
    locale, text = choose(document["texts"], query.locales)
    marker = markers.of(language_of(locale))
    amounts = amounts_of(document, query)
    under = text["subtitle"] and marker.html(text["subtitle"])
    return ProductHit(
        id=UUID(hit["_id"]),
        title=text["title"],
        handle=text["handle"],
        subtitle=text["subtitle"],
        description=text["description"],
        brand=document["brand"],
        tags=tuple(document["tags"]),
        category_ids=tuple(UUID(id_) for id_ in document["category_ids"]),
        currency=query.currency if amounts else None,
        price_min_minor=min(amounts, default=None),
        price_max_minor=max(amounts, default=None),
        image_url=document["image_url"],
        skus=tuple(document["skus"]),
        units=tuple(document["units"]),
        in_stock=_in_stock(document),
        locale=locale,
        highlight=marker.html(text["title"]),
        snippet=under or marker.snippet(text["description"] or ""),
        score=hit.get("_score"),
        version=document["version"],
        pinned=pinned,
    )


def suggested_category(id_: str, names: Mapping[str, str], query: ProductQuery, markers: Markers) -> SuggestedCategory:
    locale, name = choose(names, query.locales)
    return SuggestedCategory(UUID(id_), name, locale, markers.of(language_of(locale)).html(name))


def _in_stock(document: Mapping[str, Any]) -> bool:
    """One variant can be bought: it is in stock somewhere, or not counted at all."""
    counted = [one for one in document.get(STOCK_PART, ()) if one["shown"]]
    uncounted = len({one["variant_id"] for one in counted}) < document["variant_count"]
    return uncounted or any(one["in_stock"] for one in counted)
