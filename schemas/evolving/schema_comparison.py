"""Finds every difference between two Avro schemas, and for whom it matters.

One walk through both, in the part of Avro that events use. Every difference has a path (`order.lines[].quantity`) and
two verdicts: can a plain Avro reader that has the *old* schema still read what is written with the *new* one, and can
one that has the new schema read what was written with the old. Upcasts are no part of this: they are our own way.

Stricter than Avro in one point: a text that becomes a UUID, or a number a time, is resolved by Avro without a word,
and means something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: What is told of a record whose docstring is another one: it is a part of the schema, and breaks nobody.
REWORDED: Final = "its docstring says something else"
_REMOVED: Final = "removed"

Schema = Any  # what json.loads gives for a schema: a name, a union's list, or an object


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """`record` is the record in which it happened, by its short name: `Order`. `type` is that of a field that came or
    went.
    """

    path: str
    what: str
    record: str
    breaks_old_readers: bool = False
    breaks_new_readers: bool = False
    type: str = ""

    @property
    def is_gone(self) -> bool:
        return self.what == _REMOVED

    @property
    def is_new(self) -> bool:
        return bool(self.type) and not self.is_gone


def changes(old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """Every difference, in the order of the fields."""
    return tuple(_Walk(_named(old), _named(new)).types(old, new, "", ""))


@dataclass(slots=True)
class _Walk:
    old_names: Mapping[str, Schema]
    new_names: Mapping[str, Schema]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def types(self, old: Schema, new: Schema, path: str, record: str) -> Iterator[SchemaChange]:
        old, new = self.old_names.get(_key(old), old), self.new_names.get(_key(new), new)
        old_inner, new_inner = _optional(old), _optional(new)
        if old_inner is not None or new_inner is not None:
            if new_inner is None:
                yield SchemaChange(path, "can no longer be null", record, breaks_new_readers=True)
            elif old_inner is None:
                yield SchemaChange(path, "can be null now", record, breaks_old_readers=True)
            yield from self.types(
                old if old_inner is None else old_inner, new if new_inner is None else new_inner, path, record
            )
        elif _kind(old) != _kind(new):
            yield _retyped(old, new, path, record)
        elif _kind(old) == "record":
            yield from self.records(old, new, path)
        elif _kind(old) == "array":
            yield from self.types(old["items"], new["items"], f"{path}[]", record)
        elif _kind(old) == "map":
            yield from self.types(old["values"], new["values"], f"{path}{{}}", record)
        elif _logical(old) != _logical(new):
            # A reader that knows no logical type sees the plain value, whoever wrote it.
            yield SchemaChange(
                path,
                _became(old, new),
                record,
                breaks_old_readers=bool(_logical(old)),
                breaks_new_readers=bool(_logical(new)),
            )
        elif _kind(old) not in _SIMPLE and old != new:
            yield _retyped(old, new, path, record)

    def records(self, old: Schema, new: Schema, path: str) -> Iterator[SchemaChange]:
        names = (old["name"], new["name"])
        if names in self.seen:
            return
        self.seen.add(names)
        record = old["name"]
        if (old["name"], old.get("namespace", "")) != (new["name"], new.get("namespace", "")):
            yield SchemaChange(path, f"record {_full(old)} is called {_full(new)} now", record, True, True)
        if old.get("doc", "") != new.get("doc", ""):
            yield SchemaChange(path, REWORDED, record)
        before = {each["name"]: each for each in old["fields"]}
        after = {each["name"]: each for each in new["fields"]}
        for name in before:
            at = f"{path}.{name}" if path else name
            if name in after:
                yield from self.types(before[name]["type"], after[name]["type"], at, record)
            else:
                breaks, type_ = "default" not in before[name], described(before[name]["type"])
                yield SchemaChange(at, _REMOVED, record, breaks_old_readers=breaks, type=type_)
        for name in after:
            if name not in before:
                at = f"{path}.{name}" if path else name
                breaks, type_ = "default" not in after[name], described(after[name]["type"])
                yield SchemaChange(at, f"added, {type_}", record, breaks_new_readers=breaks, type=type_)
        if [name for name in before if name in after] != [name for name in after if name in before]:
            yield SchemaChange(path, "its fields are in another order", record)


_SIMPLE = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


def described(schema: Schema) -> str:
    """A type in few words: `string (uuid)`, `array of OrderLine`, `long or null`."""
    inner = _optional(schema)
    if inner is not None:
        return f"{described(inner)} or null"
    match _kind(schema):
        case "array":
            return f"array of {described(schema['items'])}"
        case "map":
            return f"map of {described(schema['values'])}"
        case "record":
            return str(schema["name"])
        case kind:
            return f"{kind} ({_logical(schema)})" if _logical(schema) else kind


def _retyped(old: Schema, new: Schema, path: str, record: str) -> SchemaChange:
    return SchemaChange(path, _became(old, new), record, breaks_old_readers=True, breaks_new_readers=True)


def _became(old: Schema, new: Schema) -> str:
    return f"{described(old)} became {described(new)}"


def _optional(schema: Schema) -> Schema | None:
    """X for `["null", X]`."""
    if isinstance(schema, list) and len(schema) == 2 and "null" in schema:
        return schema[1] if schema[0] == "null" else schema[0]
    return None


def _kind(schema: Schema) -> str:
    if isinstance(schema, list):
        return "union"
    return str(schema["type"]) if isinstance(schema, dict) else str(schema).rpartition(".")[2]


def _logical(schema: Schema) -> str:
    return str(schema.get("logicalType", "")) if isinstance(schema, dict) else ""


def _key(schema: Schema) -> str:
    return schema if isinstance(schema, str) else ""


def _full(record: Schema) -> str:
    return f"{record.get('namespace', '')}.{record['name']}".lstrip(".")


def _named(schema: Schema, namespace: str = "") -> dict[str, Schema]:
    """Every record in it, by its full name."""
    if isinstance(schema, list):
        return {name: found for each in schema for name, found in _named(each, namespace).items()}
    if not isinstance(schema, dict):
        return {}
    match schema["type"]:
        case "record":
            here = schema.get("namespace", namespace)
            inner = [_named(each["type"], here) for each in schema["fields"]]
            own = {f"{here}.{schema['name']}".lstrip("."): schema}
            return own | {name: found for names in inner for name, found in names.items()}
        case "array":
            return _named(schema["items"], namespace)
        case "map":
            return _named(schema["values"], namespace)
    return {}
