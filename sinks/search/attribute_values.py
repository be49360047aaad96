"""Writes the values of an attribute as they are counted and chosen: one text for each, whatever kind it was said in."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.events.product import AttributeValue

#: As numbers are said of products, and with zeros in front or a sign.
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


def counted_as(value: AttributeValue) -> list[str]:
    """Each once. The number 3.50 is `3.5`, as the text `3.5` is."""
    if value.boolean is not None:
        return ["true" if value.boolean else "false"]
    if value.number is not None:
        return [plain(Decimal(value.number))]
    return list(dict.fromkeys([value.text] if value.texts is None else value.texts))  # type: ignore[list-item]  # one is


def meant_by(chosen: Iterable[str]) -> list[str]:
    """What is counted that somebody means: a number however it is written, and each text as it is."""
    found = dict.fromkeys(chosen)
    numbers = [plain(Decimal(one)) for one in found if _NUMBER.fullmatch(one)]
    return list(dict.fromkeys((*found, *numbers)))


def plain(number: Decimal) -> str:
    """Without an exponent, a sign of nothing, or zeros that say nothing: `100`, `0`, `0.1`."""
    text = format(number, "f")
    shortest = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if shortest in ("-0", "") else shortest
