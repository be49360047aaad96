"""The page of the HTTP API names every call, parameter and status there is, and no other."""

from typing import Any, Final

import pytest

from api.app import create_app
from api.http.problems import STATUSES
from api.wsgi import unconnected
from tests.docs.pages import ROOT, first_cells

PAGE: Final = ROOT / "docs" / "http-api.md"
METHODS: Final = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(create_app(unconnected()).spec)


def test_every_call_is_there_with_its_permission(document: dict[str, Any]) -> None:
    wanted = {
        f"| `{method.upper()} {path}` | {permission_of(paths[method])} |"
        for path, paths in document["paths"].items()
        for method in METHODS
        if method in paths
    }
    page = PAGE.read_text()

    assert sorted(call for call in wanted if call not in page) == []
    assert len(first_cells(PAGE, "## Calls")) == len(wanted)


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


def permission_of(operation: dict[str, Any]) -> str:
    permission = operation.get("x-permission")
    return f"`{permission}`" if permission else "public"
