"""The archive through the real chain: every version once under kill -9, what was so as a view, and gaps that close."""

import json
from contextlib import closing
from uuid import UUID

import duckdb
import psycopg
import pytest

from sinks.analytics.event_archive import KEPT, MODEL
from sinks.duckdb import snapshots
from streams import scan_newest_events
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

DEADLINE_S = 90
FEED = "feed-event-archive"


def asked(stack, question, *values):
    """The newest published snapshot, as an analyst opens it; nothing while there is none."""
    snapshot = snapshots.current(snapshots.live_folder(stack.settings.analytics_dir, MODEL.name).resolve())
    if snapshot is None:
        return []
    with closing(duckdb.connect(snapshot.path, read_only=True)) as connection:
        return connection.execute(question, list(values)).fetchall()


def archived(stack, tenant_id):
    """Everything it has of a shop, as (what, id, version)."""
    return asked(
        stack,
        "SELECT aggregate, aggregate_id, version FROM kept_events WHERE tenant_id = ? ORDER BY ALL",
        tenant_id,
    )


def committed(stack, tenant_id):
    """The same of what the outbox tells, each once."""
    kept = [row.name for row in KEPT]
    with psycopg.connect(stack.settings.postgres_url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT aggregatetype, aggregateid, aggregate_version FROM outbox"
            " WHERE tenant_id = %s AND aggregatetype = ANY (%s)",
            (str(tenant_id), kept),
        ).fetchall()
    return sorted((name, UUID(id_), int(version)) for name, id_, version in rows)


def archive_status(stack, *arguments):
    done = stack.rustok("sinks", "archive", "--json", *arguments, check=False)
    return done.returncode, json.loads(done.stdout)


def gaps_of(stack, tenant_id):
    _, said = archive_status(stack, "--gaps", "10000")
    return [gap for gap in said["gaps"] if gap["tenant_id"] == str(tenant_id)]


@pytest.fixture(scope="module")
def trade(stack):
    """A shop that trades while the feed of the archive is killed; when all of it is archived."""
    shop = open_shop(stack)
    tenant_id = UUID(shop.get("/v1/shop")["id"])
    product = put_on_sale(shop, "Sun-ripened tomatoes", amount_minor=250)
    for amount_minor in range(300, 340, 5):
        sell(shop)
        variant = shop.get(f"/v1/products/{product['id']}")["variants"][0]
        shop.patch(
            f"/v1/products/{product['id']}",
            {"variants": [variant | {"prices": [{"currency": "EUR", "amount_minor": amount_minor}]}]},
        )
        stack.kill(FEED)
    wait_until(lambda: archived(stack, tenant_id) == committed(stack, tenant_id), DEADLINE_S, "all of it is archived")
    return shop, tenant_id, product


def test_every_version_is_archived_once_though_the_feed_is_killed(stack, trade):
    _, tenant_id, _ = trade

    kept = archived(stack, tenant_id)

    assert kept == committed(stack, tenant_id)
    assert len(kept) == len(set(kept)) > 30
    assert gaps_of(stack, tenant_id) == []


def test_prices_and_products_are_there_as_they_were(stack, trade):
    _, _, product = trade

    prices = asked(
        stack,
        "SELECT amount_minor, valid_from, valid_to, is_current FROM dim_variant_prices WHERE product_id = ?"
        " ORDER BY version",
        UUID(product["id"]),
    )
    versions = asked(
        stack,
        "SELECT version, status, valid_from, valid_to FROM dim_product_versions WHERE product_id = ? ORDER BY version",
        UUID(product["id"]),
    )

    assert [amount for amount, *_ in prices] == [250, *range(300, 340, 5)]
    assert [end for *_, end, _ in prices] == [*(start for _, start, *_ in prices[1:]), None]
    assert [current for *_, current in prices] == [False] * 8 + [True]
    assert [number for number, *_ in versions] == list(range(1, 11))
    assert [end for *_, end in versions] == [*(start for *_, start, _ in versions[1:]), None]
    assert [status for _, status, *_ in versions][:2] == ["draft", "active"]


def test_each_order_has_its_steps(stack, trade):
    _, tenant_id, _ = trade

    steps = asked(
        stack,
        "SELECT list(status ORDER BY step_no) FROM fct_order_steps WHERE tenant_id = ? GROUP BY order_id",
        tenant_id,
    )

    assert steps == [(["pending", "confirmed", "paid"],)] * 8


def test_an_event_that_was_lost_is_named_and_emitted_again(stack, trade):
    """Lost by the archive itself: nothing of the chain loses one. The scheduler would emit it again, too."""
    _, tenant_id, product = trade
    with stack.without("scheduler"):
        with stack.without(FEED):
            lose(stack, UUID(product["id"]), version=4)
        wait_until(lambda: gaps_of(stack, tenant_id), DEADLINE_S, "the gap is published")

        returncode, said = archive_status(stack, "--re-emit")

    assert returncode == 1
    assert said["emitted_again"] >= 1
    wait_until(lambda: not gaps_of(stack, tenant_id), DEADLINE_S, "the gap is closed")
    assert archived(stack, tenant_id) == committed(stack, tenant_id)
    newest = next(one for one in scan_newest_events.newest(stack.settings.kafka) if one.id == UUID(product["id"]))
    assert newest.version == 10  # also for a topic that keeps the last record only


def lose(stack, aggregate_id, version):
    folder = snapshots.live_folder(stack.settings.analytics_dir, MODEL.name).resolve()
    with closing(duckdb.connect(folder / f"{MODEL.id}.live.duckdb")) as live:
        (row,) = live.execute(
            "DELETE FROM events WHERE aggregate_id = ? AND version = ? RETURNING tenant_id, aggregate, aggregate_id",
            [aggregate_id, version],
        ).fetchall()
        live.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, 'missed', now())", [*row, version, version])
