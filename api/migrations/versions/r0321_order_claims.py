"""Who orders without an account shows by a token that the order is theirs: its hash, until the order is claimed."""

from alembic import op

revision = "0321"
down_revision = "0331"

STATEMENTS = (
    """
    CREATE TABLE order_claims (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        made_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, order_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders
    )
    """,
    # Holds the order: nobody gives it to a customer meanwhile, and whose it is has no token.
    """
    CREATE FUNCTION only_nobodys_are_claimed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM FROM orders o
        WHERE o.tenant_id = NEW.tenant_id AND o.id = NEW.order_id AND o.customer_ref IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the order is somebody''s already' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER only_nobodys_are_claimed BEFORE INSERT OR UPDATE ON order_claims FOR EACH ROW
    EXECUTE FUNCTION only_nobodys_are_claimed()
    """,
    """
    CREATE FUNCTION claims_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM order_claims c WHERE c.tenant_id = NEW.tenant_id AND c.order_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER claims_end AFTER UPDATE ON orders FOR EACH ROW
    WHEN (OLD.customer_ref IS NULL AND NEW.customer_ref IS NOT NULL) EXECUTE FUNCTION claims_end()
    """,
    "ALTER TABLE order_claims ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON order_claims USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON order_claims TO rustok_app",
    "GRANT DELETE ON order_claims TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
