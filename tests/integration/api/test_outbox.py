from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from uuid import UUID, uuid4

import psycopg
import pytest
from uuid_utils.compat import uuid7

from api.domain import products
from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.http.tenant_cache import StoredTenants
from api.migrations.migrate import migrate
from api.store.outbox import Cause
from api.store.store import Store
from ops.settings import Settings
from schemas.event_codec import InvalidEvent
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, product_body
from tests.support.examples import newest, product

pytestmark = pytest.mark.servers
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_request_can_be_followed_by_its_ids(shop: Shop, postgres: psycopg.Connection) -> None:
    answer = shop.post(
        "/v1/products",
        product_body(),
        actor="anna",
        X_Correlation_Id="checkout-7",
        traceparent=f"00-{TRACE}-00f067aa0ba902b7-01",
    )

    row = left(postgres, shop.id, answer.json["id"])[0].row
    assert (row["correlation_id"], row["actor_id"], row["tenant_id"]) == ("checkout-7", "anna", str(shop.id))
    assert UUID(row["causation_id"])
    assert row["traceparent"] == answer.headers["traceparent"]
    assert row["traceparent"].split("-")[1] == TRACE
    assert (row["ce_specversion"], row["ce_source"], row["schema_version"]) == (
        "1.0",
        "/rustok",
        str(newest("product.created")),
    )


def test_a_bad_event_fails_its_own_request_and_leaves_nothing(
    shop: Shop, store: Store, postgres: psycopg.Connection
) -> None:
    cause = Cause(actor_id="a", request_id=uuid7(), correlation_id="c", traceparent="t")
    actor = Actor(tenant_id=shop.id, tenant_slug=shop.tenant["slug"], actor_id="a", role=Role.ADMIN)
    tenant = StoredTenants(store, monotonic).by_id(shop.id)
    access = Access(actor=actor, resource="products", scope=Scope.ALL, tenant=tenant)
    wrong = replace(product(), brand=7)  # type: ignore[arg-type]  # on purpose
    before = len(left(postgres, shop.id))

    with pytest.raises(InvalidEvent):
        store.carry_out(access, cause, lambda work: work.save(work.products, products.create(wrong, work.now)))

    assert len(left(postgres, shop.id)) == before
    assert shop.get("/v1/products").json["items"] == []


def test_a_refused_command_leaves_nothing(shop: Shop, postgres: psycopg.Connection) -> None:
    made = shop.product()
    before = len(left(postgres, shop.id))

    answer = shop.post("/v1/products", product_body(variants=[{"sku": made["variants"][0]["sku"]}]))

    assert answer.status_code == 409
    assert len(left(postgres, shop.id)) == before


def test_the_columns_are_the_agreed_ones_in_their_order(postgres: psycopg.Connection) -> None:
    from dataclasses import fields

    from schemas.outbox_row import OutboxRow

    columns = postgres.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'outbox' ORDER BY ordinal_position"
    ).fetchall()

    assert [name for (name,) in columns] == [field.name for field in fields(OutboxRow)]


def test_the_publication_has_what_is_inserted_and_nothing_else(postgres: psycopg.Connection, settings: object) -> None:
    published = postgres.execute(
        "SELECT tablename, pubinsert, pubupdate, pubdelete, pubtruncate"
        " FROM pg_publication JOIN pg_publication_tables USING (pubname) WHERE pubname = 'rustok_outbox'"
    ).fetchall()

    assert published == [("outbox", True, False, False, False)]


def test_versions_rise_by_one_without_gaps(open_shop: Callable[..., Shop], postgres: psycopg.Connection) -> None:
    shop = open_shop()
    made = shop.product()
    for number in range(3):
        shop.call("PATCH", f"/v1/products/{made['id']}", {"brand": str(number)})

    assert [one.version for one in left(postgres, shop.id, made["id"])] == [1, 2, 3, 4, 5]


def test_migrating_makes_a_publication_right_that_somebody_changed(
    postgres: psycopg.Connection, settings: Settings
) -> None:
    name = f"changed_{uuid4().hex[:8]}"
    postgres.execute(f"CREATE PUBLICATION {name} FOR TABLE outbox, orders")  # type: ignore[arg-type]  # a name of ours

    migrate(settings.postgres_url, name)
    made = published(postgres, name)
    migrate(settings.postgres_url, name)

    assert [tables for tables, _ in made] == ["outbox"]
    assert published(postgres, name) == made  # one that is right is left alone: capture would see another
    postgres.execute(f"DROP PUBLICATION {name}")  # type: ignore[arg-type]


def published(postgres: psycopg.Connection, name: str) -> list[tuple[str, int]]:
    return postgres.execute(
        "SELECT tablename, oid FROM pg_publication JOIN pg_publication_tables USING (pubname)"
        " WHERE pubname = %s AND pubinsert AND NOT (pubupdate OR pubdelete OR pubtruncate)",
        (name,),
    ).fetchall()
