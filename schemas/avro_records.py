"""Converts a frozen class to the plain record that Avro writes, and back.

The way of a class is written once, from its type hints, as the Python one would write by hand: `to_record(Price)` is

    lambda value: {"currency": value.currency, "amount_minor": value.amount_minor, …}

and most fields of an event (text, numbers, ids, times) are the same on both sides. Going through tables of fields
instead costs three times as much, and an event goes this way some ten thousand times a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints

from schemas.avro_schema import optional

Convert = Callable[[Any], Any]
_Names = dict[str, Any]


@cache
def to_record(cls: type) -> Convert:
    """A function from an object of `cls` to a dict that fastavro can write."""
    names: _Names = {}
    outward = _Way(to_record, "[{}]", names)
    entries = [f"{name!r}: {outward.of(hint, f'value.{name}')}" for name, hint in _fields(cls)]
    return _made(f"lambda value: {{{', '.join(entries)}}}", names)


@cache
def from_record(cls: type) -> Convert:
    """A function from what fastavro read to an object of `cls`. Raises `KeyError` for a field that is not there."""
    names: _Names = {"cls": cls}
    inward = _Way(from_record, "tuple([{}])", names)
    values = [(name, inward.of(hint, f"record[{name!r}]")) for name, hint in _fields(cls)]
    if _has_own_making(cls):
        return _made(f"lambda record: cls({', '.join(f'{name}={value}' for name, value in values)})", names)
    # A frozen class sets each field through `object.__setattr__`; one with the same slots and no guard is filled in a
    # quarter of the time, and becomes the frozen one when it is complete.
    names["open_cls"] = type(cls.__name__, (), {"__slots__": [name for name, _ in values]})
    filling = "\n".join(f"    made.{name} = {value}" for name, value in values)
    text = f"def convert(record):\n    made = open_cls()\n{filling}\n    made.__class__ = cls\n    return made"
    exec(text, names)  # noqa: S102  # made of the names of our own fields only
    convert: Convert = names["convert"]
    return convert


class _Way:
    """What has to be done to a value, as an expression. `sequence` is what a tuple is on the other side."""

    def __init__(self, of_class: Callable[[type], Convert], sequence: str, names: _Names) -> None:
        self._of_class = of_class
        self._sequence = sequence
        self._names = names

    def of(self, hint: Any, value: str) -> str:
        """The value itself when there is nothing to do."""
        inner_hint = optional(hint)
        if inner_hint is not None:
            inner = self.of(inner_hint, value)
            return value if inner == value else f"None if {value} is None else {inner}"
        if is_dataclass(hint) and isinstance(hint, type):
            name = f"of_{hint.__name__}_{len(self._names)}"  # two modules may each have a class of that name
            self._names[name] = self._of_class(hint)
            return f"{name}({value})"
        if get_origin(hint) is tuple:
            return self._sequence.format(f"{self.of(get_args(hint)[0], _ITEM)} for {_ITEM} in {value}")
        if get_origin(hint) is Mapping:
            inner = self.of(get_args(hint)[1], _ITEM)
            return value if inner == _ITEM else f"{{key: {inner} for key, {_ITEM} in {value}.items()}}"
        return value


_ITEM: Final = "item"


def _made(expression: str, names: _Names) -> Convert:
    convert: Convert = eval(expression, names)  # noqa: S307  # made of the names of our own fields only
    return convert


def _fields(cls: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    return [(field.name, hints[field.name]) for field in fields(cls)]


def _has_own_making(cls: type) -> bool:
    """It checks itself when it is made, or has no slots: then it must be made the usual way."""
    return hasattr(cls, "__post_init__") or "__slots__" not in vars(cls)
