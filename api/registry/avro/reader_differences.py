"""Names each difference, with its place, that keeps a reader with one schema from reading what was written with
another.

Apache's checker decides about two types that stand alone: promotions, sizes, symbols, names and aliases. The way
through records, unions and collections is ours: Apache's loses which reason belongs to which place, takes any branch
of a reader's union where a decoder takes the one that is named like the writer's, and lets an alias make one field of
two, or two of one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from avro.compatibility import ReaderWriterCompatibilityChecker
from avro.schema import make_avsc_object

from api.registry.avro.schema_text import Parsed
from api.registry.avro.schema_types import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Names,
    Primitive,
    Record,
    Type,
    Union,
    followed,
    kind_of,
)
from api.registry.avro.step_limit import StepLimit, TooCostly

#: Apache's words for what is wrong, and Confluent's.
NAME_MISMATCH: Final = "NAME_MISMATCH"
FIXED_SIZE_MISMATCH: Final = "FIXED_SIZE_MISMATCH"
MISSING_ENUM_SYMBOLS: Final = "MISSING_ENUM_SYMBOLS"
READER_FIELD_MISSING_DEFAULT_VALUE: Final = "READER_FIELD_MISSING_DEFAULT_VALUE"
TYPE_MISMATCH: Final = "TYPE_MISMATCH"
MISSING_UNION_BRANCH: Final = "MISSING_UNION_BRANCH"

#: Its objects are made anew for each pair.
_STEPS_OF_APACHE: Final = 20

_PLACES: Final = {NAME_MISMATCH: "/name", FIXED_SIZE_MISMATCH: "/size", MISSING_ENUM_SYMBOLS: "/symbols"}


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """`path` leads through the reader's schema (through the writer's, inside a union the reader does not have)."""

    kind: str
    path: str
    detail: str


def differences(reader: Parsed, writer: Parsed, steps: StepLimit | None = None) -> list[SchemaDifference]:
    """Empty: whatever is written with the one can be read with the other. Raises `TooCostly`."""
    try:
        if reader.type == writer.type and reader.names == writer.names:
            return []
        return list(_Walk(reader.names, writer.names, steps or StepLimit()).between(reader.type, writer.type, ""))
    except RecursionError as deep:
        raise TooCostly("one type leads to the next too many times to be compared") from deep


@dataclass(frozen=True, slots=True)
class _Walk:
    readers: Names
    writers: Names
    steps: StepLimit
    #: Pairs of records that were met: inside themselves they are taken for readable, and once told is enough.
    met: set[tuple[str, str]] = field(default_factory=set)

    def between(self, reader: Type, writer: Type, path: str) -> Iterator[SchemaDifference]:
        reader, writer = followed(reader, self.readers), followed(writer, self.writers)
        self.steps.take()
        match reader, writer:
            case _, Union(branches):
                for place, branch in enumerate(branches):
                    yield from self.between(reader, branch, f"{path}/{place}")
            case Union(branches), _:
                chosen = self._branch(branches, writer)
                if chosen is None:
                    detail = f"reader union lacking writer type: {kind_of(writer).upper()}"
                    yield SchemaDifference(MISSING_UNION_BRANCH, path or "/", detail)
                else:
                    yield from self.between(branches[chosen], writer, f"{path}/{chosen}")
            case Array(items), Array(written):
                yield from self.between(items, written, f"{path}/items")
            case Map(values), Map(written):
                yield from self.between(values, written, f"{path}/values")
            case Record(), Record():
                if (reader.name.full, writer.name.full) not in self.met:
                    self.met.add((reader.name.full, writer.name.full))
                    yield from self._alone(reader, writer, path)
                    yield from self._fields(reader, writer, path)
            case _:
                yield from self._alone(reader, writer, path)

    def _branch(self, branches: tuple[Type, ...], writer: Type) -> int | None:
        """As decoders choose: the same full name, then the same type or a name it had, then one it can grow into."""
        self.steps.take(len(branches))
        candidates = [followed(branch, self.readers) for branch in branches]
        same_kind = [n for n, one in enumerate(candidates) if kind_of(one) == kind_of(writer)]
        if isinstance(writer, Record | Enum | Fixed):
            for place in same_kind:
                one = candidates[place]
                if isinstance(one, Record | Enum | Fixed) and one.name == writer.name:
                    return place
            named = (
                n for n in same_kind if not any(d.kind == NAME_MISMATCH for d in self._alone(candidates[n], writer, ""))
            )
            return next(named, None)
        if same_kind:
            return same_kind[0]
        return next((n for n, one in enumerate(candidates) if not list(self._alone(one, writer, ""))), None)

    def _alone(self, reader: Type, writer: Type, path: str) -> Iterator[SchemaDifference]:
        self.steps.take(_STEPS_OF_APACHE + _size(reader) + _size(writer))
        yield from _alone(reader, writer, path)

    def _fields(self, reader: Record, writer: Record, path: str) -> Iterator[SchemaDifference]:
        self.steps.take(len(writer.fields) + len(reader.fields))
        written = {one.name: one for one in writer.fields}
        takers = Counter(name for one in reader.fields for name in _taken(one, written))
        for place, one in enumerate(reader.fields):
            here = f"{path}/fields/{place}"
            taken = _taken(one, written)
            if len(taken) > 1:
                yield SchemaDifference(
                    NAME_MISMATCH, here, f"both {' and '.join(taken)} of the writer would be {one.name}"
                )
            elif taken and takers[taken[0]] > 1:
                yield SchemaDifference(
                    NAME_MISMATCH, here, f"{taken[0]} of the writer would be {one.name} and another field"
                )
            elif taken:
                yield from self.between(one.type, written[taken[0]].type, f"{here}/type")
            elif not one.has_default:
                yield SchemaDifference(READER_FIELD_MISSING_DEFAULT_VALUE, here, one.name)


def _taken(reader: Field, written: Mapping[str, Field]) -> list[str]:
    """Which of the writer's fields could be this one of the reader's. Decoders differ in which of two they take."""
    return [name for name in dict.fromkeys((reader.name, *reader.aliases)) if name in written]


def _size(one: Type) -> int:
    """What Apache's checker looks at besides the type itself."""
    match one:
        case Enum():
            return len(one.symbols) + len(one.aliases)
        case Fixed() | Record():
            return len(one.aliases)
        case _:
            return 0


