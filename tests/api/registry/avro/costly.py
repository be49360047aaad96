"""Schemas whose meaning is much larger than their text."""

import json
from typing import Any

Json = Any


def record(name: str, **fields: Json) -> Json:
    return {"type": "record", "name": name, "fields": [{"name": key, **field} for key, field in fields.items()]}


def doubling(depth: int) -> str:
    """Each record is filled in with two of the one before: 2 ** depth values by default."""
    inner = record("R0", a={"type": "int", "default": 0})
    for level in range(1, depth + 1):
        inner = record(f"R{level}", a={"type": inner, "default": {}}, b={"type": f"R{level - 1}", "default": {}})
    return json.dumps(inner, separators=(",", ":"))
