"""What was said of prices is removed when it is old, and found by when it ended."""

from alembic import op

revision = "0380"
down_revision = "0300"

TABLES = ("base_price_history", "list_price_history", "price_list_history")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"CREATE INDEX ON {table} (upper(during))")
        op.execute(f"CREATE POLICY kept ON {table} TO rustok_keeper USING (true)")
        op.execute(f"GRANT SELECT, DELETE ON {table} TO rustok_keeper")
