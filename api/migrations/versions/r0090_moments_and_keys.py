"""Moments of orders have bounds; an Idempotency-Key belongs to an actor of a role, and goes when it is old.

The bounds hold for what is written from now on (NOT VALID: what is there already is not looked at): a year that no
client can read made every answer about sales fail. They are `api.domain.moments`'.
"""

from alembic import op

revision = "0090"
down_revision = "0060"

_BOUNDS = " AND ".join(
    f"({name} >= '1970-01-01 00:00:00+00' AND {name} < '9000-01-01 00:00:00+00') IS NOT FALSE"
    for name in ("placed_at", "confirmed_at", "paid_at", "cancelled_at")
)

STATEMENTS = (
    f"ALTER TABLE orders ADD CONSTRAINT moments_possible CHECK ({_BOUNDS}) NOT VALID",
    # Of keys that were taken before, nobody knows the role: theirs is empty, and they hold for every role.
    "ALTER TABLE idempotency_keys ADD COLUMN role text NOT NULL DEFAULT ''",
    """
    ALTER TABLE idempotency_keys
        DROP CONSTRAINT idempotency_keys_pkey,
        ADD PRIMARY KEY (tenant_id, role, actor_id, key)
    """,
    "CREATE INDEX idempotency_keys_made_at ON idempotency_keys (made_at)",
    "GRANT SELECT, DELETE ON idempotency_keys TO rustok_keeper",
    "CREATE POLICY seen ON idempotency_keys FOR SELECT TO rustok_keeper USING (true)",
    "CREATE POLICY removed ON idempotency_keys FOR DELETE TO rustok_keeper USING (true)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
