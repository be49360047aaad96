"""Gives the members of an ordered collection ranks, and changes as few as can be when the order changes.

A cursor stays good because of that: where something is put in between, everything else keeps its rank.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

K = TypeVar("K")

#: Between two neighbours: so many halvings until all are ranked anew.
GAP: Final = 2**40
_FARTHEST: Final = 2**62


def ranked(order: Sequence[K], held: Mapping[K, int]) -> dict[K, int]:
    """A rank for each, rising in this order: that which it has in `held` wherever that is possible."""
    kept = _in_order([(one, held[one]) for one in order if one in held])
    ranks: dict[K, int] = {}
    waiting: list[K] = []
    below: int | None = None
    for one in order:
        if one not in kept:
            waiting.append(one)
            continue
        between = _between(below, kept[one], len(waiting))
        if between is None:
            return _anew(order)
        ranks.update(zip(waiting, between, strict=True))
        ranks[one] = below = kept[one]
        waiting = []
    at_the_end = _between(below, None, len(waiting))
    if at_the_end is None:
        return _anew(order)
    return ranks | dict(zip(waiting, at_the_end, strict=True))


def _in_order(held: Sequence[tuple[K, int]]) -> dict[K, int]:
    """As many as can be of which each has a higher rank than the one before."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int | None] = []
    for number, (_, rank) in enumerate(held):
        length = bisect_left(ends, rank)
        before.append(at_end[length - 1] if length else None)
        ends[length : length + 1] = [rank]
        at_end[length : length + 1] = [number]
    found: dict[K, int] = {}
    last = at_end[-1] if at_end else None
    while last is not None:
        one, rank = held[last]
        found[one] = rank
        last = before[last]
    return found


def _between(below: int | None, above: int | None, number: int) -> Sequence[int] | None:
    """So many between these two ranks; None when there is no room."""
    if above is None:
        start, step = below or 0, GAP
    elif below is None:
        start, step = above - (number + 1) * GAP, GAP
    else:
        start, step = below, (above - below) // (number + 1)
    found = [start + step * at for at in range(1, number + 1)]
    has_room = step > 0 and all(abs(one) < _FARTHEST for one in found)
    return found if has_room or not number else None


def _anew(order: Sequence[K]) -> dict[K, int]:
    return {one: GAP * at for at, one in enumerate(order, 1)}
