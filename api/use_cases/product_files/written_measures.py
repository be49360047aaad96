"""Reads weights and lengths as other systems write them, in whole grams and millimetres."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_WRITTEN: Final = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{0,12})?|[.,][0-9]{1,12}")
#: Grams, and millimetres, of one of them.
GRAMS: Final[Mapping[str, Decimal]] = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
MILLIMETRES: Final[Mapping[str, Decimal]] = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "in": Decimal("25.4"),
    "yd": Decimal("914.4"),
}


class UnreadableMeasure(Exception):
    """Its text says why, to whoever wrote it."""


def whole_units(written: str, unit: Decimal, most: int) -> int | None:
    """`0.5`, `0,5` and `.5` kilograms are 500 grams; a half is rounded up, but what is there is at least one.

    None for nothing and for zero, which is how other systems say that nobody weighed it. Raises `UnreadableMeasure`.
    """
    if not written:
        return None
    if not _WRITTEN.fullmatch(written):
        raise UnreadableMeasure(f"{written[:40]!r} is no measure")
    exact = Decimal(written.replace(",", ".")) * unit
    if not exact:
        return None
    whole = max(1, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
    if whole > most:
        raise UnreadableMeasure(f"{written!r} is more than any article")
    return whole
