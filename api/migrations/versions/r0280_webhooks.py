"""Webhooks that shops have asked for, the events that go to them, and what became of each delivery.

A shop sees its own; who delivers sees all of them and no other table. An event is kept once, however many get it; it
goes when no delivery is about it any more.
"""

from alembic import op

revision = "0280"
down_revision = "0260"

OWN = "tenant_id = (SELECT current_tenant())"
TABLES = ("webhooks", "webhook_events", "webhook_deliveries")
STATEMENTS = (
    """
    DO $$ BEGIN
        CREATE ROLE rustok_webhooks_duty NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "GRANT rustok_webhooks_duty TO CURRENT_USER",
    """
    CREATE TABLE webhooks (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        url text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 2000),
        description text NOT NULL CHECK (length(description) <= 300),
        event_types text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 100),
        active boolean NOT NULL,
        active_since timestamptz NOT NULL DEFAULT now(),
        off_reason text CHECK (off_reason IN ('asked', 'gone', 'failing')),
        off_at timestamptz,
        secret bytea NOT NULL,
        old_secret bytea,
        old_secret_until timestamptz,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        failing_since timestamptz,
        paused_until timestamptz,
        delivered_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        CHECK (active = (off_reason IS NULL) AND active = (off_at IS NULL)),
        CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
    )
    """,
    "CREATE INDEX ON webhooks (id)",
    """
    CREATE TABLE webhook_events (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        event_type text NOT NULL,
        aggregate_id uuid NOT NULL,
        aggregate_order bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now(),
        body bytea,
        topic text,
        "partition" integer,
        "offset" bigint,
        record_key bytea,
        record_value bytea,
        headers jsonb,
        committed_ms bigint,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX ON webhook_events (taken_at)",
    """
    CREATE TABLE webhook_deliveries (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        webhook_id uuid NOT NULL,
        event_id uuid NOT NULL,
        stored_as uuid NOT NULL,
        event_type text NOT NULL,
        aggregate_id uuid NOT NULL,
        aggregate_order bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'parked', 'delivered', 'failed', 'dead')),
        attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        made_at timestamptz NOT NULL DEFAULT now(),
        next_try_at timestamptz,
        first_failed_at timestamptz,
        tried_at timestamptz,
        status smallint,
        error text NOT NULL DEFAULT '',
        duration_ms integer,
        claim uuid,
        claimed_until timestamptz,
        replay bigint,
        replay_attempts integer NOT NULL DEFAULT 0,
        replay_first_failed_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, webhook_id, event_id),
        FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, stored_as) REFERENCES webhook_events ON DELETE CASCADE,
        CHECK ((state = 'waiting') = (next_try_at IS NOT NULL))
    )
    """,
    # What is due at a receiver, and what goes before it.
    "CREATE INDEX ON webhook_deliveries (tenant_id, webhook_id, next_try_at) WHERE state = 'waiting'",
    """
    CREATE INDEX ON webhook_deliveries (tenant_id, webhook_id, aggregate_id, aggregate_order, event_id)
        WHERE state = 'waiting'
    """,
    "CREATE INDEX ON webhook_deliveries (tenant_id, webhook_id, id)",
    "CREATE INDEX ON webhook_deliveries (tenant_id, stored_as)",
    "CREATE INDEX ON webhook_deliveries (made_at)",
    "CREATE INDEX ON webhook_deliveries (id) WHERE state = 'parked'",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE POLICY own ON {table} USING ({OWN})" for table in TABLES),
    *(f"CREATE POLICY delivered ON {table} TO rustok_webhooks_duty USING ((SELECT is_platform()))" for table in TABLES),
    *(f"CREATE POLICY kept ON {table} TO rustok_keeper USING (true)" for table in TABLES),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO rustok_app",
    "GRANT SELECT, INSERT, DELETE ON webhook_events TO rustok_app",
    "GRANT SELECT, INSERT ON webhook_deliveries TO rustok_app",
    "GRANT SELECT, UPDATE ON webhooks TO rustok_webhooks_duty",
    "GRANT SELECT, INSERT, UPDATE ON webhook_events, webhook_deliveries TO rustok_webhooks_duty",
    "GRANT SELECT, INSERT, UPDATE ON dead_letter_offsets TO rustok_webhooks_duty",
    "GRANT SELECT ON webhooks TO rustok_keeper",
    "GRANT SELECT, DELETE ON webhook_events, webhook_deliveries TO rustok_keeper",
    "GRANT DELETE ON webhook_deliveries TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
