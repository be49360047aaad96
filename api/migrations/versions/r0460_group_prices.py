"""What customer groups pay is told with the prices of a product, so that search shows each group its own.

`groups_version` is the version at which that was told. Where it is another one than `version`, it was told by code that
knows of no groups, before this or while it runs beside newer code: the scheduler looks at all of that again. What is in
the list of no group needs no looking at.
"""

from alembic import op

revision = "0460"
down_revision = "0450"

STATEMENTS = (
    """
    ALTER TABLE product_prices
        ADD COLUMN group_prices jsonb NOT NULL DEFAULT '[]', ADD COLUMN groups_version bigint
    """,
    """
    UPDATE product_prices p SET groups_version = version
    WHERE NOT EXISTS (
        SELECT FROM price_list_entries e JOIN price_lists l ON l.tenant_id = e.tenant_id AND l.id = e.list_id
        WHERE e.tenant_id = p.tenant_id AND e.product_id = p.product_id AND l.customer_group IS NOT NULL
    )
    """,
    "CREATE INDEX ON product_prices (tenant_id) WHERE groups_version IS DISTINCT FROM version",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
