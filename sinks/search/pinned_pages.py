"""Puts pinned hits among the others, so that each is on one page of the list, once, and no other hit is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.events.search_setting import Pin

Hit = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Which of the other hits a page may need: some before it may have to make room for pins."""

    first: int
    size: int


def window(begin: int, size: int, pins: int) -> Window:
    """The page has `size` hits from the place `begin`, counted from 0."""
    first = max(0, begin - pins)
    return Window(first, begin + size - first)


def places(pins: Sequence[Pin], others: int) -> list[int]:
    """Where each is in the whole list, from 0: where it is pinned, or behind all others when they are fewer.

    `pins` are by their positions; `others` is how many hits there are besides.
    """
    found: list[int] = []
    for n, pin in enumerate(pins):
        behind = found[-1] + 1 if found else 0
        found.append(min(max(pin.position - 1, behind), others + n))
    return found


def page_of(
    pins: Sequence[Pin],
    pinned: Mapping[str, Hit],
    others: Sequence[Hit],
    total: int,
    begin: int,
    size: int,
    first: int | None = None,
) -> list[Hit]:
    """`others` are those of the window of the page, or from the `first`th on; `total` is how many there are in all;
    `pinned` by id.
    """
    first = window(begin, size, len(pins)).first if first is None else first
    at = dict(zip(places(pins, total), pins, strict=True))
    hits: list[Hit] = []
    for place in range(begin, min(begin + size, total + len(pins))):
        if place in at:
            hits.append(pinned[str(at[place].product_id)])
            continue
        n = place - sum(one < place for one in at) - first
        if n < len(others):
            hits.append(others[n])
    return hits
