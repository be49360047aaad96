"""A guest pays the order whose claim token they have, and sees what became of it: that order and nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask

from api.http.dependencies import EXTENSION, Dependencies
from api.http.limits.counters import Counters
from api.http.limits.quotas import quotas
from api.payment_providers.simulated_provider import TestToken
from ops.settings import Settings
from tests.integration.api.shops import Shop
from tests.integration.api.test_guest_orders import claim, place

pytestmark = pytest.mark.servers


@pytest.fixture
def sku(shop: Shop) -> str:
    return str(shop.product()["variants"][0]["sku"])


@pytest.fixture
def limited(app: APIFlask, settings: Settings) -> Iterator[None]:
    """With the quotas that the settings have when nobody sets any."""
    own: Dependencies = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(own, counters=Counters(quotas(settings)), counter_key=b"p" * 32)
    yield
    app.extensions[EXTENSION] = own


def pay(shop: Shop, claim_token: str, by: str = TestToken.SUCCESS, role: str = "anonymous", **how: Any) -> Any:
    return shop.post("/v1/orders/claimed/payments", {"token": by}, role=role, Claim_Token=claim_token, **how)


def seen(shop: Shop, claim_token: str, what: str = "", **how: Any) -> Any:
    return shop.get(f"/v1/orders/claimed{what}", **{"role": "anonymous", "Claim_Token": claim_token, **how})


def steps(answer: Any) -> list[str]:
    return [one["step"] for one in answer.json["items"]]


def test_a_guest_pays_and_sees_what_became_of_it_without_the_shops_reasons(shop: Shop, sku: str) -> None:
    placed = place(shop, sku).json
    token, order_id = placed["claim_token"], placed["id"]

    declined = pay(shop, token, TestToken.DECLINE, Idempotency_Key="a")
    paid = pay(shop, token, Idempotency_Key="b")
    again = pay(shop, token, Idempotency_Key="b")
    shop.post(f"/v1/orders/{order_id}/ship", {})
    shop.post(f"/v1/orders/{order_id}/refund", {"reason": "rude", "other_minor": 1})

    assert (declined.status_code, declined.get_json(force=True)["code"]) == (402, "payment_declined")
    assert (paid.status_code, paid.json["status"], paid.json["amount_minor"]) == (201, "succeeded", 300)
    assert (paid.headers["Location"], paid.headers["Cache-Control"]) == ("/v1/orders/claimed/payments", "no-store")
    assert (again.status_code, again.json) == (201, paid.json)
    assert seen(shop, token).json["status"] == "shipped"
    tried = seen(shop, token, "/payments?limit=1")
    assert [one["status"] for one in tried.json["items"]] == ["succeeded"]
    further = seen(shop, token, f"/payments?cursor={tried.json['next_cursor']}")
    assert [one["status"] for one in further.json["items"]] == ["declined"]
    told = seen(shop, token, "/timeline")
    assert told.headers["Cache-Control"] == "no-store"
    assert steps(told) == [
        "placed",
        "payment_started",
        "payment_declined",
        "payment_started",
        "payment_succeeded",
        "confirmed",
        "paid",
        "shipped",
        "refunded",
    ]
    assert [one["reason"] for one in told.json["items"] if one["reason"]] == ["card_declined"]
    assert "rude" in shop.get(f"/v1/orders/{order_id}/timeline").text
    assert pay(shop, token).get_json(force=True)["code"] == "nothing_to_pay"


def test_whatever_is_wrong_with_a_token_there_is_nothing_to_pay_and_nothing_to_see(
    shop: Shop, sku: str, open_shop: Any
) -> None:
    token, other = place(shop, sku).json["claim_token"], open_shop()
    mistyped = token[:-1] + ("0" if token[-1] != "0" else "1")
    claimed, erased = place(shop, sku).json["claim_token"], place(shop, sku).json["claim_token"]
    claim(shop, claimed, "anna")
    started = pay(shop, token, TestToken.NEVER, Idempotency_Key="k")
    assert (started.status_code, started.json["redirect_url"] is not None) == (202, True)

    at = [(shop, one) for one in (mistyped, "", "rto_", "ü", "\t", claimed)] + [(other, token)]
    answers = [pay(*one) for one in at] + [seen(*one, what) for one in at for what in ("/payments", "/timeline")]
    shop.post("/v1/users/erase", {"person": "anna@mail.example"})
    answers += [
        pay(shop, erased),
        pay(shop, token, TestToken.NEVER, Idempotency_Key="k"),
        seen(shop, token, "/payments"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    details = {answer.get_json(force=True)["detail"] for answer in answers}
    assert details == {"There is no order of this claim token."}


def test_a_token_shows_the_payments_of_its_order_alone_and_a_key_is_of_one_token(shop: Shop, sku: str) -> None:
    mine, theirs = place(shop, sku).json["claim_token"], place(shop, sku).json["claim_token"]
    paid = pay(shop, theirs, Idempotency_Key="k").json

    with_its_key = pay(shop, mine, Idempotency_Key="k")

    assert (with_its_key.status_code, with_its_key.get_json(force=True)["code"]) == (409, "idempotency_key_reused")
    assert paid["id"] not in seen(shop, mine, "/payments").text
    assert seen(shop, mine, "/payments").json["items"] == []
    assert steps(seen(shop, mine, "/timeline")) == ["placed"]
    assert shop.get(f"/v1/payments/{paid['id']}", role="anonymous").status_code == 401


def test_of_many_who_pay_with_one_token_at_once_one_does(shop: Shop, sku: str) -> None:
    token = place(shop, sku).json["claim_token"]

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: pay(shop, token).status_code, range(50)))

    assert (statuses.count(201), set(statuses)) == (1, {201, 409})
    assert [one["status"] for one in seen(shop, token, "/payments").json["items"]] == ["succeeded"]


def test_a_storefronts_key_and_a_customer_pay_with_the_token_and_reach_nothing_without(shop: Shop, sku: str) -> None:
    key = shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json["token"]
    mine, annas = place(shop, sku).json, place(shop, sku).json
    sent = {"Authorization": f"Bearer {key}", "Claim-Token": mine["claim_token"]}

    paid = shop.client.post("/v1/orders/claimed/payments", json={"token": "test_success"}, headers=sent)
    told = shop.client.get("/v1/orders/claimed/timeline", headers=sent)
    others = [
        shop.client.get(f"/v1/orders/{mine['id']}", headers=sent),
        shop.client.get("/v1/payments", headers=sent),
        shop.client.post(f"/v1/orders/{annas['id']}/payments", json={"token": "test_success"}, headers=sent),
        shop.client.post("/v1/orders/guest", json={}, headers=sent),
    ]

    assert (paid.status_code, told.status_code) == (201, 200), paid.text
    assert {one.status_code for one in others} == {403}
    assert pay(shop, annas["claim_token"], role="customer", actor="anna").status_code == 201


@pytest.mark.usefixtures("limited")
def test_nobody_tries_cards_without_end_from_one_address(shop: Shop, sku: str) -> None:
    token = place(shop, sku).json["claim_token"]

    statuses = [pay(shop, token, TestToken.DECLINE).status_code for _ in range(21)]

    assert statuses == [402] * 20 + [429]
    assert pay(shop, token).json["violated-policies"] == ["guest-payments"]
