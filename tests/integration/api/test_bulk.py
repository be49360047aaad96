"""Many commands of one call: each comes to what its single command would, whatever became of the others."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from api.use_cases.bulk.chained_changes import MOST_AT_ONCE
from tests.integration.api.outbox import left
from tests.integration.api.served import Served, serving
from tests.integration.api.shops import Shop, imported_product
from tests.support.counted_statements import counted_statements
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


def bulk(shop: Shop, kind: str, *items: Any, **how: Any) -> dict[str, Any]:
    """The report."""
    answer = shop.post(f"/v1/{kind}/bulk", {"items": list(items)}, **how)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return dict(answer.json)


def _category(shop: Shop) -> str:
    return str(shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Bread"}]}).json["id"])


def _problems(report: dict[str, Any]) -> list[tuple[int, str | None]]:
    """Of each item its status, and the code of what is wrong."""
    return [(one["status"], one.get("problem", {}).get("code")) for one in report["items"]]


def test_each_item_comes_to_what_its_single_command_would(shop: Shop, postgres: psycopg.Connection) -> None:
    draft, active, archived = (shop.product(published=shown, tags=["Rye"])["id"] for shown in (False, True, True))
    shop.post(f"/v1/products/{archived}/archive")
    foreign, category = str(uuid4()), _category(shop)

    report = bulk(
        shop,
        "products",
        {"action": "publish", "id": draft},
        {"action": "publish", "id": active},
        {"action": "publish", "id": foreign},
        {"action": "add_tags", "id": archived, "tags": ["new"]},
        {"action": "add_tags", "id": active, "tags": ["rye ", "vegan"]},
        {"action": "add_categories", "id": active, "category_ids": [category]},
        {"action": "add_categories", "id": active, "category_ids": [foreign]},
        {"action": "unpublish", "id": active, "version": 2},
        {"action": "unpublish", "id": active, "version": 4},
        {"action": "remove_tags", "id": active, "tags": ["RYE", "none"]},
        {"action": "remove_categories", "id": active, "category_ids": [category]},
        {"action": "remove_tags", "id": active, "tags": ["none"]},
        {"action": "add_tags", "id": active, "tags": [f"tag {number}" for number in range(100)]},
        {"action": "bake", "id": active},
        {"action": "archive", "id": "none"},
        "nonsense",
    )

    assert _problems(report) == [
        (200, None),
        (409, "illegal_transition"),
        (404, "not_found"),
        (409, "conflict"),
        (200, None),
        (200, None),
        (422, "invalid"),
        (412, "version_mismatch"),
        (200, None),
        (200, None),
        (200, None),
        (200, None),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
    ]
    assert (report["done"], report["refused"]) == (7, 9)
    assert [one["index"] for one in report["items"]] == list(range(16))
    assert [one["id"] for one in report["items"][:4]] == [draft, active, foreign, archived]
    wrong = {one["index"]: [each["field"] for each in one["problem"]["errors"]] for one in report["items"][12:]}
    assert wrong == {12: ["tags"], 13: ["action"], 14: ["id"], 15: [""]}
    now = shop.get(f"/v1/products/{active}").json
    assert (now["status"], now["tags"], now["category_ids"]) == ("draft", ["vegan"], [])
    assert [one["version"] for one in report["items"] if one["id"] == active and "version" in one] == [3, 4, 5, 6, 7, 7]
    told = left(postgres, shop.id, active)
    assert [(one.version, one.type.partition(".")[2]) for one in told] == [
        (1, "created"),
        (2, "published"),
        (3, "updated"),
        (4, "updated"),
        (5, "unpublished"),
        (6, "updated"),
        (7, "updated"),
    ]
    assert [one.event.changed for one in told if one.version in (3, 6)] == [("tags",), ("tags",)]
    assert shop.get(f"/v1/products/{draft}").json["status"] == "active"


def test_stock_is_counted_and_adjusted_by_sku_at_a_location_or_by_id(shop: Shop, postgres: psycopg.Connection) -> None:
    prices = [{"currency": "EUR", "amount_minor": 1}]
    shop.product(variants=[{"sku": sku, "prices": prices} for sku in ("RYE", "OAT", "NUT")])
    here, there = (
        shop.post("/v1/stock", {"sku": sku, "on_hand": 5, "low_threshold": 2}).json for sku in ("RYE", "OAT")
    )
    far = shop.post("/v1/locations", {"name": "Far"}).json["id"]

    report = bulk(
        shop,
        "stock",
        {"action": "count", "sku": "rye", "on_hand": 2},
        {"action": "adjust", "id": there["id"], "delta": 3, "reason": "came back"},
        {"action": "adjust", "sku": "OAT", "delta": -20, "reason": "gone"},
        {"action": "count", "sku": "NUT", "on_hand": 1},
        {"action": "count", "id": there["id"], "sku": "OAT", "on_hand": 1},
        {"action": "count", "id": here["id"], "on_hand": 9, "version": 1},
        {"action": "adjust", "sku": "OAT", "delta": 0, "reason": "nothing"},
    )

    assert _problems(report) == [
        (200, None),
        (200, None),
        (422, "invalid"),
        (404, "not_found"),
        (422, "invalid"),
        (412, "version_mismatch"),
        (200, None),
    ]
    assert [shop.get(f"/v1/stock/{one['id']}").json["on_hand"] for one in (here, there)] == [2, 8]
    told = [one.type.partition(".")[2] for one in left(postgres, shop.id, here["id"])]
    assert told == ["adjusted", "adjusted", "low"]
    elsewhere = {"location_id": far, "items": [{"action": "count", "sku": "RYE", "on_hand": 1}]}
    assert _problems(shop.post("/v1/stock/bulk", elsewhere).json) == [(404, "not_found")]
    nowhere = shop.post("/v1/stock/bulk", {**elsewhere, "location_id": str(uuid4())}).get_json(force=True)
    assert (nowhere["status"], nowhere["errors"][0]["field"]) == (422, "location_id")


def test_who_may_not_do_one_may_not_do_many_and_no_more_than_so_many(shop: Shop) -> None:
    one = {"action": "archive", "id": shop.product()["id"]}

    for kind in ("products", "stock"):
        for role, status in (("customer", 403), ("anonymous", 401)):
            assert shop.post(f"/v1/{kind}/bulk", {"items": [one]}, role=role).status_code == status
    for items in ([], [one] * (MOST_AT_ONCE + 1)):
        refused = shop.post("/v1/products/bulk", {"items": items}).get_json(force=True)
        assert (refused["status"], refused["errors"][0]["field"]) == (422, "items")


def test_the_same_key_gives_the_same_report_and_does_nothing_twice(shop: Shop, postgres: psycopg.Connection) -> None:
    _shelf(shop, 2)
    items = [{"action": "adjust", "sku": sku, "delta": 1, "reason": "r"} for sku in ("p0", "p1", "none")]

    first, again = (bulk(shop, "stock", *items, Idempotency_Key="k1") for _ in range(2))
    other = shop.post("/v1/stock/bulk", {"items": items[:1]}, Idempotency_Key="k1")

    assert first == again
    assert (first["done"], first["refused"], other.status_code) == (2, 1, HTTPStatus.CONFLICT)
    assert [one["on_hand"] for one in shop.get("/v1/stock").json["items"]] == [11, 11]


def test_many_take_as_many_statements_as_one_and_two_calls_at_once_do_all_of_both(shop: Shop) -> None:
    _shelf(shop, MOST_AT_ONCE)
    category = _category(shop)
    ids = [one["id"] for one in shop.get(f"/v1/products?limit={MOST_AT_ONCE}").json["items"]]

    def taken(kind: str, items: list[dict[str, Any]]) -> int:
        with counted_statements() as statements:
            assert bulk(shop, kind, *items)["refused"] == 0
        return statements()

    def placed(some: list[str], word: str) -> int:
        tags = ({"action": "add_tags", "id": id_, "tags": [word]} for id_ in some)
        places = ({"action": f"{word}_categories", "id": id_, "category_ids": [category]} for id_ in some)
        return taken("products", [*tags, *places])

    def counted(many: int, delta: int) -> int:
        reason = {"delta": delta, "reason": "r"}
        return taken("stock", [{"action": "adjust", "sku": f"p{number}", **reason} for number in range(many)])

    many, one = (min(placed(some, word) for word in ("add", "remove")) for some in (ids[1:101], ids[:1]))
    assert 0 < many <= one
    assert min(counted(MOST_AT_ONCE, one) for one in (1, 2)) <= min(counted(1, one) for one in (1, 2))

    with ThreadPoolExecutor(2) as both:
        list(both.map(counted, [MOST_AT_ONCE] * 2, [100] * 2))

    assert Counter(one["on_hand"] for one in shop.get(f"/v1/stock?limit={MOST_AT_ONCE}").json["items"]) == {
        213: MOST_AT_ONCE - 1,
        216: 1,
    }


def test_killed_in_the_middle_nothing_is_done_and_the_same_call_does_all_of_it_once(
    shop: Shop, servers: Stack, postgres: psycopg.Connection
) -> None:
    _shelf(shop, 3)
    category = _category(shop)
    ids = [one["id"] for one in shop.get("/v1/products").json["items"]]
    items = [{"action": "add_categories", "id": id_, "category_ids": [category]} for id_ in ids]
    headers = {**shop.headers("admin"), "Idempotency-Key": "once"}
    before = len(left(postgres, shop.id))

    with psycopg.connect(servers.settings.postgres_url) as other, serving(servers) as served:
        # Whoever puts a product into a category waits for this: the products are written by then.
        other.execute("SELECT FROM categories WHERE id = %s FOR UPDATE", (category,))
        with ThreadPoolExecutor(1) as sender:
            sent = sender.submit(_sent, served, items, headers)
            wait_until(lambda: _waiting(postgres), 20, "the call waits in the middle")
            served.kill()
            with pytest.raises(httpx.TransportError):
                sent.result(60)
    wait_until(lambda: not _waiting(postgres), 20, "its transaction is over")
    nothing = len(left(postgres, shop.id)) - before
    with serving(servers) as served:
        done, again = (_sent(served, items, headers) for _ in range(2))

    assert (nothing, len(left(postgres, shop.id)) - before) == (0, 3)
    assert (done.status_code, done.json()["done"], again.content) == (HTTPStatus.OK, 3, done.content)


def _sent(served: Served, items: list[dict[str, Any]], headers: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/products/bulk", json={"items": items}, headers=headers, timeout=60)


def _waiting(postgres: psycopg.Connection) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%product_categories%' LIMIT 1"
    return postgres.execute(query).fetchone() is not None


def _shelf(shop: Shop, many: int) -> None:
    """So many products with ten of each in stock."""
    names = [f"p{number}" for number in range(many)]
    shop.post("/v1/imports/products", {"items": [imported_product(name) for name in names]})
    taken = shop.post("/v1/imports/stock", {"items": [{"sku": name, "on_hand": 10} for name in names]}).json
    assert taken["created"] == many
