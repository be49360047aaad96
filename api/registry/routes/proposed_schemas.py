"""Reads what somebody wants registered: the schema in a body, with all that belongs to it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.registry.refusals import invalid_schema, unreadable
from api.registry.register_schema import Proposal
from api.registry.schema_content import Reference, SchemaContent, json_text

AVRO: Final = "AVRO"
#: Clients that send this header as true send more than we may know, and take more than they know.
KNOWS_MORE: Final = "Confluent-Accept-Unknown-Properties"
#: The largest number there is, for ids as for versions.
MOST: Final = 2**31 - 1
#: What no name in PostgreSQL can have in it.
NUL: Final = "\0"

_READ: Final = ("schema", "schemaType", "references", "metadata", "ruleSet", "version", "id")
#: What clients send along from what they were answered, or what means nothing here.
_LEFT_OUT: Final = (
    "subject",
    "guid",
    "deleted",
    "ts",
    "schemaTagsToAdd",
    "schemaTagsToRemove",
    "propagateSchemaTags",
)
_KNOWN: Final = frozenset((*_READ, *_LEFT_OUT))


def proposed(given: Mapping[str, Any], *, normalize: bool, lenient: bool) -> Proposal:
    """Raises `RegistryRefused` (42201, 422). `lenient`: attributes nobody knows are left out."""
    unknown = sorted(set(given) - _KNOWN)
    if unknown and not lenient:
        raise unreadable(f"Unrecognized field: {unknown[0]}")
    if (kind := given.get("schemaType") or AVRO) != AVRO:
        raise invalid_schema(f"Invalid schema of type {kind}: this registry takes {AVRO} only.")
    schema = given.get("schema")
    if not isinstance(schema, str) or not schema.strip():
        raise invalid_schema("Empty schema")
    return Proposal(
        content=SchemaContent(
            schema=schema,
            references=tuple(_reference(one) for one in _references(given)),
            metadata=json_text(_metadata(given)),
            rule_set=json_text(_object(given, "ruleSet")),
        ),
        normalize=normalize,
        version=_positive(given, "version"),
        schema_id=_positive(given, "id"),
    )


def _references(given: Mapping[str, Any]) -> Sequence[Any]:
    value = given.get("references") or []
    if not isinstance(value, list):
        raise unreadable("references is to be a list.")
    return value


def _reference(given: Any) -> Reference:
    match given:
        case {"name": str(name), "subject": str(named), "version": int(version)} if (
            0 < version <= MOST and not isinstance(version, bool) and NUL not in name + named
        ):
            return Reference(name, named, version)
        case _:
            raise unreadable("A reference is to have a name, a subject and the number of a version.")


def _metadata(given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    metadata = _object(given, "metadata")
    properties = (metadata or {}).get("properties", {})
    if not isinstance(properties, dict) or not all(isinstance(value, str) for value in properties.values()):
        raise unreadable("The properties of metadata are to be texts by their names.")
    return metadata


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise unreadable(f"{name} is to be a JSON object.")
    return {key: one for key, one in value.items() if one not in (None, [], {})} if value else None


def _positive(given: Mapping[str, Any], name: str) -> int | None:
    """Clients send -1 and 0 when they mean nothing by it."""
    value = given.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value > MOST):
        raise unreadable(f"{name} is to be a whole number.")
    return value if value and value > 0 else None
