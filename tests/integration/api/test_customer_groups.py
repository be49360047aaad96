"""Customer groups through the API: who is in one pays its prices wherever they are asked or paid, and nobody else."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def somebody(shop: Shop, group: str | None = None) -> str:
    """The id of a new customer, in this group."""
    body = {"email": f"{uuid4().hex}@shop.example", "name": "Anna", "role": "customer"}
    made = shop.post("/v1/users", body).json
    assert made["customer_group"] is None
    if group is not None:
        assert put_in(shop, made["id"], group).status_code == 200
    return str(made["id"])


def put_in(shop: Shop, user_id: str, group: str | None, **how: Any) -> Any:
    return shop.call("PATCH", f"/v1/users/{user_id}", {"customer_group": group}, **how)


def for_trade(shop: Shop, minor: int = 600) -> str:
    """The SKU of a product that everybody pays 1000 for, and the group `trade` less."""
    prices = [{"currency": "EUR", "amount_minor": 1000}]
    sku = str(shop.product(variants=[{"sku": uuid4().hex[:8], "prices": prices}])["variants"][0]["sku"])
    list_ = shop.post("/v1/price-lists", {"name": f"Trade {sku}", "customer_group": "trade"}).json
    done = shop.call("PATCH", f"/v1/price-lists/{list_['id']}/prices", {"items": [{"sku": sku, "amount_minor": minor}]})
    assert done.json["created"] == 1, done.text
    return sku


def test_who_is_in_a_group_pays_its_prices_wherever_they_look_until_they_are_in_it_no_more(shop: Shop) -> None:
    sku, anna = for_trade(shop), somebody(shop, "trade")
    hers: dict[str, Any] = {"role": "customer", "actor": anna}
    lines = {"lines": [{"sku": sku, "quantity": 2}]}

    def paid() -> list[int]:
        cart = shop.post("/v1/carts", lines, **hers).json
        ordered = shop.post(f"/v1/carts/{cart['id']}/checkout", {}, **hers)
        return [
            shop.get(f"/v1/prices?sku={sku}", **hers).json["amount_minor"],
            cart["lines"][0]["unit_price_minor"],
            cart["counted"]["total_minor"] // 2,
            shop.get(f"/v1/carts/{shop.post('/v1/carts', lines, **hers).json['id']}").json["counted"]["total_minor"]
            // 2,
            ordered.json["total_minor"] // 2,
            shop.post("/v1/orders", lines, **hers).json["total_minor"] // 2,
            shop.post("/v1/orders", {**lines, "customer_ref": anna}).json["total_minor"] // 2,
        ]

    before = paid()
    order = shop.post("/v1/orders", lines, **hers).json
    put_in(shop, anna, None)

    assert before == [600] * 7
    assert paid() == [1000] * 7
    edited = shop.call("PUT", f"/v1/orders/{order['id']}/lines", lines)
    assert edited.json["total_minor"] == 2000, edited.text


def test_the_shops_people_name_another_group_for_an_order_than_its_customers(shop: Shop) -> None:
    sku, anna = for_trade(shop), somebody(shop, "press")
    lines = {"lines": [{"sku": sku, "quantity": 1}]}

    order = shop.post("/v1/orders", {**lines, "customer_ref": anna, "customer_group": "trade"}).json
    edited = shop.call("PUT", f"/v1/orders/{order['id']}/lines", lines).json

    assert (order["total_minor"], edited["total_minor"]) == (600, 1000)


def test_nobody_pays_or_sees_the_prices_of_a_group_that_they_are_not_in(shop: Shop) -> None:
    sku, anna, ben = for_trade(shop), somebody(shop, "trade"), somebody(shop)
    lines = {"lines": [{"sku": sku, "quantity": 1}]}

    for actor in (ben, anna.upper(), anna.replace("-", ""), "anna", f"{{{anna}}}"):
        his: dict[str, Any] = {"role": "customer", "actor": actor}
        assert shop.get(f"/v1/prices?sku={sku}", **his).json["amount_minor"] == 1000, actor
        assert shop.post("/v1/carts", lines, **his).json["lines"][0]["unit_price_minor"] == 1000
        assert shop.get(f"/v1/prices?sku={sku}&customer_group=trade", **his).status_code == 403
        assert shop.post("/v1/orders", {**lines, "customer_group": "trade"}, **his).status_code == 422
        assert put_in(shop, ben, "trade", **his).status_code == 403
    assert shop.get(f"/v1/prices?sku={sku}", role="anonymous").json["amount_minor"] == 1000


def test_a_visitors_cart_costs_what_who_signs_in_pays_and_says_why(shop: Shop) -> None:
    sku, anna = for_trade(shop), somebody(shop, "trade")
    cart = shop.post("/v1/carts", {"lines": [{"sku": sku, "quantity": 1}]}, role="anonymous").json
    path, brought = f"/v1/carts/{cart['id']}", {"X_Cart_Token": cart["token"]}
    hers: dict[str, Any] = {"role": "customer", "actor": anna, **brought}

    as_visitor = shop.get(path, role="anonymous", **brought).json["counted"]["lines"][0]
    signed_in = shop.get(path, **hers).json["counted"]["lines"][0]
    refused = shop.post(f"{path}/checkout", {}, **hers)
    ordered = shop.post(f"{path}/checkout", {"accept_changes": True}, **hers)

    assert (as_visitor["unit_price_minor"], as_visitor["price_changed_by"]) == (1000, None)
    assert (signed_in["unit_price_minor"], signed_in["price_changed_by"]) == (600, "customer_group")
    (why,) = refused.get_json(force=True)["errors"]
    assert (refused.status_code, why["code"]) == (409, "price_changed")
    assert why["message"] == f"{sku}: it was 1000, and is 600, the price of the customer group."
    assert (ordered.json["total_minor"], ordered.json["customer_ref"]) == (600, anna)


def test_a_price_that_everybody_pays_by_now_is_no_groups(shop: Shop) -> None:
    sku, anna = for_trade(shop, 600), somebody(shop, "press")
    hers: dict[str, Any] = {"role": "customer", "actor": anna}
    cart = shop.post("/v1/carts", {"lines": [{"sku": sku, "quantity": 1}]}, **hers).json
    sale = shop.post("/v1/price-lists", {"name": "Sale"}).json
    shop.call("PATCH", f"/v1/price-lists/{sale['id']}/prices", {"items": [{"sku": sku, "amount_minor": 900}]})

    line = shop.get(f"/v1/carts/{cart['id']}", **hers).json["counted"]["lines"][0]

    assert (line["unit_price_minor"], line["price_changed"], line["price_changed_by"]) == (900, True, "shop")


def test_a_group_is_told_by_no_event_and_by_the_audit_trail_only_that_it_changed(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    anna = somebody(shop)

    done, same = put_in(shop, anna, "trade", If_Match='"1"'), put_in(shop, anna, "trade")
    renamed = shop.call("PATCH", f"/v1/users/{anna}", {"name": "Anna K."}).json
    wrong = [put_in(shop, anna, group) for group in ("Trade Partners", "", "x" * 64)]

    assert (done.json["version"], same.json["version"]) == (2, 2)
    assert (renamed["customer_group"], shop.get(f"/v1/users/{anna}").json["customer_group"]) == ("trade", "trade")
    for refused in wrong:
        assert refused.status_code == 422
        assert [one["field"] for one in refused.get_json(force=True)["errors"]] == ["customer_group"]
    told = left(postgres, shop.id, anna)
    assert [(one.type, one.version) for one in told] == [
        ("user.registered", 1),
        ("user.updated", 2),
        ("user.updated", 3),
    ]
    assert told[1].event.changed == ("customer_group",)
    assert all("trade" not in repr(one) for one in told)
    person = shop.post("/v1/users/export", {"person": anna}).json
    assert person["account"][0]["customer_group"] == "trade"
    changes = [row["detail"]["changed"] for row in shop.get("/v1/audit?act=users:update").json["items"]]
    assert sorted(changes) == ["", "customer_group", "name"]
    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute("UPDATE users SET customer_group = 'A B' WHERE tenant_id = %s", (shop.id,))
