"""Completes the OpenAPI document of these calls: what each takes and answers, and what an error looks like."""

from typing import Any, Final

from apiflask import APIFlask
from pydantic import BaseModel

from api.http import openapi
from api.instantsearch import bodies
from api.instantsearch.routes import TAG

DESCRIPTION: Final = """\
The search of a shop as clients made for Algolia ask for it, so that InstantSearch's widgets work here as they are. The
manual is docs/instantsearch.md; who has no such client asks `/v1/search/products`.

Errors are `{"message": …, "status": …}`.
"""
_CALLS: Final[dict[str, tuple[type[BaseModel], type[BaseModel]]]] = {
    "searchIndexes": (bodies.Searches, bodies.Answers),
    "recommendProducts": (bodies.Recommendations, bodies.Recommended),
    "searchIndex": (bodies.IndexSearch, bodies.IndexAnswer),
    "searchFacetValues": (bodies.FacetSearch, bodies.FacetHits),
    "sendSearchInsights": (bodies.InsightsEvents, bodies.Taken),
}
_PATH: Final = {
    "index": "`products`, or sorted: `products_price_asc`, `products_price_desc`, `products_newest`, `products_title`;"
    " `categories`; `products_query_suggestions`.",
    "facet": "`brand`, `tags`, `categories.lvl0`, `options.size`, `attributes.origin`.",
}


def register(app: APIFlask) -> None:
    openapi.configure(app)
    app.spec_processor(lambda spec: spec if isinstance(spec, str) else _completed(app, spec))


def _completed(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    for _, operation in openapi.operations(app, spec):
        taken, answered = _CALLS[operation["operationId"]]
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["description"] = _PATH[parameter["name"]]
        operation["requestBody"] = {"required": True, "content": _content(taken, schemas)}
        operation["responses"]["200"] = {"description": "Found", "content": _content(answered, schemas)}
        refused = {"description": "It cannot be done, and why", "content": _content(bodies.ClientError, schemas)}
        operation["responses"]["default"] = refused
    spec["tags"] = [{"name": TAG, "description": DESCRIPTION}]
    openapi.show_examples(spec)
    return spec


def _content(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    described = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= described.pop("$defs", {})
    schemas[model.__name__] = described
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
