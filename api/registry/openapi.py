"""Completes the OpenAPI document of the registry: parameters, bodies, answers, errors, and who may ask."""

from collections.abc import Mapping
from typing import Any, Final

from apiflask import APIFlask
from pydantic import TypeAdapter

from api.http import openapi
from api.registry.bodies import RegistryError
from api.registry.calls import CALLS, PATH, QUERY
from api.registry.routes import ROUTES
from api.registry.routes.answers import CONTENT_TYPE, TAG

#: As OpenAPI's `securitySchemes` have it.
BASIC: Final = "basic"
_BASIC: Final = {
    BASIC: {"type": "http", "scheme": "basic", "description": "A token as the password, with any user name."}
}
DESCRIPTION: Final = """\
Which schema a record was written with, and whether a new one may follow. Calls, codes and content types are those of
Confluent's Schema Registry, so that clients made for it work.

A subject may be in a **context**: `:.shop:stock.counted` is `stock.counted` in the context `.shop`, and every call also
answers under `/contexts/.shop/…`, where a name without a context is in that one. Each tenant has one of its own.

Errors are `{"error_code": …, "message": …}`. The manual is docs/schema-registry.md.
"""
_TYPES: Final = (CONTENT_TYPE, "application/json")
_PARTS: Final = frozenset(blueprint.name for blueprint in ROUTES)
_REFERENCE: Final = "#/components/schemas/{model}"


def register(app: APIFlask) -> None:
    openapi.configure(app)
    app.config["SECURITY_SCHEMES"] |= _BASIC
    app.spec_processor(lambda spec: spec if isinstance(spec, str) else _completed(app, spec))


def _completed(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    for route, operation in openapi.operations(app, spec):
        if route.endpoint.partition(".")[0] in _PARTS:
            _complete(operation, route.endpoint, schemas)
    for operation in (one for calls in spec["paths"].values() for one in calls.values()):
        if operation["security"]:
            operation["security"].append({BASIC: []})
    spec["tags"] = [{"name": TAG, "description": DESCRIPTION}]
    openapi.show_examples(spec)
    return spec


def _complete(operation: dict[str, Any], endpoint: str, schemas: dict[str, Any]) -> None:
    """Says all of it about one call; the models it refers to go into `schemas`."""
    call = CALLS[endpoint.partition(".")[2]]
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["description"] = PATH[parameter["name"]]
    operation["parameters"] += [
        {"name": name, "in": "query", "required": False, "description": QUERY[name][1], "schema": QUERY[name][0]}
        for name in call.query
    ]
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(call.body, schemas)}
    operation["responses"]["200"] = {"description": "Done", "content": _content(call.answer, schemas)}
    operation["responses"]["default"] = {
        "description": "It cannot be done, and why",
        "content": _content(RegistryError, schemas),
    }


def _content(model: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    described = _without_null_defaults(TypeAdapter(model).json_schema(ref_template=_REFERENCE))
    schemas |= described.pop("$defs", {})
    if "properties" in described:
        schemas[described["title"]] = described
        described = {"$ref": _REFERENCE.format(model=described["title"])}
    return {content_type: {"schema": described} for content_type in _TYPES}


def _without_null_defaults(schema: Any) -> Any:
    """What is left out is left out: null is no value of it."""
    match schema:
        case Mapping():
            return {
                name: _without_null_defaults(value)
                for name, value in schema.items()
                if not (name == "default" and value is None)
            }
        case list():
            return [_without_null_defaults(value) for value in schema]
        case _:
            return schema
