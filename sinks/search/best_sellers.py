"""Tells products that sell best in three ranks, which is all that search asks: it looks at no numbers of units."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

#: Down to which place a rank goes, and what it says.
RANKS: Final = ((10, 1.0), (50, 0.6), (200, 0.3))
MOST: Final = RANKS[-1][0]


@dataclass(frozen=True, slots=True)
class BestSellers:
    """The best is first."""

    product_ids: tuple[UUID, ...] = ()

    def ranks(self) -> Iterator[tuple[float, list[str]]]:
        """What each says, and the products in it: in no order, so that a change of places within one is none."""
        begin = 0
        for end, says in RANKS:
            if ids := self.product_ids[begin:end]:
                yield says, sorted(map(str, ids))
            begin = end


NOTHING_SOLD: Final = BestSellers()
