import json

import pytest
from apiflask import APIFlask
from click.testing import CliRunner

from api.app import list_routes
from api.commands import api
from api.domain.permissions import Role, Scope
from api.http.dependencies import EXTENSION
from api.http.route_table import Route, pattern, scopes_of
from api.instantsearch.app import create_instantsearch


@pytest.fixture
def routes(app: APIFlask) -> dict[str, Route]:
    return {one.name: one for one in list_routes(app.extensions[EXTENSION])}


def test_it_holds_every_application(app: APIFlask, registry: APIFlask, routes: dict[str, Route]) -> None:
    instantsearch = create_instantsearch(app.extensions[EXTENSION])
    rules = [rule for one in (app, registry, instantsearch) for rule in one.url_map.iter_rules()]
    wanted = {f"{method} {pattern(rule.rule)}" for rule in rules for method in (rule.methods or set())}

    assert {name for name in wanted if not name.startswith(("HEAD ", "OPTIONS "))} == routes.keys()


def test_a_route_has_a_permission_or_a_reason_to_have_none(routes: dict[str, Route]) -> None:
    for name, one in routes.items():
        assert (one.permission is None) != (one.reason is None), name
        assert one.summary, name
        assert one.permission is None or one.scopes, f"no built-in role may call {name}"


def test_it_says_who_may_and_how_far_they_reach(routes: dict[str, Route]) -> None:
    assert routes["GET /v1/orders/{order_id}"].scopes == {
        Role.ADMIN: Scope.ALL,
        Role.MANAGER: Scope.ALL,
        Role.CUSTOMER: Scope.OWN,
    }
    assert routes["POST /v1/imports/orders"].route_class == "imports"
    assert routes["GET /v1/orders/{order_id}"].parameters == ["order_id"]


def test_who_belongs_to_no_shop_reaches_nothing_of_shops() -> None:
    assert Role.SUPER_ADMIN not in scopes_of("products:list")
    assert scopes_of("tenants:list") == {Role.SUPER_ADMIN: Scope.ALL}


def test_the_command_prints_what_is_let_in(app: APIFlask, routes: dict[str, Route]) -> None:
    printed = CliRunner().invoke(api, ["routes", "--json"])

    listed = {f"{one['method']} {one['path']}": one for one in json.loads(printed.stdout)}
    assert listed.keys() == routes.keys()
    assert listed["DELETE /v1/products/{product_id}"] == {
        "method": "DELETE",
        "path": "/v1/products/{product_id}",
        "permission": "products:delete",
        "public": None,
        "scopes": {"admin": "all", "manager": "all"},
        "class": "commands",
        "summary": "Delete a draft or archived product; the answer is what it was",
    }
    assert listed["GET /health/live"]["public"] == "asked by supervisors; says nothing about any tenant"


def test_the_command_prints_a_line_for_each() -> None:
    lines = CliRunner().invoke(api, ["routes"]).stdout.splitlines()

    assert any(line.split()[:3] == ["GET", "/v1/orders", "orders:list"] for line in lines), lines
