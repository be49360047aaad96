"""The role the API works as, who a row belongs to, and the tenants themselves.

`rustok_app` cannot log in and cannot bypass row-level security: a transaction puts it on, and names its tenant in the
setting `rustok.tenant`. Only what looks for a tenant (by host, by slug, or all of them) says `rustok.platform` instead.
"""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    DO $$ BEGIN
        CREATE ROLE rustok_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "GRANT rustok_app TO CURRENT_USER",
    """
    CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('rustok.tenant', true), '')::uuid
    """,
    """
    CREATE FUNCTION is_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('rustok.platform', true), '') = 'on'
    """,
    """
    CREATE TABLE tenants (
        id uuid PRIMARY KEY,
        version bigint NOT NULL CHECK (version > 0),
        slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        name text NOT NULL CHECK (name <> ''),
        default_locale text NOT NULL,
        locales text[] NOT NULL CHECK (default_locale = ANY (locales)),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        active boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE tenant_domains (
        domain text PRIMARY KEY CHECK (domain = lower(domain) AND domain <> ''),
        tenant_id uuid NOT NULL REFERENCES tenants,
        position integer NOT NULL
    )
    """,
    "CREATE INDEX ON tenant_domains (tenant_id)",
    "ALTER TABLE tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE tenant_domains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON tenants USING (id = (SELECT current_tenant()))",
    "CREATE POLICY own ON tenant_domains USING (tenant_id = (SELECT current_tenant()))",
    "CREATE POLICY found ON tenants FOR SELECT USING ((SELECT is_platform()))",
    "CREATE POLICY found ON tenant_domains FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT, INSERT, UPDATE ON tenants TO rustok_app",
    "GRANT SELECT, INSERT, DELETE ON tenant_domains TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
