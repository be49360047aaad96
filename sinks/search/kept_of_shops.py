"""Keeps what was made of an index for each shop that is searched, while nothing says that the index has changed.

An index says how far its feed has read the log: while that is the same, nothing was written. When it is not, or now and
then, the shop's own documents are asked how new they are, and what was made of them is made again if they are newer.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sinks.opensearch.opensearch_client import OpenSearchStore

#: Who removes documents past the log (`sinks verify --repair`) is noticed after this.
_LOOKED_AT_AGAIN_S: Final = 1.0
#: Whatever can be compared.
State = object
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    at_s: float
    read: State
    newest: State
    made: T


class KeptOfShops(Generic[T]):
    """May be asked by many threads at once."""

    def __init__(self, most: int, size: Callable[[T], int], now_s: Callable[[], float] = time.monotonic) -> None:
        """Of all shops together things of this `size`, `most` of it; those that were asked for last stay."""
        self._most = most
        self._size_of = size
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, _Kept[T]] = OrderedDict()
        self._size = 0

    def get(self, tenant_id: UUID, read: State, newest: Callable[[], State], make: Callable[[], T]) -> T:
        """`read`: how far the index is read, asked before this. `newest`: how new the shop's documents are. What is
        returned was made of the index as of `read`, or newer.
        """
        at_s = self._now_s()
        with self._lock:
            kept = self._kept.get(tenant_id)
        if kept is not None and kept.read == read and at_s - kept.at_s < _LOOKED_AT_AGAIN_S:
            return kept.made
        state = newest()
        if kept is not None and kept.newest == state:
            now = replace(kept, at_s=at_s, read=read)
        else:
            now = _Kept(at_s, read, state, make())
        self._keep(tenant_id, now)
        return now.made

    def _keep(self, tenant_id: UUID, now: _Kept[T]) -> None:
        with self._lock:
            self._drop(self._kept.pop(tenant_id, None))
            self._kept[tenant_id] = now
            self._size += self._size_of(now.made)
            while self._size > self._most and len(self._kept) > 1:
                self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, one: _Kept[T] | None) -> None:
        self._size -= 0 if one is None else self._size_of(one.made)


def newest_of(store: OpenSearchStore, index: str, tenant_id: UUID) -> State:
    """What is different as soon as a document of the shop is: they are numbered as they are written, and one that is
    removed is one less.
    """
    body: Mapping[str, Any] = {
        "query": {"term": {"tenant_id": str(tenant_id)}},
        "aggs": {"newest": {"max": {"field": "_seq_no"}}},
        "size": 0,
        "track_total_hits": True,
    }
    answer = store.search(index, body, str(tenant_id))
    return (index, answer["hits"]["total"]["value"], answer["aggregations"]["newest"]["value"])
