"""Completes the OpenAPI document beyond the routes: who may call what, and what a problem looks like."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, cast

import orjson
from apiflask import APIFlask
from pydantic import BaseModel

from api.domain.audit import needs_reason
from api.domain.claim_tokens import HEADER
from api.http import cart_token, example_bodies
from api.http.included_things import INCLUDED
from api.http.included_things import PARAMETER as INCLUDE
from api.http.middleware.chosen_fields import LONGEST, PARAMETER, answer_of
from api.http.middleware.json_bodies import taken_by
from api.http.problems import CONTENT_TYPE
from api.http.route_table import Route, routes_of
from api.http.server.route_classes import class_of

DESCRIPTION: Final = """\
Commands are answered when they are committed, with a `receipt`. Read models (search, analytics) are a moment behind and
say how much: `as_of`, `lag_ms`. Bring receipts as `after` to wait until a read model shows what they stand for.

Money is an integer of minor units with an ISO 4217 currency beside it. Times are ISO 8601 in UTC. Problems are
`application/problem+json`. POST takes an `Idempotency-Key`; a change takes `If-Match` with the version it is made for.
"""


_FIELDS: Final = {
    "name": PARAMETER,
    "in": "query",
    "required": False,
    "description": "Only these of the answer, or of each of its items, as `id,lines.sku`; all when it is missing.",
    "schema": {"type": "string", "maxLength": LONGEST},
}


class FieldProblem(BaseModel):
    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `trace_id` finds the request in the logs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: list[FieldProblem]
    trace_id: str


def register(app: APIFlask, documented: Sequence[APIFlask] = ()) -> None:
    """`documented` are those whose calls are told of in the same document."""
    app.description = DESCRIPTION
    configure(app)
    app.spec_processor(lambda spec: spec if isinstance(spec, str) else _completed(app, spec, documented))


def configure(app: APIFlask) -> None:
    """What the documents of all applications have in common."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["AUTO_OPERATION_ID"] = False
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.config["SECURITY_SCHEMES"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def operations(app: APIFlask, spec: dict[str, Any]) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Every call in the document, with its route; who may do it is said in it."""
    for route in routes_of(app):
        operation = spec["paths"][route.path][route.method.lower()]
        operation.setdefault("parameters", [])
        operation["operationId"] = operation_id(route.endpoint)
        yield route, operation
        operation["parameters"].extend(_headers(route))
        if route.method == "GET" and route.path.startswith("/v1/") and answer_of(app.view_functions[route.endpoint]):
            operation["parameters"].append(_FIELDS)
        if (kinds := INCLUDED.get(route.endpoint)) is not None and route.method == "GET":
            operation["parameters"].append(_include(kinds))
        if (taken := taken_by(app.view_functions[route.endpoint])) != "application/json":
            file = {"type": "string", "maxLength": class_of(route.method, route.path).most_bytes}
            operation["requestBody"] = {"required": True, "content": {taken: {"schema": file}}}
        elif "requestBody" in operation:
            operation["requestBody"]["required"] = True
        _say_who_may(operation, route)


def show_examples(spec: dict[str, Any]) -> None:
    """Every call shows a body that is good, and what its address may be."""
    for operation in (one for calls in spec["paths"].values() for one in calls.values()):
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                parameter["example"] = example_bodies.parameter(parameter["name"])
        for content_type, media in operation.get("requestBody", {}).get("content", {}).items():
            body = example_bodies.BODIES.get(operation["operationId"])
            lines = content_type == "application/x-ndjson" and body is not None
            if body is None:  # the model may have its own
                name = media["schema"].get("$ref", "").rpartition("/")[2]
                body = next(iter(spec["components"]["schemas"].get(name, {}).get("examples", ())), None)
            if body is not None:
                media["example"] = orjson.dumps(body).decode() + "\n" if lines else body


def _include(kinds: Collection[str]) -> dict[str, Any]:
    return {
        "name": INCLUDE,
        "in": "query",
        "required": False,
        "description": "These, too, as the calls of their own answer them, with commas between.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": sorted(kinds)}, "maxItems": len(kinds)},
    }


def operation_id(endpoint: str) -> str:
    """`placeOrder`: what a generated client calls it. No two calls share one."""
    first, *others = endpoint.rpartition(".")[2].split("_")
    return first + "".join(word.capitalize() for word in others)


def _headers(route: Route) -> list[dict[str, Any]]:
    """What a call may bring besides its body."""
    if route.permission is None:
        return []
    own = [("X-Correlation-Id", "What it is all for; comes back, and goes with every event.")]
    if route.method == "POST" and route.path.startswith("/v1/") and "/imports/" not in route.path:
        own.append(("Idempotency-Key", "The same key and body again is answered again and done once."))
    if route.method != "GET" and "<uuid:" in route.rule:
        own.append(("If-Match", "The ETag of the version this is meant for; 412 when it is another one by now."))
    if route.permission.startswith("carts:") and "<uuid:" in route.rule:
        own.append((cart_token.HEADER, "What was said when a visitor's cart was begun."))
    if route.path.startswith("/v1/orders/claimed"):
        own.append((HEADER, "As it was shown when the order was placed; without it there is nothing: 404."))
    if needs_reason(route.permission):
        own.append(("X-Reason", "Why: has to be there when the platform's own people do it; in the audit trail."))
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in own
    ]


def _say_who_may(operation: dict[str, Any], route: Route) -> None:
    if route.permission is None:
        operation["security"] = []
        operation["x-public"] = route.reason
    else:
        operation["security"] = [{"token": []}]
        operation["x-permission"] = route.permission
        operation["x-scopes"] = {role.value: scope.value for role, scope in route.scopes.items()}


def _completed(app: APIFlask, spec: dict[str, Any], documented: Sequence[APIFlask]) -> dict[str, Any]:
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    answer = {
        "description": "A problem",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for _, operation in operations(app, spec):
        operation.setdefault("responses", {})["default"] = answer
    for other in documented:
        _take_in(spec, cast(dict[str, Any], other.spec))
    spec["tags"] = _tags(spec)
    show_examples(spec)
    return spec


def _take_in(spec: dict[str, Any], other: dict[str, Any]) -> None:
    spec["paths"] |= other["paths"]
    spec["tags"] += other["tags"]
    for kind, named in other["components"].items():
        spec["components"].setdefault(kind, {}).update(named)


def _tags(spec: dict[str, Any]) -> list[dict[str, str]]:
    """Each once, in the order of the blueprints, and only those of a call."""
    used = {tag for calls in spec["paths"].values() for operation in calls.values() for tag in operation["tags"]}
    told = {tag["name"]: tag for tag in spec["tags"]}
    return [tag for name, tag in told.items() if name in used]
