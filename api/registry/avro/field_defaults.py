"""Checks whether a field of a type can have a JSON value by default; in a union, the value of any branch, as since Avro
1.12.

A record's value may lack fields that have a default of their own. So what is right depends on what is right elsewhere,
perhaps on itself: all defaults are looked at until nothing is new. Each pair of a value and a type is looked at once in
a round, and a round that finds nothing new is the last.
"""

from collections.abc import Sequence

from api.registry.avro.schema_types import (
    Array,
    Enum,
    Field,
    Fixed,
    Json,
    Map,
    Names,
    Primitive,
    Record,
    Type,
    Union,
    followed,
)
from api.registry.avro.step_limit import StepLimit

_Key = tuple[str, str]


class Defaults:
    """The defaults of all fields of these names."""

    def __init__(self, names: Names, steps: StepLimit) -> None:
        self._names = names
        self._steps = steps
        self._fits: dict[tuple[int, int], bool] = {}
        self._right: set[_Key] = set()
        fields = [
            (record.name.full, one) for record in names.values() if isinstance(record, Record) for one in record.fields
        ]
        left = [(record, field) for record, field in fields if field.has_default]
        while self._finds_more(left):
            left = [one for one in left if (one[0], one[1].name) not in self._right]
            self._fits = {key: True for key, right in self._fits.items() if right}  # what was wrong may be right now

    def fits(self, value: Json, of: Type) -> bool:
        """Whether the value is one of the type."""
        key = (id(value), id(of))
        known = self._fits.get(key)
        if known is None:
            self._steps.take()
            self._fits[key] = False  # a value is never a part of itself
            known = self._fits[key] = self._look(value, of)
        return known

    def _finds_more(self, left: Sequence[tuple[str, Field]]) -> bool:
        before = len(self._right)
        for record, field in left:
            if self.fits(field.default, field.type):
                self._right.add((record, field.name))
        return len(self._right) > before

    def _look(self, value: Json, of: Type) -> bool:
        match followed(of, self._names):
            case Primitive(kind):
                return _is_primitive(value, kind)
            case Array(items):
                return isinstance(value, list) and self._all(value, items)
            case Map(values):
                return isinstance(value, dict) and self._all(list(value.values()), values)
            case Union(branches):
                return any(self.fits(value, branch) for branch in branches)
            case Enum(symbols=symbols):
                self._steps.take(len(symbols) // 100)
                return isinstance(value, str) and value in symbols
            case Fixed(size=size):
                return _is_primitive(value, "bytes") and len(value) == size
            case Record() as record:
                return isinstance(value, dict) and all(self._has(record, value, one) for one in record.fields)

    def _has(self, record: Record, value: dict[str, Json], field: Field) -> bool:
        self._steps.take()
        if field.name in value:
            return self.fits(value[field.name], field.type)
        return (record.name.full, field.name) in self._right

    def _all(self, values: Sequence[Json], of: Type) -> bool:
        return all(self.fits(one, of) for one in values)


def _is_primitive(value: Json, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "int" | "long":
            limit = 1 << (31 if kind == "int" else 63)
            return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
        case "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bytes":
            return isinstance(value, str) and all(ord(letter) < 256 for letter in value)
        case _:
            return isinstance(value, str)
