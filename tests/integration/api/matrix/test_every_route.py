"""Every route, as everybody, with everybody's ids: what happens is what the table of routes says.

A route that is new joins by itself; what its address and body are made of is in `examples`.
"""

import pytest

from api.app import list_routes
from api.http.route_table import Route
from api.wsgi import unconnected
from tests.integration.api.matrix.answers import Matrix

pytestmark = pytest.mark.servers

ROUTES = {one.name: one for one in list_routes(unconnected())}
PUBLIC = [name for name, one in ROUTES.items() if one.permission is None]
GUARDED = [name for name, one in ROUTES.items() if one.permission is not None]
LISTS = [name for name in GUARDED if name.startswith("GET ") and not ROUTES[name].parameters]
#: Of whom a public route must make no difference.
ANYBODY = {"nobody", "a visitor", "customer", "admin", "super_admin", "expired"}
#: What is listed there has no mark: it is everybody's, it has no words, or more than one page.
UNMARKED = {
    "GET /config",
    "GET /v1/access",
    "GET /v1/analytics/metrics",
    "GET /v1/analytics/quality",
    "GET /v1/analytics/quality/docs",
    "GET /mode",
    "GET /schemas/types",
    "GET /v1/account/sessions",
    "GET /v1/checkout/taxes",
    "GET /v1/orders/claimed/payments",
    "GET /v1/orders/claimed/timeline",
    "GET /v1/payments",
    "GET /v1/rebuilds",
    "GET /v1/metadata/id",
    "GET /v1/metadata/version",
    "GET /v1/tenants",
}


@pytest.mark.parametrize("name", GUARDED)
def test_everybody_gets_what_the_table_says(matrix: Matrix, routes: dict[str, Route], name: str) -> None:
    assert list(matrix.wrong(routes[name])) == []


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_is_the_same_for_everybody(matrix: Matrix, routes: dict[str, Route], name: str) -> None:
    some = [one for one in matrix.callers if one.name in ANYBODY]

    statuses = {matrix.ask(routes[name], one).status_code for one in some}

    assert len(some) == len(ANYBODY)
    assert len(statuses) == 1
    assert statuses < set(range(200, 500)) | {503}


@pytest.mark.parametrize("name", sorted(set(LISTS) - UNMARKED))
def test_a_shops_own_is_there_so_that_anothers_would_be_seen(
    matrix: Matrix, routes: dict[str, Route], name: str
) -> None:
    (admin,) = (one for one in matrix.callers if one.name == "admin")

    admin.home.one_of_each()
    shown = matrix.ask(routes[name], admin).text

    assert admin.home.mark in shown or admin.home.slug in shown
