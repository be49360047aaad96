"""Reads a call of the registry: its parameters, as lenient as clients are used to, and who is asking."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

import psycopg
from flask import request

from api.http.dependencies import dependencies
from api.http.security import access, identified_until
from api.registry.addresses import context_of
from api.registry.context_scope import ContextScope
from api.registry.parse_references import parsed
from api.registry.refusals import invalid_subject, invalid_version, unreadable
from api.registry.register_schema import Proposal
from api.registry.resolve_references import resolved
from api.registry.routes.proposed_schemas import KNOWS_MORE, MOST, NUL, proposed
from api.registry.schema_content import StoredContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, EVERY, Subject
from api.registry.subject_names import subject as subject_named

LATEST: Final = ("latest", "-1")
T = TypeVar("T")


@contextmanager
def asking() -> Iterator[tuple[psycopg.Connection[Any], ContextScope]]:
    """A transaction for whoever asks, and what they may see and change."""
    allowed = ContextScope.of(access())
    with allowed.transaction(dependencies().store) as connection:
        yield connection, allowed


def good_for_s() -> float:
    """How much longer the caller's token is good."""
    return (identified_until() - dependencies().clock()).total_seconds()


def in_format(rows: SchemaRows, stored: StoredContent) -> StoredContent:
    """With `format=resolved`, what it refers to is in the text."""
    if request.args.get("format") != "resolved" or not stored.content.references:
        return stored
    schema = resolved(parsed(rows, stored.content))
    return replace(stored, content=replace(stored.content, schema=schema))


def subject(text: str) -> Subject:
    """Raises `RegistryRefused` (42208) for what PostgreSQL could not even look for."""
    meant = subject_named(text, context_of(request.environ))
    if NUL in str(meant):
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
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST):
        raise invalid_version(text)
    return int(text)


def body() -> Mapping[str, Any]:
    given = request.get_json()
    if not isinstance(given, dict):
        raise unreadable("The body is to be a JSON object.")
    return given


def proposal() -> Proposal:
    """The schema in the body. Raises `RegistryRefused` (42201, 422)."""
    lenient = request.headers.get(KNOWS_MORE, "").lower() == "true"
    return proposed(body(), normalize=flag("normalize"), lenient=lenient)


def _number(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        raise unreadable(f"{name} is to be a whole number.") from None
