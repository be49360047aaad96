"""A handle that was changed still leads to its product, until another product takes it."""

from alembic import op

revision = "0251"
down_revision = "0230"

STATEMENTS = (
    """
    CREATE TABLE old_handles (
        tenant_id uuid NOT NULL,
        locale text NOT NULL,
        handle text NOT NULL CHECK (handle <> ''),
        product_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, locale, handle),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON old_handles (tenant_id, product_id)",
    "ALTER TABLE old_handles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON old_handles USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON old_handles TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
