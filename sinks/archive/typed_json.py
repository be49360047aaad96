"""Reads the JSON of an event in SQL with the types its class has."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from schemas.avro_schema import optional

_SCALARS: Final[Mapping[Any, str]] = {
    str: "VARCHAR",
    int: "BIGINT",
    bool: "BOOLEAN",
    bytes: "VARCHAR",  # base64
    UUID: "UUID",
    datetime: "TIMESTAMPTZ",
}


def told(cls: type, at: str = "body") -> str:
    """An expression: the JSON at `at` as what `cls` says, typed."""
    shape = duckdb_type(cls).replace("'", "''").replace('"', '\\"')
    return f"from_json({at}, '\"{shape}\"')"


def duckdb_type(hint: Any) -> str:
    """What holds a value of this type."""
    inner = optional(hint)
    if inner is not None:
        return duckdb_type(inner)
    if get_origin(hint) is tuple:
        return f"{duckdb_type(get_args(hint)[0])}[]"
    if get_origin(hint) is Mapping:
        return f"MAP(VARCHAR, {duckdb_type(get_args(hint)[1])})"
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        inside = ", ".join(f'"{field.name}" {duckdb_type(hints[field.name])}' for field in fields(hint))
        return f"STRUCT({inside})"
    return _SCALARS[hint]
