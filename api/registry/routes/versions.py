"""The versions of a subject: registered, read, asked who refers to them, deleted."""

from dataclasses import replace
from typing import Any

from flask import Response, request
from psycopg import Connection

from api.http.security import requires
from api.registry import delete_versions
from api.registry.context_scope import ContextScope
from api.registry.refusals import no_subject, no_version
from api.registry.register_schema import register
from api.registry.routes.answers import answer, blueprint, text, version_fields
from api.registry.routes.call_input import asking, flag, in_format, page, proposal, subject, version_number
from api.registry.routes.proposed_schemas import KNOWS_MORE
from api.registry.rules import RuleRows
from api.registry.schema_content import Version
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import Subject
from api.registry.subject_names import subject as subject_named

versions = blueprint("versions")


@versions.post("/subjects/<name:subject_name>/versions")
@requires("schemas:create")
def register_schema(subject_name: str) -> Response:
    """A schema becomes a version, unless it is one"""
    wanted = proposal()
    with asking() as (connection, allowed):
        version = register(connection, allowed, subject(subject_name), wanted)
    if request.headers.get(KNOWS_MORE, "").lower() == "true":
        return answer(version_fields(version))
    return answer({"id": version.stored.id})


@versions.get("/subjects/<name:subject_name>/versions")
@requires("schemas:read")
def list_versions(subject_name: str) -> Response:
    """The numbers of its versions"""
    deleted, only_deleted = flag("deleted"), flag("deletedOnly")
    with asking() as (connection, allowed):
        named = aliased(connection, subject(subject_name))
        found = SchemaRows(connection, allowed.seen).versions(named, deleted=deleted or only_deleted)
    if not found:
        raise no_subject(named)
    return answer(page([one.version for one in found if one.deleted or not only_deleted]))


@versions.get("/subjects/<name:subject_name>/versions/<version>")
@requires("schemas:read")
def get_version(subject_name: str, version: str) -> Response:
    """One version, by number or `latest`"""
    with asking() as (connection, allowed):
        found = _version(connection, allowed, subject(subject_name), version)
    return answer(version_fields(found))


@versions.get("/subjects/<name:subject_name>/versions/<version>/schema")
@requires("schemas:read")
def get_version_text(subject_name: str, version: str) -> Response:
    """Its schema alone"""
    with asking() as (connection, allowed):
        found = _version(connection, allowed, subject(subject_name), version)
    return text(found.stored.content.schema)


@versions.get("/subjects/<name:subject_name>/versions/<version>/referencedby")
@requires("schemas:read")
def list_referring(subject_name: str, version: str) -> Response:
    """The ids of the schemas that refer to it"""
    with asking() as (connection, allowed):
        found = _version(connection, allowed, subject(subject_name), version)
        rows = SchemaRows(connection, allowed.seen)
        ids = rows.referring(subject_named(found.subject), found.version, deleted=flag("deleted"))
    return answer(page(ids))


@versions.delete("/subjects/<name:subject_name>/versions/<version>")
@requires("schemas:delete")
def delete_version(subject_name: str, version: str) -> Response:
    """One version; `permanent=true` for good"""
    number = version_number(version)
    with asking() as (connection, allowed):
        gone = delete_versions.delete_version(
            connection, allowed, subject(subject_name), number, permanent=flag("permanent")
        )
    return answer(gone)


def aliased(connection: Connection[Any], named: Subject) -> Subject:
    """The subject that is meant, when this one is only another name for it."""
    alias = RuleRows(connection).of(named).alias
    return subject_named(alias, named.context) if alias else named


def _version(connection: Connection[Any], allowed: ContextScope, named: Subject, version: str) -> Version:
    """Raises `RegistryRefused` when it is not there, or its number is none."""
    number, wanted = version_number(version), aliased(connection, named)
    rows, deleted = SchemaRows(connection, allowed.seen), flag("deleted")
    if number is None:
        found = next(iter(reversed(rows.versions(wanted, deleted=deleted))), None)
    else:
        found = rows.version(wanted, number, deleted=deleted)
    if found is not None:
        return replace(found, stored=in_format(rows, found.stored))
    if not rows.versions(wanted, deleted=deleted):
        raise no_subject(wanted)
    raise no_version(version)
