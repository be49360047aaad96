"""What somebody lacks of the past leaves once more as it was, and never behind it what is newest."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from api.reemit.write_model_tables import ACTOR, Tables
from schemas.write_model import NoSuchAggregate
from tests.integration.api.outbox import left

pytestmark = pytest.mark.servers


@pytest.fixture
def tables(store):
    return Tables(store)


@pytest.fixture
def paid(shop):
    """An order with three versions."""
    placed = shop.order(shop.product()["variants"][0]["sku"])
    shop.post(f"/v1/orders/{placed['id']}/confirm")
    shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": "p1"})
    return UUID(placed["id"])


def written_last(connection: psycopg.Connection, aggregate_id: UUID) -> list[tuple[int, str]]:
    """Version and actor of what the newest transaction wrote of this, in the order of the log."""
    rows = connection.execute(
        "SELECT aggregate_version, actor_id, xmin::text::bigint FROM outbox WHERE aggregateid = %s ORDER BY ctid",
        (str(aggregate_id),),
    ).fetchall()
    newest = max(row[2] for row in rows)
    return [(int(version), actor) for version, actor, xmin in rows if xmin == newest]


def test_versions_leave_again_as_they_were_and_after_them_what_is_newest(shop, tables, postgres, paid):
    before = {one.version: one.row for one in left(postgres, shop.id, str(paid))}

    emitted = tables.reemit_history("order", shop.id, {paid: [range(1, 3)]})

    assert emitted == 2
    after = left(postgres, shop.id, str(paid))
    assert [(one.version, one.row) for one in after if one.version < 3] == [(1, before[1]), (2, before[2])]
    assert [version for version, _ in written_last(postgres, paid)] == [1, 2, 3]
    assert written_last(postgres, paid)[-1] == (3, ACTOR)


def test_what_was_told_since_a_moment_is_known_by_its_versions(shop, tables, postgres, paid):
    ((before,),) = postgres.execute("SELECT clock_timestamp()").fetchall()
    product = UUID(shop.product(published=False)["id"])
    shop.call("DELETE", f"/v1/products/{product}")

    ever, since = tables.told_since(before - timedelta(minutes=5)), tables.told_since(before)

    assert ever["order", shop.id][paid] == [range(1, 4)]
    assert ("order", shop.id) not in since
    assert since["product", shop.id] == {product: [range(1, 3)]}
    assert tables.reemit_history("product", shop.id, since["product", shop.id]) == 2


def test_of_what_was_deleted_the_deletion_is_newest(shop, tables, postgres):
    product = UUID(shop.product(published=False)["id"])
    shop.call("DELETE", f"/v1/products/{product}")

    assert tables.reemit_history("product", shop.id, {product: [range(1, 2)]}) == 1

    assert [version for version, _ in written_last(postgres, product)] == [1, 2]


def test_a_deletion_that_is_lacked_leaves_again(shop, tables, postgres):
    product = UUID(shop.product(published=False)["id"])
    shop.call("DELETE", f"/v1/products/{product}")

    assert tables.reemit_history("product", shop.id, {product: [range(2, 3)]}) == 1

    assert [version for version, _ in written_last(postgres, product)] == [2]


def test_what_the_outbox_has_no_more_cannot_leave(shop, tables, postgres, paid):
    postgres.execute("DELETE FROM outbox WHERE aggregateid = %s AND aggregate_version = '1'", (str(paid),))

    assert tables.reemit_history("order", shop.id, {paid: [range(1, 2)]}) == 0
    assert tables.reemit_history("order", shop.id, {uuid4(): [range(1, 2)]}) == 0


def test_nothing_of_an_older_epoch_leaves_again(shop, tables, postgres, paid):
    """It would be taken for newer than it is."""
    postgres.execute("UPDATE outbox SET epoch = '4194302' WHERE aggregateid = %s", (str(paid),))

    assert tables.reemit_history("order", shop.id, {paid: [range(1, 4)]}) == 0


def test_nothing_of_another_shop_leaves(open_shop, tables, paid):
    assert tables.reemit_history("order", open_shop().id, {paid: [range(1, 4)]}) == 0


def test_what_nobody_keeps_says_so(shop, tables):
    with pytest.raises(NoSuchAggregate):
        tables.reemit_history("weather", shop.id, {uuid4(): [range(1, 2)]})
