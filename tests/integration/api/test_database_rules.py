"""What the database itself refuses, whoever asks: here its owner does."""

from typing import Any

import psycopg
import pytest

from tests.integration.api.shops import Shop, imported_order, imported_product

pytestmark = pytest.mark.servers

REFUSED = (psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation)


@pytest.fixture
def order_id(shop: Shop) -> str:
    """A paid order of 280."""
    shop.post("/v1/imports/products", {"items": [imported_product("p")]})
    return str(shop.post("/v1/imports/orders", {"items": [imported_order("o", "p")]}).json["items"][0]["id"])


@pytest.mark.parametrize(
    "change",
    [
        "total_minor = 281",
        "discount_minor = 1",
        "status = 'pending'",
        "status = 'confirmed', paid_at = NULL, payment_id = NULL",
        "status = 'shipped'",
        "status = 'shipped', shipped_at = now()",
        "status = 'partly_shipped'",
        "status = 'delivered', shipped_at = now(), delivered_at = now()",
        "shipped_at = now()",
        "delivered_at = now()",
        "payment_id = NULL",
        "placed_at = '0001-01-01T00:00:00Z'",
        "placed_at = '1969-12-31T23:59:59Z'",
        "paid_at = '9999-12-31T23:59:59Z'",
        "paid_at = 'infinity'",
        "confirmed_at = NULL",
        "paid_at = placed_at - interval '1 day'",
        "status = 'cancelled'",
        "status = 'cancelled', cancelled_at = now(), cancel_reason = 'x', refund_minor = 281",
        "refund_minor = 0",
        "currency = 'euro'",
        "version = 0",
    ],
)
def test_an_order_that_breaks_a_rule_is_not_stored(postgres: psycopg.Connection, order_id: str, change: str) -> None:
    with pytest.raises(REFUSED):
        postgres.execute(f"UPDATE orders SET {change} WHERE id = %s", (order_id,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE order_lines SET title = 'other' WHERE order_id = %(order)s",
        "DELETE FROM order_lines WHERE order_id = %(order)s",
        """
        INSERT INTO order_lines (tenant_id, order_id, position, product_id, variant_id, sku, title, quantity,
            unit_price_minor, adjustment_minor, total_minor)
        SELECT tenant_id, order_id, 1, product_id, variant_id, sku, title, 1, 5, 0, 5
        FROM order_lines WHERE order_id = %(order)s
        """,
        """
        INSERT INTO order_lines (tenant_id, order_id, position, product_id, variant_id, sku, title, quantity,
            unit_price_minor, adjustment_minor, total_minor)
        SELECT tenant_id, order_id, 1, product_id, variant_id, sku, title, 1, 5, 0, 0
        FROM order_lines WHERE order_id = %(order)s
        """,
        """
        INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,
            total_minor, placed_at)
        SELECT tenant_id, gen_random_uuid(), 1, 'pending', 'EUR', 0, 0, 0, 0, now() FROM orders WHERE id = %(order)s
        """,
    ],
    ids=["a line changes", "a line goes", "a line comes later", "a line lies", "an order without lines"],
)
def test_lines_add_up_and_never_change(postgres: psycopg.Connection, order_id: str, statement: str) -> None:
    with pytest.raises(REFUSED):
        postgres.execute(statement, {"order": order_id})  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "as_sold",
    [
        {"discount_minor": "-1"},
        {"discount_minor": "NULL"},
        {"category_path": "NULL"},
        {"category_path": "ARRAY['Dairy', 'Cheese']"},
        {"category": "'Dairy'"},
        {"category": "'Dairy'", "category_path": "ARRAY['Cheese', 'Dairy']"},
        {"list_price_minor": "4"},
        {"unit": "''"},
        {"unit": "repeat('x', 21)"},
    ],
    ids=str,
)
def test_a_line_says_what_was_sold_or_is_not_stored(
    postgres: psycopg.Connection, order_id: str, as_sold: dict[str, str]
) -> None:
    """The same statement without what is wrong stores a line."""
    right = {
        "category": "NULL",
        "category_path": "'{}'",
        "list_price_minor": "5",
        "discount_minor": "0",
        "unit": "'kg'",
    }

    def insert(said: dict[str, str]) -> None:
        postgres.execute(
            f"""
            WITH made AS (
                INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,
                    total_minor, placed_at)
                SELECT tenant_id, gen_random_uuid(), 1, 'pending', 'EUR', 0, 0, 0, 5, now()
                FROM orders WHERE id = %(order)s RETURNING tenant_id, id
            )
            INSERT INTO order_lines (tenant_id, order_id, position, product_id, variant_id, sku, title, quantity,
                unit_price_minor, adjustment_minor, total_minor, {", ".join(said)})
            SELECT tenant_id, id, 0, gen_random_uuid(), gen_random_uuid(), 'sku', 'title', 1, 5, 0, 5,
                {", ".join(said.values())}
            FROM made
            """,  # type: ignore[arg-type]
            {"order": order_id},
        )

    insert(right)
    with pytest.raises(psycopg.errors.CheckViolation):
        insert({**right, **as_sold})


