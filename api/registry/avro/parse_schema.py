"""Reads an Avro schema from JSON, and refuses what is none with the place and what is wrong there."""

import re
from typing import Final

from api.registry.avro.field_defaults import Defaults
from api.registry.avro.schema_types import (
    PRIMITIVES,
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
    followed,
    kind_of,
)
from api.registry.avro.step_limit import InvalidSchema, StepLimit

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ORDERS: Final = ("ascending", "descending", "ignore")
_RESERVED: Final = frozenset(
    ("aliases", "doc", "fields", "items", "name", "namespace", "size", "symbols", "type", "values")
)
_RESERVED_OF_FIELD: Final = frozenset(("aliases", "default", "doc", "name", "order", "type"))
_NAMED: Final = ("record", "error", "enum", "fixed")


class Reading:
    """One schema after another; each may use the names of those before it."""

    def __init__(self, steps: StepLimit) -> None:
        self._steps = steps
        self.names: dict[str, Named] = {}
        self._defaults: list[tuple[str, Field]] = []
        self._defined: set[str] = set()

    def type(self, json: Json, space: str | None, where: str) -> Type:
        self._steps.take()
        match json:
            case str():
                return Primitive(json) if json in PRIMITIVES else self._reference(json, space, where)
            case list():
                return self._union(json, space, where)
            case dict():
                return self._object(json, space, where)
            case _:
                raise InvalidSchema(f"{where}: a type is a name, an object or an array of types, not {_shown(json)}")

    def _object(self, json: dict[str, Json], space: str | None, where: str) -> Type:
        match json.get("type"):
            case None:
                raise InvalidSchema(f'{where}: there is no "type"')
            case "array":
                items = self.type(_required(json, "items", where), space, f"{where}/items")
                return Array(items, _extra(json, _RESERVED))
            case "map":
                values = self.type(_required(json, "values", where), space, f"{where}/values")
                return Map(values, _extra(json, _RESERVED))
            case str() as kind if kind in PRIMITIVES:
                return Primitive(kind, _extra(json, _RESERVED))
            case str() as kind if kind in _NAMED:
                return self._named(kind, json, space, where)
            case str() as other:
                return self._reference(other, space, where)
            case other:
                raise InvalidSchema(f'{where}: "type" has to be a name here, not {_shown(other)}')

    def _named(self, kind: str, json: dict[str, Json], space: str | None, where: str) -> Named:
        name = _name(json, space, where)
        if name.full in self._defined:
            raise InvalidSchema(f'{where}: "{name.full}" is defined twice')
        self._defined.add(name.full)
        aliases = tuple(_alias(text, name, where) for text in _texts(json, "aliases", where))
        where, doc = name.full, _doc(json)
        made: Named
        if kind == "enum":
            symbols = _symbols(json, where)
            default = json.get("default")
            if default is not None and default not in symbols:
                raise InvalidSchema(f"{where}: the default {_shown(default)} is not one of the symbols")
            extra = _extra(json, _RESERVED | {"default"})
            made = Enum(name=name, symbols=symbols, default=default, doc=doc, aliases=aliases, extra=extra)
        elif kind == "fixed":
            size = _required(json, "size", where)
            if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                raise InvalidSchema(f"{where}: a size is a number of bytes, not {_shown(size)}")
            made = Fixed(name=name, size=size, doc=doc, aliases=aliases, extra=_extra(json, _RESERVED))
        else:
            fields = self._fields(_required(json, "fields", where), name)
            extra = _extra(json, _RESERVED)
            made = Record(kind=kind, name=name, fields=fields, doc=doc, aliases=aliases, extra=extra)
        self.names[name.full] = made
        return made

    def _fields(self, json: Json, owner: Name) -> tuple[Field, ...]:
        if not isinstance(json, list):
            raise InvalidSchema(f"{owner.full}: fields are an array, not {_shown(json)}")
        made: dict[str, Field] = {}
        for one in json:
            field = self._field(one, owner)
            if field.name in made:
                raise InvalidSchema(f'{owner.full}: there are two fields named "{field.name}"')
            made[field.name] = field
        return tuple(made.values())

    def _field(self, json: Json, owner: Name) -> Field:
        if not isinstance(json, dict):
            raise InvalidSchema(f"{owner.full}: a field is an object, not {_shown(json)}")
        name = json.get("name")
        if not isinstance(name, str) or not _WORD.fullmatch(name):
            raise InvalidSchema(f"{owner.full}: {_shown(name)} is not a name for a field")
        where = f"{owner.full}.{name}"
        order = json.get("order", _ORDERS[0])
        if order not in _ORDERS:
            raise InvalidSchema(f"{where}: an order is ascending, descending or ignore, not {_shown(order)}")
        field = Field(
            name=name,
            type=self.type(_required(json, "type", where), owner.space, where),
            doc=_doc(json),
            has_default="default" in json,
            default=json.get("default"),
            order=order,
            aliases=tuple(_texts(json, "aliases", where)),
            extra=_extra(json, _RESERVED_OF_FIELD),
        )
        if field.has_default:
            self._defaults.append((where, field))
        return field

    def _union(self, json: list[Json], space: str | None, where: str) -> Union:
        branches = tuple(self.type(one, space, f"{where}[{place}]") for place, one in enumerate(json))
        seen: set[str] = set()
        for branch in branches:
            if isinstance(branch, Union):
                raise InvalidSchema(f"{where}: a union cannot hold a union directly")
            what = branch.name.full if isinstance(branch, Ref | Record | Enum | Fixed) else kind_of(branch)
            if what in seen:
                raise InvalidSchema(f'{where}: "{what}" is twice in the union')
            seen.add(what)
        return Union(branches)

    def _reference(self, text: str, space: str | None, where: str) -> Ref:
        simple = text.rpartition(".")[2]
        own = text.rpartition(".")[0] or None
        for name in (Name(simple, own if "." in text else space), Name(text, None)):
            if name.full in self._defined:
                return Ref(name)
        raise InvalidSchema(f'{where}: there is no type "{text}"')

    def check_defaults(self) -> None:
        """To be done at the end: a default may be of a record that was not complete when it was read."""
        defaults = Defaults(self.names, self._steps)
        for where, field in self._defaults:
            if not defaults.fits(field.default, field.type):
                kind = kind_of(followed(field.type, self.names))
                raise InvalidSchema(f"{where}: the default {_shown(field.default)} is not a value of its type, {kind}")


