"""A body is as large and as deep as what is asked needs it to be, and no more; nothing in it has no end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.http.middleware.json_bodies import DEEPEST
from api.http.server.route_classes import CLASSES, class_of

Header = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("path", "kib"),
    [("/v1/auth/login", 16), ("/v1/products", 2048), ("/v1/imports/products", 8192), ("/subjects/a/versions", 8192)],
)
def test_each_kind_of_request_has_its_own_size(client: FlaskClient, as_role: Header, path: str, kib: int) -> None:
    headers = {**as_role("schema" if path.startswith("/subjects") else "admin"), "Content-Type": "application/json"}

    fits = client.post(path, data=b" " * (kib * 1024), headers=headers)
    too_large = client.post(path, data=b" " * (kib * 1024 + 1), headers=headers)

    assert class_of("POST", path).most_bytes == kib * 1024
    assert (fits.status_code == 413, too_large.status_code) == (False, 413)


def test_no_kind_of_request_is_without_a_limit() -> None:
    assert all(0 < one.body_kib <= 8192 for one in CLASSES)


@pytest.mark.parametrize("kind", ["[]", "{}"])
@pytest.mark.parametrize("depth", [DEEPEST + 1, 900, 100_000])
def test_what_is_nested_too_deep_is_refused(client: FlaskClient, as_role: Header, kind: str, depth: int) -> None:
    opening = "[" if kind == "[]" else '{"a":'
    text = opening * depth + "1" + kind[1] * depth

    answer = client.post("/v1/products", data=text, content_type="application/json", headers=as_role("admin"))

    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_what_is_nested_as_deep_as_may_be_is_read(client: FlaskClient, as_role: Header) -> None:
    text = "[" * DEEPEST + "1" + "]" * DEEPEST

    answer = client.post("/v1/products", data=text, content_type="application/json", headers=as_role("admin"))

    assert answer.status_code == 422


def test_nothing_that_may_be_sent_has_no_end(app: APIFlask) -> None:
    spec: dict[str, Any] = app.spec  # type: ignore[assignment]  # a text only for YAML

    endless = [found for where, schema in inputs(spec) for found in without_end(spec, schema, where, frozenset())]

    assert endless == []


def inputs(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bodies and parameters of the shops' calls; the registry's are as its clients know them, and have a size only."""
    for path, calls in spec["paths"].items():
        for method, call in calls.items():
            if not path.startswith("/v1/") or "/metadata/" in path:
                continue
            for content in call.get("requestBody", {}).get("content", {}).values():
                yield f"{method} {path}", content["schema"]
            for parameter in call["parameters"]:
                if parameter["in"] == "query":
                    yield f"{method} {path}?{parameter['name']}", parameter["schema"]


def without_end(spec: dict[str, Any], schema: dict[str, Any], where: str, seen: frozenset[str]) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from without_end(spec, spec["components"]["schemas"][name], name, seen | {name})
    for one in (inner for word in ("anyOf", "oneOf", "allOf") for inner in schema.get(word, ())):
        yield from without_end(spec, one, where, seen)
    match schema.get("type"):
        case "array" if "maxItems" not in schema:
            yield where
        case "string" if not {"maxLength", "enum", "format", "const", "pattern"} & schema.keys():
            yield where
        case "integer" | "number" if not {"maximum", "exclusiveMaximum", "const"} & schema.keys():
            yield where
        case _:
            pass
    parts = {**schema.get("properties", {}), **({"[]": schema["items"]} if "items" in schema else {})}
    for name, inner in parts.items():
        yield from without_end(spec, inner, f"{where}.{name}", seen)
