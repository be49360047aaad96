"""Writes the answer to one request: every field that a widget reads, and how fresh it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from api.instantsearch.answers.facet_answers import facet_answer, facet_hits
from api.instantsearch.answers.highlights import Looked, looked_for
from api.instantsearch.answers.hit_answers import hit_answer
from api.instantsearch.asked.asked_search import AskedSearch
from sinks.search.found_products import FoundProducts
from sinks.search.product_query import DEEPEST_HIT
from sinks.search.word_clauses import Match


@dataclass(frozen=True, slots=True)
class Freshly:
    """What is the same for all answers of a call. `took_ms`: since it came."""

    as_of: str | None
    lag_ms: int | None
    took_ms: int


def answer_of(asked: AskedSearch, found: FoundProducts, freshly: Freshly, query_id: UUID) -> dict[str, Any]:
    if asked.facet_search is not None:
        return {**facet_hits(asked, found), "processingTimeMS": freshly.took_ms}
    facets = facet_answer(asked, found)
    told = listed(asked, _hits(asked, found), found.total, freshly, all_counted=facets.complete)
    if asked.facets:
        told["facets"] = facets.counts
        told["renderingContent"] = {"facetOrdering": {"facets": {"order": list(facets.counts)}}}
    if found.redirect is not None:
        told.setdefault("renderingContent", {})["redirect"] = {"url": found.redirect}
    if facets.stats:
        told["facets_stats"] = facets.stats
    if asked.counts_clicks:
        told["queryID"] = query_id.hex
    return told


def listed(
    asked: AskedSearch, hits: Sequence[Mapping[str, Any]], total: int, freshly: Freshly, *, all_counted: bool = True
) -> dict[str, Any]:
    """What is answered to a request for any index."""
    return {
        "hits": hits,
        "nbHits": total,
        **_page(asked, total),
        "query": asked.text,
        "params": asked.written,
        "index": asked.index,
        "processingTimeMS": freshly.took_ms,
        "exhaustiveNbHits": True,
        "exhaustiveFacetsCount": all_counted,
        "exhaustive": {"nbHits": True, "facetsCount": all_counted, "typo": True},
        "as_of": freshly.as_of,
        "lag_ms": freshly.lag_ms,
    }


def _page(asked: AskedSearch, total: int) -> dict[str, int]:
    """No page lies behind the last hit that can be reached."""
    if asked.offset is not None:
        return {"offset": asked.offset, "length": asked.per_page}
    pages = ceil(min(total, DEEPEST_HIT) / asked.per_page) if asked.per_page else 0
    return {"page": asked.page, "nbPages": pages, "hitsPerPage": asked.per_page}


def _hits(asked: AskedSearch, found: FoundProducts) -> list[dict[str, Any]]:
    looked: dict[str, Looked] = {}
    hits = []
    for hit in found.hits:
        if hit.locale not in looked:
            looked[hit.locale] = looked_for(asked.text, hit.locale, loosely=found.match is not Match.ALL)
        hits.append(hit_answer(hit, asked, looked[hit.locale]))
    return hits