def _name(json: dict[str, Json], space: str | None, where: str) -> Name:
    text = json.get("name")
    if not isinstance(text, str) or not text:
        raise InvalidSchema(f'{where}: a {json["type"]} needs a "name"')
    own = json.get("namespace", space)
    if own is not None and not isinstance(own, str):
        raise InvalidSchema(f"{where}: a namespace is a text, not {_shown(own)}")
    return _made(text, own or None, where)


def _alias(text: str, owner: Name, where: str) -> Name:
    return _made(text, owner.space, where)


def _made(text: str, space: str | None, where: str) -> Name:
    if "." in text:
        space, _, text = text.rpartition(".")
    for part in (*(space.split(".") if space else ()), text):
        if not _WORD.fullmatch(part):
            raise InvalidSchema(f"{where}: {_shown(part)} is not a name: letters, digits and _, no digit first")
    return Name(text, space or None)


def _symbols(json: dict[str, Json], where: str) -> tuple[str, ...]:
    _required(json, "symbols", where)
    symbols = _texts(json, "symbols", where)
    seen: set[str] = set()
    for symbol in symbols:
        if not _WORD.fullmatch(symbol):
            raise InvalidSchema(f"{where}: {_shown(symbol)} is not a symbol: letters, digits and _, no digit first")
        if symbol in seen:
            raise InvalidSchema(f'{where}: the symbol "{symbol}" is there twice')
        seen.add(symbol)
    return tuple(symbols)


def _texts(json: dict[str, Json], key: str, where: str) -> list[str]:
    found = json.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise InvalidSchema(f'{where}: "{key}" is an array of texts, not {_shown(found)}')
    return found


def _required(json: dict[str, Json], key: str, where: str) -> Json:
    if key not in json:
        raise InvalidSchema(f'{where}: there is no "{key}"')
    return json[key]


def _doc(json: dict[str, Json]) -> str | None:
    doc = json.get("doc")
    return doc if isinstance(doc, str) else None


def _extra(json: dict[str, Json], reserved: frozenset[str]) -> Extra:
    return tuple((key, value) for key, value in json.items() if key not in reserved)


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
