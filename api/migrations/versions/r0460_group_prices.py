"""What customer groups pay is told with the prices of a product, so that search shows each group its own.

What was told before says nothing of it: the scheduler looks at all of it again.
"""

from alembic import op

revision = "0460"
down_revision = "0450"

STATEMENTS = (
    "ALTER TABLE product_prices ADD COLUMN group_prices jsonb NOT NULL DEFAULT '[]'",
    """
    UPDATE product_prices p SET due_at = now()
    WHERE EXISTS (
        SELECT FROM price_list_entries e JOIN price_lists l ON l.tenant_id = e.tenant_id AND l.id = e.list_id
        WHERE e.tenant_id = p.tenant_id AND e.product_id = p.product_id AND l.customer_group IS NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
