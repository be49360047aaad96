"""How is a call of the registry read? Its parameters, as lenient as clients are used to, and who is asking."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

import psycopg
from flask import request

from api.dependencies import dependencies
from api.registry.addressing import context_of
from api.registry.content import Content, Reference, Stored, json_text
from api.registry.names import DEFAULT, EVERY, Subject
from api.registry.names import subject as subject_named
from api.registry.reach import Reach
from api.registry.refusals import invalid_schema, invalid_subject, invalid_version, unreadable
from api.registry.registering import Proposal
from api.registry.resolved import resolved
from api.registry.rows import SchemaRows
from api.registry.texts import parsed
from api.security import access, token_in

AVRO: Final = "AVRO"
LATEST: Final = ("latest", "-1")
_MOST: Final = 2**31 - 1
_NUL: Final = "\0"
_PROPOSED: Final = frozenset(
    {"subject", "version", "id", "guid", "schemaType", "references", "metadata", "ruleSet", "schema", "schemaTagsToAdd",
     "schemaTagsToRemove", "propagateSchemaTags", "deleted", "ts"}
)  # fmt: skip
T = TypeVar("T")


@contextmanager
def asking() -> Iterator[tuple[psycopg.Connection[Any], Reach]]:
    """A transaction for whoever asks, and how far they reach."""
    reach = Reach.of(access())
    with reach.transaction(dependencies().store) as connection:
        yield connection, reach


def good_for_s() -> float:
    """How much longer the caller's token is good."""
    own = dependencies()
    token = token_in(request.headers["Authorization"], password=True)
    return (own.tokens.read(token).until - own.clock()).total_seconds()


def in_format(rows: SchemaRows, stored: Stored) -> Stored:
    """With `format=resolved`, what it refers to is in the text."""
    if request.args.get("format") != "resolved" or not stored.content.references:
        return stored
    schema = resolved(parsed(rows, stored.content))
    return replace(stored, content=replace(stored.content, schema=schema))


def subject(text: str) -> Subject:
    """Raises `RegistryRefused` (42208) for what PostgreSQL could not even look for."""
    meant = subject_named(text, context_of(request.environ))
    if _NUL in str(meant):
        raise invalid_subject(meant)
    return meant


def flag(name: str, *, default: bool = False) -> bool:
    """`true`, `True` and `TRUE` are; anything else is not."""
    given = request.args.get(name)
    return default if given is None else given.lower() == "true"


def prefix() -> str:
    """Of subjects: all of the context that is asked, all of every context unless one is named."""
    within = context_of(request.environ)
    given = request.args.get("subjectPrefix")
    if given is None:
        return EVERY if within == DEFAULT else str(subject(""))
    wanted = subject(given)
    return f":{wanted.context}:{wanted.name}"


def page(found: Sequence[T]) -> Sequence[T]:
    """What `offset` and `limit` leave of it; a negative limit is none."""
    offset, limit = max(0, _number("offset", 0)), _number("limit", -1)
    return found[offset:] if limit < 0 else found[offset : offset + limit]


def version_number(text: str) -> int | None:
    """None: the latest. Raises `RegistryRefused` (42202)."""
    if text in LATEST:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST):
        raise invalid_version(text)
    return int(text)


def body() -> Mapping[str, Any]:
    given = request.get_json()
    if not isinstance(given, dict):
        raise unreadable("The body is to be a JSON object.")
    return given


def proposal() -> Proposal:
    """The schema in the body. Raises `RegistryRefused` (42201, 422)."""
    given = body()
    unknown = sorted(set(given) - _PROPOSED)
    if unknown and request.headers.get("Confluent-Accept-Unknown-Properties", "").lower() != "true":
        raise unreadable(f"Unrecognized field: {unknown[0]}")
    if (kind := given.get("schemaType") or AVRO) != AVRO:
        raise invalid_schema(f"Invalid schema of type {kind}: this registry takes {AVRO} only.")
    schema = given.get("schema")
    if not isinstance(schema, str) or not schema.strip():
        raise invalid_schema("Empty schema")
    return Proposal(
        content=Content(
            schema=schema,
            references=tuple(_reference(one) for one in _references(given)),
            metadata=json_text(_metadata(given)),
            rule_set=json_text(_object(given, "ruleSet")),
        ),
        normalize=flag("normalize"),
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
            0 < version <= _MOST and not isinstance(version, bool) and _NUL not in name + named
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
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value > _MOST):
        raise unreadable(f"{name} is to be a whole number.")
    return value if value and value > 0 else None


def _number(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        raise unreadable(f"{name} is to be a whole number.") from None
