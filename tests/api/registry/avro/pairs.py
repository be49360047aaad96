"""Pairs of schemas as they come about: one that wrote, and one that grew out of it, or out of something else."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL = (
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2},
)
DEFAULTS = {
    "null": None,
    "boolean": True,
    "int": 7,
    "long": 7,
    "float": 0.5,
    "double": 0.5,
    "bytes": "\u00ff",
    "string": "as before",
}
#: Few names, so that a reader often knows something of the writer.
FIELDS = ("a", "b", "c", "d")
SPACES = ("n", "m")

Json = Any


@st.composite
def schemas(draw: st.DrawFn) -> Json:
    return _any(draw, 3, {})


@st.composite
def grown_from(draw: st.DrawFn, writer: Json) -> Json:
    """What a maintainer could have made of it, wisely or not."""
    return _grown(draw, deepcopy(writer), draw(st.integers(1, 3)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    writer = draw(schemas())
    if draw(st.integers(0, 9)) == 0:
        return writer, draw(schemas())
    return writer, draw(grown_from(writer))


def default_of(one: Json) -> Json:
    """A value that a field of this type can have by default, if there is an easy one."""
    match one:
        case str() if one in DEFAULTS:
            return DEFAULTS[one]
        case [first, *_]:
            return default_of(first)
        case {"type": "array"}:
            return []
        case {"type": "map"} | {"type": "record"}:
            return {}
        case {"type": "enum", "symbols": [first, *_]}:
            return first
        case {"type": "fixed", "size": size}:
            return "\u0001" * size
        case {"type": str() as kind} if kind in DEFAULTS:
            return DEFAULTS[kind]
    return {}


def has_twins(tree: Json) -> bool:
    """Whether there is a union with two types of one short name."""
    match tree:
        case list():
            names = [one["name"] if isinstance(one, dict) and "name" in one else one for one in tree]
            short = [name.rpartition(".")[2] for name in names if isinstance(name, str)]
            return len(set(short)) < len(short) or any(has_twins(one) for one in tree)
        case dict():
            return any(has_twins(one) for one in tree.values())
        case _:
            return False


def _any(draw: st.DrawFn, depth: int, defined: dict[str, str]) -> Json:
    kinds = ["primitive", "primitive", "logical", "enum", "fixed"]
    if depth:
        kinds += ["record", "record", "record", "array", "map", "union", "union"]
    if defined:
        kinds += ["reference"]
    match draw(st.sampled_from(kinds)):
        case "primitive":
            return draw(st.sampled_from(PRIMITIVES))
        case "logical":
            return dict(draw(st.sampled_from(LOGICAL)))
        case "reference":
            return draw(st.sampled_from(sorted(defined)))
        case "array":
            return {"type": "array", "items": _any(draw, depth - 1, defined)}
        case "map":
            return {"type": "map", "values": _any(draw, depth - 1, defined)}
        case "union":
            return _union(draw, depth, defined)
        case named:
            return _named(draw, named, depth, defined)


def _named(draw: st.DrawFn, kind: str, depth: int, defined: dict[str, str]) -> Json:
    made = {"type": kind, **_name(draw, kind[0].upper(), defined)}
    if kind == "enum":
        symbols = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3, unique=True))
        return made | {"symbols": symbols} | ({"default": symbols[0]} if draw(st.booleans()) else {})
    if kind == "fixed":
        return made | {"size": draw(st.integers(1, 2))}
    names = draw(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True))
    return made | {"fields": [_field(draw, one, depth - 1, defined) for one in names]}


def _name(draw: st.DrawFn, letter: str, defined: dict[str, str]) -> dict[str, str]:
    taken = {(space, number) for space in SPACES for number in "01" if f"{space}.{letter}{number}" in defined}
    free = [(space, number) for space in SPACES for number in "01234" if (space, number) not in taken]
    space, number = draw(st.sampled_from(free))
    defined[f"{space}.{letter}{number}" if space else f"{letter}{number}"] = letter
    return {"name": f"{letter}{number}", "namespace": space}


def _field(draw: st.DrawFn, name: str, depth: int, defined: dict[str, str]) -> Json:
    kind = _any(draw, depth, defined)
    return {"name": name, "type": kind} | ({"default": default_of(kind)} if draw(st.booleans()) else {})


def _union(draw: st.DrawFn, depth: int, defined: dict[str, str]) -> Json:
    branches: list[Json] = []
    for _ in range(draw(st.integers(1, 3))):
        branch = _any(draw, depth - 1, defined)
        if isinstance(branch, list) or (isinstance(branch, dict) and "logicalType" in branch):
            continue
        branches.append(branch)
    return branches or ["null"]


def _grown(draw: st.DrawFn, one: Json, changes: int) -> Json:
    for _ in range(changes):
        one = _changed(draw, one)
    return one


def _changed(draw: st.DrawFn, one: Json) -> Json:
    """One change, here or further in."""
    match one:
        case str() if one in PRIMITIVES:
            return draw(st.sampled_from((*PRIMITIVES, ["null", one] if one != "null" else "int")))
        case str():
            return one
        case list():
            return _changed_union(draw, one)
        case {"type": "array", "items": items}:
            return one | {"items": _changed(draw, items)}
        case {"type": "map", "values": values}:
            return one | {"values": _changed(draw, values)}
        case {"type": "enum"}:
            return _changed_enum(draw, one)
        case {"type": "fixed", "size": size}:
            return _renamed(draw, one) if draw(st.booleans()) else one | {"size": 3 - size}
        case {"type": "record"}:
            return _changed_record(draw, one)
        case _:
            return draw(st.sampled_from((*LOGICAL, one["type"], ["null", one])))


def _changed_union(draw: st.DrawFn, one: list[Json]) -> Json:
    place = draw(st.integers(0, len(one) - 1)) if one else 0
    match draw(st.sampled_from(("change", "drop", "add", "reorder", "alone"))):
        case "change" if one:
            return [*one[:place], _changed(draw, one[place]), *one[place + 1 :]]
        case "drop" if len(one) > 1:
            return [*one[:place], *one[place + 1 :]]
        case "reorder":
            return draw(st.permutations(one))
        case "alone" if one:
            return one[place]
        case _:
            return [*one, draw(st.sampled_from(PRIMITIVES))]


def _changed_enum(draw: st.DrawFn, one: Json) -> Json:
    match draw(st.sampled_from(("rename", "symbols", "default"))):
        case "rename":
            return _renamed(draw, one)
        case "symbols":
            symbols = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3, unique=True))
            made = one | {"symbols": symbols}
            return made | ({"default": symbols[-1]} if "default" in one else {})
        case _:
            if "default" in one:
                return {key: value for key, value in one.items() if key != "default"}
            return one | {"default": one["symbols"][-1]}


def _renamed(draw: st.DrawFn, one: Json) -> Json:
    full = f"{one['namespace']}.{one['name']}" if one["namespace"] else one["name"]
    number, space = draw(st.sampled_from("0123456789")), draw(st.sampled_from(SPACES))
    made = one | {"name": f"{one['name'][0]}{number}", "namespace": space}
    match draw(st.sampled_from(("alias", "short alias", "no alias"))):
        case "alias":
            return made | {"aliases": [full]}
        case "short alias":
            return made | {"aliases": [one["name"]]}
        case _:
            return made


def _changed_record(draw: st.DrawFn, one: Json) -> Json:
    fields = list(one["fields"])
    place = draw(st.integers(0, len(fields) - 1)) if fields else 0
    match draw(st.sampled_from(("rename", "reorder", "add", "drop", "inside", "inside", "default", "field", "alias"))):
        case "rename":
            return _renamed(draw, one)
        case "reorder":
            return one | {"fields": draw(st.permutations(fields))}
        case "drop" if fields:
            return one | {"fields": [*fields[:place], *fields[place + 1 :]]}
        case "inside" if fields:
            changed = fields[place] | {"type": _changed(draw, fields[place]["type"])}
            if "default" in changed:
                changed["default"] = default_of(changed["type"])
            return one | {"fields": [*fields[:place], changed, *fields[place + 1 :]]}
        case "default" if fields:
            changed = fields[place] | {"default": default_of(fields[place]["type"])}
            return one | {"fields": [*fields[:place], changed, *fields[place + 1 :]]}
        case "field" if fields and (free := _free(fields)):
            old = fields[place]
            changed = old | {"name": draw(st.sampled_from(free))}
            if draw(st.booleans()):
                changed["aliases"] = [old["name"]]
            return one | {"fields": [*fields[:place], changed, *fields[place + 1 :]]}
        case "alias" if fields:
            changed = fields[place] | {"aliases": [draw(st.sampled_from(FIELDS))]}
            return one | {"fields": [*fields[:place], changed, *fields[place + 1 :]]}
        case _:
            free = _free(fields)
            return one | {"fields": [*fields, _field(draw, free[0], 1, {})]} if free else one


def _free(fields: list[Json]) -> list[str]:
    return [name for name in (*FIELDS, "e") if all(name != one["name"] for one in fields)]
