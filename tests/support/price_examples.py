"""Reads the worked examples of docs/prices.md: what costs what, by which list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from schemas.events.product import Price

_PAGE: Final = Path(__file__).parents[2] / "docs" / "prices.md"
#: As the page tells it above the tables.
BASE: Final = tuple(
    Price(currency=currency, amount_minor=amount, compare_at_minor=None)
    for currency, amount in (("EUR", 1000), ("JPY", 1500), ("KWD", 3500))
)


@dataclass(frozen=True)
class ListExample:
    name: str
    currency: str
    customer_group: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    prices: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Example:
    currency: str
    customer_group: str | None
    quantity: int
    at: datetime
    list_asked: str | None
    amount_minor: int | None
    decided_by: str | None

    def __str__(self) -> str:
        asked = (self.currency, self.customer_group or "everybody", str(self.quantity), f"{self.at:%m-%d}")
        return "-".join((*asked, *filter(None, (self.list_asked,))))


def _rows(heading: str) -> Iterator[list[str]]:
    """The cells of each row of the table with this heading."""
    lines = _PAGE.read_text().splitlines()
    for line in lines[lines.index(heading) + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _said(cell: str) -> str | None:
    return None if cell == "–" else cell


def _moment(cell: str) -> datetime | None:
    return None if _said(cell) is None else datetime.fromisoformat(cell).replace(tzinfo=UTC)


def _list(cells: list[str]) -> ListExample:
    name, currency, group, starts_at, ends_at, priority, prices = cells
    tiers = (tier.split(":") for tier in prices.split(","))
    return ListExample(
        name=name,
        currency=currency,
        customer_group=_said(group),
        starts_at=_moment(starts_at),
        ends_at=_moment(ends_at),
        priority=int(priority),
        prices=tuple((int(quantity), int(amount)) for quantity, amount in tiers),
    )


def _example(cells: list[str]) -> Example:
    currency, group, quantity, at, asked, amount, by = cells
    return Example(
        currency=currency,
        customer_group=_said(group),
        quantity=int(quantity),
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        list_asked=_said(asked),
        amount_minor=None if _said(amount) is None else int(amount),
        decided_by=None if by in ("the product", "nobody") else by,
    )


LISTS: Final = tuple(map(_list, _rows("| List | Currency | Group | From | Until before | Priority | Prices |")))
EXAMPLES: Final = tuple(map(_example, _rows("| Currency | Group | Quantity | At | List asked | Price | Decided by |")))
