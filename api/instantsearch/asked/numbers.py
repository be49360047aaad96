"""Reads numbers to compare with: prices in whole units of the currency, exactly, and numbers of attributes."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from api.domain.money import EXPONENTS, MOST_MINOR
from api.instantsearch.refusals import NotAsked
from sinks.search.product_choices import Attribute, Choice, Is, Not, Side, Within

#: What JavaScript writes for a number, and nothing that takes long to count with.
NUMBER: Final = r"-?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?"
_NUMBER: Final = re.compile(NUMBER, re.ASCII)
_SIDES: Final[dict[str, tuple[Side, ...]]] = {
    "=": ("gte", "lte"),
    ">": ("gt",),
    ">=": ("gte",),
    "<": ("lt",),
    "<=": ("lte",),
}
OPERATORS: Final = (*_SIDES, "!=")
STOCK_VALUES: Final = ("false", "true")
_SHOWN: Final = 100


def compared(attribute: Attribute, operator: str, text: str, currency: str) -> Choice:
    """`operator` is one of `OPERATORS`. Raises `NotAsked` for what is no number, or has none."""
    if operator == "!=":
        return Not(compared(attribute, "=", text, currency))
    number = read_number(text)
    match attribute.kind:
        case "price":
            minor = number.scaleb(EXPONENTS[currency])
            return Within(attribute, {side: _whole(minor, side) for side in _SIDES[operator]})
        case "attribute":
            return Within(attribute, dict.fromkeys(_SIDES[operator], number))
        case "stock":
            holds = [value for one, value in enumerate(STOCK_VALUES) if _holds(one, operator, number)]
            return Is(attribute, tuple(holds))
        case _:
            raise NotAsked("Only price, in_stock and attributes.<name> can be compared with numbers")


def read_number(text: str) -> Decimal:
    """Raises `NotAsked`."""
    given = text.strip()
    if not _NUMBER.fullmatch(given):
        raise NotAsked(f"{given[:_SHOWN]!r} is no number")
    return Decimal(given)


def _whole(minor: Decimal, side: Side) -> int:
    """The whole minor unit that bounds as much: none is between."""
    upwards = side in ("gte", "lt")
    rounded = minor.to_integral_value(ROUND_CEILING if upwards else ROUND_FLOOR)
    return int(max(Decimal(-1), min(rounded, Decimal(MOST_MINOR + 1))))


def _holds(one: int, operator: str, number: Decimal) -> bool:
    return {
        "=": one == number,
        ">": one > number,
        ">=": one >= number,
        "<": one < number,
        "<=": one <= number,
    }[operator]