def _alone(reader: Type, writer: Type, path: str) -> Iterator[SchemaDifference]:
    """What Apache's checker says about two types without what is inside them."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro types some of its functions
    result = checker.get_compatibility(_apache(reader), _apache(writer))
    for found in result.incompatibilities:
        kind = found.name.upper()
        yield SchemaDifference(kind, f"{path}{_PLACES.get(kind, '')}" or "/", _detail(kind, reader, writer))


def _apache(one: Type) -> Any:
    match one:
        case Enum():
            default = {} if one.default is None else {"default": one.default}
            return make_avsc_object({"type": "enum", "symbols": one.symbols, **_names(one), **default})
        case Fixed():
            return make_avsc_object({"type": "fixed", "size": one.size, **_names(one)})
        case Record():
            return make_avsc_object({"type": "record", "fields": [], **_names(one)})
        case Primitive(kind):
            return make_avsc_object(kind)
        case _:
            return make_avsc_object({"type": kind_of(one), "items": "null", "values": "null"})


def _names(one: Enum | Fixed | Record) -> dict[str, Any]:
    return {"name": one.name.full, "aliases": [alias.full for alias in one.aliases]}


def _detail(kind: str, reader: Type, writer: Type) -> str:
    match kind, reader, writer:
        case "NAME_MISMATCH", _, Enum() | Fixed() | Record():
            return f"expected: {writer.name.full}"
        case "FIXED_SIZE_MISMATCH", Fixed(), Fixed():
            return f"expected: {writer.size}, found: {reader.size}"
        case "MISSING_ENUM_SYMBOLS", Enum(), Enum():
            return f"[{', '.join(sorted(set(writer.symbols) - set(reader.symbols)))}]"
        case _:
            ours, theirs = kind_of(reader).upper(), kind_of(writer).upper()
            return f"reader type: {ours} not compatible with writer type: {theirs}"
