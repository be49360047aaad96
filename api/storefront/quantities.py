"""Writes how much of something is in a cart or an order, and counts what is in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.units import PIECE, UNITS


def quantity(of: int, unit: str | None) -> str:
    """`3`, `500 g`, `5 × 100 g`."""
    return f"{of} {counted_in(unit)}".rstrip()


def counted_in(unit: str | None) -> str:
    """What stands behind a number: nothing for pieces, `g`, `× 100 g`."""
    if unit is None or unit == PIECE:
        return ""
    return unit if unit in UNITS else f"× {unit}"


def priced_by(units: Sequence[str]) -> str | None:
    """What a price is of, where all variants are sold by the same: `100 g`; None for a piece, or where they are not."""
    return units[0] if len(units) == 1 and units[0] != PIECE else None


def articles_in(cart: Mapping[str, Any]) -> int:
    """Pieces, and one for each line of what is measured: 500 g of cheese are one article."""
    counted = (cart["counted"] or {}).get("lines", [])
    units = [line["unit"] for line in counted] or [PIECE] * len(cart["lines"])
    return sum(
        line["quantity"] if unit in (None, PIECE) else 1 for line, unit in zip(cart["lines"], units, strict=True)
    )
