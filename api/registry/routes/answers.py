"""What an answer of the registry looks like: Confluent's JSON, its content type, and its errors for every error."""

from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import HTTPException

from api.domain.errors import Forbidden, Malformed, ModuleOff, Refused, Unauthenticated
from api.http.limits.quota_exceeded import QuotaExceeded
from api.http.server.mounted_applications import REGISTRY_CONTENT_TYPE
from api.registry.avro.step_limit import InvalidSchema
from api.registry.refusals import RegistryRefused, invalid_schema
from api.registry.schema_content import StoredContent, Version
from api.store.errors import StoreDown

_STATUSES: Final = {Malformed: HTTPStatus.BAD_REQUEST, ModuleOff: HTTPStatus.NOT_FOUND}
TAG: Final = "Schema registry"
CONTENT_TYPE: Final = REGISTRY_CONTENT_TYPE
_TYPES: Final = (CONTENT_TYPE, "application/vnd.schemaregistry+json", "application/json")
#: An answer that never changes may be kept by who got it, and by nobody between.
FOR_EVER: Final = "private, max-age=31536000, immutable"
UNAUTHORIZED: Final = 40101
FORBIDDEN: Final = 40301
STORE_DOWN: Final = 50001

_log = structlog.get_logger(__name__)


def blueprint(name: str) -> APIBlueprint:
    """A part of the registry."""
    return APIBlueprint(f"registry_{name}", __name__, tag=TAG)


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    best = request.accept_mimetypes.best_match(_TYPES, default=CONTENT_TYPE) or CONTENT_TYPE
    return Response(orjson.dumps(body), status.value, content_type=best)


def text(content: str) -> Response:
    """A schema alone."""
    return answer(orjson.Fragment(content))


def refusal(error: Exception) -> Response:
    """The answer to anything that was raised."""
    match error:
        case QuotaExceeded() | StoreDown():
            return _ask_again(error)
        case RegistryRefused():
            return _error(error.status, error.code, error.message)
        case InvalidSchema():
            unusable = invalid_schema(f"Invalid schema, details: {error}")
            return _error(unusable.status, unusable.code, unusable.message)
        case Unauthenticated():
            refused = _error(HTTPStatus.UNAUTHORIZED, UNAUTHORIZED, error.detail)
            refused.headers["WWW-Authenticate"] = 'Bearer, Basic realm="schema registry"'
            return refused
        case Forbidden():
            return _error(HTTPStatus.FORBIDDEN, FORBIDDEN, error.detail)
        case Refused():
            status = _STATUSES.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
            return _error(status, status, error.detail)
        case HTTPException():
            status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
            refused = _error(status, status, f"HTTP {status.value} {status.phrase}")
            if status == HTTPStatus.METHOD_NOT_ALLOWED:
                refused.headers.extend(item for item in error.get_headers() if item[0] == "Allow")
            return refused
        case _:
            _log.error("request_failed", exc_info=error)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            return _error(status, status, "Something went wrong here.")


def _ask_again(error: QuotaExceeded | StoreDown) -> Response:
    if isinstance(error, QuotaExceeded):
        refused = _error(HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.TOO_MANY_REQUESTS, error.detail)
    else:
        _log.warning("store_unavailable", reason=str(error))
        refused = _error(HTTPStatus.SERVICE_UNAVAILABLE, STORE_DOWN, "The store does not answer just now. Ask again.")
    refused.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return refused


def schema_fields(stored: StoredContent) -> dict[str, Any]:
    """What belongs to a schema wherever it is used; what is not there is left out. `schemaType` would say AVRO."""
    content = stored.content
    fields: dict[str, Any] = {"guid": str(stored.guid), "schema": content.schema}
    if content.references:
        fields["references"] = [
            {"name": one.name, "subject": one.subject, "version": one.version} for one in content.references
        ]
    if content.metadata:
        fields["metadata"] = orjson.Fragment(content.metadata)
    if content.rule_set:
        fields["ruleSet"] = orjson.Fragment(content.rule_set)
    return fields


def version_fields(version: Version) -> dict[str, Any]:
    fields = {
        "subject": version.subject,
        "version": version.version,
        "id": version.stored.id,
        **schema_fields(version.stored),
    }
    return {**fields, "deleted": True} if version.deleted else fields


def _error(status: HTTPStatus, code: int, message: str) -> Response:
    return answer({"error_code": int(code), "message": message}, status)
