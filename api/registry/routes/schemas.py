"""Schemas by the id in a record's frame, by their guid, and all of them."""

from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import NotFound

from api.http.security import requires
from api.registry.answer_cache import is_unchanging
from api.registry.lost_schemas import are_lost
from api.registry.refusals import no_schema, schemas_are_lost
from api.registry.routes.answers import FOR_EVER, answer, blueprint, schema_fields, text, version_fields
from api.registry.routes.call_input import asking, flag, good_for_s, in_format, page, prefix, subject
from api.registry.routes.proposed_schemas import AVRO
from api.registry.schema_content import StoredContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT
from api.registry.subject_names import subject as subject_named

schemas = blueprint("schemas")


@schemas.get("/schemas")
@requires("schemas:list")
def list_schemas() -> Response:
    """Every version of every subject"""
    with asking() as (connection, allowed):
        found = SchemaRows(connection, allowed.seen).every(prefix(), deleted=flag("deleted"))
    if flag("latestOnly"):
        found = list({one.subject: one for one in found}.values())
    return answer([version_fields(one) for one in page(found)])


@schemas.get("/schemas/types")
@requires("schemas:list")
def list_types() -> Response:
    """The languages of schemas: Avro"""
    return answer([AVRO])


@schemas.get("/schemas/ids/<schema_id>")
@requires("schemas:read")
def get_schema(schema_id: str) -> Response:
    """A schema by the id in a record's frame"""
    stored = _by_id(schema_id)
    fields = schema_fields(stored)
    if flag("fetchMaxId"):
        fields["maxId"] = stored.id
    made = answer(fields)
    made.headers["Cache-Control"] = FOR_EVER
    is_unchanging(request.environ, made, good_for_s())
    return made


@schemas.get("/schemas/ids/<schema_id>/schema")
@requires("schemas:read")
def get_schema_text(schema_id: str) -> Response:
    """The schema alone"""
    made = text(_by_id(schema_id).content.schema)
    made.headers["Cache-Control"] = FOR_EVER
    return made


@schemas.get("/schemas/ids/<schema_id>/subjects")
@requires("schemas:read")
def list_subjects_of(schema_id: str) -> Response:
    """The subjects it is used under"""
    _by_id(schema_id)
    with asking() as (connection, allowed):
        uses = SchemaRows(connection, allowed.seen).uses(_number(schema_id), deleted=flag("deleted"))
    return answer(page(list(dict.fromkeys(one.subject for one in uses))))


@schemas.get("/schemas/ids/<schema_id>/versions")
@requires("schemas:read")
def list_uses(schema_id: str) -> Response:
    """Every subject and version it is used as"""
    _by_id(schema_id)
    with asking() as (connection, allowed):
        uses = SchemaRows(connection, allowed.seen).uses(_number(schema_id), deleted=flag("deleted"))
    return answer(page([{"subject": one.subject, "version": one.version} for one in uses]))


@schemas.get("/schemas/guids/<guid>")
@requires("schemas:read")
def get_schema_by_guid(guid: str) -> Response:
    """A schema by what its content says its name is"""
    stored = _by_guid(guid)
    made = answer({"id": stored.id, **schema_fields(stored)})
    made.headers["Cache-Control"] = FOR_EVER
    return made


@schemas.get("/schemas/guids/<guid>/ids")
@requires("schemas:read")
def list_ids(guid: str) -> Response:
    """Its id, in every context it is used in"""
    stored = _by_guid(guid)
    with asking() as (connection, allowed):
        contexts = {subject_named(one.subject).context for one in SchemaRows(connection, allowed.seen).uses(stored.id)}
    return answer([{"context": context, "id": stored.id} for context in sorted(contexts)])


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(2**31)):
        raise NotFound
    return min(int(text), 2**31 - 1)


def _by_id(schema_id: str) -> StoredContent:
    """As far as it may be seen. A `subject` with a context narrows it to that one; its name narrows nothing, since
    clients guess it from the topic.
    """
    number, within = _number(schema_id), subject(request.args.get("subject", "")).context
    with asking() as (connection, allowed):
        rows = SchemaRows(connection, allowed.seen)
        used = rows.uses(number, deleted=True)
        found = [one for one in used if within == DEFAULT or subject_named(one.subject).context == within]
        if not found:
            raise schemas_are_lost() if are_lost(connection) else no_schema(schema_id)
        return in_format(rows, found[0].stored)


def _by_guid(text: str) -> StoredContent:
    try:
        guid = UUID(text)
    except ValueError:
        raise no_schema(text) from None
    with asking() as (connection, allowed):
        rows = SchemaRows(connection, allowed.seen)
        stored = rows.by_guid(guid)
        if stored is None:
            raise no_schema(text)
        return in_format(rows, stored)
