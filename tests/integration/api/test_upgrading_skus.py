"""A database that has two SKUs which differ in case only is told so, and nothing of it is changed."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from api.migrations import migrate
from ops.settings import Settings

pytestmark = pytest.mark.servers

PRODUCT = """
    WITH shop AS (
        INSERT INTO tenants (id, version, slug, name, default_locale, locales, currency, modules, active)
        VALUES (gen_random_uuid(), 1, 'corner-shop', 'Corner', 'en', '{en}', 'EUR', '{}', true) RETURNING id
    ), made AS (
        INSERT INTO products (tenant_id, id, version, status, options, images, tags, attributes, created_at, updated_at)
        SELECT id, gen_random_uuid(), 1, 'draft', '{}', '[]', '{}', '{}', now(), now() FROM shop RETURNING tenant_id, id
    ), told AS (
        INSERT INTO product_translations (tenant_id, product_id, locale, position, title, handle)
        SELECT tenant_id, id, 'en', 0, 'A', 'a' FROM made
    )
    INSERT INTO variants (tenant_id, product_id, id, position, sku, option_values)
    SELECT tenant_id, id, gen_random_uuid(), at, sku, '{}'
    FROM made, unnest(ARRAY['ab-1', 'AB-1', 'c']) WITH ORDINALITY AS given (sku, at)
"""


@pytest.fixture
def database(settings: Settings, postgres: psycopg.Connection) -> Iterator[str]:
    name = f"upgraded_{uuid4().hex[:12]}"
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield make_url(settings.postgres_url).set(database=name).render_as_string(hide_password=False)
    postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_twins_are_named_and_renamed_before_the_upgrade(database: str) -> None:
    before, after = "0180", "0250"
    command.upgrade(migrate._config(database), before)  # noqa: SLF001  # a revision in between is nobody's wish but ours
    with psycopg.connect(database) as connection:
        connection.execute(PRODUCT)

    with pytest.raises(IntegrityError, match="corner-shop: 'AB-1' and 'ab-1'"):
        command.upgrade(migrate._config(database), after)  # noqa: SLF001  # as above
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE variants SET sku = 'AB-2' WHERE sku = 'AB-1'")
    command.upgrade(migrate._config(database), after)  # noqa: SLF001  # as above

    with psycopg.connect(database) as connection:
        keys = connection.execute("SELECT sku_key FROM variants ORDER BY position").fetchall()
    assert keys == [("ab-1",), ("ab-2",), ("c",)]