_PARCEL = "INSERT INTO order_parcels (tenant_id, order_id, parcel_no, shipped_at)"
_PARCEL_LINES = "INSERT INTO order_parcel_lines (tenant_id, order_id, parcel_no, position, quantity)"
_THEIRS = "FROM orders WHERE id = %(order)s"


def test_parcels_fit_their_order_and_stay(shop: Shop, postgres: psycopg.Connection, order_id: str) -> None:
    """Of two pieces one has left."""
    first = {"tracking_number": "PP-1", "lines": [{"line_no": 1, "quantity": 1}]}
    assert shop.post(f"/v1/orders/{order_id}/ship", first).json["status"] == "partly_shipped"

    for statement in (
        "UPDATE orders SET status = 'shipped', shipped_at = now() WHERE id = %(order)s",
        "UPDATE orders SET status = 'paid' WHERE id = %(order)s",
        "UPDATE orders SET status = 'cancelled', cancelled_at = now(), cancel_reason = 'x', refund_minor = 0"
        " WHERE id = %(order)s",
        f"{_PARCEL_LINES} SELECT tenant_id, id, 1, 0, 1 {_THEIRS}",
        f"{_PARCEL_LINES} SELECT tenant_id, id, 1, 1, 1 {_THEIRS}",
        f"{_PARCEL_LINES} SELECT tenant_id, id, 2, 0, 1 {_THEIRS}",
        f"WITH parcel AS ({_PARCEL} SELECT tenant_id, id, 2, now() {_THEIRS})"
        f" {_PARCEL_LINES} SELECT tenant_id, id, 2, 0, 2 {_THEIRS}",
        f"WITH parcel AS ({_PARCEL} SELECT tenant_id, id, 2, now() {_THEIRS})"
        f" {_PARCEL_LINES} SELECT tenant_id, id, 2, 0, 1 {_THEIRS}",
        "UPDATE order_parcels SET carrier = 'other' WHERE order_id = %(order)s",
        "UPDATE order_parcels SET tracking_number = 'other' WHERE order_id = %(order)s",
        "DELETE FROM order_parcels WHERE order_id = %(order)s",
        "UPDATE order_parcel_lines SET quantity = 2 WHERE order_id = %(order)s",
        "DELETE FROM order_parcel_lines WHERE order_id = %(order)s",
    ):
        with pytest.raises((*REFUSED, psycopg.errors.UniqueViolation)):
            postgres.execute(statement, {"order": order_id})  # type: ignore[arg-type]


_REFUND = "INSERT INTO order_refunds (tenant_id, order_id, refund_no, other_minor, amount_minor, reason, refunded_at)"
_REFUND_LINES = (
    "INSERT INTO order_refund_lines (tenant_id, order_id, refund_no, position, returned, not_sent, amount_minor)"
)


def test_refunds_fit_their_order_and_stay(shop: Shop, postgres: psycopg.Connection, order_id: str) -> None:
    """Of 280 for two pieces, one of which has left, 100 went back."""
    shop.post(f"/v1/orders/{order_id}/ship", {"lines": [{"line_no": 1, "quantity": 1}]})
    shop.post(f"/v1/orders/{order_id}/refund", {"reason": "late", "lines": [{"line_no": 1, "amount_minor": 100}]})

    def another(*line: int) -> str:
        values = ", ".join(map(str, line))
        return (
            f"WITH refund AS ({_REFUND} SELECT tenant_id, id, 2, 0, {line[2]}, 'x', now() {_THEIRS})"
            f" {_REFUND_LINES} SELECT tenant_id, id, 2, 0, {values} {_THEIRS}"
        )

    for statement in (
        f"{_REFUND} SELECT tenant_id, id, 2, 181, 181, 'x', now() {_THEIRS}",
        f"{_REFUND} SELECT tenant_id, id, 2, 0, 1, 'x', now() {_THEIRS}",
        another(0, 0, 181),
        another(2, 0, 1),
        another(0, 2, 1),
        another(0, 1, 1),
        "UPDATE order_refunds SET reason = 'other' WHERE order_id = %(order)s",
        "DELETE FROM order_refunds WHERE order_id = %(order)s",
        "UPDATE order_refund_lines SET amount_minor = 0 WHERE order_id = %(order)s",
        "DELETE FROM order_refund_lines WHERE order_id = %(order)s",
    ):
        with pytest.raises(REFUSED):
            postgres.execute(statement, {"order": order_id})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM products WHERE id = %(product)s",
        "UPDATE products SET status = 'gone' WHERE id = %(product)s",
        "UPDATE prices SET compare_at_minor = amount_minor - 1 WHERE tenant_id = %(tenant)s",
        "WITH gone AS (DELETE FROM variants WHERE product_id = %(product)s)"
        " UPDATE products SET version = 9 WHERE id = %(product)s",
        "UPDATE categories SET parent_id = id WHERE tenant_id = %(tenant)s",
        "UPDATE tenants SET default_locale = 'xx' WHERE id = %(tenant)s",
    ],
)
def test_the_catalogue_keeps_its_rules(shop: Shop, postgres: psycopg.Connection, statement: str) -> None:
    shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]})
    product: dict[str, Any] = shop.product()

    with pytest.raises(REFUSED):
        postgres.execute(statement, {"product": product["id"], "tenant": shop.id})  # type: ignore[call-overload]


