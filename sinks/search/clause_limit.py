"""Keeps a question within what OpenSearch takes: 1024 clauses, and each word that a typo may mean is one."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

#: Of words. What is left is for what was chosen.
MOST_CLAUSES: Final = 800
_MOST_EXPANSIONS: Final = 50
_FEWEST_EXPANSIONS: Final = 1


def fits(clause: Mapping[str, Any]) -> bool:
    """Whether it is small enough. What others leave is divided among the typos that are looked for."""
    leaves = list(_leaves(clause))
    typos = [leaf for leaf in leaves if "fuzzy" in leaf]
    left = MOST_CLAUSES - (len(leaves) - len(typos))
    if left < len(typos) * _FEWEST_EXPANSIONS:
        return False
    if typos:
        expand(clause, min(_MOST_EXPANSIONS, left // len(typos)))
    return True


def expand(clause: Mapping[str, Any], words: int) -> None:
    """Each typo may mean so many words at most."""
    for leaf in _leaves(clause):
        for asked in leaf.get("fuzzy", {}).values():
            asked["max_expansions"] = words


def expansions(clause: Mapping[str, Any]) -> int:
    """How many words a typo of it may mean."""
    found = (asked["max_expansions"] for leaf in _leaves(clause) for asked in leaf.get("fuzzy", {}).values())
    return next(found, _MOST_EXPANSIONS)


def _leaves(clause: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    ((kind, told),) = clause.items()
    if kind == "dis_max":
        parts = told["queries"]
    elif kind == "bool":
        parts = [part for name in ("must", "should", "must_not", "filter") for part in told.get(name, ())]
    elif kind == "function_score":
        parts = [told["query"]]
    else:
        yield clause
        return
    for part in parts:
        yield from _leaves(part)
