"""Shows what a search finds of a model: the index as of the feed's last refresh.

Removing is at once and for good: OpenSearch would remember the removed version for a minute and refuse an older one,
so it is told to forget that, too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from sinks.builds import Build
from sinks.freshness import Freshness
from sinks.opensearch import document_parts
from sinks.opensearch.index_builds import IndexBuilds
from sinks.opensearch.index_reader import readable
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange

_PAGE: Final = 1000
_MOST_TENANTS: Final = 65_000


class PublishedIndex:
    """Keeps the promise of `sinks.published_models.PublishedModel`."""

    def __init__(self, store: OpenSearchStore, model: ReadModel) -> None:
        self._store = store
        self._model = model
        self._builds = IndexBuilds(store, model)
        self._build: Build | None = None

    def freshness(self) -> Freshness:
        """Of the build that is fed now: what is asked afterwards is asked of it."""
        self._build = self._model.fed(self._builds.led())
        return readable(self._store, self._model, self._build).freshness

    def tenants(self, collection: str) -> Collection[UUID]:
        counted = {"tenants": {"terms": {"field": "tenant_id", "size": _MOST_TENANTS}}}
        answer = self._store.search(self._index(collection), {"size": 0, "aggs": counted})
        return {UUID(bucket["key"]) for bucket in answer["aggregations"]["tenants"]["buckets"]}

    def documents(
        self, collection: str, tenant_id: UUID, after: UUID | None, part: str = ""
    ) -> Iterator[DocumentChange]:
        if part:
            yield from self._parts(collection, tenant_id, after, part)
            return
        query = {"term": {"tenant_id": str(tenant_id)}}
        for page in self._store.pages(self._index(collection), {"query": query}, after=str(after) if after else None):
            yield from (change for hit in page for change in self._held(collection, hit, part))

    def _parts(self, collection: str, tenant_id: UUID, after: UUID | None, part: str) -> Iterator[DocumentChange]:
        """Their ids, as the index has them in order, a page at a time, and then what is there of each."""
        index, query = self._index(collection), {"term": {"tenant_id": str(tenant_id)}}
        while True:
            listed: dict[str, Any] = {"size": _PAGE, "sources": [{"id": {"terms": {"field": f"{part}.id"}}}]}
            if after is not None:
                listed["after"] = {"id": str(after)}
            body = {"size": 0, "query": query, "aggs": {"ids": {"composite": listed}}}
            buckets = self._store.search(index, body)["aggregations"]["ids"]["buckets"]
            if not buckets:
                return
            ids = [UUID(bucket["key"]["id"]) for bucket in buckets]
            found = self.some(collection, tenant_id, ids, part)
            yield from (found[id_] for id_ in ids if id_ in found)
            after = ids[-1]

    def some(
        self, collection: str, tenant_id: UUID, ids: Collection[UUID], part: str = ""
    ) -> Mapping[UUID, DocumentChange]:
        wanted = list(map(str, ids))
        found: dict[UUID, DocumentChange] = {}
        for start in range(0, len(wanted), _PAGE):
            some = wanted[start : start + _PAGE]
            these = {"terms": {f"{part}.id": some}} if part else {"ids": {"values": some}}
            query = {"bool": {"filter": [{"term": {"tenant_id": str(tenant_id)}}, these]}}
            body = {"query": query, "version": True, "size": _PAGE}
            for hit in self._store.search(self._index(collection), body)["hits"]["hits"]:
                found |= {change.aggregate_id: change for change in self._held(collection, hit, part)}
        return {id_: found[id_] for id_ in ids if id_ in found}

    def sample(self, collection: str, tenant_id: UUID, number: int, part: str = "") -> Sequence[UUID]:
        of_tenant = {"term": {"tenant_id": str(tenant_id)}}
        query = {"function_score": {"query": of_tenant, "random_score": {}, "boost_mode": "replace"}}
        body = {"query": query, "version": True, "size": min(number, 10_000)}
        hits = self._store.search(self._index(collection), body)["hits"]["hits"]
        return [change.aggregate_id for hit in hits for change in self._held(collection, hit, part)][:number]

    def _held(self, collection: str, hit: Mapping[str, Any], part: str) -> list[DocumentChange]:
        held = document_parts.changes_of(collection, hit, self._model.parts_of(collection))
        return [change for change in held if change.part_name == part]

    def as_held(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        held: dict[str, Any] = orjson.loads(orjson.dumps(document))
        return held

    def forget(self, unwanted: Sequence[DocumentChange]) -> None:
        for collection in sorted({one.collection for one in unwanted}):
            index, parts = self._index(collection), self._model.parts_of(collection)
            these = [one for one in unwanted if one.collection == collection]
            if parts:
                actions = [document_parts.erase_action(one, index, parts) for one in these]
                self._store.edit(index, b"".join(actions))
            else:
                self._store.erase(index, [(str(one.id), str(one.tenant_id), one.version) for one in these])

    def close(self) -> None:
        self._store.close()

    def _index(self, collection: str) -> str:
        if self._build is None:
            self._build = self._model.fed(self._builds.led())
        return index_name(self._model, collection, self._build)
