"""What do readers see of a model in OpenSearch? What a search finds: the index as of the feed's last refresh.

Removing is at once and for good: OpenSearch would remember the removed version for a minute and refuse an older one,
so it is told to forget that, too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from sinks.freshness import Freshness
from sinks.index_reading import readable
from sinks.opensearch import OpenSearchStore, change_of, index_name
from sinks.read_model import ReadModel
from sinks.sink import Change

_PAGE: Final = 1000
_MOST_TENANTS: Final = 65_000


class PublishedIndex:
    """Keeps the promise of `sinks.published.Published`."""

    def __init__(self, store: OpenSearchStore, model: ReadModel) -> None:
        self._store = store
        self._model = model

    def freshness(self) -> Freshness:
        return readable(self._store, self._model).freshness

    def tenants(self, collection: str) -> Collection[UUID]:
        counted = {"tenants": {"terms": {"field": "tenant_id", "size": _MOST_TENANTS}}}
        answer = self._store.search(self._index(collection), {"size": 0, "aggs": counted})
        return {UUID(bucket["key"]) for bucket in answer["aggregations"]["tenants"]["buckets"]}

    def documents(self, collection: str, tenant_id: UUID, after: UUID | None) -> Iterator[Change]:
        query = {"term": {"tenant_id": str(tenant_id)}}
        for page in self._store.pages(self._index(collection), {"query": query}, after=str(after) if after else None):
            yield from (change_of(collection, hit) for hit in page)

    def some(self, collection: str, tenant_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Change]:
        wanted = list(map(str, ids))
        found: dict[UUID, Change] = {}
        for start in range(0, len(wanted), _PAGE):
            part = {"ids": {"values": wanted[start : start + _PAGE]}}
            query = {"bool": {"filter": [{"term": {"tenant_id": str(tenant_id)}}, part]}}
            body = {"query": query, "version": True, "size": _PAGE}
            for hit in self._store.search(self._index(collection), body)["hits"]["hits"]:
                change = change_of(collection, hit)
                found[change.id] = change
        return found

    def sample(self, collection: str, tenant_id: UUID, number: int) -> Sequence[UUID]:
        of_tenant = {"term": {"tenant_id": str(tenant_id)}}
        query = {"function_score": {"query": of_tenant, "random_score": {}, "boost_mode": "replace"}}
        body = {"query": query, "_source": False, "size": min(number, 10_000)}
        return [UUID(hit["_id"]) for hit in self._store.search(self._index(collection), body)["hits"]["hits"]]

    def as_held(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        held: dict[str, Any] = orjson.loads(orjson.dumps(document))
        return held

    def forget(self, unwanted: Sequence[Change]) -> None:
        for collection in sorted({one.collection for one in unwanted}):
            self._store.erase(
                self._index(collection),
                [(str(one.id), str(one.tenant_id), one.version) for one in unwanted if one.collection == collection],
            )

    def close(self) -> None:
        self._store.close()

    def _index(self, collection: str) -> str:
        return index_name(collection, self._model.version)
