"""Dead letters, from the poison in the topic to the right figure in the read model, through the shell and the API."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from confluent_kafka import Producer

from api.domain.permissions import Role
from ops.demo.shop_client import Shop
from ops.failure import Failure
from schemas.event_json import to_json
from schemas.events.dead_letter import dead_letter_id
from schemas.events.order import OrderPaid
from schemas.events.product import ProductPublished
from schemas.topics import ORDERS, PRODUCTS, Topic
from sinks.analytics.sales_facts import MODEL
from sinks.search.product_documents import MODEL as SEARCH
from tests.support.examples import envelope, line, order, product
from tests.support.records import record
from tests.support.shops import open_shop, token
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SALES = "/v1/analytics/sales"
REVENUE = 750
OF_SALES = ("--feed", "sales")


@dataclass(frozen=True)
class Poison:
    """A record no feed can use, and what it should have been."""

    dead_letter: str
    event: OrderPaid
    value: bytes


@pytest.fixture
def shop(stack: Stack) -> Shop:
    return open_shop(stack)


@pytest.fixture
def poison(stack: Stack, shop: Shop) -> Poison:
    """In Kafka, and by now in the table."""
    made = poisoned(stack, tenant_of(stack, shop))
    wait_until(lambda: dead_letters(stack, shop), 20, "the dead letter is in the table")
    return made


def tenant_of(stack: Stack, shop: Shop) -> UUID:
    platform = Shop(stack.settings.api_url, "platform", token(stack, role=Role.SUPER_ADMIN))
    found = UUID(platform.get(f"/v1/tenants/{shop.slug}")["id"])
    platform.close()
    return found


def poisoned(
    stack: Stack, tenant_id: UUID, value: bytes | None = None, headers: Mapping[str, bytes | None] = {}
) -> Poison:
    """`headers` are those that are not as they should be; None: missing."""
    sold = line(quantity=3, unit_price_minor=250, adjustment_minor=0, total_minor=REVENUE)
    event = OrderPaid(order=order(lines=(sold,), total_minor=REVENUE))
    good = record(envelope(tenant_id=tenant_id, aggregate_id=event.order.id, aggregate_version=3), event)
    value = b"rubbish " + uuid4().bytes if value is None else value
    told = {name: given for name, given in {**dict(good.headers), **headers}.items() if given is not None}
    return Poison(put(stack, ORDERS, MODEL.id, good.key, value, list(told.items())), event, value)


def put(stack: Stack, topic: Topic, feed: str, key: bytes | None, value: bytes, headers: Any) -> str:
    """Gives the id of the dead letter that it will be."""
    placed: list[Any] = []
    producer = Producer({"bootstrap.servers": stack.settings.kafka_bootstrap, "partitioner": "murmur2_random"})
    producer.produce(
        topic.name, value, key, headers=list(headers), on_delivery=lambda _, message: placed.append(message)
    )
    assert producer.flush(10) == 0
    (message,) = placed
    return str(dead_letter_id(feed, topic.name, message.partition(), message.offset(), message.timestamp()[1]))


def dead_letters(stack: Stack, shop: Shop, *arguments: str) -> Any:
    """Of the sales, if nothing else is asked: the archive reads orders too, and has its own of each."""
    return asked(stack, "list", "--tenant", shop.slug, *(arguments or OF_SALES))


def asked(stack: Stack, *arguments: str) -> Any:
    return json.loads(stack.rustok("streams", "dead-letters", *arguments, "--json").stdout)


def state(shop: Shop, poison: Poison) -> str:
    return str(shop.get(f"/v1/dead-letters/{poison.dead_letter}")["state"])


def sales_since(shop: Shop, moment: datetime) -> list[tuple[int, int]]:
    """Of the read model as it is after `moment`: orders and revenue."""

    def fresh() -> Any:
        answer = shop.get(SALES)
        return answer if answer["as_of"] and datetime.fromisoformat(answer["as_of"]) > moment else None

    answer = wait_until(fresh, 30, "the read model is younger than the decision")
    return [(row["orders"], row["revenue_minor"]) for row in answer["rows"]]


def test_poison_becomes_a_dead_letter_is_edited_replayed_and_right_in_the_end(
    stack: Stack, shop: Shop, poison: Poison, tmp_path: Any
) -> None:
    (found,) = dead_letters(stack, shop)
    by_feed = {name: len(dead_letters(stack, shop, "--feed", name)) for name in ("sales", MODEL.id, "sales-v0", "sale")}
    (group,) = asked(stack, "groups", "--tenant", shop.slug, *OF_SALES)
    before = shop.get(SALES)["rows"]
    fixed = tmp_path / "event.json"
    fixed.write_text(json.dumps(to_json(poison.event)))

    asked(stack, "edit", poison.dead_letter, "--file", str(fixed), "--tenant", shop.slug)
    asked(stack, "replay", "--cause", group["cause"], "--tenant", shop.slug)
    once = sales_since(shop, datetime.now(UTC))
    wait_until(lambda: state(shop, poison) == "applied", 20, "the feed says that it took it")
    asked(stack, "replay", poison.dead_letter)
    twice = sales_since(shop, datetime.now(UTC))

    assert (found["id"], found["error"], found["attempts"]) == (poison.dead_letter, "Undecodable", 1)
    assert (group["count"], group["example"], group["event_type"]) == (1, poison.dead_letter, "order.paid")
    assert (found["feed"], by_feed) == (MODEL.id, {"sales": 1, MODEL.id: 1, "sales-v0": 0, "sale": 0})
    assert before == []
    assert once == twice == [(1, REVENUE)]
    shown = shop.get(f"/v1/dead-letters/{poison.dead_letter}")
    assert b64decode(shown["original"]["value"]) == poison.value
    assert shown["original"]["event"] is None
    assert shown["edited"]["event"] == to_json(poison.event)
    assert [done["action"] for done in shown["done"]] == ["edited", "replayed", "replayed"]
    assert shown["done"][0]["detail"] == {"fields": ["event"]}


def test_a_replay_that_fails_comes_back_to_whoever_decides(stack: Stack, shop: Shop, poison: Poison) -> None:
    asked(stack, "replay", poison.dead_letter)

    (again,) = wait_until(
        lambda: [one for one in dead_letters(stack, shop) if one["attempts"] == 2], 20, "it has been tried twice"
    )
    assert (again["id"], again["state"]) == (poison.dead_letter, "open")
    assert again["first_failed_at"] < again["last_failed_at"]


def test_another_shops_admin_sees_and_changes_nothing(stack: Stack, shop: Shop, poison: Poison) -> None:
    other = open_shop(stack)

    assert other.get("/v1/dead-letters", state="any")["items"] == []
    assert other.get("/v1/dead-letters/groups", state="any")["items"] == []
    assert other.post("/v1/dead-letters/replay", {})["dead_letters"] == 0
    for ask in (
        lambda: other.get(f"/v1/dead-letters/{poison.dead_letter}"),
        lambda: other.post(f"/v1/dead-letters/{poison.dead_letter}/replay", {}),
        lambda: other.post(f"/v1/dead-letters/{poison.dead_letter}/discard", {"reason": "not mine"}),
        lambda: other.patch(f"/v1/dead-letters/{poison.dead_letter}", {"event": {}}),
    ):
        with pytest.raises(Failure, match="404"):
            ask()
    assert state(shop, poison) == "open"


def test_a_shops_admin_cannot_make_it_another_shops(stack: Stack, shop: Shop, poison: Poison) -> None:
    change = {"event": to_json(poison.event), "headers": {"ce_tenantid": str(uuid4())}}

    with pytest.raises(Failure, match="403"):
        shop.patch(f"/v1/dead-letters/{poison.dead_letter}", change)


def test_an_edit_that_no_command_would_take_is_refused_by_its_field_and_changes_nothing(
    stack: Stack, shop: Shop
) -> None:
    about = ProductPublished(product=product())
    told = record(envelope("product.published", tenant_id=tenant_of(stack, shop), aggregate_id=about.product.id), about)
    dead_letter = put(stack, PRODUCTS, SEARCH.id, told.key, b"rubbish", told.headers)
    wait_until(lambda: dead_letters(stack, shop, "--feed", "product-search"), 20, "the dead letter is in the table")
    before = shop.get(f"/v1/dead-letters/{dead_letter}")

    answer = httpx.patch(
        f"{stack.settings.api_url}/v1/dead-letters/{dead_letter}",
        json={"event": to_json(ProductPublished(product=replace(about.product, translations=())))},
        headers={"Authorization": f"Bearer {token(stack, shop.slug)}"},
    )

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == ["event.product.translations"]
    assert shop.get(f"/v1/dead-letters/{dead_letter}") == before
    assert (before["state"], before["edited"], before["done"]) == ("open", None, [])


def test_what_is_discarded_says_why_and_is_open_no_more(stack: Stack, shop: Shop, poison: Poison) -> None:
    asked(stack, "discard", poison.dead_letter, "--reason", "made by a test")

    assert dead_letters(stack, shop) == []
    shown = shop.get(f"/v1/dead-letters/{poison.dead_letter}")
    assert (shown["state"], shown["done"][0]["detail"]) == ("discarded", {"reason": "made by a test"})


def test_the_event_can_be_written_in_ones_editor(stack: Stack, shop: Shop, poison: Poison, tmp_path: Path) -> None:
    fixed, editor = tmp_path / "event.json", tmp_path / "editor"
    fixed.write_text(json.dumps(to_json(poison.event)))
    editor.write_text(f'#!/bin/sh\ncp {fixed} "$1"\n')
    editor.chmod(0o755)

    unsaved = with_editor(stack, "true").rustok("streams", "dead-letters", "edit", poison.dead_letter, check=False)
    saved = asked(with_editor(stack, str(editor)), "edit", poison.dead_letter, "--tenant", shop.slug)

    assert unsaved.returncode != 0
    assert "Nothing was written" in unsaved.stderr
    assert (saved["id"], saved["is_edited"]) == (poison.dead_letter, True)
    shown = shop.get(f"/v1/dead-letters/{poison.dead_letter}")
    assert shown["edited"]["event"] == to_json(poison.event)
    assert [done["action"] for done in shown["done"]] == ["edited"]


def with_editor(stack: Stack, command: str) -> Stack:
    return replace(stack, also={**stack.also, "EDITOR": command, "VISUAL": command})


def test_what_failed_in_a_time_is_replayed_and_a_group_is_discarded(stack: Stack, shop: Shop) -> None:
    tenant_id = tenant_of(stack, shop)
    first = poisoned(stack, tenant_id)
    (early,) = wait_until(lambda: dead_letters(stack, shop), 20, "the first is in the table")
    later = [poisoned(stack, tenant_id, value) for value in (b"other rubbish", b"no", b"")]
    found = wait_until(lambda: some(stack, shop, 1 + len(later)), 20, "all are in the table")
    then = min(one["last_failed_at"] for one in found if one["id"] != first.dead_letter)
    the_time = ("--since", early["last_failed_at"], "--until", then)

    replayed = asked(stack, "replay", *the_time, "--tenant", shop.slug, *OF_SALES)
    tried = wait_until(
        lambda: [one for one in dead_letters(stack, shop) if one["attempts"] == 2], 20, "one is tried again"
    )
    groups = asked(stack, "groups", "--tenant", shop.slug, *OF_SALES)
    group = max(groups, key=lambda one: int(one["count"]))
    discarded = asked(stack, "discard", "--cause", group["cause"], "--reason", "made by a test", "--tenant", shop.slug)

    nothing = stack.rustok(
        "streams", "dead-letters", "discard", "--cause", "nobodys", "--reason", "made by a test"
    ).stdout

    assert {one["id"] for one in found} == {one.dead_letter for one in (first, *later)}
    assert "none matches" in nothing
    assert (replayed["dead_letters"], [one["id"] for one in tried]) == (1, [first.dead_letter])
    assert sorted(one["count"] for one in groups) == [2, 2]
    assert discarded["dead_letters"] == group["count"] == 2
    assert {one["cause"] for one in dead_letters(stack, shop)} == {one["cause"] for one in groups} - {group["cause"]}


def some(stack: Stack, shop: Shop, number: int) -> list[Any]:
    found = dead_letters(stack, shop)
    return list(found) if len(found) == number else []


def test_a_bad_header_is_put_right(stack: Stack, shop: Shop, tmp_path: Path) -> None:
    fixed = tmp_path / "event.json"
    made = poisoned(stack, tenant_of(stack, shop), headers={"ce_aggregateversion": b"three", "ce_time": None})
    fixed.write_text(json.dumps(to_json(made.event)))
    (found,) = wait_until(lambda: dead_letters(stack, shop), 20, "the dead letter is in the table")
    edit = ("edit", made.dead_letter, "--file", str(fixed))

    half = stack.rustok("streams", "dead-letters", *edit, "--header", "ce_aggregateversion=3", check=False)
    asked(stack, *edit, "--header", "ce_aggregateversion=3", "--header", "ce_time=2026-01-02T01:04:05.678901Z")
    asked(stack, "replay", made.dead_letter)
    wait_until(lambda: state(shop, made) == "applied", 20, "the feed says that it took it")

    assert (found["id"], found["error"]) == (made.dead_letter, "MalformedHeaders")
    assert half.returncode != 0
    assert "ce_time" in half.stderr
    shown = shop.get(f"/v1/dead-letters/{made.dead_letter}")
    kept, changed = (
        {header["name"]: header["value"] for header in shown[of]["headers"]} for of in ("original", "edited")
    )
    assert (kept["ce_aggregateversion"], changed["ce_aggregateversion"]) == ("three", "3")
    assert changed["ce_id"] == kept["ce_id"]


def test_an_export_has_the_records_bytes(stack: Stack, shop: Shop, poison: Poison) -> None:
    lines = stack.rustok("streams", "dead-letters", "export", "--tenant", shop.slug, *OF_SALES).stdout.splitlines()

    (told,) = map(json.loads, lines)
    assert (told["id"], b64decode(told["value"])) == (poison.dead_letter, poison.value)
    assert {name: b64decode(value) for name, value in told["headers"] if value}["ce_type"] == b"order.paid"


def test_status_counts_them(stack: Stack, poison: Poison) -> None:
    def open_dead_letters() -> int:
        models = stack.state()["read_models"]
        return int(next(model["open_dead_letters"] for model in models if model["name"] == "sales"))

    assert wait_until(open_dead_letters, 20, "status shows open dead letters") > 0
