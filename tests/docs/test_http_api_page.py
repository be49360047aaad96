"""The page of the HTTP API names every call, parameter and status there is, and no other."""

from pathlib import Path
from typing import Any

import pytest

from api.app import create_app, list_routes
from api.http.calls_page import PAGE, rendered, table
from api.http.problems import STATUSES
from api.http.route_table import Route
from api.wsgi import unconnected
from tests.docs.pages import ROOT, first_cells


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(create_app(unconnected()).spec)


@pytest.fixture(scope="module")
def routes() -> tuple[Route, ...]:
    return list_routes(unconnected())


def test_the_table_of_calls_is_what_the_api_says(routes: tuple[Route, ...]) -> None:
    page = PAGE.read_text()

    assert page == rendered(page, routes), "run `rustok api doc` and commit docs/http-api.md"


def test_every_call_says_its_permission_and_who_has_it(routes: tuple[Route, ...]) -> None:
    rows = table(routes)

    assert "| `POST /v1/tenants` | `tenants:create` | Open a shop | super_admin |" in rows
    assert "| `GET /v1/orders` | `orders:list` | Orders, newest first | admin, manager, customer (own) |" in rows
    assert "| `GET /health/live` | public | The process answers | everybody |" in rows


@pytest.mark.parametrize(
    ("page", "heading", "path"),
    [
        (ROOT / "docs" / "search.md", "## Parameters", "/v1/search/products"),
        (ROOT / "docs" / "search.md", "## While somebody types", "/v1/search/suggestions"),
        (ROOT / "docs" / "search.md", "## Beside a product", "/v1/search/products/{product_id}/related"),
        (PAGE, "## Sales", "/v1/analytics/sales"),
    ],
)
def test_every_parameter_of_a_read_model_is_there(
    document: dict[str, Any], page: Path, heading: str, path: str
) -> None:
    parameters = document["paths"][path]["get"]["parameters"]
    wanted = sorted(one["name"] for one in parameters if one["in"] == "query")

    assert sorted(first_cells(page, heading)) == wanted


def test_every_status_a_problem_can_have_is_there() -> None:
    told = {status for cell in first_cells(PAGE, "## Problems") for status in cell.split(", ")}

    assert {str(status.value) for status in STATUSES.values()} <= told
