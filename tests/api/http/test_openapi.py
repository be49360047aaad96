import re
from collections import Counter
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import list_routes
from api.http import example_bodies
from api.http.dependencies import EXTENSION


def test_it_is_the_table_of_routes(app: APIFlask, client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]

    told = {f"{method.upper()} {path}": one for path, calls in paths.items() for method, one in calls.items()}
    routes = {one.name: one for one in list_routes(app.extensions[EXTENSION])}
    assert told.keys() == routes.keys()
    for name, route in routes.items():
        operation: dict[str, Any] = told[name]
        assert operation["summary"] == route.summary != "", name
        assert operation.get("x-permission") == route.permission, name
        assert operation.get("x-public") == route.reason, name
        assert operation.get("x-scopes", {}) == route.scopes, name
        assert bool(operation["security"]) == (route.permission is not None), name
        assert route.permission is None or "default" in operation["responses"], name


def test_it_is_openapi_3_1_without_loose_ends(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json

    assert document["openapi"] == "3.1.0"
    assert [ref for ref in references(document) if resolve(document, ref) is None] == []


def test_no_default_stands_for_what_a_change_leaves_out(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").json["components"]["schemas"]

    assert not [name for name, field in schemas["ProductChange"]["properties"].items() if "default" in field]


def test_the_page_works_without_internet(client: FlaskClient) -> None:
    page = client.get("/docs").text

    assert "http" not in page
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/docs/{name}" in page
        assert client.get(f"/docs/{name}").status_code == 200


def test_only_the_page_is_served_from_its_folder(client: FlaskClient) -> None:
    assert client.get("/docs/..%2f__init__.py").status_code == 404


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def resolve(document: Any, ref: str) -> Any:
    found = document
    for step in ref.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def test_each_call_has_a_name_of_its_own_for_generated_clients(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]

    names = [operation["operationId"] for calls in paths.values() for operation in calls.values()]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", name)] == []
    assert {"placeOrder", "searchProducts", "listTenantDomains", "listShopDomains", "registerSchema"} <= {*names}


def test_each_call_shows_an_example_of_what_it_takes(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]

    calls = [one for calls in paths.values() for one in calls.values()]
    bodies = {one["operationId"]: one["requestBody"]["content"] for one in calls if "requestBody" in one}
    assert [name for name, taken in bodies.items() if not all("example" in one for one in taken.values())] == []
    assert [name for name in example_bodies.BODIES if name not in bodies] == []
    in_addresses = [one for call in calls for one in call["parameters"] if one["in"] == "path"]
    assert [one["name"] for one in in_addresses if "example" not in one] == []
