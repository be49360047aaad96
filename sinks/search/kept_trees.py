"""Keeps the categories of the shops that are searched, for as long as nothing says that they have changed.

An index says how far its feed has read the log: while that is the same, no category was written. When it is not, or
now and then, the shop's own categories are asked how new they are, and are read again if they are newer.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sinks.search.category_tree import CategoryTree

#: Of all shops together; those that were asked for last stay.
_MOST_CATEGORIES: Final = 200_000
#: Who removes documents past the log (`sinks verify --repair`) is noticed after this.
_LOOKED_AT_AGAIN_S: Final = 1.0
#: Whatever can be compared.
State = object


@dataclass(frozen=True, slots=True)
class _Kept:
    at_s: float
    read: State
    newest: State
    tree: CategoryTree


class KeptTrees:
    """May be asked by many threads at once."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._size = 0

    def get(
        self, tenant_id: UUID, read: State, newest: Callable[[], State], tree: Callable[[], CategoryTree]
    ) -> CategoryTree:
        """`read`: how far the index is read, asked before this. `newest`: how new the shop's categories are. `tree`:
        all of them. What is returned is as of `read`, or newer.
        """
        at_s = self._now_s()
        with self._lock:
            kept = self._kept.get(tenant_id)
        if kept is not None and kept.read == read and at_s - kept.at_s < _LOOKED_AT_AGAIN_S:
            return kept.tree
        state = newest()
        if kept is not None and kept.newest == state:
            now = replace(kept, at_s=at_s, read=read)
        else:
            now = _Kept(at_s, read, state, tree())
        self._keep(tenant_id, now)
        return now.tree

    def _keep(self, tenant_id: UUID, now: _Kept) -> None:
        with self._lock:
            self._drop(self._kept.pop(tenant_id, None))
            self._kept[tenant_id] = now
            self._size += len(now.tree.names)
            while self._size > _MOST_CATEGORIES and len(self._kept) > 1:
                self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, one: _Kept | None) -> None:
        self._size -= 0 if one is None else len(one.tree.names)
