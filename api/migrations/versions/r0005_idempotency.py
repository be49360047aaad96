"""Answers given under an Idempotency-Key, kept in the transaction of the change they answer for."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    # The platform's own commands have no tenant: theirs is the nil UUID, and only the platform sees it.
    """
    CREATE TABLE idempotency_keys (
        tenant_id uuid NOT NULL,
        actor_id text NOT NULL,
        key text NOT NULL,
        request bytea NOT NULL,
        status smallint,
        headers jsonb,
        body bytea,
        made_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, actor_id, key)
    )
    """,
    "ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY own ON idempotency_keys USING (
        tenant_id = (SELECT current_tenant())
        OR (tenant_id = '00000000-0000-0000-0000-000000000000' AND (SELECT is_platform()))
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
