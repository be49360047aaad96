"""Lists the units that quantities count, each with what it measures and how many of the measure's base unit it is.

A unit is one of `UNITS`, or a number of one: `100 g`, `0.001 gal`. Only what has the same measure adds up, and only in
its base unit. Factors are exact; a gallon is that of the United States.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Measure = Literal["count", "mass", "volume", "length", "area", "time"]

PIECE: Final = "piece"
LONGEST_UNIT: Final = 20
#: From a thousandth to just below a thousand.
NUMBER: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
_NUMBERED: Final = re.compile(f"({NUMBER}) (.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class UnitOfMeasure:
    """One of it is `factor` of the measure's base unit. At most four digits before the point and nine behind it."""

    measure: Measure
    factor: Decimal


def _of(measure: Measure, /, **factors: str) -> dict[str, UnitOfMeasure]:
    return {name: UnitOfMeasure(measure, Decimal(factor)) for name, factor in factors.items()}


UNITS: Final[Mapping[str, UnitOfMeasure]] = {
    **_of("count", piece="1"),
    **_of("mass", g="1", kg="1000", oz="28.349523125", lb="453.59237"),
    **_of("volume", ml="1", cl="10", l="1000", gal="3785.411784"),
    **_of("length", m="1", cm="0.01", mm="0.001", ft="0.3048"),
    **_of("area", m2="1", cm2="0.0001", ft2="0.09290304"),
    **_of("time", min="1", hour="60", day="1440"),
}
#: Measure → the unit whose factor is 1.
BASE_UNITS: Final[Mapping[Measure, str]] = {unit.measure: name for name, unit in UNITS.items() if unit.factor == 1}


def unit_of(written: str) -> UnitOfMeasure | None:
    """None: it is not on the list. Pieces are counted by ones: there is no `12 piece`."""
    if written in UNITS:
        return UNITS[written]
    numbered = _NUMBERED.fullmatch(written)
    if numbered is None:
        return None
    number, of = Decimal(numbered[1]), UNITS.get(numbered[2])
    return None if of is None or of.measure == "count" or not number else UnitOfMeasure(of.measure, number * of.factor)


def measure_of(written: str) -> Measure | None:
    """None: nobody knows."""
    found = unit_of(written)
    return None if found is None else found.measure
