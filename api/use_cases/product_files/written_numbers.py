"""Reads amounts as people write them into exact minor units; what could mean two things is refused."""

import re
from decimal import Decimal
from typing import Final

from api.domain.money import EXPONENTS, MOST_MINOR

_LONGEST: Final = 40
_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}([.,' \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*")
_DECIMAL: Final = re.compile(r"([0-9]*)[.,]([0-9]*)")
_BOTH: Final = re.compile(r"[1-9][0-9]{0,2}(?:([.,' \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?!\1)[.,]([0-9]*)")


class UnreadableNumber(Exception):
    """Its text says why, to whoever wrote the number."""


def minor_units(written: str, currency: str) -> int:
    """`19.99`, `19,99` and `1.234,50` of EUR are 1999, 1999 and 123450.

    Raises `UnreadableNumber`: no number, below zero, finer than the currency, or `1.234`, which may be one or a
    thousand.
    """
    exponent = EXPONENTS[currency]
    whole, fraction = _parts(written.strip()[:_LONGEST], exponent)
    if len(fraction.rstrip("0")) > exponent:
        raise UnreadableNumber(f"{written!r} is finer than {currency}, which has {exponent} decimals.")
    amount = int(Decimal(f"{whole or 0}.{fraction or 0}").scaleb(exponent))
    if amount > MOST_MINOR:
        raise UnreadableNumber(f"{written!r} is more than can be counted.")
    return amount


def _parts(text: str, exponent: int) -> tuple[str, str]:
    """The digits before the decimal mark and those behind it."""
    thousands, decimal, both = (pattern.fullmatch(text) for pattern in (_THOUSANDS, _DECIMAL, _BOTH))
    if thousands and decimal:
        if exponent == 0:
            return _digits(text), ""
        if exponent != len(decimal[2]) or "," in text:
            raise UnreadableNumber(f"{text!r} may be a thousand times more: write it without a mark between thousands.")
    if decimal and (decimal[1] or decimal[2]):
        return decimal[1], decimal[2]
    if thousands or (text.isascii() and text.isdigit()):
        return _digits(text), ""
    if both:
        return _digits(text[: -len(both[2]) - 1]), both[2]
    raise UnreadableNumber(f"{text!r} is not an amount of money.")


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
