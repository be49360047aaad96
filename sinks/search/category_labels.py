"""Calls categories as a visitor reads them, with all above them: `Food > Cheese`; and finds those that are called so.

Made of names when somebody asks, so that a rename counts at once. Siblings of one name are one for the visitor.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sinks.search.category_tree import SEPARATOR, CategoryTree
from sinks.search.search_languages import choose

BETWEEN: Final = " > "
#: What stands for it inside of a name.
_INSIDE: Final = " › "


class CategoryLabels:
    """`locales` are those that the visitor understands, the first best."""

    def __init__(self, tree: CategoryTree, locales: Sequence[str]) -> None:
        self._tree = tree
        self._locales = locales
        self._paths: dict[str, tuple[str, ...]] = {}

    def path(self, id_: str) -> tuple[str, ...]:
        """The labels of the category and all above it, from the top; nothing for one that is not there any more."""
        found = self._paths.get(id_)
        if found is None:
            labels = [self._label(one) for one in reversed(self._tree.up_from(id_))]
            found = self._paths[id_] = () if None in labels else tuple(label for label in labels if label is not None)
        return found

    def called(self, label: str, level: int) -> list[str]:
        """The ids of the categories with this label at this depth."""
        steps = label.split(BETWEEN)
        if len(steps) != level + 1:
            return []
        found = [id_ for id_ in self._tree.names if id_ not in self._tree.parents and self._label(id_) == steps[0]]
        for step in steps[1:]:
            below = (child for id_ in found for child in self._tree.children.get(id_, ()))
            found = [child for child in below if self._label(child) == step]
        return found

    def counted(self, sets: Mapping[str, int], level: int) -> list[tuple[str, int]]:
        """How many products are at each label of this depth, or below it; most first."""
        counts: dict[str, int] = {}
        for ids, number in sets.items():
            paths = {self.path(one)[: level + 1] for one in ids.split(SEPARATOR)}
            for label in {BETWEEN.join(path) for path in paths if len(path) == level + 1}:
                counts[label] = counts.get(label, 0) + number
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))

    def _label(self, id_: str) -> str | None:
        names = self._tree.names.get(id_)
        return choose(names, self._locales)[1].replace(BETWEEN, _INSIDE) if names else None
