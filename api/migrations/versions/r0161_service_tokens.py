"""The tokens that shops give to programs. Of a secret only its hash is kept.

A token is looked for before anybody knows its shop, so the platform may see all of them.
"""

from alembic import op

revision = "0161"
down_revision = "0160"

STATEMENTS = (
    """
    CREATE TABLE service_tokens (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('service', 'search')),
        name text NOT NULL CHECK (name <> ''),
        slot smallint NOT NULL CHECK (slot IN (1, 2)),
        scopes jsonb NOT NULL,
        hash bytea NOT NULL CHECK (length(hash) = 32),
        ending text NOT NULL,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        expires_at timestamptz CHECK (expires_at > made_at),
        revoked_at timestamptz,
        used_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        CHECK (expires_at IS NOT NULL OR kind = 'search')
    )
    """,
    "CREATE INDEX ON service_tokens (id)",
    # Two of a name at a time: a program goes from one to the other.
    """
    CREATE UNIQUE INDEX service_token_slots ON service_tokens (tenant_id, kind, name, slot)
        WHERE revoked_at IS NULL
    """,
    "ALTER TABLE service_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON service_tokens USING (tenant_id = (SELECT current_tenant()))",
    "CREATE POLICY found ON service_tokens FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT, INSERT, UPDATE (revoked_at, used_at) ON service_tokens TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
