"""Webhooks over the API: made, changed, their secrets rotated, pinged, removed; each shop has its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from api.domain.webhooks import MOST
from api.jobs import prune_webhooks
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

URL = "https://receiver.example/hook"


def make(shop: Shop, event_types: list[str] | None = None, **more: Any) -> TestResponse:
    body = {"url": URL, "event_types": event_types or ["order.*"], **more}
    return shop.post("/v1/webhooks", {name: value for name, value in body.items() if name[0].islower()})


def made(shop: Shop, **more: Any) -> Any:
    answer = make(shop, **more)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_secret_is_said_once_and_kept_sealed(shop: Shop, postgres: psycopg.Connection) -> None:
    answer = shop.post("/v1/webhooks", {"url": URL, "event_types": ["order.*"]}, Idempotency_Key="k")
    webhook = answer.json

    again = shop.post("/v1/webhooks", {"url": URL, "event_types": ["order.*"]}, Idempotency_Key="k")
    shown = shop.get(answer.headers["Location"])
    listed = shop.get("/v1/webhooks")

    assert webhook["secret"].startswith("whsec_")
    assert again.status_code == 409
    assert (shown.json["url"], shown.json["event_types"], shown.json["active"]) == (URL, ["order.*"], True)
    assert [one["id"] for one in listed.json["items"]] == [webhook["id"]]
    assert webhook["secret"] not in shown.text + listed.text
    for table in ("webhooks", "idempotency_keys", "audit"):
        for (row,) in postgres.execute(f"SELECT r::text FROM {table} r WHERE tenant_id = %s", (shop.id,)):
            assert webhook["secret"] not in row
            assert webhook["secret"].encode().hex() not in row


def test_two_secrets_are_good_for_a_while_after_one_is_rotated(shop: Shop) -> None:
    webhook = made(shop)

    rotated = shop.post(f"/v1/webhooks/{webhook['id']}/rotate-secret")

    assert rotated.status_code == 200, rotated.text
    assert rotated.json["secret"] != webhook["secret"]
    until = datetime.fromisoformat(rotated.json["old_secret_until"]) - datetime.now(UTC)
    assert timedelta(hours=23) < until <= timedelta(hours=24)
    assert rotated.json["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://receiver.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "url"),
        ({"url": "https://user:password@receiver.example/"}, "url"),
        ({"url": "https://receiver.example/" + "x" * 2000}, "url"),
        ({"event_types": ["order.paid", "order.eaten"]}, "event_types.1"),
        ({"event_types": ["dead_letter.*"]}, "event_types.0"),
        ({"event_types": []}, "event_types"),
        ({"event_types": ["order.*"] * 101}, "event_types"),
        ({"description": "x" * 301}, "description"),
        ({"active": "yes"}, "active"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    webhook = made(shop)

    new = shop.post("/v1/webhooks", {"url": URL, "event_types": ["order.*"], **wrong})
    change = shop.call("PATCH", f"/v1/webhooks/{webhook['id']}", wrong)

    for answer in (new, change):
        assert answer.status_code == 422, answer.text
        assert field in [error["field"] for error in answer.get_json(force=True)["errors"]]
    assert shop.get(f"/v1/webhooks/{webhook['id']}").json["version"] == 1


def test_one_is_changed_switched_off_and_on_and_removed(shop: Shop) -> None:
    path = f"/v1/webhooks/{made(shop)['id']}"

    off = shop.call("PATCH", path, {"active": False, "description": "till"}, If_Match='"1"')
    stale = shop.call("PATCH", path, {"active": True}, If_Match='"1"')
    same = shop.call("PATCH", path, {"active": False})
    on = shop.call("PATCH", path, {"active": True, "event_types": ["product.updated", "*", "*"]})
    gone = shop.call("DELETE", path)

    assert (off.json["active"], off.json["off_reason"], off.json["description"]) == (False, "asked", "till")
    assert stale.status_code == 412
    assert same.json["version"] == 2
    assert (on.json["active"], on.json["off_at"], on.json["event_types"]) == (True, None, ["product.updated", "*"])
    assert (gone.status_code, shop.get(path).status_code) == (204, 404)


def test_of_many_at_once_a_shop_gets_as_many_as_it_may_have(shop: Shop, postgres: psycopg.Connection) -> None:
    webhook = made(shop)
    postgres.execute(
        "INSERT INTO webhooks (tenant_id, id, version, url, description, event_types, active, secret, made_by, made_at)"
        " SELECT tenant_id, gen_random_uuid(), 1, url, '', event_types, true, secret, made_by, made_at"
        " FROM webhooks, generate_series(2, %s) WHERE id = %s",
        (MOST - 10, webhook["id"]),
    )

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: make(shop).status_code, range(15)))

    assert sorted(answers) == [201] * 10 + [409] * 5
    assert len(shop.get("/v1/webhooks?limit=200").json["items"]) == MOST


def test_another_shops_are_not_there(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    theirs, path = open_shop(), f"/v1/webhooks/{made(shop)['id']}"

    for method, below, body in (
        ("GET", "", None), ("PATCH", "", {"active": False}), ("DELETE", "", None), ("POST", "/ping", {}),
        ("POST", "/rotate-secret", {}), ("GET", "/deliveries", None),
    ):  # fmt: skip
        assert theirs.call(method, path + below, body).status_code == 404
    assert theirs.get("/v1/webhooks").json["items"] == []
    assert shop.get(path).json["version"] == 1


def test_nobody_subscribes_to_what_they_may_not_read(shop: Shop) -> None:
    token = shop.post(
        "/v1/service-tokens",
        {
            "name": "till",
            "permissions": ["webhooks:create", "products:read"],
            "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        },
    ).json["token"]

    def subscribed(pattern: str) -> int:
        sent = {"Authorization": f"Bearer {token}"}
        body = {"url": URL, "event_types": [pattern]}
        return shop.client.post("/v1/webhooks", json=body, headers=sent).status_code

    assert [subscribed(one) for one in ("product.*", "order.paid", "*")] == [201, 422, 422]


def test_a_ping_waits_to_be_delivered_also_by_one_that_is_off(shop: Shop) -> None:
    webhook = made(shop, active=False)

    ping = shop.post(f"/v1/webhooks/{webhook['id']}/ping")
    listed = shop.get(f"/v1/webhooks/{webhook['id']}/deliveries?state=waiting")

    assert ping.status_code == 202, ping.text
    assert (ping.json["event_type"], ping.json["state"], ping.json["attempts"]) == ("webhook.ping", "waiting", 0)
    assert listed.json["items"] == [ping.json]
    assert shop.get(f"/v1/webhooks/{webhook['id']}/deliveries?state=dead").json["items"] == []


def test_deliveries_are_listed_page_by_page_the_newest_first(shop: Shop) -> None:
    path = f"/v1/webhooks/{made(shop)['id']}"
    pinged = [shop.post(f"{path}/ping").json["id"] for _ in range(5)]

    seen, cursor = [], ""
    while True:
        page = shop.get(f"{path}/deliveries?limit=2{cursor}").json
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == pinged[::-1]


def test_what_is_old_goes_and_what_waits_stays(shop: Shop, postgres: psycopg.Connection) -> None:
    active, off = made(shop), made(shop, active=False)
    for webhook in (active, off):
        shop.post(f"/v1/webhooks/{webhook['id']}/ping")
    done = shop.post(f"/v1/webhooks/{active['id']}/ping").json["id"]
    postgres.execute(
        "UPDATE webhook_deliveries SET state = 'delivered', next_try_at = NULL WHERE tenant_id = %s AND id = %s",
        (shop.id, done),
    )
    postgres.execute("UPDATE webhook_deliveries SET made_at = '2020-01-01' WHERE tenant_id = %s", (shop.id,))
    postgres.execute("UPDATE webhook_events SET taken_at = '2020-01-01' WHERE tenant_id = %s", (shop.id,))

    prune_webhooks.prune(postgres, datetime(2020, 1, 2, tzinfo=UTC), batch=1)

    left = postgres.execute(
        "SELECT webhook_id::text, (SELECT count(*) FROM webhook_events e WHERE e.tenant_id = d.tenant_id)"
        " FROM webhook_deliveries d WHERE tenant_id = %s",
        (shop.id,),
    ).fetchall()
    assert left == [(active["id"], 1)]


def test_what_is_on_its_way_about_somebody_who_is_erased_is_not_sent(shop: Shop, postgres: psycopg.Connection) -> None:
    who = f"customer-{uuid4().hex}"
    webhook = made(shop)
    shop.order(shop.product()["variants"][0]["sku"], customer_ref=who)
    shop.post(f"/v1/webhooks/{webhook['id']}/ping")
    postgres.execute(
        "UPDATE webhook_events SET body = convert_to(%s, 'UTF8') WHERE tenant_id = %s", (f'{{"of": "{who}"}}', shop.id)
    )

    erased = shop.post("/v1/users/erase", {"person": who})

    assert erased.status_code == 200, erased.text
    assert shop.get(f"/v1/webhooks/{webhook['id']}/deliveries").json["items"] == []
