"""Compares two schemas by what they say, not how: a registry may write one in other words than it was given, such as a
record inside another without the namespace it has from there, a name short or in full, a type as an object.
"""

from typing import Any, Final

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


def spelled_out(schema: Any, namespace: str = "") -> Any:
    """The one form of all spellings: every name in full, every type that can be a name one."""
    if isinstance(schema, list):
        return [spelled_out(each, namespace) for each in schema]
    if isinstance(schema, str):
        return schema if schema in _PRIMITIVES else _full(schema, namespace)
    told = {key: value for key, value in schema.items() if value != ""}
    if "name" in told:
        told["name"] = _full(told["name"], told.pop("namespace", namespace))
        namespace = told["name"].rpartition(".")[0]
    for key in ("type", "items", "values"):
        if key in told and told[key] not in ("record", "array", "map", "enum", "fixed"):
            told[key] = spelled_out(told[key], namespace)
    if "fields" in told:
        told["fields"] = [
            {key: value for key, value in {**each, "type": spelled_out(each["type"], namespace)}.items() if value != ""}
            for each in told["fields"]
        ]
    return told["type"] if list(told) == ["type"] else told


def _full(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
