"""What shops say of their search: synonyms, stop words, redirects, rules and weights, each one a row."""

from alembic import op

revision = "0420"
down_revision = "0290"

STATEMENTS = (
    """
    CREATE TABLE search_settings (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        kind text NOT NULL CHECK (kind IN ('synonyms', 'stop_words', 'redirect', 'rule', 'weights')),
        name text CHECK (name <> ''),
        locale text CHECK (locale <> ''),
        active boolean NOT NULL,
        starts_at timestamptz,
        ends_at timestamptz,
        says jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT search_setting_ends_after_it_starts CHECK (ends_at > starts_at)
    )
    """,
    "ALTER TABLE search_settings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON search_settings USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON search_settings TO rustok_app",
    "GRANT DELETE ON search_settings TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
