"""The audit trail: rows that are added and never changed, and the chains of hashes over them.

A row waits in `audit_unchained` until a job has given it its place, so that writing one takes no lock. The owner of the
tables could still undo all of this: that is what the anchors in Kafka are for.
"""

from alembic import op

revision = "0210"
down_revision = "0201"

TABLES = ("audit", "audit_chain")
STATEMENTS = (
    """
    CREATE TABLE audit (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        about uuid,
        at timestamptz NOT NULL,
        actor_id text NOT NULL,
        role text NOT NULL,
        act text NOT NULL CHECK (act <> ''),
        object text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
        reason text NOT NULL,
        address text NOT NULL,
        request_id uuid NOT NULL,
        correlation_id text NOT NULL,
        detail jsonb NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX ON audit (at, id)",
    "CREATE INDEX ON audit (tenant_id, at, id)",
    "CREATE INDEX ON audit (about, at, id) WHERE about IS NOT NULL",
    "CREATE INDEX ON audit (id)",
    """
    CREATE TABLE audit_chain (
        tenant_id uuid NOT NULL,
        seq bigint NOT NULL CHECK (seq > 0),
        entry_id uuid NOT NULL,
        hash bytea NOT NULL CHECK (length(hash) = 32),
        chained_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, seq),
        UNIQUE (tenant_id, entry_id),
        FOREIGN KEY (tenant_id, entry_id) REFERENCES audit
    )
    """,
    # Whose row it is, in which transaction it was written. Nobody reads it but the job.
    """
    CREATE TABLE audit_unchained (
        chain uuid NOT NULL,
        id uuid NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (chain, id)
    )
    """,
    "CREATE INDEX ON audit_unchained (xid, id)",
    """
    CREATE FUNCTION audit_waits() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit_unchained (chain, id) VALUES (NEW.tenant_id, NEW.id);
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER waits AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_waits()",
    """
    CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE insufficient_privilege USING MESSAGE = format('%s only grows: no %s', TG_TABLE_NAME, TG_OP);
    END $$
    """,
    *(
        f"CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
        for table in TABLES
    ),
    # Also where triggers are left out, as when a table is copied.
    *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows" for table in TABLES),
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    """
    CREATE POLICY seen ON audit FOR SELECT USING (
        tenant_id = (SELECT current_owner()) OR about = (SELECT current_tenant()) OR (SELECT is_platform())
    )
    """,
    """
    CREATE POLICY added ON audit FOR INSERT WITH CHECK (
        tenant_id = (SELECT current_owner()) OR (SELECT is_platform())
    )
    """,
    "CREATE POLICY kept ON audit FOR SELECT TO rustok_keeper USING (true)",
    """
    CREATE POLICY seen ON audit_chain FOR SELECT USING (
        tenant_id = (SELECT current_owner()) OR (SELECT is_platform())
    )
    """,
    "CREATE POLICY kept ON audit_chain FOR SELECT TO rustok_keeper USING (true)",
    "CREATE POLICY chained ON audit_chain FOR INSERT TO rustok_keeper WITH CHECK (true)",
    "GRANT SELECT, INSERT ON audit TO rustok_app",
    "GRANT SELECT ON audit_chain TO rustok_app",
    "GRANT INSERT ON audit_unchained TO rustok_app",
    "GRANT SELECT ON audit TO rustok_keeper",
    "GRANT SELECT, INSERT ON audit_chain TO rustok_keeper",
    "GRANT SELECT, DELETE ON audit_unchained TO rustok_keeper",
    # Anchors are the platform's, whosever chain they are of.
    "CREATE POLICY audit ON outbox FOR INSERT WITH CHECK ((SELECT is_platform()) AND aggregatetype = 'audit')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
