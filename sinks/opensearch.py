"""How does a read model live in OpenSearch? One index per collection and model version, of whole documents.

A document's version is the aggregate's: OpenSearch itself refuses to go back. What must not be seen stays as a
tombstone (`shown: false`): a deleted document's version is forgotten after a minute, and an old event would revive it.
Nothing refreshes an index but `publish`, so that what a reader sees and what the freshness says belong together.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from opensearchpy import OpenSearch, exceptions

from sinks import freshness as fresh
from sinks.freshness import Freshness
from sinks.opensearch_answers import Answer, read_answer
from sinks.read_model import ReadModel
from sinks.sink import Change, Positions, Refusal, Silent, StoreLost, Unavailable

FRESHNESS_INDEX: Final = "rustok-freshness"
_COMMON_FIELDS: Final = {"tenant_id": {"type": "keyword"}, "shown": {"type": "boolean"}}
_LARGEST_BULK: Final = 16 * 1024 * 1024
_TICK_S: Final = 0.5
#: Kept open; by default it is one, and every thread but one connects anew for each request.
_CONNECTIONS: Final = 10
_WAIT: Final = frozenset({429, 500, 502, 503, 504})
_TOO_LARGE: Final = 413


def index_name(collection: str, version: int) -> str:
    return f"rustok-{collection}-v{version}"


def write_alias(index: str) -> str:
    """What an index is written by. It goes with the index, and a write that needs an alias makes no index instead."""
    return f"{index}-write"


class TooLarge(Exception):
    """OpenSearch does not take so many bytes in one request."""


class OpenSearchStore:
    """A connection, with the errors of a store that is down told as `Unavailable`."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._client = OpenSearch(url, timeout=timeout_s, max_retries=0, http_compress=False, pool_maxsize=_CONNECTIONS)

    def ping(self) -> None:
        with asking():
            self._client.cluster.health()

    def create_index(self, name: str, settings: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        """Makes the index unless it is there. Its fields are all there will ever be (`dynamic: strict`)."""
        with asking():
            if not self._client.indices.exists(index=name):
                body = {"settings": settings, "mappings": {"dynamic": "strict", "properties": fields}}
                try:
                    self._client.indices.create(index=name, body=body)
                except exceptions.RequestError as refused:
                    if refused.error != "resource_already_exists_exception":
                        raise
            self._client.indices.put_alias(index=name, name=write_alias(name))

    def drop_index(self, name: str) -> None:
        with asking():
            self._client.indices.delete(index=name, params={"ignore_unavailable": "true"})

    def bulk(self, lines: bytes) -> list[Answer]:
        """The answer to every action, in order; every action names a write alias. Raises `TooLarge`, too."""
        params = {"filter_path": "errors,items.*.status,items.*.error", "require_alias": "true"}
        with _writing():
            answer = self._client.bulk(body=lines, params=params)
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise Unavailable("what answers in the place of OpenSearch does not speak its language")
        return [read_answer(next(iter(item.values()))) for item in answer["items"]]

    def refresh(self, indices: Sequence[str]) -> None:
        with asking():
            self._client.indices.refresh(index=",".join(indices))

    def search(self, index: str, body: Mapping[str, Any], routing: str | None = None) -> dict[str, Any]:
        with asking():
            found: dict[str, Any] = self._client.search(
                index=index, body=body, params={"routing": routing} if routing else {}
            )
        return found

    def many(self, index: str, ids: Sequence[str], routing: str) -> list[dict[str, Any]]:
        with asking():
            answer = self._client.mget(index=index, body={"ids": list(ids)}, params={"routing": routing})
        return [document for document in answer["docs"] if document.get("found")]

    def get(self, index: str, id: str, routing: str | None = None) -> dict[str, Any] | None:  # noqa: A002
        """The document as last written, whether refreshed or not; None when there is none (or no index yet)."""
        with asking():
            try:
                found: dict[str, Any] = self._client.get(
                    index=index, id=id, params={"routing": routing} if routing else {}
                )
            except exceptions.NotFoundError:
                return None
        return found

    def merge(self, index: str, id: str, document: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Merges `document` into the one that is there; gives what is there then."""
        with asking():
            body = {"doc": document, "doc_as_upsert": True}
            params = {"retry_on_conflict": "3", "require_alias": "true", "_source": "true"}
            merged: dict[str, Any] = self._client.update(index=write_alias(index), id=id, body=body, params=params)
        return dict(merged["get"]["_source"])

    def delete(self, index: str, id: str) -> None:  # noqa: A002
        """Removes a document, if it is there."""
        with asking(), contextlib.suppress(exceptions.NotFoundError):
            self._client.delete(index=index, id=id)

    def erase(self, index: str, documents: Sequence[tuple[str, str, int]]) -> None:
        """Removes (id, routing, version) with the memory of their versions; what is newer by now stays."""
        actions = [
            {"delete": {"_id": id_, "routing": routing, "version": version, "version_type": "external_gte"}}
            for id_, routing, version in documents
        ]
        with asking():
            self._client.indices.put_settings(index=index, body={"index.gc_deletes": "0s"})
            self._client.bulk(index=index, body=b"".join(orjson.dumps(action) + b"\n" for action in actions))
            # What it remembers of deletions goes with a refresh, if it is older by a clock that ticks every 200 ms.
            time.sleep(_TICK_S)
            self._client.indices.refresh(index=index)
            self._client.indices.put_settings(index=index, body={"index.gc_deletes": None})

    def pages(
        self, index: str, body: Mapping[str, Any], size: int = 1000, after: str | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """Every document that matches, in order of id from behind `after`, a page at a time, as of the last refresh."""
        while True:
            page = {**body, "size": size, "sort": [{"_id": "asc"}], "version": True}
            with asking():
                hits = self._client.search(index=index, body=page | ({"search_after": [after]} if after else {}))
            found = hits["hits"]["hits"]
            if not found:
                return
            yield found
            after = found[-1]["_id"]

    def close(self) -> None:
        self._client.close()


@contextmanager
def asking() -> Iterator[None]:
    """Turns "not now" of any kind into `Unavailable`; every other error stays what it is."""
    try:
        yield
    except (exceptions.ConnectionError, exceptions.ConnectionTimeout) as down:
        raise Silent(f"OpenSearch does not answer: {type(down).__name__}") from down
    except exceptions.NotFoundError as missing:
        if missing.error != "index_not_found_exception":
            raise
        raise StoreLost("the index is not there: its feed has not made it yet, or somebody removed it") from missing
    except exceptions.TransportError as failed:
        if failed.status_code in _WAIT or "cluster_block_exception" in str(failed.error):
            raise Unavailable(f"OpenSearch answers {failed.status_code}: {failed.error}") from failed
        raise


@contextmanager
def _writing() -> Iterator[None]:
    """A request that writes is never the documents' fault as a whole, whatever it is answered; only its size can be."""
    try:
        with asking():
            yield
    except exceptions.TransportError as failed:
        if failed.status_code == _TOO_LARGE:
            raise TooLarge from failed
        raise Unavailable(f"OpenSearch answers {failed.status_code}: {failed.error}") from failed
    except exceptions.OpenSearchException as failed:
        raise Unavailable(f"OpenSearch answers what cannot be read: {failed}") from failed


_Action = tuple[Change, bytes]


class OpenSearchSink:
    """Keeps the promise of `sinks.sink.Sink`. The consumer group keeps the positions."""

    def __init__(self, store: OpenSearchStore, model: ReadModel, fields: Mapping[str, Mapping[str, Any]]) -> None:
        self._store = store
        self._model = model
        self._fields = fields
        self._unpublished = True

    def open(self) -> None:
        settings = {"index": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}}
        for collection, fields in self._fields.items():
            self._store.create_index(self._index(collection), settings, {**_COMMON_FIELDS, **fields})
        freshness_fields = {
            "partitions": {"type": "object", "enabled": False},
            "withheld": {"type": "keyword", "index": False, "doc_values": False},
        }
        self._store.create_index(FRESHNESS_INDEX, {"index": {"number_of_replicas": 0}}, freshness_fields)

    def positions(self) -> Positions | None:
        return None

    def write(self, changes: Sequence[Change], positions: Positions) -> Sequence[Refusal]:
        self._unpublished = self._unpublished or bool(changes)
        actions, refused = self._actions(changes)
        for part in _bulks(actions):
            refused += self._write(part)
        return refused

    def publish(self, freshness: Freshness) -> Freshness:
        if self._unpublished:
            self._store.refresh([self._index(collection) for collection in self._fields])
            self._unpublished = False
        return fresh.from_text(self._store.merge(FRESHNESS_INDEX, self._model.id, fresh.as_text(freshness)))

    def find(self, collection: str, tenant_id: UUID, id: UUID) -> Change | None:  # noqa: A002
        hit = self._store.get(self._index(collection), str(id), routing=str(tenant_id))
        # The routing only says on which shard to look, and another tenant's document may be there, too.
        found = None if hit is None else change_of(collection, hit)
        return found if found is not None and found.tenant_id == tenant_id else None

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[Change]:
        self._store.refresh([self._index(collection)])
        query = {"term": {"tenant_id": str(tenant_id)}} if tenant_id else {"match_all": {}}
        for page in self._store.pages(self._index(collection), {"query": query}):
            yield from (change_of(collection, hit) for hit in page)

    def close(self) -> None:
        self._store.close()

    def _index(self, collection: str) -> str:
        return index_name(collection, self._model.version)

    def _actions(self, changes: Sequence[Change]) -> tuple[list[_Action], list[Refusal]]:
        """What is sent for each change, and those that JSON has no words for."""
        actions: list[_Action] = []
        refused: list[Refusal] = []
        for change in changes:
            try:
                actions.append((change, self._action(change)))
            except (TypeError, ValueError) as unsayable:  # only of the document: nothing else is in it
                refused.append(Refusal(change, f"the document is no JSON: {unsayable}"))
        return actions, refused

    def _write(self, part: Sequence[_Action]) -> list[Refusal]:
        try:
            answers = self._store.bulk(b"".join(lines for _, lines in part))
        except TooLarge:
            if len(part) == 1:
                return [Refusal(part[0][0], f"a document of {len(part[0][1])} bytes is more than OpenSearch takes")]
            half = len(part) // 2
            return [*self._write(part[:half]), *self._write(part[half:])]
        if len(answers) != len(part):
            raise Unavailable(f"OpenSearch gives {len(answers)} answers to {len(part)} documents")
        refused = []
        for (change, _), answer in zip(part, answers, strict=True):
            match answer.kind:
                case "taken":
                    continue
                case "refused":
                    refused.append(Refusal(change, answer.reason))
                case "lost":
                    raise StoreLost(answer.reason)
                case "wait":
                    raise Unavailable(answer.reason)
        return refused

    def _action(self, change: Change) -> bytes:
        tenant = str(change.tenant_id)
        action = {
            "_index": write_alias(self._index(change.collection)),
            "_id": str(change.id),
            "routing": tenant,
            "version": change.version,
            "version_type": "external_gte",
        }
        document = {"tenant_id": tenant, "shown": change.document is not None, **(change.document or {})}
        return b"%b\n%b\n" % (orjson.dumps({"index": action}), orjson.dumps(document))


def _bulks(actions: Sequence[_Action]) -> Iterator[list[_Action]]:
    part: list[_Action] = []
    size = 0
    for action in actions:
        part.append(action)
        size += len(action[1])
        if size > _LARGEST_BULK:
            yield part
            part, size = [], 0
    if part:
        yield part


def change_of(collection: str, hit: Mapping[str, Any]) -> Change:
    document = dict(hit["_source"])
    tenant_id, shown = UUID(document.pop("tenant_id")), document.pop("shown")
    return Change(
        collection=collection,
        tenant_id=tenant_id,
        id=UUID(hit["_id"]),
        version=hit["_version"],
        document=document if shown else None,
    )


def stored_freshness(store: OpenSearchStore, model: ReadModel) -> Freshness:
    """What a model's feed last said about it."""
    hit = store.get(FRESHNESS_INDEX, model.id)
    return model.complete(fresh.from_text(hit["_source"]) if hit else Freshness())
