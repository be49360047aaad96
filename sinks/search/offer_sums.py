"""Adds up what a search shows of each shop: products, their variants, and the lowest price of each, by currency."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.write_model import OffersOf, OfferSums
from sinks.opensearch.index_reader import readable
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.passed_moment import when_passed
from sinks.read_model import ReadModel
from sinks.search.product_documents import MODEL

_PAGE: Final = 1000
_COLLECTION: Final = "products"
#: Sums are numbers with 53 bits: exact below 90 billion of a currency with cents.
_SUMS: Final = {"variants": {"sum": {"field": "variant_count"}}, "lowest": {"sum": {"field": "price_min_minor"}}}
_BY: Final = [
    {"tenant": {"terms": {"field": "tenant_id"}}},
    {"currency": {"terms": {"field": "currency", "missing_bucket": True}}},
]


class SearchSums:
    """Of the index that readers are led to."""

    def __init__(
        self,
        store: OpenSearchStore,
        model: ReadModel = MODEL,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._model = model
        self._sleep = sleep
        self._clock = clock

    def after(self, moment: datetime) -> Mapping[OffersOf, OfferSums]:
        """Once it has all that was committed by then. Raises `DoesNotAdvance` and `Unavailable`."""
        index, found, after = self._index(moment), dict[OffersOf, OfferSums](), dict[str, Any]()
        while True:
            listed = {"size": _PAGE, "sources": _BY, **({"after": after} if after else {})}
            body = {
                "size": 0,
                "query": {"term": {"shown": True}},
                "aggs": {"offers": {"composite": listed, "aggs": _SUMS}},
            }
            answer = self._store.search(index, body)["aggregations"]["offers"]
            for bucket in answer["buckets"]:
                of = OffersOf(UUID(bucket["key"]["tenant"]), bucket["key"]["currency"] or "")
                found[of] = OfferSums(
                    products=bucket["doc_count"],
                    variants=round(bucket["variants"]["value"]),
                    lowest_minor=round(bucket["lowest"]["value"]),
                )
            after = answer.get("after_key", {})
            if not after:
                return found

    def _index(self, moment: datetime) -> str:
        def look() -> tuple[str, datetime | None]:
            there = readable(self._store, self._model)
            return there.alias[_COLLECTION], there.freshness.as_of

        return when_passed(self._model.name, moment, look, self._sleep, self._clock)
