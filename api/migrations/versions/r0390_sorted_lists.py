"""Indexes for the orders that lists of many rows can be asked for: a page reads what is on it, and not the shop."""

from alembic import op

revision = "0390"
down_revision = "0371"

STATEMENTS = (
    "CREATE INDEX products_by_update ON products (tenant_id, updated_at, id)",
    "CREATE INDEX orders_by_time ON orders (tenant_id, placed_at, id)",
    "CREATE INDEX orders_by_total ON orders (tenant_id, total_minor, id)",
    "CREATE INDEX carts_by_change ON carts (tenant_id, changed_at, id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
