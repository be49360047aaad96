"""The page of the HTTP API names every call, parameter and status there is, and no other."""

from typing import Any

import pytest

from api.app import create_app
from api.http.calls_page import PAGE, rendered, table
from api.http.problems import STATUSES
from api.wsgi import unconnected
from tests.docs.pages import first_cells


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(create_app(unconnected()).spec)


def test_the_table_of_calls_is_what_the_api_says(document: dict[str, Any]) -> None:
    page = PAGE.read_text()

    assert page == rendered(page, document), "run `rustok api doc` and commit docs/http-api.md"


def test_every_call_says_its_permission(document: dict[str, Any]) -> None:
    rows = table(document)

    assert "| `POST /v1/tenants` | `tenants:create` | Open a shop |" in rows
    assert "| `GET /health/live` | public |" in rows


@pytest.mark.parametrize(
    ("heading", "path"), [("## Search", "/v1/search/products"), ("## Sales", "/v1/analytics/sales")]
)
def test_every_parameter_of_a_read_model_is_there(document: dict[str, Any], heading: str, path: str) -> None:
    parameters = document["paths"][path]["get"]["parameters"]
    wanted = sorted(one["name"] for one in parameters if one["in"] == "query")

    assert sorted(first_cells(PAGE, heading)) == wanted


def test_every_status_a_problem_can_have_is_there() -> None:
    told = {status for cell in first_cells(PAGE, "## Problems") for status in cell.split(", ")}

    assert {str(status.value) for status in STATUSES.values()} <= told
