"""Reads `facetFilters`, `numericFilters` and `tagFilters`: a list of conditions that hold together, where a list inside
has alternatives.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from api.instantsearch.asked.attribute_names import PLAIN, attribute_named
from api.instantsearch.asked.numbers import NUMBER, STOCK_VALUES, compared, read_number
from api.instantsearch.refusals import NotAsked
from sinks.search.product_choices import AllOf, Attribute, Choice, Is, Not, Within, all_of, any_of

_COMPARISON: Final = re.compile(r"(?P<name>[^<>=!]+)(?P<operator><=|>=|!=|=|<|>)\s*(?P<number>[^<>=!]+)", re.DOTALL)
_SPAN: Final = re.compile(
    rf"(?P<name>[^:]+):\s*(?P<low>{NUMBER})(?:\s+TO\s+(?P<high>{NUMBER}))?\s*", re.DOTALL | re.ASCII
)
#: One of several in a text: a value that begins with a quote ends with one.
_LISTED: Final = re.compile(
    r"\s*(?P<name>[^:,]+):(?P<dash>-?)"
    r"(?:\"(?P<double>(?:\\.|[^\"\\])*)\"\s*|'(?P<single>(?:\\.|[^'\\])*)'\s*|(?P<plain>[^\"',][^,]*|))(?:,|$)",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SHOWN: Final = 100


def facet_filters(given: Any, currency: str) -> list[Choice]:
    """Raises `NotAsked`. In a text of several a value is quoted that has a comma; in a list values are as they are."""
    if isinstance(given, str) and given and not given.lstrip().startswith("["):
        given = list(_listed(given))
    return _read("facetFilters", given, lambda text: facet_filter(text, currency))


def numeric_filters(given: Any, currency: str) -> list[Choice]:
    """Raises `NotAsked`."""
    if isinstance(given, str) and not given.lstrip().startswith("["):
        given = [one for one in given.split(",") if one.strip()]
    return _read("numericFilters", given, lambda text: numeric_filter(text, currency))


def tag_filters(given: Any, currency: str) -> list[Choice]:
    """Raises `NotAsked`."""
    if isinstance(given, str) and not given.lstrip().startswith("["):
        given = [one for one in given.split(",") if one]
    return _read("tagFilters", given, lambda text: valued(PLAIN["tags"], text, currency, negated=True))


def facet_filter(text: str, currency: str) -> Choice:
    """`name:value`, divided at the first colon; `name:-value`: all but this; `name:\\-value` begins with a dash."""
    name, colon, value = text.partition(":")
    if not colon:
        raise NotAsked(f"facetFilters: {text[:_SHOWN]!r} is to be attribute:value")
    return valued(attribute_named(name.strip()), value, currency, negated=True)


def valued(attribute: Attribute, value: str, currency: str, *, negated: bool = False) -> Choice:
    """`negated`: a dash in front means everything but this value."""
    if negated and value.startswith("-"):
        return Not(valued(attribute, value[1:], currency))
    value = value.removeprefix("\\") if value.startswith("\\-") else value
    match attribute.kind:
        case "price":
            return compared(attribute, "=", value, currency)
        case "stock" if value not in STOCK_VALUES:
            raise NotAsked(f"in_stock is true or false, and not {value[:_SHOWN]!r}")
        case _:
            return Is(attribute, (value,))


def numeric_filter(text: str, currency: str) -> Choice:
    """`price>=1.5`, `price:1 TO 2`."""
    if span := _SPAN.fullmatch(text):
        return spanned(attribute_named(span["name"].strip()), span["low"], span["high"] or span["low"], currency)
    if found := _COMPARISON.fullmatch(text.strip()):
        return compared(attribute_named(found["name"].strip()), found["operator"], found["number"], currency)
    raise NotAsked(f"numericFilters: {text[:_SHOWN]!r} is to be a comparison as price>=10, or a span as price:10 TO 20")


def spanned(attribute: Attribute, low: str, high: str, currency: str) -> Choice:
    """Raises `NotAsked`, too, where the bounds are the wrong way round."""
    if read_number(low) > read_number(high):
        raise NotAsked(f"{low} TO {high} is no span: the lower number comes first")
    least, most = compared(attribute, ">=", low, currency), compared(attribute, "<=", high, currency)
    match least, most:
        case Within(_, above), Within(_, below):
            return Within(attribute, {**above, **below})
        case Is(_, above_values), Is(_, below_values):
            return Is(attribute, tuple(value for value in above_values if value in below_values))
    return AllOf((least, most))


def _listed(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _LISTED.match(text, at)
        if found is None:
            raise NotAsked(
                f"facetFilters: {text[at:][:_SHOWN]!r} is to be attribute:value; a value with a comma is quoted"
            )
        at = found.end()
        quoted = found["double"] if found["double"] is not None else found["single"]
        value = found["plain"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        literal = "\\" if quoted is not None and value.startswith("-") else ""
        yield f"{found['name']}:{found['dash']}{literal}{value}"


def _read(parameter: str, given: Any, read: Callable[[str], Choice]) -> list[Choice]:
    """A text may be JSON itself, as clients before the fifth version send it."""
    if isinstance(given, str) and given.lstrip().startswith("["):
        try:
            given = orjson.loads(given)
        except ValueError:
            raise NotAsked(f"{parameter} is no JSON") from None
    match given:
        case None | "":
            return []
        case str():
            return [read(given)]
        case list():
            return list(all_of([_alternatives(parameter, one, read) for one in given if one not in ("", [])]))
    raise NotAsked(f"{parameter} is to be a list of texts, or of lists of texts")


def _alternatives(parameter: str, given: Any, read: Callable[[str], Choice]) -> Choice:
    match given:
        case str():
            return read(given)
        case list() if all(isinstance(one, str) for one in given):
            return any_of([read(one) for one in given])
    raise NotAsked(f"{parameter} is to be a list of texts, or of lists of texts")
