"""How is a schema written down? The canonical way keeps what was said; the normal one also how it was said is gone.

Canonical is what Java's `Schema.toString()` writes, and so what Confluent's registry stores: attributes in one order,
names as short as they can be, no whitespace. Normal has full names, sorted attributes and sorted aliases.
"""

import json

from api.registry.avro.types import (
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
    return _text(_canonical(one, None))


def normal(one: Type) -> str:
    return _text(_normal(one, None))


def _text(tree: Json) -> str:
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False)


def _canonical(one: Type, space: str | None) -> Json:
    match one:
        case Primitive(kind, extra):
            return {"type": kind, **dict(extra)} if extra else kind
        case Array(items, extra):
            return {"type": "array", "items": _canonical(items, space), **dict(extra)}
        case Map(values, extra):
            return {"type": "map", "values": _canonical(values, space), **dict(extra)}
        case Union(branches):
            return [_canonical(branch, space) for branch in branches]
        case Ref(name):
            return name.within(space)
        case Enum():
            default = {} if one.default is None else {"default": one.default}
            return _named("enum", one, space, {"symbols": list(one.symbols), **default})
        case Fixed():
            return _named("fixed", one, space, {"size": one.size})
        case Record():
            fields = [_canonical_field(field, one.name.space) for field in one.fields]
            return _named(one.kind, one, space, {"fields": fields})


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


def _canonical_field(field: Field, space: str | None) -> _Object:
    written: _Object = {"name": field.name, "type": _canonical(field.type, space)}
    if field.doc is not None:
        written["doc"] = field.doc
    if field.has_default:
        written["default"] = field.default
    if field.order != "ascending":
        written["order"] = field.order
    if field.aliases:
        written["aliases"] = list(field.aliases)
    return written | dict(field.extra)


def _normal(one: Type, space: str | None) -> Json:
    match one:
        case Primitive(kind, extra):
            return {"type": kind, **_sorted(extra)} if extra else kind
        case Array(items, extra):
            return {"type": "array", "items": _normal(items, space), **_sorted(extra)}
        case Map(values, extra):
            return {"type": "map", "values": _normal(values, space), **_sorted(extra)}
        case Union(branches):
            return [_normal(branch, space) for branch in branches]
        case Ref(name):
            return name.full
        case Enum():
            default = {} if one.default is None else {"default": one.default}
            return _normal_named("enum", one, space, {"symbols": list(one.symbols)}, default)
        case Fixed():
            return _normal_named("fixed", one, space, {"size": one.size}, {})
        case Record():
            fields = [_normal_field(field, one.name.space) for field in one.fields]
            return _normal_named(one.kind, one, space, {"fields": fields}, {})


def _normal_named(kind: str, one: Named, space: str | None, own: _Object, default: _Object) -> _Object:
    written: _Object = {"name": one.name.full, "type": kind, **own}
    if one.name.space is None and space is not None:  # there a bare name would be another one
        written["namespace"] = ""
    if one.doc:
        written["doc"] = one.doc
    if one.aliases:
        written["aliases"] = sorted({alias.full for alias in one.aliases})
    return written | default | _sorted(one.extra)


def _normal_field(field: Field, space: str | None) -> _Object:
    written: _Object = {"name": field.name, "type": _normal(field.type, space)}
    if field.order != "ascending":
        written["order"] = field.order
    if field.doc:
        written["doc"] = field.doc
    if field.has_default:
        written["default"] = field.default
    if field.aliases:
        written["aliases"] = sorted(set(field.aliases))
    return written | _sorted(field.extra)


def _sorted(extra: Extra) -> _Object:
    ordered: _Object = json.loads(json.dumps(dict(extra), sort_keys=True))
    return ordered
