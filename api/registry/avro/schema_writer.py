"""Writes a schema canonically, which keeps what was said; or normally, which also loses how it was said.

Canonical is what Java's `Schema.toString()` writes, and so what Confluent's registry stores: attributes in one order,
names as short as they can be, no whitespace. Normal is the same with what Avro does not know sorted, aliases too.
"""

import json
from dataclasses import replace

from api.registry.avro.schema_types import (
    Array,
    Enum,
    Extra,
    Field,
    Fixed,
    Json,
    Map,
    Name,
    Named,
    Primitive,
    Record,
    Ref,
    Type,
    Union,
)

_Object = dict[str, Json]


def canonical(one: Type) -> str:
    return json.dumps(_tree(one, None), separators=(",", ":"), ensure_ascii=False)


def normal(one: Type) -> str:
    return canonical(_normalised(one))


def _tree(one: Type, space: str | None) -> Json:
    match one:
        case Primitive(kind, extra):
            return {"type": kind, **dict(extra)} if extra else kind
        case Array(items, extra):
            return {"type": "array", "items": _tree(items, space), **dict(extra)}
        case Map(values, extra):
            return {"type": "map", "values": _tree(values, space), **dict(extra)}
        case Union(branches):
            return [_tree(branch, space) for branch in branches]
        case Ref(name):
            return name.within(space)
        case Enum():
            default = {} if one.default is None else {"default": one.default}
            return _named("enum", one, space, {"symbols": list(one.symbols), **default})
        case Fixed():
            return _named("fixed", one, space, {"size": one.size})
        case Record():
            return _named(one.kind, one, space, {"fields": [_field(field, one.name.space) for field in one.fields]})


def _named(kind: str, one: Named, space: str | None, own: _Object) -> _Object:
    written: _Object = {"type": kind, "name": one.name.simple}
    if one.name.space != space:
        written["namespace"] = one.name.space or ""
    if one.doc is not None:
        written["doc"] = one.doc
    written |= own | dict(one.extra)
    if one.aliases:
        written["aliases"] = [_alias(alias, one.name.space) for alias in one.aliases]
    return written


def _alias(alias: Name, space: str | None) -> str:
    return alias.simple if alias.space == space else alias.full


def _field(field: Field, space: str | None) -> _Object:
    written: _Object = {"name": field.name, "type": _tree(field.type, space)}
    if field.doc is not None:
        written["doc"] = field.doc
    if field.has_default:
        written["default"] = field.default
    if field.order != "ascending":
        written["order"] = field.order
    if field.aliases:
        written["aliases"] = list(field.aliases)
    return written | dict(field.extra)


def _normalised(one: Type) -> Type:
    match one:
        case Primitive(kind, extra):
            return Primitive(kind, _sorted(extra))
        case Array(items, extra):
            return Array(_normalised(items), _sorted(extra))
        case Map(values, extra):
            return Map(_normalised(values), _sorted(extra))
        case Union(branches):
            return Union(tuple(_normalised(branch) for branch in branches))
        case Ref():
            return one
        case Record():
            fields = tuple(_normalised_field(field) for field in one.fields)
            return replace(one, fields=fields, doc=one.doc or None, aliases=_names(one), extra=_sorted(one.extra))
        case Enum() | Fixed():
            return replace(one, doc=one.doc or None, aliases=_names(one), extra=_sorted(one.extra))


def _normalised_field(field: Field) -> Field:
    return replace(
        field,
        type=_normalised(field.type),
        doc=field.doc or None,
        aliases=tuple(sorted(set(field.aliases))),
        extra=_sorted(field.extra),
    )


def _names(one: Named) -> tuple[Name, ...]:
    return tuple(sorted(set(one.aliases), key=lambda alias: alias.full))


def _sorted(extra: Extra) -> Extra:
    """All the way in."""
    return tuple(json.loads(json.dumps(dict(extra), sort_keys=True)).items())
