"""Tokens that a shop gives to programs, over the API: made, used, changed, taken away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from api.domain.token_text import TokenKind, TokenText
from api.wsgi import now
from tests.integration.api.shops import Shop
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

MAY_READ = {"permissions": ["orders:read", "orders:list"]}


def make(shop: Shop, name: str = "till", *, days: float = 30, **different: Any) -> TestResponse:
    body = {"name": name, "expires_at": (now() + timedelta(days=days)).isoformat(), **MAY_READ, **different}
    return shop.post("/v1/service-tokens", body)


def status(shop: Shop, path: str, text: str, method: str = "GET", **headers: str) -> int:
    sent = {"Authorization": f"Bearer {text}", **headers}
    return shop.client.open(path, method=method, headers=sent, json={} if method == "POST" else None).status_code


def test_a_program_does_what_its_token_says(shop: Shop) -> None:
    order = shop.order(shop.product()["variants"][0]["sku"])

    made = make(shop)

    assert made.status_code == 201, made.text
    text = made.json["token"]
    assert TokenText.read(text) is not None
    assert status(shop, f"/v1/orders/{order['id']}", text) == 200
    assert status(shop, f"/v1/orders/{order['id']}/confirm", text, "POST") == 403
    assert status(shop, "/v1/products", text) == 403
    assert status(shop, "/v1/service-tokens", text, "POST") == 403


def test_its_text_is_said_once_and_kept_nowhere(shop: Shop, postgres: psycopg.Connection) -> None:
    body = {"name": "till", "expires_at": (now() + timedelta(days=30)).isoformat(), **MAY_READ}
    made = shop.post("/v1/service-tokens", body, Idempotency_Key="k")
    text = made.json["token"]

    shown = shop.get(made.headers["Location"])
    listed = shop.get("/v1/service-tokens")

    assert (shown.json["name"], shown.json["permissions"]) == ("till", ["orders:list", "orders:read"])
    assert (shown.json["ending"], shown.json["made_by"], shown.json["revoked_at"]) == (text[-4:], "boss", None)
    assert [one["id"] for one in listed.json["items"]] == [made.json["id"]]
    secret = TokenText.read(text).secret  # type: ignore[union-attr]  # it was just made
    assert secret not in shown.text + listed.text
    for table in ("service_tokens", "idempotency_keys"):
        rows = postgres.execute(f"SELECT r::text FROM {table} AS r WHERE tenant_id = %s", (shop.id,)).fetchall()
        assert rows != []
        assert not [row for (row,) in rows if secret in row or secret.encode().hex() in row]


def test_who_asks_again_with_the_same_key_is_told_that_it_was_done(shop: Shop) -> None:
    body = {"name": "till", "expires_at": (now() + timedelta(days=1)).isoformat(), **MAY_READ}

    first = shop.post("/v1/service-tokens", body, Idempotency_Key="k")
    again = shop.post("/v1/service-tokens", body, Idempotency_Key="k")

    assert (first.status_code, again.status_code) == (201, 409)
    assert again.get_json(force=True)["code"] == "idempotency_answer_not_kept"
    assert again.headers["Location"] == first.headers["Location"]
    assert len(shop.get("/v1/service-tokens").json["items"]) == 1


def test_a_program_goes_from_one_token_to_the_next_and_is_always_let_in(shop: Shop) -> None:
    old = make(shop).json
    new = make(shop).json
    third = make(shop)

    both = [status(shop, "/v1/orders", one["token"]) for one in (old, new)]
    revoked = shop.call("DELETE", f"/v1/service-tokens/{old['id']}")

    assert (third.status_code, both) == (409, [200, 200])
    assert revoked.json["revoked_at"] is not None
    wait_until(lambda: status(shop, "/v1/orders", old["token"]) == 401, 2, "the old one is refused")
    assert status(shop, "/v1/orders", new["token"]) == 200
    assert make(shop).status_code == 201


def test_of_many_who_make_one_at_the_same_time_two_succeed(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as many:
        answers = [one.result().status_code for one in [many.submit(make, shop) for _ in range(8)]]

    assert sorted(answers) == [201] * 2 + [409] * 6


def test_what_was_revoked_stays_revoked_since_then(shop: Shop) -> None:
    made = make(shop).json
    path = f"/v1/service-tokens/{made['id']}"

    first, again = (shop.call("DELETE", path).json["revoked_at"] for _ in range(2))

    assert first == again
    assert shop.get(path).json["revoked_at"] == first
    assert len(shop.get("/v1/audit?act=service_tokens:delete").json["items"]) == 1


def test_an_expired_token_makes_room_for_another(shop: Shop, postgres: psycopg.Connection) -> None:
    for _ in range(2):
        make(shop)
    postgres.execute(
        "UPDATE service_tokens SET made_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
        " WHERE tenant_id = %s",
        (shop.id,),
    )

    assert make(shop).status_code == 201


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"permissions": ["tenants:create"]}, "permissions.0"),
        ({"permissions": ["service_tokens:create"]}, "permissions.0"),
        ({"permissions": []}, "permissions"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"kind": "search"}, "permissions"),
        ({"kind": "root"}, "kind"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_given_is_named(shop: Shop, different: dict[str, Any], field: str) -> None:
    answer = make(shop, **different)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json(force=True)["errors"]] == [field]


@pytest.mark.parametrize("role", ["manager", "customer", "anonymous"])
def test_only_who_runs_the_shop_gives_tokens(shop: Shop, role: str) -> None:
    answer = shop.post("/v1/service-tokens", {"name": "till", **MAY_READ}, role=role)

    assert answer.status_code in (401, 403)


def test_another_shops_tokens_are_not_there_and_reach_nothing_here(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    other = open_shop()
    made = make(shop).json
    order = other.order(other.product()["variants"][0]["sku"])

    assert other.get(f"/v1/service-tokens/{made['id']}").status_code == 404
    assert other.call("DELETE", f"/v1/service-tokens/{made['id']}").status_code == 404
    assert other.get("/v1/service-tokens").json["items"] == []
    assert status(shop, f"/v1/orders/{order['id']}", made["token"]) == 404
    assert status(shop, "/v1/orders", made["token"], Host=other.tenant["domains"][0]) == 403
    assert status(shop, "/v1/orders", made["token"], Host=shop.tenant["domains"][0]) == 200


def test_a_token_with_another_secret_is_nobodys(shop: Shop) -> None:
    made = TokenText.read(make(shop).json["token"])
    assert made is not None

    for forged in (TokenText.new(TokenKind.SERVICE, made.id), TokenText.new(TokenKind.SERVICE, uuid4())):
        assert status(shop, "/v1/orders", forged.text) == 401


def test_a_storefronts_key_searches_and_its_use_is_noted(shop: Shop) -> None:
    made = shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json

    assert made["token"].startswith("rtk_pub_")
    assert status(shop, "/v1/search/products", made["token"]) in (200, 503)  # 503: nothing feeds this stack's search
    for path in ("/v1/products", "/v1/orders", "/v1/categories", "/v1/analytics/sales", "/v1/service-tokens"):
        assert status(shop, path, made["token"]) == 403
    assert shop.get(f"/v1/service-tokens/{made['id']}").json["used_at"] is not None


def test_what_a_program_did_is_known_by_its_tokens_id(shop: Shop, postgres: psycopg.Connection) -> None:
    made = make(shop, "Anna's till", permissions=["categories:create"]).json
    sent = {"Authorization": f"Bearer {made['token']}"}

    done = shop.client.post("/v1/categories", json={"translations": [{"locale": "en", "name": "Dairy"}]}, headers=sent)

    assert done.status_code == 201, done.text
    (actor,) = postgres.execute("SELECT actor_id FROM outbox WHERE aggregateid = %s", (done.json["id"],)).fetchone()  # type: ignore[misc]  # it was just written
    assert actor == f"token:{made['id']}"


def test_a_registry_client_brings_it_as_a_password(shop: Shop) -> None:
    made = make(shop, permissions=["schemas:list"]).json

    answer = shop.client.get("/subjects", auth=("anybody", made["token"]))

    assert answer.status_code == 200
