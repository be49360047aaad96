"""Asks OpenSearch over one connection, with its ways to say "not now" told as `Unavailable`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from opensearchpy import OpenSearch, exceptions

from ops.clients import opensearch as opensearch_clients
from ops.clients.client_credentials import SearchServer
from sinks.builds import Build
from sinks.opensearch.opensearch_answers import BulkAnswer, read_answer
from sinks.opensearch.search_answers import NOT_OURS, many_answers, refreshed_shards, search_answer
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, Silent, StoreLost, Unavailable

_TICK_S: Final = 0.5
#: OpenSearch answers with a header for each thousand it removed, and a client reads a hundred headers.
_DROPPED_AT_ONCE: Final = 50_000
#: Kept open; by default it is one, and every thread but one connects anew for each request.
_CONNECTIONS: Final = 10
_WAIT: Final = frozenset({429, 500, 502, 503, 504})
#: How it names what is forbidden for a while: by the state of an index or of the cluster, or by an operator.
_BLOCKED: Final = "block_exception"
#: What is asked for is well-formed, and the cluster as it is has no room for it, such as for more shards.
_NO_ROOM: Final = "validation_exception"
#: It answers 400 for an index that somebody closed, as if the question were wrong.
_CLOSED: Final = "index_closed_exception"
_TOO_LARGE: Final = 413
_NO_PARAMS: Final[Mapping[str, str]] = {}


log = structlog.get_logger(__name__)


def index_name(model: ReadModel, collection: str, build: Build | None = None) -> str:
    """Of the first build of its version, when none is said."""
    return f"{live_alias(model, collection)}-{build or Build(model.version, model.build or 1)}"


def live_alias(model: ReadModel, collection: str) -> str:
    """What readers look up: it leads to the index of the version that they are to see."""
    return f"rustok-{model.name}-{collection}"


def previous_alias(model: ReadModel, collection: str) -> str:
    """It leads to where the live one led before."""
    return f"{live_alias(model, collection)}.previous"


def next_alias(model: ReadModel, collection: str) -> str:
    """It leads to where the live one is to lead soon."""
    return f"{live_alias(model, collection)}.next"


class TooLarge(Exception):
    """OpenSearch does not take so many bytes in one request."""


def alias_of(index: str, birth: str) -> str:
    """Another name of the index, for as long as it is the one that was made then."""
    return f"{index}.{birth}"


_BULK: Final = {
    "require_alias": "true",
    "filter_path": ",".join(f"items.*.{field}" for field in ("status", "error", "_seq_no", "_primary_term")),
}
#: How long the server may wait, and how long we do for it: without the second the client takes the first for its own.
_LOOKED_AT: Final = {"timeout": "2s", "request_timeout": 5}


class OpenSearchStore:
    """A connection, with the errors of a store that is down told as `Unavailable`."""

    def __init__(self, server: SearchServer, timeout_s: float = 30.0) -> None:
        self._client = opensearch_clients.client(server, timeout_s=timeout_s, connections=_CONNECTIONS)

    @property
    def client(self) -> OpenSearch:
        """For what asks over the same connections."""
        return self._client

    def look_at(self, index: str) -> None:
        """Raises `Unavailable` when part of the index cannot be read."""
        with asking():
            health = self._client.cluster.health(index=index, params=_LOOKED_AT)
        if not isinstance(health, dict) or not isinstance(health.get("status"), str):
            raise Unavailable(NOT_OURS)
        if health["status"] == "red":
            raise Unavailable(f"the index {index.partition('.')[0]} is red: part of it cannot be read")

    def described(self, name: str) -> dict[str, Any] | None:
        """Mappings, aliases and settings of an index; None when there is none."""
        with asking():
            try:
                found: dict[str, Any] = self._client.indices.get(index=name)
            except exceptions.NotFoundError:
                return None
        if not isinstance(found, dict):
            raise Unavailable(NOT_OURS)
        if name not in found:
            raise Unavailable(f"{name} is an alias of {', '.join(found)}, which no feed has made: remove it")
        description: dict[str, Any] = found[name]
        return description

    def create_index(
        self, name: str, settings: Mapping[str, Any], fields: Mapping[str, Any], alias: str, about: Mapping[str, str]
    ) -> bool:
        """False when it is there already. Its fields are all there will ever be (`dynamic: strict`)."""
        with asking():
            mappings = {"dynamic": "strict", "_meta": about, "properties": fields}
            body = {"settings": settings, "mappings": mappings, "aliases": {alias: {}}}
            try:
                self._client.indices.create(index=name, body=body)
            except exceptions.RequestError as refused:
                if refused.error != "resource_already_exists_exception":
                    raise
                return False
        return True

    def set_index(self, name: str, settings: Mapping[str, int]) -> None:
        """What of an index can be set while it is there."""
        with asking():
            self._client.indices.put_settings(index=name, body={"index": settings})

    def lead(self, indices: Mapping[str, str | None]) -> None:
        """From now on each of these aliases leads to that index and to no other, or nowhere; all of them at once."""
        actions: list[dict[str, Any]] = []
        for alias, index in indices.items():
            actions.append({"remove": {"index": "*", "alias": alias, "must_exist": False}})
            if index is not None:
                actions.append({"add": {"index": index, "alias": alias}})
        with asking():
            self._client.indices.update_aliases(body={"actions": actions})

    def aliases_of(self, pattern: str) -> dict[str, list[str]]:
        """Of every index with such a name, by its name."""
        with asking():
            found = self._client.indices.get_alias(index=pattern)
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise Unavailable(NOT_OURS)
        return {index: list(one.get("aliases", {})) for index, one in found.items()}

    def size_of(self, indices: Sequence[str]) -> tuple[int, int]:
        """How many documents they have together as of their last refresh, and bytes on disk."""
        with asking():
            found = self._client.indices.stats(index=",".join(indices), metric="docs,store")
        try:
            total = found["_all"]["primaries"]  # of an index that is being made it is empty
            return int(total.get("docs", {}).get("count", 0)), int(total.get("store", {}).get("size_in_bytes", 0))
        except (KeyError, TypeError, ValueError, AttributeError) as strange:
            raise Unavailable(NOT_OURS) from strange

    def drop_index(self, name: str) -> None:
        with asking():
            self._client.indices.delete(index=name, params={"ignore_unavailable": "true"})

    def bulk(self, lines: bytes) -> list[BulkAnswer]:
        """The answer to every action, in order; every action names an alias: no index is made by writing.

        Raises `TooLarge`, too.
        """
        return [read_answer(item, action) for action, item in self._items(lines)]

    def items(self, lines: bytes) -> list[dict[str, Any]]:
        """The same, in OpenSearch's own words."""
        return [item for _, item in self._items(lines)]

    def _items(self, lines: bytes) -> list[tuple[str, dict[str, Any]]]:
        with _writing():
            answer = self._client.bulk(body=lines, params=_BULK)
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise Unavailable(NOT_OURS)
        return [next(iter(item.items())) for item in answer["items"]]

    def refresh(self, indices: Sequence[str]) -> int:
        """How many shards, and copies of them, there are. Raises `Unavailable` when one of them was not refreshed."""
        with asking():
            answer = self._client.indices.refresh(index=",".join(indices))
        return refreshed_shards(answer)

    def search(
        self, index: str, body: Mapping[str, Any], routing: str | None = None, params: Mapping[str, str] = _NO_PARAMS
    ) -> dict[str, Any]:
        asked = {**params, "routing": routing} if routing else dict(params)
        with asking():
            found = self._client.search(index=index, body=body, params=asked)
        return search_answer(found, body)

    def search_all(self, searches: Sequence[tuple[str, Mapping[str, Any], str]]) -> list[dict[str, Any]]:
        """The answer to each (index, body, routing), in order, by one request; equal ones are asked once."""
        lines = [_line(*one) for one in searches]
        different = dict(zip(lines, searches, strict=True))
        if len(different) <= 1:
            return [self.search(*one) for one in different.values()] * len(searches)
        with asking():
            answer = self._client.msearch(body=b"".join(different))
            answers = [_answered(one) for one in many_answers(answer, len(different))]
        bodies = (body for _, body, _ in different.values())
        told = {line: search_answer(*one) for line, *one in zip(different, answers, bodies, strict=True)}
        return [told[line] for line in lines]

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

    def same_of_each(self, indices: Sequence[str], id: str, *, realtime: bool) -> list[dict[str, Any]]:  # noqa: A002
        """The document of this id of each index; as of its last refresh, unless `realtime`."""
        body = {"docs": [{"_index": index, "_id": id} for index in indices]}
        with asking():
            answer = self._client.mget(body=body, params={"realtime": str(realtime).lower()})
        documents = answer.get("docs") if isinstance(answer, dict) else None
        if not isinstance(documents, list) or not all(isinstance(one, dict) for one in documents):
            raise Unavailable(NOT_OURS)
        return documents

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

    def drop_routed(self, index: str, routing: str) -> None:
        """Removes all documents of this routing, as of the last refresh. Not for what may come again: see `erase`."""
        body = {"query": {"term": {"_routing": routing}}}
        limits = {"routing": routing, "refresh": "true", "request_timeout": 600, "max_docs": _DROPPED_AT_ONCE}
        with asking():
            while self._client.delete_by_query(index=index, body=body, params=limits)["deleted"]:
                pass

    def edit(self, index: str, actions: bytes) -> None:
        """Carries out these actions, and shows what they did."""
        with asking():
            self._client.bulk(body=actions)
            self._client.indices.refresh(index=index)

    def pages(
        self,
        index: str,
        body: Mapping[str, Any],
        size: int = 1000,
        after: str | None = None,
        routing: str | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Every document that matches, in order of id from behind `after`, a page at a time, as of the last refresh."""
        while True:
            page = {**body, "size": size, "sort": [{"_id": "asc"}], "version": True}
            with asking():
                hits = self._client.search(
                    index=index,
                    body=page | ({"search_after": [after]} if after else {}),
                    params={"routing": routing} if routing else {},
                )
            found = search_answer(hits, body)["hits"]["hits"]
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
    except exceptions.AuthenticationException as stranger:
        raise Unavailable("OpenSearch does not know the user, or not by this password") from stranger
    except exceptions.SerializationError as strange:
        raise Unavailable(NOT_OURS) from strange
    except exceptions.TransportError as failed:
        is_of_the_index = _BLOCKED in str(failed.error) or failed.error in (_NO_ROOM, _CLOSED)
        if failed.status_code in _WAIT or is_of_the_index:
            raise Unavailable(f"OpenSearch answers {failed.status_code}: {failed.error}: {_why(failed)}") from failed
        raise


def _line(index: str, body: Mapping[str, Any], routing: str) -> bytes:
    return orjson.dumps({"index": index, "routing": routing}) + b"\n" + orjson.dumps(body) + b"\n"


def _answered(one: dict[str, Any]) -> dict[str, Any]:
    """Raises what the client would raise, had it been asked alone."""
    if "error" not in one:
        return one
    status, error = one.get("status"), one["error"]
    if not isinstance(status, int) or not isinstance(error, dict):
        raise Unavailable(NOT_OURS)
    raise exceptions.HTTP_EXCEPTIONS.get(status, exceptions.TransportError)(status, error.get("type", ""), one)


def _why(failed: exceptions.TransportError) -> str:
    """In OpenSearch's own words, where it says more than a name."""
    error = failed.info.get("error") if isinstance(failed.info, dict) else None
    return str(error.get("reason", "")) if isinstance(error, dict) else str(error or "")


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


def change_of(collection: str, hit: Mapping[str, Any]) -> DocumentChange:
    document = dict(hit["_source"])
    tenant_id, shown = UUID(document.pop("tenant_id")), document.pop("shown")
    return DocumentChange(
        collection=collection,
        tenant_id=tenant_id,
        id=UUID(hit["_id"]),
        version=hit["_version"],
        document=document if shown else None,
    )
