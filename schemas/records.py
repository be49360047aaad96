"""How does a frozen class become the plain record Avro writes, and back?

The converters of a class are made once, from its type hints, and touch only the fields that need it: most fields of
an event (text, numbers, ids, times) are the same on both sides.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, get_args, get_origin, get_type_hints

from schemas.rendering import optional

Convert = Callable[[Any], Any]


@cache
def to_record(cls: type) -> Convert:
    """A function from an object of `cls` to a dict that fastavro can write."""
    names = tuple(field.name for field in fields(cls))
    if len(names) == 1:
        name, get_one = names[0], attrgetter(names[0])
        convert_one = _outward(get_type_hints(cls)[name])
        return lambda value: {name: convert_one(get_one(value)) if convert_one else get_one(value)}
    get_all = attrgetter(*names)
    converted = _nested(cls, _outward)

    def convert(value: Any) -> dict[str, Any]:
        record = dict(zip(names, get_all(value), strict=True))
        for name, inner in converted:
            record[name] = inner(record[name])
        return record

    return convert


@cache
def from_record(cls: type) -> Convert:
    """A function from what fastavro read to an object of `cls`. It uses up the record."""
    converted = _nested(cls, _inward)

    def convert(record: dict[str, Any]) -> Any:
        for name, inner in converted:
            record[name] = inner(record[name])
        return cls(**record)

    return convert


def _nested(cls: type, way: Callable[[Any], Convert | None]) -> tuple[tuple[str, Convert], ...]:
    found = ((name, way(hint)) for name, hint in get_type_hints(cls).items())
    return tuple((name, inner) for name, inner in found if inner is not None)


def _outward(hint: Any) -> Convert | None:
    """What Avro needs done to a value of this type; nothing for most."""
    return _through(hint, to_record, as_sequence=list)


def _inward(hint: Any) -> Convert | None:
    return _through(hint, from_record, as_sequence=tuple)


def _through(hint: Any, of_class: Callable[[type], Convert], as_sequence: Convert) -> Convert | None:
    inner_hint = optional(hint)
    if inner_hint is not None:
        inner = _through(inner_hint, of_class, as_sequence)
        return None if inner is None else _unless_none(inner)
    if is_dataclass(hint) and isinstance(hint, type):
        return of_class(hint)
    if get_origin(hint) is tuple:
        item = _through(get_args(hint)[0], of_class, as_sequence)
        return as_sequence if item is None else _each_in_sequence(item, as_sequence)
    if get_origin(hint) is Mapping:
        item = _through(get_args(hint)[1], of_class, as_sequence)
        return None if item is None else _each_in_mapping(item)
    return None


def _unless_none(inner: Convert) -> Convert:
    return lambda value: None if value is None else inner(value)


def _each_in_sequence(inner: Convert, as_sequence: Convert) -> Convert:
    return lambda values: as_sequence([inner(value) for value in values])


def _each_in_mapping(inner: Convert) -> Convert:
    return lambda values: {key: inner(value) for key, value in values.items()}
