"""Webhooks through the whole chain: from a command to a receiver that checks them; killed, given up, replayed."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ops.webhook_signature import signed_headers
from tests.support.instances import another
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.stack import Stack
from tests.support.waiting import wait_until
from tests.support.webhook_receiver import Receiver, receiving, status

pytestmark = pytest.mark.chain

SOON_S = 45.0
QUICK = {
    "RUSTOK_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
    "RUSTOK_WEBHOOK_FIRST_RETRY_S": "0.2",
    "RUSTOK_WEBHOOK_LONGEST_RETRY_S": "0.5",
    "RUSTOK_WEBHOOK_ANSWER_S": "2",
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def subscribe(stack: Stack, shop: Any, receiver: Receiver) -> dict[str, Any]:
    """As a shop does, but for where it leads: the API lets nobody name an address of this machine."""
    made = dict(shop.post("/v1/webhooks", {"url": "https://receiver.example/", "event_types": ["order.*"]}))
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as postgres:
        postgres.execute("UPDATE webhooks SET url = %s WHERE id = %s", (receiver.url, made["id"]))
    return made


def deliveries(shop: Any, webhook: dict[str, Any]) -> list[tuple[str, str]]:
    found = shop.get(f"/v1/webhooks/{webhook['id']}/deliveries", limit=200)["items"]
    return [(one["event_type"], one["state"]) for one in found]


def test_an_order_is_told_in_order_signed_and_once_more_when_somebody_is_killed(
    stack: Stack, receiver: Receiver, tmp_path: Path
) -> None:
    shop, other = open_shop(stack), open_shop(stack)
    put_on_sale(shop, "Tomatoes")
    put_on_sale(other, "Tomatoes")
    webhook = subscribe(stack, shop, receiver)
    quick = replace(stack, also={**stack.also, **QUICK})
    with ExitStack() as running:
        running.enter_context(stack.without("webhooks"))
        first = running.enter_context(another(quick, "webhooks", tmp_path / "first.log"))

        sell(shop)
        sell(other)
        wait_until(lambda: len(receiver.of("order.paid")) == 1, SOON_S, "the order is told")
        receiver.answer = lambda _: status(500)
        sold = sell(shop)
        wait_until(lambda: len(receiver.got) >= 5, SOON_S, "the next is being tried")
        first.send_signal(signal.SIGKILL)
        first.wait()
        receiver.answer = lambda _: status(204)
        running.enter_context(another(quick, "webhooks", tmp_path / "second.log"))
        wait_until(lambda: len(receiver.of("order.paid")) >= 2, SOON_S, "it is told by the next one")
        ping = shop.post(f"/v1/webhooks/{webhook['id']}/ping", {})
        wait_until(lambda: ("webhook.ping", "delivered") in deliveries(shop, webhook), SOON_S, "the ping arrived")

    by_order: dict[str, list[int]] = {}
    for got in receiver.got:
        at = int(got.headers["webhook-timestamp"])
        from_us = signed_headers([webhook["secret"]], got.id, _moment(at), got.body)
        assert got.headers["webhook-signature"] == from_us["webhook-signature"]
        assert got.event["tenantid"] == receiver.got[0].event["tenantid"]
        if got.event["type"] != "webhook.ping":
            by_order.setdefault(got.event["subject"], []).append(got.event["aggregateversion"])
    assert len(by_order) == 2
    assert sold["id"] in by_order
    for versions in by_order.values():
        assert list(dict.fromkeys(versions)) == sorted(set(versions)) == [1, 2, 3]
    assert receiver.of("webhook.ping")[0].id == ping["event_id"]
    said = (tmp_path / "first.log").read_text() + (tmp_path / "second.log").read_text()
    assert webhook["secret"].removeprefix("whsec_") not in said
    assert "key=1" not in said


def test_what_nobody_took_is_a_dead_letter_and_is_replayed_from_the_shell_and_the_api(
    stack: Stack, receiver: Receiver, tmp_path: Path
) -> None:
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes")
    webhook = subscribe(stack, shop, receiver)
    receiver.answer = lambda got: status(500 if got.event["type"] != "order.confirmed" else 200)
    impatient = replace(stack, also={**stack.also, **QUICK, "RUSTOK_WEBHOOK_RETRY_H": "0"})
    with stack.without("webhooks"), another(impatient, "webhooks", tmp_path / "webhooks.log"):
        sell(shop)
        letters = wait_until(lambda: two(shop, webhook), SOON_S, "two are dead letters")
        listed = stack.rustok(
            "streams", "dead-letters", "list", "--feed", f"webhook-{webhook['id']}", "--tenant", shop.slug, "--json"
        )
        receiver.answer = lambda _: status(204)
        stack.rustok("streams", "dead-letters", "replay", letters[0]["id"], "--tenant", shop.slug)
        shop.post(f"/v1/dead-letters/{letters[1]['id']}/replay", {})
        wait_until(
            lambda: states(shop, webhook) == {"applied"},
            SOON_S,
            "both are taken",
        )

    assert sorted(one["event_type"] for one in letters) == ["order.paid", "order.placed"]
    assert {one["error"] for one in letters} == {"NotTaken"}
    assert {one["id"] for one in json.loads(listed.stdout)} == {one["id"] for one in letters}
    assert {state for _, state in deliveries(shop, webhook)} == {"delivered"}


def two(shop: Any, webhook: dict[str, Any]) -> Any:
    found = dead_letters(shop, webhook, "open")
    return found if len(found) == 2 else None


def dead_letters(shop: Any, webhook: dict[str, Any], state: str) -> list[Any]:
    return list(shop.get("/v1/dead-letters", feed=f"webhook-{webhook['id']}", state=state)["items"])


def states(shop: Any, webhook: dict[str, Any]) -> set[str]:
    return {one["state"] for one in dead_letters(shop, webhook, "any")}


def _moment(seconds: int) -> Any:
    return datetime.fromtimestamp(seconds, UTC)
