"""Reads where the categories of a shop are in its tree, so that a move is one document and no product is written.

A product's document has the categories that it was put into, and nothing of what is above them. Whoever searches in a
category searches in all that is below it by now, and what a facet counts is counted for all above. So are names looked
up: a rename is one document, too (`sinks.search.category_words`).
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sinks.search.shown_filter import shown_in


class CategoryNames:
    """Those of a shop in one language: which categories have a word in them, as the words are kept in documents."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def add(self, id_: str, words: Iterable[str]) -> None:
        for one in dict.fromkeys(words):
            self._ids.setdefault(one, []).append(id_)

    def having(self, words: Iterable[str]) -> set[str]:
        """The ids of those with one of these words."""
        return {id_ for one in words for id_ in self._ids.get(one, ())}

    def beginning(self, start: str) -> set[str]:
        """The ids of those with a word that begins so."""
        return self.having(self._from(start))

    def _from(self, start: str) -> Iterator[str]:
        for at in range(bisect_left(self._sorted, start), len(self._sorted)):
            if not self._sorted[at].startswith(start):
                return
            yield self._sorted[at]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._ids)


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """By id: the parent, the children, names and handles by locale, the place among siblings, and the languages that
    it has a name in; by language, the words of the names. What it does not know is a root with nothing below.
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    slugs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, Collection[str]] = field(default_factory=dict)
    words: Mapping[str, CategoryNames] = field(default_factory=dict)
    _ways: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def up_from(self, id_: str) -> tuple[str, ...]:
        """The category and all above it, the root last."""
        way = self._ways.get(id_)
        if way is None:
            way = self._way_from(id_)
            if id_ in self.parents:  # people ask for what is none, too
                self._ways[id_] = way
        return way

    def _way_from(self, id_: str) -> tuple[str, ...]:
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
SOURCE: Final = ("path", "names", "slugs", "position", "languages", "name")


def tree_of(documents: Iterable[Mapping[str, Any]]) -> CategoryTree:
    """Of documents as they are found in the index."""
    parents: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    known: dict[str, Mapping[str, Any]] = {}
    words: dict[str, CategoryNames] = {}
    for document in documents:
        id_, source = document["_id"], document["_source"]
        known[id_] = source
        if len(source["path"]) > 1:
            parents[id_] = source["path"][-2]
            children.setdefault(parents[id_], []).append(id_)
        for language, name in source["name"].items():
            words.setdefault(language, CategoryNames()).add(id_, name.split())
    return CategoryTree(
        parents=parents,
        children=children,
        names={id_: one["names"] for id_, one in known.items()},
        slugs={id_: one["slugs"] for id_, one in known.items()},
        positions={id_: one["position"] for id_, one in known.items()},
        languages={id_: one["languages"] for id_, one in known.items()},
        words=words,
    )


def all_of(tenant_id: UUID) -> dict[str, Any]:
    """The body of a search for all categories of a shop."""
    return {"query": {"bool": {"filter": shown_in(tenant_id)}}, "_source": list(SOURCE), "track_total_hits": False}


def counted(sets: Mapping[str, int], tree: CategoryTree) -> list[tuple[str, int]]:
    """How many products are in each category, at any height: of how many are in each set of categories; most first."""
    counts: dict[str, int] = {}
    for ids, number in sets.items():
        several = ids.split(SEPARATOR)
        above = tree.up_from(ids) if len(several) == 1 else {id_ for one in several for id_ in tree.up_from(one)}
        for id_ in above:
            counts[id_] = counts.get(id_, 0) + number
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


SEPARATOR: Final = " "


def set_of(ids: Collection[UUID]) -> str | None:
    """The categories of a product in one word: products are counted by it, none of them twice."""
    return SEPARATOR.join(sorted(map(str, ids))) or None
