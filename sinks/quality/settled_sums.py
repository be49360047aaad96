"""Compares what two stores add up to while both move.

The tables are asked in one snapshot of them, readers once they have all that was committed by then, and the tables
again: what they said both times alike readers must say. What changed in between is looked at again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sinks.verify_model import ROUNDS

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Settled(Generic[K, T, V]):
    """`wrong`: by what they are of, what readers see and what the tables say. `moving`: what never rested."""

    wrong: Mapping[K, tuple[V | None, T | None]]
    moving: frozenset[K]


def settled(
    told: Callable[[], Mapping[K, T]], held: Callable[[], Mapping[K, V]], shown: Callable[[T], V]
) -> Settled[K, T, V]:
    """`held` waits for what is committed when it is called; `shown` is what readers have to see of what is told."""
    wrong: dict[K, tuple[V | None, T | None]] = {}
    moving: set[K] | None = None
    for _ in range(ROUNDS):
        before, seen, after = told(), held(), told()
        there = before.keys() | seen.keys() | after.keys()
        looked_at = there if moving is None else there & moving
        moving = {one for one in looked_at if before.get(one) != after.get(one)}
        for one in looked_at - moving:
            tables, readers = before.get(one), seen.get(one)
            if readers != (None if tables is None else shown(tables)):
                wrong[one] = (readers, tables)
        if not moving:
            break
    return Settled(wrong, frozenset(moving or ()))
