"""Emitting again what is in the tables: the same state under the same version, once each, never behind a newer one."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from uuid import UUID, uuid4

import psycopg
import pytest

from api.reemit.write_model_tables import ACTOR, Tables
from api.store.store import NO_TENANT, Store
from schemas.write_model import NoSuchAggregate, NoSuchTenant, NothingToResume, Owner
from tests.integration.api.outbox import Left, left
from tests.integration.api.shops import Shop, imported_product
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def tables(store: Store) -> Tables:
    return Tables(store)


def owner(shop: Shop) -> Owner:
    return Owner(shop.id, shop.tenant["slug"])


def said_again(connection: psycopg.Connection, shop: Shop, aggregate: str) -> list[Left]:
    return [
        one
        for one in left(connection, shop.id)
        if one.row["actor_id"] == ACTOR and one.row["aggregatetype"] == aggregate
    ]


def run_through(tables: Tables, aggregate: str, shop: Shop, page: int = 2) -> int:
    state = tables.begin(aggregate, [owner(shop)])
    while not state.finished:
        state = tables.go_on(state, page)
    return state.emitted


def test_an_order_is_said_again_by_the_event_of_its_state(shop, tables, postgres):
    product = shop.product()
    placed = shop.order(product["variants"][0]["sku"])
    shop.post(f"/v1/orders/{placed['id']}/confirm")
    first = [one for one in left(postgres, shop.id, placed["id"]) if one.type == "order.confirmed"]

    run_through(tables, "order", shop)

    (again,) = said_again(postgres, shop, "order")
    assert (again.type, again.version, again.event) == ("order.confirmed", 2, first[0].event)
    assert again.row["ce_time"] == first[0].row["ce_time"]
    assert again.row["correlation_id"].startswith("re-emit-")
    shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": "p1"})
    shop.post(f"/v1/orders/{placed['id']}/ship", {"lines": [{"line_no": 1, "quantity": 1}]})
    shipped = left(postgres, shop.id, placed["id"])[-1]
    run_through(tables, "order", shop)
    again = said_again(postgres, shop, "order")[-1]
    assert (again.type, again.version, again.event) == ("order.shipped", 4, shipped.event)


def test_a_product_keeps_its_version_and_nothing_changed(shop, tables, postgres):
    product = shop.product()

    run_through(tables, "product", shop)

    (again,) = said_again(postgres, shop, "product")
    assert (again.type, again.version, again.event.changed) == ("product.updated", product["version"], ())
    assert again.event.product.status == "active"


def test_what_was_deleted_is_said_to_be_deleted(shop, tables, postgres):
    product = shop.product(published=False)
    shop.call("DELETE", f"/v1/products/{product['id']}")

    run_through(tables, "product", shop)
    run_through(tables, "product", shop)

    again = said_again(postgres, shop, "product")
    assert [(one.type, one.aggregate_id, one.version) for one in again] == [("product.deleted", product["id"], 2)] * 2


def test_each_is_said_once_whatever_the_page(shop, tables, postgres):
    made = {shop.product()["id"] for _ in range(5)}

    emitted = run_through(tables, "product", shop, page=2)

    assert emitted == 5
    assert Counter(one.aggregate_id for one in said_again(postgres, shop, "product")) == dict.fromkeys(made, 1)


def test_other_shops_are_left_alone(open_shop, tables, postgres):
    ours, theirs = open_shop(), open_shop()
    ours.product()
    theirs.product()

    run_through(tables, "product", ours)

    assert len(said_again(postgres, ours, "product")) == 1
    assert said_again(postgres, theirs, "product") == []


def test_chosen_ones_are_said_again_those_that_are_gone_too(shop, tables, postgres):
    there, gone, untouched = shop.product(), shop.product(published=False), shop.product()
    shop.call("DELETE", f"/v1/products/{gone['id']}")
    ids = [one["id"] for one in (there, gone)]

    said = tables.reemit("product", shop.id, list(map(UUID, ids)))

    assert said == 2
    assert {one.aggregate_id for one in said_again(postgres, shop, "product")} == set(ids)
    assert untouched["id"] not in ids


def test_a_command_waits_until_the_state_before_it_was_said(shop, tables, postgres, settings):
    product = shop.product()
    with psycopg.connect(settings.postgres_url) as blocking:
        blocking.execute("LOCK TABLE outbox IN SHARE MODE")  # whoever appends waits, with what it has locked
        saying = threading.Thread(target=run_through, args=(tables, "product", shop))
        saying.start()
        wait_until(lambda: _waiting(postgres) == 1, 10, "the re-emission waits to append")
        changing = threading.Thread(target=shop.post, args=(f"/v1/products/{product['id']}/archive",))
        changing.start()
        wait_until(lambda: _waiting(postgres) == 2, 10, "the command waits for the re-emission")
        blocking.rollback()
        saying.join()
        changing.join()

    versions = [(one.version, one.row["actor_id"] == ACTOR) for one in left(postgres, shop.id, product["id"])]
    assert versions == [(1, False), (2, False), (2, True), (3, False)]


def test_a_page_that_is_deleted_meanwhile_is_not_taken_for_the_last(shop, tables, postgres, settings):
    first, second, third = sorted(shop.product(published=False)["id"] for _ in range(3))
    state = tables.go_on(tables.begin("product", [owner(shop)]), 1)
    with psycopg.connect(settings.postgres_url) as deleting:
        deleting.execute("DELETE FROM products WHERE id = %s", (second,))
        step = threading.Thread(target=tables.go_on, args=(state, 1))
        step.start()
        wait_until(lambda: _waiting(postgres) == 1, 10, "the page waits for the deletion")
        deleting.commit()
        step.join()
    while not state.finished:
        state = tables.go_on(state, 1)

    assert [one.aggregate_id for one in said_again(postgres, shop, "product")] == [first, third]


def test_one_that_was_killed_is_resumed_and_nothing_is_said_twice(servers: Stack, shop, postgres):
    items = [imported_product(f"P-{number}") for number in range(450)]
    assert shop.post("/v1/imports/products", {"items": items}).status_code == 200
    command = [sys.executable, "-m", "ops.cli", "streams", "re-emit", "product", "--tenant", shop.tenant["slug"]]
    with subprocess.Popen([*command, "--rate", "50/s"], env=servers.environment, stderr=subprocess.DEVNULL) as running:
        wait_until(lambda: len(said_again(postgres, shop, "product")) >= 50, 30, "it has begun")
        running.send_signal(signal.SIGKILL)
    before = len(said_again(postgres, shop, "product"))

    servers.rustok("streams", "re-emit", "product", "--resume", "--json")

    counted = Counter(one.aggregate_id for one in said_again(postgres, shop, "product"))
    assert 50 <= before < 450
    assert len(counted) == 450
    assert set(counted.values()) == {1}


def test_decisions_about_dead_letters_are_said_again_while_no_feed_has_done_them(shop, tables, postgres):
    replayed, discarded, applied, untouched = (dead_letter_of(postgres, shop) for _ in range(4))
    for dead_letter in (replayed, discarded, applied):
        shop.post(f"/v1/dead-letters/{dead_letter}/replay")
    shop.post(f"/v1/dead-letters/{discarded}/discard", {"reason": "a load test"})
    postgres.execute("UPDATE dead_letters SET state = 'applied' WHERE id = %s", (applied,))
    before = {one.aggregate_id: one for one in left(postgres, shop.id) if one.row["aggregatetype"] == "dead_letter"}

    emitted = run_through(tables, "dead_letter", shop, page=1)

    again = {one.aggregate_id: one for one in said_again(postgres, shop, "dead_letter")}
    assert emitted == len(again) == 2
    assert set(again) == {str(replayed), str(discarded)}
    assert untouched not in again
    for id_, one in again.items():
        told = (one.type, one.version, one.event, one.row["tenant_id"])
        assert told == (before[id_].type, before[id_].version, before[id_].event, str(shop.id))
    assert tables.count("dead_letter", [owner(shop)]) == 2


def test_decisions_of_the_platform_are_said_again_under_no_shops_name(shop, tables, postgres):
    nobodys = dead_letter_of(postgres, None)
    shop.for_platform("POST", f"/v1/dead-letters/{nobodys}/replay")

    state = tables.begin("dead_letter")
    while not state.finished:
        state = tables.go_on(state, 50)

    again = [one for one in left(postgres, NO_TENANT, str(nobodys)) if one.row["actor_id"] == ACTOR]
    assert [(one.type, one.version) for one in again] == [("dead_letter.replayed", 1)]


def test_a_collection_is_said_again_as_it_is(shop, tables, postgres):
    text = [{"locale": "en", "title": "Breakfast"}]
    chosen = shop.post("/v1/collections", {"translations": text, "product_ids": [shop.product()["id"]]}).json["id"]
    rule = {"conditions": [{"field": "created", "since_at": "2026-01-01T00:00:00Z"}]}
    meant = shop.post("/v1/collections", {"translations": text, "rule": rule}).json["id"]
    shop.post(f"/v1/collections/{meant}/publish")
    gone = shop.post("/v1/collections", {"translations": text}).json["id"]
    shop.call("DELETE", f"/v1/collections/{gone}")
    told = {one.aggregate_id: one for one in left(postgres, shop.id)}

    run_through(tables, "collection", shop)

    again = {one.aggregate_id: one for one in said_again(postgres, shop, "collection")}
    assert {id_: (one.type, one.version) for id_, one in again.items()} == {
        chosen: ("collection.created", 1),
        meant: ("collection.updated", 2),
        gone: ("collection.deleted", 2),
    }
    assert all(one.event.collection == told[id_].event.collection for id_, one in again.items())


def test_a_page_is_said_again_as_it_is(shop, tables, postgres):
    text = [{"locale": "en", "title": "Delivery", "body": "In *two* days."}]
    drafted = shop.post("/v1/pages", {"translations": text}).json["id"]
    shown = shop.post("/v1/pages", {"translations": text, "kind": "post", "tags": ["news"]}).json["id"]
    shop.post(f"/v1/pages/{shown}/publish")
    gone = shop.post("/v1/pages", {"translations": text}).json["id"]
    shop.call("DELETE", f"/v1/pages/{gone}")
    told = {one.aggregate_id: one for one in left(postgres, shop.id)}

    run_through(tables, "page", shop)

    again = {one.aggregate_id: one for one in said_again(postgres, shop, "page")}
    assert {id_: (one.type, one.version) for id_, one in again.items()} == {
        drafted: ("page.created", 1),
        shown: ("page.updated", 2),
        gone: ("page.deleted", 2),
    }
    assert all(one.event.page == told[id_].event.page for id_, one in again.items())


def test_what_cannot_be_begun_says_why(shop, tables):
    with pytest.raises(NoSuchAggregate, match="ratings"):
        tables.begin("ratings")
    with pytest.raises(NoSuchTenant, match="nobody"):
        tables.owners(["nobody"])
    run_through(tables, "category", shop)
    with pytest.raises(NothingToResume):
        tables.unfinished("category")


def dead_letter_of(postgres, shop):
    """One that a feed refused and nobody decided on."""
    id_ = uuid4()
    postgres.execute(
        """
        INSERT INTO dead_letters (id, tenant_id, feed, topic, "partition", "offset", headers, committed_at, parked,
            event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state)
        VALUES (%s, %s, 'made-by-a-test', 'rustok.order', 0, %s, '[]', now(), false,
            'order.paid', 'Undecodable', 'rubbish', 'rubbish', 'c', 1, now(), now(), 'open')
        """,
        (id_, shop and shop.id, uuid4().int % 2**62),
    )
    return id_


def _waiting(connection):
    (waiting,) = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ).fetchone()
    return waiting
