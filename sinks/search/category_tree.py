"""Reads where the categories of a shop are in its tree, so that a move is one document and no product is written.

A product's document has the categories that it was put into, and nothing of what is above them. Whoever searches in a
category searches in all that is below it by now, and what a facet counts is counted for all above. A tree is read once
and kept until a category of the shop has changed, which every search asks.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sinks.search.shown_filter import shown_in

#: Shops whose trees are kept, those that were asked for last.
_MOST_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """By id: the parent, the children and the names by locale. What it does not know is a root with nothing below."""

    parents: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def up_from(self, id_: str) -> tuple[str, ...]:
        """The category and all above it, the root last."""
        way = [id_]
        while (parent := self.parents.get(way[-1])) is not None and parent not in way:
            way.append(parent)
        return tuple(way)

    def below(self, ids: Iterable[str]) -> tuple[str, ...]:
        """These categories and all that is in them, however deep, each once."""
        found = dict.fromkeys(ids)
        waiting = list(found)
        while waiting:
            new = [child for child in self.children.get(waiting.pop(), ()) if child not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return tuple(found)


NO_TREE: Final = CategoryTree()
#: What of a category's document a tree is made of. Only the last step of a path is looked at: of all the categories
#: that a move moves, the one that was moved is enough to be right.
SOURCE: Final = ("path", "names")


def tree_of(documents: Iterable[Mapping[str, Any]]) -> CategoryTree:
    """Of documents as they are found in the index."""
    parents: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    names: dict[str, Mapping[str, str]] = {}
    for document in documents:
        id_, source = document["_id"], document["_source"]
        names[id_] = source["names"]
        if len(source["path"]) > 1:
            parents[id_] = source["path"][-2]
            children.setdefault(parents[id_], []).append(id_)
    return CategoryTree(parents, children, names)


def all_of(tenant_id: UUID) -> dict[str, Any]:
    """The body of a search for all categories of a shop."""
    return {"query": {"bool": {"filter": shown_in(tenant_id)}}, "_source": list(SOURCE), "track_total_hits": False}


#: Asked beside anything else: what is different as soon as a category of the shop is. Documents are numbered as they
#: are written, and one that is removed is one less.
def newest(tenant_id: UUID) -> dict[str, Any]:
    """An aggregation that says how new the categories of a shop are, whatever else is asked."""
    own = {"filter": {"term": {"tenant_id": str(tenant_id)}}, "aggs": {"newest": {"max": {"field": "_seq_no"}}}}
    return {"all": {"global": {}, "aggs": {"own": own}}}


def state_of(index: str, aggregations: Mapping[str, Any]) -> tuple[object, ...]:
    own = aggregations["all"]["own"]
    return (index, own["doc_count"], own["newest"]["value"])


class KeptTrees:
    """Those that were read last, by shop. May be asked by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, tuple[tuple[object, ...], CategoryTree]] = OrderedDict()

    def get(self, tenant_id: UUID, state: tuple[object, ...], read: Callable[[], CategoryTree]) -> CategoryTree:
        """As of `state` or newer."""
        with self._lock:
            kept = self._kept.get(tenant_id)
        if kept is not None and kept[0] == state:
            return kept[1]
        tree = read()
        with self._lock:
            self._kept[tenant_id] = (state, tree)
            self._kept.move_to_end(tenant_id)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return tree


def counted(sets: Mapping[str, int], tree: CategoryTree) -> list[tuple[str, int]]:
    """How many products are in each category, at any height: of how many are in each set of categories; most first."""
    counts: dict[str, int] = {}
    for ids, number in sets.items():
        above = {id_ for one in ids.split(SEPARATOR) for id_ in tree.up_from(one)}
        for id_ in above:
            counts[id_] = counts.get(id_, 0) + number
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


SEPARATOR: Final = " "


def set_of(ids: Collection[UUID]) -> str | None:
    """The categories of a product in one word: products are counted by it, none of them twice."""
    return SEPARATOR.join(sorted(map(str, ids))) or None
