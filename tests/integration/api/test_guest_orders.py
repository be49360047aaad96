"""A guest orders without an account, looks at the order with its token, and takes it into an account later."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask

from api.http.dependencies import EXTENSION, Dependencies
from api.http.limits.counters import Counters
from api.http.limits.quotas import quotas
from ops.settings import Settings
from schemas.events.order import OrderClaimed
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

ANNA = {"name": "Anna Köhler", "email": "anna@mail.example"}


@pytest.fixture
def sku(shop: Shop) -> str:
    return str(shop.product()["variants"][0]["sku"])


@pytest.fixture
def limited(app: APIFlask, settings: Settings) -> Iterator[None]:
    """With the quotas that the settings have when nobody sets any."""
    own: Dependencies = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(own, counters=Counters(quotas(settings)), counter_key=b"k" * 32)
    yield
    app.extensions[EXTENSION] = own


def place(shop: Shop, sku: str, role: str = "anonymous", **how: Any) -> Any:
    body = {"lines": [{"sku": sku, "quantity": 2}], "contact": ANNA}
    return shop.post("/v1/orders/guest", body, role=role, **how)


def read(shop: Shop, token: str, role: str = "anonymous", **how: Any) -> Any:
    return shop.get("/v1/orders/claimed", role=role, Claim_Token=token, **how)


def claim(shop: Shop, token: str, actor: str, **how: Any) -> Any:
    return shop.post("/v1/orders/claim", {"claim_token": token}, role="customer", actor=actor, **how)


def test_a_guest_orders_looks_at_it_and_takes_it_into_an_account_once(
    shop: Shop, sku: str, postgres: psycopg.Connection
) -> None:
    shop.post("/v1/stock", {"sku": sku, "on_hand": 10})
    placed = place(shop, sku)
    token = placed.json["claim_token"]

    seen = read(shop, token)
    by_staff = shop.get(f"/v1/orders/{placed.json['id']}/contacts")
    claimed = claim(shop, token, "anna")
    again = claim(shop, token, "anna")
    own = shop.get("/v1/orders", role="customer", actor="anna").json["items"]

    assert (placed.status_code, placed.json["customer_ref"], placed.json["total_minor"]) == (201, None, 300)
    assert (seen.status_code, seen.json["id"], seen.headers["Cache-Control"]) == (200, placed.json["id"], "no-store")
    assert "claim_token" not in seen.json
    assert by_staff.json["contact"] == {**ANNA, "phone": None}
    assert (claimed.status_code, claimed.json["customer_ref"], claimed.json["version"]) == (200, "anna", 2)
    assert [one["id"] for one in own] == [placed.json["id"]]
    assert (again.status_code, read(shop, token).status_code) == (404, 404)
    told = left(postgres, shop.id, placed.json["id"])
    assert [(one.type, one.version) for one in told] == [("order.placed", 1), ("order.claimed", 2)]
    assert isinstance(told[-1].event, OrderClaimed)
    assert told[-1].event.order.customer_ref == "anna"
    assert shop.post(f"/v1/orders/{placed.json['id']}/confirm").json["customer_ref"] == "anna"


def test_of_the_token_nothing_but_a_hash_is_kept(shop: Shop, sku: str, postgres: psycopg.Connection) -> None:
    token = place(shop, sku, Idempotency_Key="once").json["claim_token"]

    secret = token[len("rto_") + 33 : -6]
    for table in ("order_claims", "outbox", "idempotency_keys", "audit"):
        for (row,) in postgres.execute(f"SELECT t::text FROM {table} t WHERE tenant_id::text = %s", (str(shop.id),)):
            assert secret not in row
            assert secret.encode().hex() not in row


def test_who_did_not_get_the_answer_asks_again_and_gets_another_token(shop: Shop, sku: str) -> None:
    first = place(shop, sku, Idempotency_Key="cart-7")
    again = place(shop, sku, Idempotency_Key="cart-7")
    another = shop.post("/v1/orders/guest", {"lines": []}, role="anonymous", Idempotency_Key="cart-7")

    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert read(shop, again.json["claim_token"]).json["id"] == first.json["id"]
    assert read(shop, first.json["claim_token"]).status_code == 404
    assert another.status_code in (409, 422)
    claim(shop, again.json["claim_token"], "anna")
    late = place(shop, sku, Idempotency_Key="cart-7")
    assert (late.status_code, late.get_json(force=True)["code"]) == (409, "idempotency_answer_not_kept")
    assert len(shop.get("/v1/orders").json["items"]) == 1


def test_a_token_is_good_at_its_shop_only_and_a_wrong_one_shows_nothing(shop: Shop, sku: str, open_shop: Any) -> None:
    token = place(shop, sku).json["claim_token"]
    other = open_shop()
    wrong = [token[:-1] + ("0" if token[-1] != "0" else "1"), "", "rto_", "ü", token.replace("rto_", "rtk_"), "\t"]

    answers = [read(shop, one) for one in wrong] + [read(other, token), claim(other, token, "eve")]

    assert {answer.status_code for answer in answers} == {404}
    details = {answer.get_json(force=True)["detail"] for answer in answers}
    assert details == {"There is no order of this claim token."}


def test_of_many_who_have_the_token_one_gets_the_order(shop: Shop, sku: str, postgres: psycopg.Connection) -> None:
    placed = place(shop, sku).json

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: claim(shop, placed["claim_token"], f"c{n}"), range(50)))

    assert sorted({answer.status_code for answer in answers}) == [200, 404]
    (winner,) = [answer.json["customer_ref"] for answer in answers if answer.status_code == 200]
    assert shop.get(f"/v1/orders/{placed['id']}").json["customer_ref"] == winner
    assert [one.type for one in left(postgres, shop.id, placed["id"])].count("order.claimed") == 1


def test_what_a_guest_must_not_say_is_refused(shop: Shop, sku: str) -> None:
    draft = shop.product(published=False)["variants"][0]["sku"]
    lines = [{"sku": sku, "quantity": 1}]
    bodies = (
        {"lines": lines},
        {"lines": lines, "contact": {"name": "Anna"}},
        {"lines": lines, "contact": ANNA, "customer_ref": "berta"},
        {"lines": lines, "contact": ANNA, "external_id": "o1"},
        {"lines": [{"sku": draft, "quantity": 1}], "contact": ANNA},
    )

    answers = [shop.post("/v1/orders/guest", body, role="anonymous") for body in bodies]

    assert {answer.status_code for answer in answers} == {422}
    assert [answer.get_json(force=True)["errors"][0]["field"] for answer in answers] == [
        "contact",
        "contact.email",
        "customer_ref",
        "external_id",
        "lines.0.sku",
    ]
    assert shop.get("/v1/orders").json["items"] == []


@pytest.mark.usefixtures("limited")
def test_nobody_orders_without_end_from_one_address(shop: Shop, sku: str) -> None:
    statuses = [place(shop, sku).status_code for _ in range(21)]

    last = place(shop, sku)
    assert statuses == [201] * 20 + [429]
    assert last.json["violated-policies"] == ["guest-orders"]
    assert 0 < int(last.headers["Retry-After"]) <= 600
    assert shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]}).status_code == 201
    assert len(shop.get("/v1/orders").json["items"]) == 21


def test_the_database_keeps_that_only_nobodys_orders_are_claimed(
    shop: Shop, sku: str, postgres: psycopg.Connection
) -> None:
    guests, annas = place(shop, sku).json, shop.order(sku, customer_ref="anna")
    put = "INSERT INTO order_claims (tenant_id, order_id, hash, made_at) VALUES (%s, %s, %s, now())"

    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(put, (shop.id, annas["id"], b"h" * 32))
    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute("UPDATE order_claims SET hash = 'short' WHERE order_id = %s", (guests["id"],))


def test_who_is_erased_has_no_token_any_more(shop: Shop, sku: str) -> None:
    placed = place(shop, sku).json

    erased = shop.post("/v1/users/erase", {"person": "anna@mail.example"}).json

    assert erased == {"account": False, "orders": 1}
    assert read(shop, placed["claim_token"]).status_code == 404
    assert shop.get(f"/v1/orders/{placed['id']}").json["total_minor"] == 300
