import pytest

from api.http.server.route_classes import (
    ANALYTICS,
    COMMANDS,
    COMPUTING,
    HEALTH,
    IMPORTS,
    LOOKUPS,
    PAGES,
    REGISTRY,
    SEARCH,
    SIGN_IN,
    SQL,
    RouteClass,
    class_of,
)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/health/ready", HEALTH),
        ("GET", "/metrics", HEALTH),
        ("GET", "/v1/search/products", SEARCH),
        ("GET", "/v1/analytics/sales", ANALYTICS),
        ("POST", "/v1/analytics/sql", SQL),
        ("POST", "/v1/imports/orders", IMPORTS),
        ("POST", "/v1/auth/login", SIGN_IN),
        ("GET", "/v1/products", LOOKUPS),
        ("POST", "/v1/products", COMMANDS),
        ("GET", "/subjects", REGISTRY),
        ("DELETE", "/subjects/a", REGISTRY),
        ("POST", "/compatibility/subjects/a/versions", COMPUTING),
        ("POST", "/subjects/a/versions", COMPUTING),
        ("GET", "/docs", PAGES),
        ("GET", "/docs/start.js", PAGES),
        ("GET", "/openapi.json", PAGES),
        ("GET", "/nothing/here", PAGES),
        ("POST", "/nothing/here", PAGES),
    ],
)
def test_pages_and_unknown_addresses_never_wait_behind_schemas(method: str, path: str, expected: RouteClass) -> None:
    assert class_of(method, path) is expected
