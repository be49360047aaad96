"""Renders the Avro schema of an event's version from its class, so that nobody writes one by hand.

| Python | Avro |
|---|---|
| `str`, `int`, `bool`, `bytes` | `string`, `long`, `boolean`, `bytes` |
| `UUID`, `datetime` | `string` with `uuid`, `long` with `timestamp-micros` |
| `X | None` | `["null", X]`, default null |
| `tuple[X, ...]`, `Mapping[str, X]` | array, map |
| a frozen dataclass | record in the aggregate's namespace, named like the class without its version suffix |
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from schemas.event_history import History

FOLDER: Final = Path(__file__).parent / "avsc"

_PRIMITIVES: Final[Mapping[Any, Any]] = {
    str: "string",
    int: "long",
    bool: "boolean",
    bytes: "bytes",
    UUID: {"type": "string", "logicalType": "uuid"},
    datetime: {"type": "long", "logicalType": "timestamp-micros"},
}


class NotRenderable(TypeError):
    """A field has a type that has no agreed Avro form."""


def schema(history: History, version: int) -> dict[str, Any]:
    """The Avro schema of one version (from 1), ready for `json.dumps`."""
    namespace, _, name = history.event_type.partition(".")
    return _record(history.versions[version - 1], namespace, name, seen=set())


def text(history: History, version: int) -> str:
    """The schema as it is committed and registered."""
    return json.dumps(schema(history, version), indent=2) + "\n"


def file_of(history: History, version: int) -> Path:
    return FOLDER / f"{history.event_type}.v{version}.avsc"


def every_version() -> list[tuple[History, int]]:
    from schemas.event_catalogue import (
        HISTORIES,  # here, so that one class can be rendered while another file is no Python
    )

    return [(history, version) for history in HISTORIES for version in range(1, history.newest_version + 1)]


def _record(cls: type, namespace: str, name: str, seen: set[str]) -> dict[str, Any]:
    if not is_dataclass(cls):
        raise NotRenderable(f"{cls.__name__} is no dataclass")
    seen.add(f"{namespace}.{name}")
    hints = get_type_hints(cls)
    return {
        "type": "record",
        "name": name,
        "namespace": namespace,
        "doc": (cls.__doc__ or "").split("\n")[0] if not _is_generated(cls) else "",
        "fields": [_field(field.name, hints[field.name], namespace, seen) for field in fields(cls)],
    }


def _is_generated(cls: type) -> bool:
    """A dataclass without a docstring gets its own signature as one."""
    return (cls.__doc__ or "").startswith(f"{cls.__name__}(")


def _field(name: str, hint: Any, namespace: str, seen: set[str]) -> dict[str, Any]:
    inner = optional(hint)
    if inner is None:
        return {"name": name, "type": _type(hint, namespace, seen)}
    return {"name": name, "type": ["null", _type(inner, namespace, seen)], "default": None}


def optional(hint: Any) -> Any:
    """X for `X | None`, otherwise nothing."""
    if get_origin(hint) not in (UnionType, Union):
        return None
    rest = [argument for argument in get_args(hint) if argument is not NoneType]
    return rest[0] if len(rest) == 1 else None


def _type(hint: Any, namespace: str, seen: set[str]) -> Any:
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], namespace, seen)}
    if get_origin(hint) is Mapping:
        return {"type": "map", "values": _type(get_args(hint)[1], namespace, seen)}
    if is_dataclass(hint) and isinstance(hint, type):
        name = re.sub(r"V\d+$", "", hint.__name__)
        return f"{namespace}.{name}" if f"{namespace}.{name}" in seen else _record(hint, namespace, name, seen)
    raise NotRenderable(f"{hint!r} has no Avro form here; the table in {__name__} lists what has one")
