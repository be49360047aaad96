"""Declares what an Avro schema is made of: a tree of types; a name defined before is a `Ref` to its definition.

Attributes that Avro does not know (`logicalType`, `precision`, anybody's own) are kept as `extra`, in their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

#: What a JSON parser gives: the one place where a schema is not typed yet.
Json: TypeAlias = Any
Extra: TypeAlias = tuple[tuple[str, Json], ...]

PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


@dataclass(frozen=True, slots=True)
class Name:
    """`space` is None for a name without a namespace."""

    simple: str
    space: str | None

    @property
    def full(self) -> str:
        return f"{self.space}.{self.simple}" if self.space else self.simple

    def within(self, space: str | None) -> str:
        """As it may be written inside a namespace; a type called `string` is never written bare."""
        return self.simple if self.space in (None, space) and self.simple not in PRIMITIVES else self.full


@dataclass(frozen=True, slots=True)
class Primitive:
    kind: str
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Array:
    items: "Type"
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Map:
    values: "Type"
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Union:
    branches: "tuple[Type, ...]"


@dataclass(frozen=True, slots=True)
class Ref:
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    name: Name
    symbols: tuple[str, ...]
    default: str | None
    doc: str | None
    aliases: tuple[Name, ...]
    extra: Extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    name: Name
    size: int
    doc: str | None
    aliases: tuple[Name, ...]
    extra: Extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`default` has a meaning only where there `has_default`: null is a value."""

    name: str
    type: "Type"
    doc: str | None
    has_default: bool
    default: Json
    order: str
    aliases: tuple[str, ...]
    extra: Extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`kind` is `record`, or `error` for one of Avro's protocols."""

    kind: str
    name: Name
    fields: tuple[Field, ...]
    doc: str | None
    aliases: tuple[Name, ...]
    extra: Extra


Named: TypeAlias = Record | Enum | Fixed
Type: TypeAlias = Primitive | Array | Map | Union | Ref | Named
Names: TypeAlias = Mapping[str, Named]


def kind_of(one: Type) -> str:
    """The Avro word for it; of a `Ref` it is asked after following it."""
    match one:
        case Primitive(kind):
            return kind
        case Array():
            return "array"
        case Map():
            return "map"
        case Union():
            return "union"
        case Enum():
            return "enum"
        case Fixed():
            return "fixed"
        case Record():
            return "record"
        case Ref(name):
            return name.full


def followed(one: Type, names: Names) -> "Primitive | Array | Map | Union | Named":
    return names[one.name.full] if isinstance(one, Ref) else one
