"""Answers what goes with a product, as clients of InstantSearch ask for it."""

from collections.abc import Sequence
from typing import Any

from api.domain.errors import NotFound
from api.domain.scope import Access
from api.http.dependencies import Dependencies
from api.http.read_model_answers import freshness
from api.instantsearch.answers.highlights import looked_for
from api.instantsearch.answers.hit_answers import hit_answer
from api.instantsearch.asked.asked_recommendations import AskedRecommendations
from api.use_cases.read_models.related_products import RelatedAsked, bought_together, related_products
from sinks.freshness import Freshness
from sinks.search.product_hits import ProductHit

#: Of the first; the scores of the others say their places.
_BEST = 100.0


def recommended(own: Dependencies, access: Access, asked: AskedRecommendations) -> dict[str, Any]:
    """Nothing goes with what is not shown. Raises `Unavailable`."""
    began = own.now_s()
    found = _found(own, access, asked)
    hits, fresh = ((), None) if found is None else found
    as_of, lag_ms, _ = (None, None, None) if fresh is None else freshness(fresh)
    return {
        "hits": [_hit(hit, place, len(hits), asked) for place, hit in enumerate(hits)],
        "nbHits": len(hits),
        "index": asked.search.index,
        "processingTimeMS": max(1, round((own.now_s() - began) * 1000)),
        "as_of": as_of,
        "lag_ms": lag_ms,
    }


def _found(
    own: Dependencies, access: Access, asked: AskedRecommendations
) -> tuple[Sequence[ProductHit], Freshness] | None:
    if asked.product_id is None:
        return None
    wanted = RelatedAsked(locale=asked.search.view.locale, currency=asked.search.currency, size=asked.most)
    said = own.search_settings.of, own.customer_groups.of
    try:
        if asked.kind == "related-products":
            related = related_products(own.search, access, asked.product_id, wanted, _at_once, *said)
            return [one.hit for one in related.products], related.freshness
        bought = bought_together(own.search, own.sales, access, asked.product_id, wanted, _at_once, *said)
    except NotFound:
        return None
    return bought.hits, bought.freshness


def _at_once() -> None:
    """Such clients bring no receipts."""


def _hit(hit: ProductHit, place: int, number: int, asked: AskedRecommendations) -> dict[str, Any]:
    told = hit_answer(hit, asked.search, looked_for("", hit.locale, loosely=False))
    return {**told, "_score": round(_BEST * (number - place) / number, 2)}
