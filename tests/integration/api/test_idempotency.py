from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, product_body

pytestmark = pytest.mark.servers


def test_the_same_command_again_is_answered_again_and_done_once(shop: Shop, postgres: psycopg.Connection) -> None:
    body = product_body()

    first, second = (shop.post("/v1/products", body, Idempotency_Key="k1") for _ in range(2))

    assert (first.status_code, first.data) == (second.status_code, second.data)
    for name in ("ETag", "Location", "Rustok-Receipt"):
        assert first.headers[name] == second.headers[name]
    assert len(left(postgres, shop.id, first.json["id"])) == 1


def test_another_command_with_the_same_key_is_a_conflict(shop: Shop) -> None:
    shop.post("/v1/products", product_body(), Idempotency_Key="k1")

    answer = shop.post("/v1/products", product_body(), Idempotency_Key="k1")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "idempotency_key_reused")


def test_a_refused_command_leaves_its_key_free(shop: Shop) -> None:
    order = {"lines": [{"sku": "LATER", "quantity": 1}]}
    refused = shop.post("/v1/orders", order, Idempotency_Key="k1")
    price = {"currency": "EUR", "amount_minor": 1}
    shop.product(variants=[{"sku": "LATER", "prices": [price]}])

    placed = shop.post("/v1/orders", order, Idempotency_Key="k1")

    assert (refused.status_code, placed.status_code) == (422, 201)


def test_keys_of_different_actors_are_different_keys(shop: Shop) -> None:
    body = product_body()
    shop.post("/v1/products", body, Idempotency_Key="k1", actor="anna")

    answer = shop.post("/v1/products", product_body(), Idempotency_Key="k1", actor="bert")

    assert answer.status_code == 201


def test_the_same_command_many_times_at_once_is_done_once(shop: Shop, postgres: psycopg.Connection) -> None:
    body = product_body()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: shop.post("/v1/products", body, Idempotency_Key="k1").data, range(16)))

    assert len(set(answers)) == 1
    assert [one.type for one in left(postgres, shop.id)].count("product.created") == 1


@pytest.mark.parametrize("key", ["", "with space", "k" * 256])
def test_an_unusable_key_is_refused_by_name(shop: Shop, key: str) -> None:
    answer = shop.post("/v1/products", product_body(), Idempotency_Key=key)

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (422, "Idempotency-Key")
