"""A schema with every alias of a type written out in full: fastavro compares them as they are written."""

import json
from typing import Any

from api.registry.avro.schema_text import Parsed


def spelled_out(parsed: Parsed) -> Any:
    return _spelled_out(json.loads(parsed.canonical), "")


def _spelled_out(tree: Any, space: str) -> Any:
    match tree:
        case list():
            return [_spelled_out(one, space) for one in tree]
        case {"name": str(), "type": "record" | "enum" | "fixed"}:
            space = tree.get("namespace", space)
            full = {"aliases": [_full(one, space) for one in tree["aliases"]]} if "aliases" in tree else {}
            fields = {"fields": [_spelled_out(one, space) for one in tree["fields"]]} if "fields" in tree else {}
            return tree | full | fields
        case dict():
            within = {key: _spelled_out(tree[key], space) for key in ("type", "items", "values") if key in tree}
            return tree | within
        case _:
            return tree


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"
