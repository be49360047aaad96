"""The registry over HTTP, as clients of Confluent's know it: the reading side."""

from http import HTTPStatus
from typing import Any, Final

import orjson
from apiflask import APIBlueprint
from flask import Response

from api.dependencies import dependencies
from api.registry import store
from api.security import public

registry = APIBlueprint("registry", __name__, tag="Schema registry")
CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_WHY: Final = "schemas hold no tenant's data, and every consumer needs them"

SUBJECT_NOT_FOUND: Final = 40401
VERSION_NOT_FOUND: Final = 40402
SCHEMA_NOT_FOUND: Final = 40403
INVALID_VERSION: Final = 42202


@registry.get("/subjects")
@public(_WHY)
def list_subjects() -> Response:
    """Every event there is"""
    with dependencies().store.reading() as connection:
        return _respond(store.subjects(connection))


@registry.get("/subjects/<subject>/versions")
@public(_WHY)
def list_versions(subject: str) -> Response:
    """The versions of an event"""
    with dependencies().store.reading() as connection:
        versions = store.versions_of(connection, subject)
    if not versions:
        return _error(HTTPStatus.NOT_FOUND, SUBJECT_NOT_FOUND, f"Subject '{subject}' not found.")
    return _respond([one.version for one in versions])


@registry.get("/subjects/<subject>/versions/<version>")
@public(_WHY)
def get_version(subject: str, version: str) -> Response:
    """One version of an event, by number or `latest`"""
    if version != "latest" and not (version.isascii() and version.isdigit() and int(version) > 0):
        message = f"The specified version '{version}' is not a valid version id."
        return _error(HTTPStatus.UNPROCESSABLE_ENTITY, INVALID_VERSION, message)
    with dependencies().store.reading() as connection:
        versions = store.versions_of(connection, subject)
    if not versions:
        return _error(HTTPStatus.NOT_FOUND, SUBJECT_NOT_FOUND, f"Subject '{subject}' not found.")
    wanted = versions[-1].version if version == "latest" else int(version)
    found = next((one for one in versions if one.version == wanted), None)
    if found is None:
        return _error(HTTPStatus.NOT_FOUND, VERSION_NOT_FOUND, f"Version {version} not found.")
    body = {"subject": found.subject, "version": found.version, "id": found.schema_id, "schema": found.schema}
    return _respond(body)


@registry.get("/schemas/ids/<int:schema_id>")
@public(_WHY)
def get_schema(schema_id: int) -> Response:
    """A schema by the id in a record's frame"""
    with dependencies().store.reading() as connection:
        content = store.content_of(connection, schema_id)
    if content is None:
        return _error(HTTPStatus.NOT_FOUND, SCHEMA_NOT_FOUND, f"Schema {schema_id} not found")
    return _respond({"schema": content})


@registry.get("/schemas/ids/<int:schema_id>/versions")
@public(_WHY)
def get_uses(schema_id: int) -> Response:
    """Every event and version with this schema"""
    with dependencies().store.reading() as connection:
        uses = store.uses_of(connection, schema_id)
    if not uses:
        return _error(HTTPStatus.NOT_FOUND, SCHEMA_NOT_FOUND, f"Schema {schema_id} not found")
    return _respond([{"subject": one.subject, "version": one.version} for one in uses])


def _respond(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(body), status.value, content_type=CONTENT_TYPE)


def _error(status: HTTPStatus, code: int, message: str) -> Response:
    return _respond({"error_code": code, "message": message}, status)
