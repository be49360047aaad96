"""Measures what OpenSearch does with the documents of a read model when they are ready-made: a rebuild's baseline."""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

import orjson

from ops.settings import Settings
from sinks.opensearch.opensearch_client import OpenSearchStore, live_alias
from sinks.read_model import ReadModel

_PAGE: Final = 1000
#: OpenSearch says them of an index, and takes them of none that is made.
_ITS_OWN: Final = ("creation_date", "provided_name", "uuid", "version")


def documents_per_s(settings: Settings, model: ReadModel) -> float:
    """Documents a second, by plain `_bulk` requests with ids and versions, into empty indices like those that readers
    of the model see, and refreshed at the end. Reading them does not count.
    """
    number, seconds = 0, 0.0
    with closing(OpenSearchStore(settings.opensearch)) as store:
        for collection in model.collections:
            live = live_alias(model, collection)
            copy = f"copied-{secrets.token_hex(8)}"
            try:
                store.create_index(copy, *_like(store, live), alias=f"{copy}.written", about={})
                for lines in _requests(store, live, f"{copy}.written"):
                    began = time.monotonic()
                    kinds = {answer.kind for answer in store.bulk(b"".join(lines))}
                    seconds += time.monotonic() - began
                    number += len(lines)
                    assert kinds == {"taken"}  # noqa: S101  # else nothing was measured
                began = time.monotonic()
                store.refresh([copy])
                seconds += time.monotonic() - began
            finally:
                store.drop_index(copy)
    return number / seconds if number else 0.0


def _like(store: OpenSearchStore, alias: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Its settings and its fields."""
    (name,) = store.aliases_of(alias)
    described = store.described(name) or {}
    settings = {key: value for key, value in described["settings"]["index"].items() if key not in _ITS_OWN}
    return {"index": settings}, described["mappings"]["properties"]


def _requests(store: OpenSearchStore, alias: str, written: str) -> Iterator[list[bytes]]:
    for hits in store.pages(alias, {"query": {"exists": {"field": "tenant_id"}}}, _PAGE):
        yield [_action(hit, written) for hit in hits]


def _action(hit: Mapping[str, Any], index: str) -> bytes:
    about = {"_index": index, "_id": hit["_id"], "routing": hit["_routing"], "version": hit["_version"]}
    return b"%b\n%b\n" % (
        orjson.dumps({"index": {**about, "version_type": "external_gte"}}),
        orjson.dumps(hit["_source"]),
    )
