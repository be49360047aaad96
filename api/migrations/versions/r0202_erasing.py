"""A shop can be erased: by a role of its own, which is the only one that deletes orders.

Its row stays with nothing but id and slug in it, so that nobody else gets its address.
"""

from alembic import op

revision = "0202"
down_revision = "0210"

DELETED = (
    "categories, dead_letters, dead_letter_actions, idempotency_keys, order_lines, orders, products, service_tokens"
)
STATEMENTS = (
    "DROP TABLE erased_tenants",
    "ALTER TABLE tenants ADD COLUMN erasing_since timestamptz, ADD COLUMN erased_at timestamptz",
    "ALTER TABLE tenants ADD CONSTRAINT erased_is_closed CHECK (erasing_since IS NULL OR NOT active)",
    "CREATE INDEX ON tenants (erasing_since) WHERE erasing_since IS NOT NULL AND erased_at IS NULL",
    """
    DO $$ BEGIN
        CREATE ROLE rustok_eraser NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "GRANT rustok_eraser TO CURRENT_USER",
    "GRANT rustok_app TO rustok_eraser",
    f"GRANT DELETE ON {DELETED}, registry_changes TO rustok_eraser",
    "GRANT SELECT, DELETE ON outbox TO rustok_eraser",
    "CREATE POLICY erased ON dead_letters FOR DELETE TO rustok_eraser USING (tenant_id = (SELECT current_tenant()))",
    """
    CREATE POLICY erased_seen ON outbox FOR SELECT TO rustok_eraser
    USING (tenant_id = (SELECT current_tenant()::text))
    """,
    """
    CREATE POLICY erased ON outbox FOR DELETE TO rustok_eraser
    USING (tenant_id = (SELECT current_tenant()::text))
    """,
    "DROP TRIGGER lines_stay ON order_lines",
    """
    CREATE TRIGGER lines_stay BEFORE UPDATE OR DELETE ON order_lines FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION lines_stay()
    """,
    "DROP TRIGGER active_product_stays ON products",
    """
    CREATE TRIGGER active_product_stays BEFORE DELETE ON products FOR EACH ROW
    WHEN (OLD.status = 'active' AND current_user <> 'rustok_eraser') EXECUTE FUNCTION active_product_stays()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
