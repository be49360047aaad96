import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.shops import Shop, imported_order, imported_product

pytestmark = pytest.mark.servers


def send(shop: Shop, kind: str, *items: Any, **how: Any) -> list[dict[str, Any]]:
    data = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in items)
    headers = shop.headers("admin") | {"Content-Type": "application/x-ndjson"}
    answer = shop.client.post(f"/v1/imports/{kind}/lines", data=data.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def exported(shop: Shop, kind: str, query: str = "") -> list[dict[str, Any]]:
    answer = shop.get(f"/v1/{kind}/export{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def category(name: str, parent: str | None = None) -> dict[str, Any]:
    return {"external_id": name, "parent": parent, "translations": [{"locale": "en", "name": name.title()}]}


def test_a_bad_line_is_named_and_spoils_no_other(shop: Shop) -> None:
    categories = send(shop, "categories", category("bread", "food"), "", "{", category("food"))
    products = send(shop, "products", imported_product("p1", categories=["bread"]), {"external_id": "p2"})
    orders = send(shop, "orders", imported_order("o1", "p1"), imported_order("o2", "nothing"))

    assert [(one["line"], one["outcome"]) for one in categories] == [(1, "created"), (3, "refused"), (4, "created")]
    assert [(one["line"], one["outcome"]) for one in products] == [(1, "created"), (2, "refused")]
    assert [(one["line"], one["outcome"]) for one in orders] == [(1, "created"), (2, "refused")]
    assert categories[1]["problem"]["code"] == "malformed"
    assert [error["field"] for error in orders[1]["problem"]["errors"]] == ["lines.0.sku"]


def test_what_one_shop_exports_another_takes_in(open_shop: Callable[..., Shop]) -> None:
    shop, other = open_shop(), open_shop()
    parent = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Food"}]}).json
    send(shop, "categories", category("bread"))
    send(shop, "products", *(imported_product(f"p{number}", categories=["bread"]) for number in range(450)))
    shop.product(category_ids=[parent["id"]], tags=["own"], published=False)
    forms = {kind: exported(shop, kind, "?form=import") for kind in ("categories", "products")}

    taken = [send(other, kind, *forms[kind]) for kind in ("categories", "products")]

    assert [{one["outcome"] for one in answers} for answers in taken] == [{"created"}, {"created"}]
    assert [len(answers) for answers in taken] == [2, 451]
    assert {kind: exported(other, kind, "?form=import") for kind in forms} == forms


def test_an_export_has_each_thing_once_however_many_pages(shop: Shop) -> None:
    send(shop, "products", *(imported_product(f"p{number}") for number in range(405)))
    send(shop, "orders", *(imported_order(f"o{number}", "p1") for number in range(3)))

    products, orders = exported(shop, "products"), exported(shop, "orders", "?status=paid")

    assert len({one["id"] for one in products}) == len(products) == 405
    assert products[0] == shop.get(f"/v1/products/{products[0]['id']}").json
    assert [one["external_id"] for one in orders] == ["o2", "o1", "o0"]
    assert exported(shop, "orders", "?status=cancelled") == []
    assert shop.get("/v1/products/export?status=nonsense").status_code == 422
    assert shop.get("/v1/products/export", role="manager").status_code == 403