def test_what_is_chosen_for_a_collection_is_there_once_and_few(shop: Shop, postgres: psycopg.Connection) -> None:
    product = shop.product()["id"]
    text = [{"locale": "en", "title": "Breakfast"}]
    chosen = shop.post("/v1/collections", {"translations": text, "product_ids": [product]}).json["id"]
    meant = shop.post("/v1/collections", {"translations": text, "rule": {"conditions": [{"field": "in_stock"}]}}).json
    into = "INSERT INTO collection_products (tenant_id, collection_id, product_id, rank)"
    given = {"tenant": shop.id, "chosen": chosen, "meant": meant["id"], "product": product}

    for statement in (
        f"{into} VALUES (%(tenant)s, %(meant)s, %(product)s, 1)",
        f"{into} VALUES (%(tenant)s, %(chosen)s, gen_random_uuid(), 1)",
        f"{into} SELECT %(tenant)s, %(chosen)s, gen_random_uuid(), at FROM generate_series(1, 1000) AS at",
        "DELETE FROM products WHERE id = %(product)s AND tenant_id = %(tenant)s",
        "UPDATE collections SET rule = NULL WHERE id = %(meant)s",
        "UPDATE collections SET rule = '{}' WHERE id = %(meant)s",
        """UPDATE collections SET rule = '{"match": "all", "conditions": []}' WHERE id = %(meant)s""",
        "UPDATE collections SET status = 'archived' WHERE id = %(chosen)s",
        "UPDATE collections SET updated_at = created_at - interval '1 s' WHERE id = %(chosen)s",
    ):
        with pytest.raises(REFUSED):
            postgres.execute(statement, given)  # type: ignore[arg-type]


def test_a_page_stays_what_it_is_and_where_it_may_be(shop: Shop, postgres: psycopg.Connection) -> None:
    text = [{"locale": "en", "title": "Help"}]
    top = shop.post("/v1/pages", {"translations": text}).json["id"]
    below = shop.post("/v1/pages", {"translations": text, "parent_id": top}).json["id"]
    post = shop.post("/v1/pages", {"translations": text, "kind": "post"}).json["id"]
    given = {"tenant": shop.id, "top": top, "below": below, "post": post}

    for statement in (
        "UPDATE pages SET status = 'archived', published_at = now() WHERE id = %(top)s",
        "UPDATE pages SET status = 'published' WHERE id = %(top)s",
        "UPDATE pages SET status = 'gone' WHERE id = %(top)s",
        "UPDATE pages SET kind = 'post' WHERE id = %(top)s",
        "UPDATE pages SET parent_id = id WHERE id = %(top)s",
        "UPDATE pages SET parent_id = %(below)s WHERE id = %(top)s",
        "UPDATE pages SET parent_id = %(top)s WHERE id = %(post)s",
        "UPDATE pages SET parent_id = %(post)s WHERE id = %(below)s",
        "UPDATE pages SET updated_at = created_at - interval '1 s' WHERE id = %(top)s",
        "DELETE FROM pages WHERE id = %(top)s",
    ):
        with pytest.raises(REFUSED):
            postgres.execute(statement, given)  # type: ignore[arg-type]


def test_the_index_of_tags_is_kept_by_the_database(shop: Shop, postgres: psycopg.Connection) -> None:
    (made,) = shop.post("/v1/imports/products", {"items": [imported_product("p", tags=["a", "a", "b"])]}).json["items"]

    def found() -> set[str]:
        rows = postgres.execute("SELECT tag FROM product_tags WHERE product_id = %s", (made["id"],)).fetchall()
        return {tag for (tag,) in rows}

    assert found() == {"a", "b"}
    shop.call("PATCH", f"/v1/products/{made['id']}", {"tags": ["b", "c"]})
    assert found() == {"b", "c"}
    shop.call("PATCH", f"/v1/products/{made['id']}", {"tags": []})
    assert found() == set()
