"""Writes a schema without references: each type defined elsewhere is written where it comes first."""

from dataclasses import replace

from api.registry.avro.schema_text import Parsed
from api.registry.avro.schema_types import Array, Enum, Fixed, Map, Names, Primitive, Record, Ref, Type, Union
from api.registry.avro.schema_writer import canonical
from api.registry.avro.step_limit import TooCostly


def resolved(schema: Parsed) -> str:
    """Raises `TooCostly` when one type leads to the next too many times."""
    try:
        return canonical(_inline(schema.type, schema.names, set()))
    except RecursionError as deep:
        raise TooCostly("one type leads to the next too many times to be written into one text") from deep


def _inline(one: Type, names: Names, written: set[str]) -> Type:
    """`written`: full names that are in the text by now, and may be referred to."""
    match one:
        case Primitive():
            return one
        case Array():
            return replace(one, items=_inline(one.items, names, written))
        case Map():
            return replace(one, values=_inline(one.values, names, written))
        case Union(branches):
            return Union(tuple(_inline(branch, names, written) for branch in branches))
        case Ref(name):
            return one if name.full in written else _inline(names[name.full], names, written)
        case Enum(name=name) | Fixed(name=name) | Record(name=name) if name.full in written:
            return Ref(name)
        case Enum() | Fixed():
            written.add(one.name.full)
            return one
        case Record():
            written.add(one.name.full)
            return replace(
                one, fields=tuple(replace(field, type=_inline(field.type, names, written)) for field in one.fields)
            )
