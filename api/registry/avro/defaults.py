"""Can a field of this type have this JSON value by default? In a union, the value of any branch, as since Avro 1.12."""

from api.registry.avro.types import (
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

#: Fields that are being filled in with their own default: one that needs itself for that has no end.
_Filling = frozenset[tuple[str, str]]


def fits(value: Json, of: Type, names: Names, filling: _Filling = frozenset()) -> bool:
    match followed(of, names):
        case Primitive(kind):
            return _is_primitive(value, kind)
        case Array(items):
            return isinstance(value, list) and all(fits(one, items, names, filling) for one in value)
        case Map(values):
            return isinstance(value, dict) and all(fits(one, values, names, filling) for one in value.values())
        case Union(branches):
            return any(fits(value, branch, names, filling) for branch in branches)
        case Enum(symbols=symbols):
            return isinstance(value, str) and value in symbols
        case Fixed(size=size):
            return _is_primitive(value, "bytes") and len(value) == size
        case Record() as record:
            return isinstance(value, dict) and all(
                fits(value[one.name], one.type, names, filling)
                if one.name in value
                else _fills(record, one, names, filling)
                for one in record.fields
            )


def _fills(record: Record, field: Field, names: Names, filling: _Filling) -> bool:
    key = (record.name.full, field.name)
    if not field.has_default or key in filling:
        return False
    return fits(field.default, field.type, names, filling | {key})


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
