"""What was told of prices before groups had theirs in it is told anew after the upgrade, if a list is for a group."""

import psycopg
import pytest
from alembic import command

from api.migrations import migrate

pytestmark = pytest.mark.servers

#: Two products that were told of; one is in the list of a group.
TOLD = """
    WITH shop AS (
        INSERT INTO tenants (id, version, slug, name, default_locale, locales, currency, modules, active)
        VALUES (gen_random_uuid(), 1, 'corner-shop', 'Corner', 'en', '{en}', 'EUR', '{}', true) RETURNING id
    ), made AS (
        INSERT INTO products (tenant_id, id, version, status, options, images, tags, attributes, created_at, updated_at)
        SELECT id, gen_random_uuid(), 1, 'draft', '{}', '[]', '{}', '{}', now(), now()
        FROM shop, generate_series(1, 2) RETURNING tenant_id, id
    ), texts AS (
        INSERT INTO product_translations (tenant_id, product_id, locale, position, title, handle)
        SELECT tenant_id, id, 'en', 0, 'A', id::text FROM made
    ), sold AS (
        INSERT INTO variants (tenant_id, product_id, id, position, sku, option_values)
        SELECT tenant_id, id, gen_random_uuid(), 0, id::text, '{}' FROM made RETURNING tenant_id, product_id, id
    ), lists AS (
        INSERT INTO price_lists (tenant_id, id, version, name, currency, customer_group, priority, active, created_at)
        SELECT id, gen_random_uuid(), 1, coalesce(its, 'all'), 'EUR', its, 0, true, now()
        FROM shop, unnest(ARRAY['trade', NULL]) its RETURNING tenant_id, id, customer_group
    ), said AS (
        INSERT INTO price_list_entries (tenant_id, list_id, variant_id, from_quantity, product_id, amount_minor)
        SELECT v.tenant_id, l.id, v.id, 1, v.product_id, 5
        FROM (SELECT *, row_number() OVER (ORDER BY id) n FROM sold) v
        JOIN lists l ON (l.customer_group IS NULL) = (v.n = 2)
        RETURNING list_id, product_id
    )
    INSERT INTO product_prices (tenant_id, id, version, product_id, list_prices, public_prices)
    SELECT tenant_id, gen_random_uuid(), 1, id, '[]', '[]' FROM made
"""


def test_only_what_a_group_has_a_price_of_is_looked_at_again(empty_database: str) -> None:
    command.upgrade(migrate._config(empty_database), "0450")  # noqa: SLF001  # before this one
    with psycopg.connect(empty_database) as connection:
        connection.execute(TOLD)

    command.upgrade(migrate._config(empty_database), "0460")  # noqa: SLF001  # as above

    with psycopg.connect(empty_database) as connection:
        found = connection.execute(
            "SELECT l.customer_group, p.groups_version, p.group_prices FROM product_prices p"
            " JOIN price_list_entries e USING (tenant_id, product_id) JOIN price_lists l ON l.id = e.list_id"
            " ORDER BY l.customer_group"
        ).fetchall()
    assert found == [("trade", None, []), (None, 1, [])]
