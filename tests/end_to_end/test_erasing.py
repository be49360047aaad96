"""Who is erased is gone from what people read, and from the newest record of everything; what the books need stays."""

from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.domain.permissions import Role
from ops.demo.shop_client import Shop
from sinks.analytics import event_archive, sales_facts
from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.search import page_documents, product_documents
from streams import scan_newest_events
from tests.support.shops import open_shop, put_on_sale, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH, SALES = "/v1/search/products", "/v1/analytics/sales"
DEADLINE_S = 60
NAME, TITLE, SKU, PERSON = "Carlas Corner", "Unmistakable tomatoes", "UNMISTAKABLE-1", "carla@mail.example"
WORDS = (NAME, TITLE, SKU, PERSON)
LONG_ENOUGH = timedelta(minutes=2)


def filled_shop(stack: Stack) -> tuple[Shop, UUID]:
    shop = open_shop(stack, name=NAME)
    category = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": f"{TITLE} and more"}]})
    put_on_sale(shop, TITLE, sku=SKU, category_ids=[category["id"]])
    page = shop.post("/v1/pages", {"translations": [{"locale": "en", "title": TITLE, "body": NAME}]})
    shown = shop.post(f"/v1/pages/{page['id']}/publish", {})
    shop.get("/v1/search/pages", after=[shown["receipt"]], wait=20)
    return shop, UUID(shop.get("/v1/shop")["id"])


def pay_as(shop: Shop, customer: str) -> Any:
    placed = shop.post("/v1/orders", {"customer_ref": customer, "lines": [{"sku": SKU, "quantity": 2}]})
    shop.post(f"/v1/orders/{placed['id']}/confirm", {})
    return shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": f"payment-{placed['id']}"})


def held(stack: Stack, model: ReadModel, collection: str, tenant_id: UUID) -> dict[str, Any]:
    """What a read model shows of a shop, by id."""
    with closing(model.published(stack.settings)) as reader:
        found = list(reader.documents(collection, tenant_id, None))
    return {str(one.aggregate_id): one.document for one in found if one.document is not None}


def all_held(stack: Stack, tenant_id: UUID) -> dict[str, set[str]]:
    models = (product_documents.MODEL, page_documents.MODEL, sales_facts.MODEL)
    named = [(model, projection.collection) for model in models for projection in model.projections]
    return {f"{model.name} {of}": set(held(stack, model, of, tenant_id)) for model, of in named}


def newest_records(stack: Stack, tenant_id: UUID) -> dict[str, list[bytes]]:
    """Of everything that a shop had, by what it is, as compaction leaves them in Kafka."""
    brokers = stack.settings.kafka
    mine = [one for one in scan_newest_events.newest(brokers) if one.tenant_id == tenant_id]
    found: dict[str, list[bytes]] = {one.aggregate: [] for one in mine}
    for one, value in scan_newest_events.values(brokers, mine):
        found[one.aggregate].append(value)
    return found


def archived(stack: Stack, tenant_id: UUID) -> tuple[set[str], str]:
    """What the archive has of a shop: the types of its events, and all that they say."""
    live = snapshots.live_folder(stack.settings.analytics_dir, event_archive.MODEL.name)
    snapshot = snapshots.current(live.resolve())
    assert snapshot is not None
    with closing(snapshots.opened(snapshot)) as connection:
        found = connection.execute(
            "SELECT type, body, newest FROM kept_events WHERE tenant_id = ?", [tenant_id]
        ).fetchall()
    return {kind for kind, *_ in found}, str(found)


def telling(records: dict[str, list[bytes]], *words: str) -> set[str]:
    """What has a record with one of these words."""
    return {
        name for name, values in records.items() for value in values if any(word.encode() in value for word in words)
    }


def ask_to_erase(stack: Stack, shop: Shop, tenant_id: UUID) -> None:
    """Longer ago than it was: the minute in which every worker hears of it is over."""
    headers = {"Authorization": f"Bearer {token(stack, role=Role.SUPER_ADMIN)}", "X-Reason": "contract ended"}
    path = f"{stack.settings.api_url}/v1/tenants/{tenant_id}/erase"
    httpx.post(path, json={"slug": shop.slug}, headers=headers, timeout=30).raise_for_status()
    with psycopg.connect(stack.settings.postgres_url) as postgres:
        postgres.execute(
            "UPDATE tenants SET erasing_since = erasing_since - %s WHERE id = %s", (LONG_ENOUGH, tenant_id)
        )


def test_who_is_erased_is_gone_from_what_people_read_and_what_the_books_need_stays(stack: Stack) -> None:
    shop, tenant_id = filled_shop(stack)
    other, others_id = filled_shop(stack)
    mine, anothers, elsewhere = pay_as(shop, PERSON), pay_as(shop, "household-8"), pay_as(other, PERSON)
    other.get(SALES, after=elsewhere["receipt"], wait=20)
    sold = shop.get(SALES, after=[mine["receipt"], anothers["receipt"]], wait=20)["rows"]
    for one in (shop, other):
        wait_until(lambda one=one: found_in(one) == 1, DEADLINE_S, "the product is found")
    told, others = telling(newest_records(stack, tenant_id), *WORDS), all_held(stack, others_id)

    erased = shop.post("/v1/users/erase", {"person": PERSON})

    made_up = shop.get(f"/v1/orders/{mine['id']}")["customer_ref"]
    named = wait_until(
        lambda: (found := customers(stack, tenant_id)) and PERSON not in found.values() and found,
        DEADLINE_S,
        "analytics shows the made-up name",
    )
    assert erased == {"account": False, "orders": 1}
    assert made_up.startswith("erased:")
    assert named == {mine["id"]: made_up, anothers["id"]: "household-8"}
    assert [row["orders"] for row in sold] == [2]
    assert shop.get(SALES)["rows"] == sold
    assert found_in(shop) == 1
    assert telling(newest_records(stack, tenant_id), PERSON) == set()
    assert customers(stack, others_id) == {elsewhere["id"]: PERSON}
    wait_until(lambda: "order.anonymised" in archived(stack, tenant_id)[0], DEADLINE_S, "the archive has heard of it")
    assert PERSON not in archived(stack, tenant_id)[1]
    assert PERSON in archived(stack, others_id)[1]

    ask_to_erase(stack, shop, tenant_id)

    wait_until(lambda: not any(all_held(stack, tenant_id).values()), DEADLINE_S, "no read model holds anything of it")
    records = newest_records(stack, tenant_id)
    assert told == {"tenant", "category", "product", "page", "order"}
    assert records.keys() >= told
    assert telling(records, *WORDS, "household-8", made_up) == set()
    assert telling(records, shop.slug) == {"tenant"}
    wait_until(lambda: archived(stack, tenant_id)[0] == {"tenant.deleted"}, DEADLINE_S, "nothing of it is archived")
    assert archived(stack, others_id)[0] >= {"product.created", "order.paid"}
    counts = {name: len(ids) for name, ids in others.items()}
    assert counts == {
        "product-search products": 1,
        "product-search categories": 1,
        "page-search pages": 1,
        "sales orders": 1,
        "sales shops": 1,
        "sales products": 1,
        "sales categories": 1,
    }
    assert all_held(stack, others_id) == others


def customers(stack: Stack, tenant_id: UUID) -> dict[str, str]:
    orders = held(stack, sales_facts.MODEL, "orders", tenant_id)
    return {id_: str(document["customer_ref"]) for id_, document in orders.items()}


def found_in(shop: Shop) -> int:
    return int(shop.get(SEARCH, q="unmistakable")["total"])
