"""Writes a found product as a record of such an index."""

from collections.abc import Mapping
from typing import Any, Final

from api.domain.money import EXPONENTS
from api.instantsearch.answers.highlights import Looked, highlighted, snippets
from api.instantsearch.asked.asked_search import ALL, AskedSearch
from sinks.search.product_hits import ProductHit

#: What can be marked.
_TEXTS: Final = ("title", "subtitle", "description", "brand", "tags")


def hit_answer(hit: ProductHit, asked: AskedSearch, looked: Looked) -> dict[str, Any]:
    record = _record(hit)
    texts = {name: record[name] for name in _TEXTS}
    told = {"objectID": str(hit.id), **retrieved(record, asked.retrieved)}
    told["_highlightResult"] = highlighted(texts, looked, asked.marks)
    if asked.marks.snippets:
        told["_snippetResult"] = snippets(texts, looked, asked.marks)
    return told


def in_units(amount_minor: float | None, currency: str | None) -> float | None:
    """A price as a number of whole units, as it is filtered by."""
    if amount_minor is None or currency is None:
        return None
    return amount_minor / float(10 ** EXPONENTS[currency])


def _record(hit: ProductHit) -> dict[str, Any]:
    return {
        "title": hit.title,
        "handle": hit.handle,
        "subtitle": hit.subtitle,
        "description": hit.description,
        "brand": hit.brand,
        "tags": list(hit.tags),
        "category_ids": list(map(str, hit.category_ids)),
        "currency": hit.currency,
        "price": in_units(hit.price_min_minor, hit.currency),
        "price_max": in_units(hit.price_max_minor, hit.currency),
        "image_url": hit.image_url,
        "skus": list(hit.skus),
        "units": list(hit.units),
        "in_stock": hit.in_stock,
        "locale": hit.locale,
        "version": hit.version,
    }


def retrieved(record: Mapping[str, Any], names: tuple[str, ...] | None) -> dict[str, Any]:
    """`*` is everything, and so are none but those with a dash: `-name` leaves one out. An empty list is nothing."""
    if names is None:
        return dict(record)
    without = {name[1:] for name in names if name.startswith("-")}
    named = [name for name in names if not name.startswith("-")]
    wanted = record if ALL in named or (without and not named) else named
    return {name: record[name] for name in wanted if name in record and name not in without}
