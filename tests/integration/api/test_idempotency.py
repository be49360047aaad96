from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from api.jobs.prune_outbox import JOB, prune_keys
from api.store.idempotency_keys import MOST_BYTES
from api.wsgi import now
from ops.settings import Settings
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, product_body

pytestmark = pytest.mark.servers

LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "da", "sv", "fi", "hu", "ro", "tr", "el")


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


def test_an_answer_too_large_to_keep_is_not_kept_and_the_command_is_still_done_once(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    texts = [{"locale": locale, "title": "A", "description": "word " * 4000} for locale in LOCALES]
    body = product_body(translations=texts)

    first, second = (shop.post("/v1/products", body, Idempotency_Key="k1") for _ in range(2))

    assert (first.status_code, len(first.data) > MOST_BYTES) == (201, True)
    problem = second.get_json(force=True)
    assert (second.status_code, problem["code"]) == (409, "idempotency_answer_not_kept")
    for name in ("ETag", "Location", "Rustok-Receipt"):
        assert first.headers[name] == second.headers[name]
    assert shop.get(second.headers["Location"]).json["id"] == first.json["id"]
    assert len(left(postgres, shop.id, first.json["id"])) == 1
    (most,) = postgres.execute("SELECT max(octet_length(body)) FROM idempotency_keys").fetchone() or (0,)
    assert (most or 0) <= MOST_BYTES


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


def test_two_kinds_of_actors_of_one_name_have_keys_of_their_own(shop: Shop) -> None:
    sku = shop.product()["variants"][0]["sku"]
    body = {"lines": [{"sku": sku, "quantity": 1}]}

    by_staff = shop.post("/v1/orders", body, Idempotency_Key="k1", role="admin", actor="anna")
    by_customer = shop.post("/v1/orders", body, Idempotency_Key="k1", role="customer", actor="anna")
    again = shop.post("/v1/orders", body, Idempotency_Key="k1", role="customer", actor="anna")

    assert (by_staff.json["customer_ref"], by_customer.json["customer_ref"]) == (None, "anna")
    assert again.data == by_customer.data


def test_a_key_that_was_taken_before_keys_had_roles_still_counts(shop: Shop, postgres: psycopg.Connection) -> None:
    body = product_body()
    first = shop.post("/v1/products", body, Idempotency_Key="k1")
    postgres.execute("UPDATE idempotency_keys SET role = '' WHERE tenant_id = %s", (shop.id,))

    assert shop.post("/v1/products", body, Idempotency_Key="k1").data == first.data
    assert shop.post("/v1/products", product_body(), Idempotency_Key="k1").status_code == 409


def test_old_keys_go_in_small_parts_and_young_ones_stay(
    shop: Shop, postgres: psycopg.Connection, settings: Settings
) -> None:
    body = product_body()
    young = shop.post("/v1/products", body, Idempotency_Key="young")
    for number in range(7):
        shop.post("/v1/products", product_body(), Idempotency_Key=f"old-{number}")
    postgres.execute(
        "UPDATE idempotency_keys SET made_at = now() - interval '25 hours' WHERE tenant_id = %s AND key LIKE 'old-%%'",
        (shop.id,),
    )

    removed = prune_keys(postgres, now() - timedelta(hours=settings.idempotency_keep_h), batch=2)

    assert removed >= 7
    kept = postgres.execute("SELECT key FROM idempotency_keys WHERE tenant_id = %s", (shop.id,)).fetchall()
    assert kept == [("young",)]
    assert shop.post("/v1/products", body, Idempotency_Key="young").data == young.data


def test_the_upkeep_removes_old_keys(shop: Shop, postgres: psycopg.Connection, settings: Settings) -> None:
    shop.post("/v1/products", product_body(), Idempotency_Key="old")
    postgres.execute(
        "UPDATE idempotency_keys SET made_at = now() - interval '25 hours' WHERE tenant_id = %s", (shop.id,)
    )

    JOB.turn(settings.model_copy(update={"outbox_keep_h": 0}))

    assert postgres.execute("SELECT key FROM idempotency_keys WHERE tenant_id = %s", (shop.id,)).fetchall() == []


def test_old_keys_are_found_by_an_index(postgres: psycopg.Connection) -> None:
    with postgres.transaction():
        postgres.execute("SET LOCAL enable_seqscan = off")
        plan = postgres.execute(
            "EXPLAIN SELECT ctid FROM idempotency_keys WHERE made_at < now() ORDER BY made_at LIMIT 5000"
        ).fetchall()

    assert "idempotency_keys_made_at" in str(plan)


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
