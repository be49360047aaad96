"""Letters: records a feed could not use, collected from Kafka, and what people did about them.

A letter whose tenant is known is that shop's own; any other is the platform's, who sees all of them. Letters come from
the collector and never from a request, so only the platform puts them in.
"""

from alembic import op

revision = "0020"
down_revision = "0010"

REACHED = "tenant_id = (SELECT current_tenant()) OR (SELECT is_platform())"

STATEMENTS = (
    """
    CREATE TABLE letters (
        id uuid PRIMARY KEY,
        tenant_id uuid REFERENCES tenants,
        feed text NOT NULL,
        topic text NOT NULL,
        "partition" integer NOT NULL,
        "offset" bigint NOT NULL,
        record_key bytea,
        record_value bytea,
        headers jsonb NOT NULL,
        committed_at timestamptz NOT NULL,
        parked boolean NOT NULL,
        event_type text NOT NULL,
        error text NOT NULL,
        reason text NOT NULL,
        pattern text NOT NULL,
        cause text NOT NULL,
        attempts integer NOT NULL,
        first_failed_at timestamptz NOT NULL,
        last_failed_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'replayed', 'applied', 'discarded')),
        version bigint NOT NULL DEFAULT 0,
        edited_key bytea,
        edited_value bytea,
        edited_headers jsonb,
        UNIQUE (feed, topic, "partition", "offset", committed_at)
    )
    """,
    "CREATE INDEX ON letters (first_failed_at, id)",
    "CREATE INDEX ON letters (tenant_id, first_failed_at, id)",
    "CREATE INDEX ON letters (feed, cause) WHERE state = 'open'",
    """
    CREATE TABLE letter_actions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        letter_id uuid REFERENCES letters,
        tenant_id uuid REFERENCES tenants,
        action text NOT NULL CHECK (action IN ('edited', 'replayed', 'discarded', 'exported')),
        actor_id text NOT NULL,
        at timestamptz NOT NULL,
        correlation_id text NOT NULL,
        detail jsonb NOT NULL
    )
    """,
    "CREATE INDEX ON letter_actions (letter_id)",
    "ALTER TABLE letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE letter_actions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY seen ON letters FOR SELECT USING ({REACHED})",
    f"CREATE POLICY decided ON letters FOR UPDATE USING ({REACHED})",
    "CREATE POLICY collected ON letters FOR INSERT WITH CHECK ((SELECT is_platform()))",
    f"CREATE POLICY reached ON letter_actions USING ({REACHED})",
    "GRANT SELECT, INSERT, UPDATE ON letters TO rustok_app",
    "GRANT SELECT, INSERT ON letter_actions TO rustok_app",
    # What the platform decides about a letter leaves under no tenant's name.
    "CREATE POLICY letters ON outbox FOR INSERT WITH CHECK ((SELECT is_platform()) AND aggregatetype = 'letter')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
