"""Subjects: which there are, whether one knows a schema, and how one goes."""

from flask import Response, request

from api.http.security import requires
from api.registry import delete_versions
from api.registry.refusals import no_schema, no_subject, no_version
from api.registry.register_schema import canonical, look_up
from api.registry.routes.answers import answer, blueprint, version_fields
from api.registry.routes.call_input import asking, flag, page, prefix, proposal, subject
from api.registry.routes.versions import aliased
from api.registry.rules import RuleRows
from api.registry.schema_rows import SchemaRows

subjects = blueprint("subjects")


@subjects.get("/subjects")
@requires("schemas:list")
def list_subjects() -> Response:
    """Every subject there is"""
    with asking() as (connection, allowed):
        found = SchemaRows(connection, allowed.seen).subjects(
            prefix(), deleted=flag("deleted"), only_deleted=flag("deletedOnly")
        )
    return answer(page(found))


@subjects.post("/subjects/<name:subject_name>")
@requires("schemas:read")
def look_up_schema(subject_name: str) -> Response:
    """Whether the subject has this schema, and as which version"""
    wanted = proposal()
    with asking() as (connection, allowed):
        rows, named = SchemaRows(connection, allowed.seen), aliased(connection, subject(subject_name))
        deleted = flag("deleted")
        if not rows.versions(named, deleted=deleted):
            raise no_subject(named)
        content = canonical(rows, named, wanted, RuleRows(connection).holding_for(named))
        found = look_up(rows, named, content, deleted=deleted)
    if found is None:
        raise no_schema()
    return answer(version_fields(found))


@subjects.delete("/subjects/<name:subject_name>")
@requires("schemas:delete")
def delete_subject(subject_name: str) -> Response:
    """All of its versions; `permanent=true` for good"""
    with asking() as (connection, allowed):
        gone = delete_versions.delete_subject(connection, allowed, subject(subject_name), permanent=flag("permanent"))
    return answer(list(gone))


@subjects.get("/subjects/<name:subject_name>/metadata")
@requires("schemas:read")
def get_by_metadata(subject_name: str) -> Response:
    """The newest version whose metadata has the properties `key`=`value`"""
    wanted = dict(zip(request.args.getlist("key"), request.args.getlist("value"), strict=False))
    with asking() as (connection, allowed):
        named = aliased(connection, subject(subject_name))
        there = SchemaRows(connection, allowed.seen).versions(named, deleted=flag("deleted"))
    if not there:
        raise no_subject(named)
    found = next((one for one in reversed(there) if wanted.items() <= one.stored.content.properties.items()), None)
    if found is None:
        raise no_version("with this metadata")
    return answer(version_fields(found))
