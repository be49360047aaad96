"""Reads what readers find of a model in OpenSearch: its indices, and what they say of themselves when refreshed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sinks.builds import Build
from sinks.freshness import Freshness
from sinks.opensearch import document_parts, index_state
from sinks.opensearch.index_state import IndexState
from sinks.opensearch.opensearch_client import OpenSearchStore, alias_of, index_name, live_alias
from sinks.opensearch.search_answers import NOT_OURS
from sinks.read_model import Projection, ReadModel
from sinks.sink import HeldOffset, Partition, StoreLost, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The indices of a model as readers find them. `alias` leads to the index of a collection that said `freshness`,
    and to no other that was put in its place meanwhile. `read`: how far in the log it is, of each partition that it is
    made of.
    """

    freshness: Freshness
    alias: Mapping[str, str]
    read: Mapping[str, Mapping[Partition, HeldOffset]]


def readable(store: OpenSearchStore, model: ReadModel, build: Build | None = None) -> Readable:
    """Raises `Unavailable` when an index is missing or was made by nobody who knows what is in it.

    The indices are those that readers are led to, of whichever version they are, or those of this build.
    """
    names = {c: live_alias(model, c) if build is None else index_name(model, c, build) for c in model.collections}
    found = dict(zip(names, read_states(store, names.values(), as_refreshed=True), strict=True))
    states = {collection: state for collection, state in found.items() if state is not None}
    for collection in names.keys() - states.keys():
        raise Unavailable(f"the index {names[collection]} does not say how fresh it is: its feed has not made it")
    freshness = index_state.freshness(list(states.values()), model.complete(Freshness()).expected)
    return Readable(
        freshness=freshness,
        alias={collection: alias_of(state.index, state.birth) for collection, state in states.items()},
        read={c: {p: told.held for p, told in state.partitions.items()} for c, state in states.items()},
    )


def versions_of(
    store: OpenSearchStore, model: ReadModel, projection: Projection, ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID], int]:
    """By tenant and id of the aggregate: the version of what a projection made of it, as readers see it."""
    wanted, part, parts = sorted(map(str, ids)), projection.part, model.parts_of(projection.collection)
    fields = ["id", "version", "shown"]
    body = {
        "query": {"terms": {f"{part}.id": wanted}} if part else {"ids": {"values": wanted}},
        "version": True,
        "_source": ["tenant_id", *fields, *(f"{name}.{field}" for name in parts for field in fields)],
        "size": len(wanted),
    }
    hits = store.search(live_alias(model, projection.collection), body)["hits"]["hits"]
    held = (change for hit in hits for change in document_parts.changes_of(projection.collection, hit, parts))
    return {(one.tenant_id, one.aggregate_id): one.version for one in held if one.part_name == part}


def read_states(
    store: OpenSearchStore, indices: Iterable[str], *, as_refreshed: bool = False
) -> Iterator[IndexState | None]:
    """What each says of itself, as last kept or as of its last refresh. Raises `StoreLost` when one is not there."""
    asked = list(indices)
    for index, document in zip(
        asked, store.same_of_each(asked, index_state.ID, realtime=not as_refreshed), strict=True
    ):
        error = document.get("error")
        kind = error.get("type") if isinstance(error, dict) else error
        if kind is not None and "index_not_found" in str(kind):
            raise StoreLost("the feed has not made this index yet")
        if kind is not None:
            raise Unavailable(f"the index {index.partition('.')[0]} does not answer: {kind}")
        yield _state(document) if document.get("found") else None


def _state(document: Mapping[str, Any]) -> IndexState:
    """Only a feed writes it: what is written otherwise comes from somebody else."""
    try:
        return index_state.from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as strange:
        raise Unavailable(NOT_OURS) from strange
