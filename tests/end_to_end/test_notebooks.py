"""The notebooks run as they are committed, and say what the API says."""

import ast
from typing import Any
from uuid import uuid4

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

from ops.home import project_root
from tests.support.stack import Stack

NOTEBOOKS = sorted((project_root() / "notebooks").glob("*.ipynb"))
WHAT_WAS_SOLD = project_root() / "notebooks" / "01-what-was-sold.ipynb"


class Shop:
    """A shop of the test's own, over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self.slug = f"notebook-{uuid4().hex[:12]}"
        self._http = httpx.Client(base_url=stack.settings.api_url, timeout=60)
        self._use(stack.rustok("api", "token", "--role", "super_admin").stdout)
        self.id = self.post("/v1/tenants", slug=self.slug, name="Notebook")["id"]
        self._use(stack.rustok("api", "token", "--tenant", self.slug).stdout)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._answer(self._http.post(path, json=body))

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        return self._answer(self._http.get(path, params=parameters))

    def paid_order(self, sku: str, quantity: int, correlation_id: str) -> str:
        """The receipt of its payment."""
        self._http.headers["X-Correlation-Id"] = correlation_id
        order = self.post("/v1/orders", lines=[{"sku": sku, "quantity": quantity}])["id"]
        self.post(f"/v1/orders/{order}/confirm")
        return str(self.post(f"/v1/orders/{order}/pay", payment_id="p-1")["receipt"])

    def product(self, amount_minor: int) -> str:
        """The SKU of a published one."""
        sku = f"SKU-{uuid4().hex[:8]}"
        variant = {"sku": sku, "prices": [{"currency": "EUR", "amount_minor": amount_minor}]}
        made = self.post("/v1/products", translations=[{"locale": "en", "title": "Blue cheese"}], variants=[variant])
        self.post(f"/v1/products/{made['id']}/publish")
        return sku

    def _use(self, token: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {token.strip()}"

    def _answer(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        return dict(answer.json())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_committed_without_what_it_said(path: Any) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]

    assert [cell.id for cell in cells if cell.outputs or cell.execution_count] == []


@pytest.mark.chain
def test_the_total_in_the_notebook_is_the_total_of_the_api(stack: Stack) -> None:
    shop = Shop(stack)
    correlation_id = f"order-of-{shop.slug}"
    receipt = shop.paid_order(shop.product(amount_minor=450), quantity=3, correlation_id=correlation_id)
    told = shop.get("/v1/analytics/sales", after=receipt, wait="30")

    said = executed(stack, tenant_id=shop.id, correlation_id=correlation_id)

    assert ast.literal_eval(said["total"]) == {row["currency"]: row["revenue_minor"] for row in told["totals"]}
    assert ast.literal_eval(said["total"]) == {"EUR": 1350}
    assert "Blue cheese" in said["top"]
    assert "paid" in said["follow"]
    assert "as of" in said["fresh"]


def executed(stack: Stack, **parameters: str) -> dict[str, str]:
    """What each cell of the notebook said, with these parameters in place of its own."""
    notebook = nbformat.read(WHAT_WAS_SOLD, as_version=4)
    at = next(at for at, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(given))
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(WHAT_WAS_SOLD.parent)}}
    )
    client.execute(env=stack.environment)
    return {cell.id: "".join(map(_text, cell.get("outputs", ()))) for cell in notebook.cells}


def _text(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
