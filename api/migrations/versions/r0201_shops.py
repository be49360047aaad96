"""What a shop's owner may change: its days, its modules, its domains; and the slugs of shops that are gone."""

from alembic import op

revision = "0201"
down_revision = "0200"

STATEMENTS = (
    "ALTER TABLE tenants ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC'",
    "ALTER TABLE tenants ADD COLUMN modules text[] NOT NULL DEFAULT '{analytics,imports,registry,search}'",
    # Until it is shown whose it is, a domain may be claimed by several.
    """
    CREATE TABLE domain_claims (
        tenant_id uuid NOT NULL REFERENCES tenants,
        domain text NOT NULL CHECK (domain = lower(domain) AND domain <> ''),
        proof text NOT NULL CHECK (proof <> ''),
        claimed_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, domain)
    )
    """,
    "ALTER TABLE domain_claims ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON domain_claims USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, DELETE ON domain_claims TO rustok_app",
    # All that the platform keeps: nobody else is to get the addresses of a shop that is gone.
    "CREATE TABLE erased_tenants (slug text PRIMARY KEY, erased_at timestamptz NOT NULL DEFAULT now())",
    "GRANT SELECT ON erased_tenants TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
