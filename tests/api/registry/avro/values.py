"""Values of a schema that go through everything it can say: each branch, each symbol, nothing left empty."""

from collections.abc import Mapping
from typing import Any

from api.registry.avro.schema_types import (
    Array,
    Enum,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Type,
    Union,
    followed,
    kind_of,
)

_SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (0, -(1 << 31)),
    "long": (0, 1 << 40),
    "float": (0.5,),
    "double": (0.5, 1e300),
    "bytes": (b"", b"bytes that are text"),
    "string": ("", "8f14e45f-ceea-467f-a0e6-2f0d3c8f9f11"),
}
_LOGICAL: Mapping[str, tuple[Any, ...]] = {
    "long": (0, 1 << 30),
    "bytes": (b"\x01\x02",),
    "string": _SAMPLES["string"][1:],
}


def covering(one: Type, names: Mapping[str, Named], depth: int = 3) -> list[Any]:
    """Empty for a type without a value that ends (a record that holds itself, say)."""
    match followed(one, names):
        case Primitive(kind, extra):
            samples = _LOGICAL if dict(extra).get("logicalType") else _SAMPLES
            return list(samples[kind])
        case Array(items):
            return [[], *([value] for value in covering(items, names, depth))]
        case Map(values):
            return [{}, *({"key": value} for value in covering(values, names, depth))]
        case Union(branches):
            return [(_label(each, names), value) for each in branches for value in covering(each, names, depth)]
        case Enum(symbols=symbols):
            return list(symbols)
        case Fixed(size=size):
            return [b"\x01" * size]
        case Record() as record:
            return _records(record, names, depth - 1) if depth else []


def _records(record: Record, names: Mapping[str, Named], depth: int) -> list[Any]:
    of_fields = {one.name: covering(one.type, names, depth) for one in record.fields}
    if not all(of_fields.values()):
        return []
    plain = {name: values[0] for name, values in of_fields.items()}
    return [plain, *(plain | {name: value} for name, values in of_fields.items() for value in values[1:])]


def _label(one: Type, names: Mapping[str, Named]) -> str:
    return kind_of(one) if not isinstance(one, Record | Enum | Fixed) else one.name.full
