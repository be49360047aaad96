"""What leaves the database: the outbox, written by the API, read from the log by the capture, and by nobody else."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    # The columns of schemas.outbox_row.OutboxRow, in its order. No index but the key: nobody queries this table.
    """
    CREATE TABLE outbox (
        id uuid PRIMARY KEY,
        aggregatetype text NOT NULL,
        aggregateid text NOT NULL,
        type text NOT NULL,
        payload bytea NOT NULL,
        ce_specversion text NOT NULL DEFAULT '1.0',
        ce_source text NOT NULL DEFAULT '/rustok',
        ce_time text NOT NULL,
        tenant_id text NOT NULL,
        aggregate_version text NOT NULL,
        correlation_id text NOT NULL,
        causation_id text,
        actor_id text NOT NULL,
        schema_version text NOT NULL,
        traceparent text NOT NULL
    )
    """,
    # Payloads are small, written once and read once: compressing them and moving them aside costs more than it saves.
    "ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL",
    "ALTER TABLE outbox SET (toast_tuple_target = 8160)",
    "ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON outbox FOR INSERT WITH CHECK (tenant_id = (SELECT current_tenant()::text))",
    "GRANT INSERT ON outbox TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
