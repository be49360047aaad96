"""Orders: what each state knows, which steps are legal, and sums that are right or are not stored.

The lines of an order are inserted by the statement(s) of the transaction that places it and never change; they name
products without a foreign key, because they say what was sold then, whatever became of the product.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE orders (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        external_id text,
        customer_ref text,
        status text NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
        shipping_minor bigint NOT NULL CHECK (shipping_minor >= 0),
        discount_minor bigint NOT NULL CHECK (discount_minor >= 0),
        total_minor bigint NOT NULL CHECK (total_minor >= 0),
        placed_at timestamptz NOT NULL,
        confirmed_at timestamptz CHECK (confirmed_at >= placed_at),
        paid_at timestamptz CHECK (paid_at >= confirmed_at),
        payment_id text CHECK (payment_id <> ''),
        cancelled_at timestamptz,
        cancel_reason text CHECK (cancel_reason <> ''),
        refund_minor bigint CHECK (refund_minor BETWEEN 0 AND total_minor),
        import_fingerprint bytea,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, external_id),
        CONSTRAINT status_known CHECK (status IN ('pending', 'confirmed', 'paid', 'cancelled')),
        CONSTRAINT paid_by_a_payment CHECK ((paid_at IS NULL) = (payment_id IS NULL)),
        CONSTRAINT paid_after_confirmed CHECK (paid_at IS NULL OR confirmed_at IS NOT NULL),
        CONSTRAINT pending_knows CHECK (status <> 'pending' OR (confirmed_at IS NULL AND paid_at IS NULL)),
        CONSTRAINT confirmed_knows CHECK (status <> 'confirmed' OR (confirmed_at IS NOT NULL AND paid_at IS NULL)),
        CONSTRAINT paid_knows CHECK (status <> 'paid' OR paid_at IS NOT NULL),
        CONSTRAINT cancelled_knows CHECK (
            CASE WHEN status = 'cancelled'
                THEN num_nulls(cancelled_at, cancel_reason, refund_minor) = 0
                    AND (paid_at IS NOT NULL OR refund_minor = 0)
                ELSE num_nonnulls(cancelled_at, cancel_reason, refund_minor) = 0
            END
        )
    )
    """,
    "CREATE INDEX ON orders (tenant_id, customer_ref, id) WHERE customer_ref IS NOT NULL",
    """
    CREATE TABLE order_lines (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        position integer NOT NULL,
        product_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        sku text NOT NULL,
        title text NOT NULL,
        category text,
        quantity bigint NOT NULL CHECK (quantity >= 0),
        unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
        adjustment_minor bigint NOT NULL,
        total_minor bigint NOT NULL,
        PRIMARY KEY (tenant_id, order_id, position),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        CONSTRAINT line_total CHECK (total_minor = quantity * unit_price_minor + adjustment_minor)
    )
    """,
    """
    CREATE FUNCTION order_step_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (OLD.status, NEW.status) IN (
            ('pending', 'confirmed'), ('confirmed', 'paid'),
            ('pending', 'cancelled'), ('confirmed', 'cancelled'), ('paid', 'cancelled')
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an order does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER order_step_is_legal BEFORE UPDATE ON orders FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION order_step_is_legal()
    """,
    """
    CREATE FUNCTION order_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of_lines numeric;
    BEGIN
        SELECT sum(l.total_minor) INTO of_lines
        FROM order_lines l WHERE l.tenant_id = NEW.tenant_id AND l.order_id = NEW.id;
        IF of_lines IS NULL OR
            NEW.total_minor <> of_lines + NEW.tax_minor + NEW.shipping_minor - NEW.discount_minor
        THEN
            RAISE EXCEPTION 'order % does not add up', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    # Two watchers: over orders at the end of the transaction (an order without its lines), and over each statement
    # that brings lines (a line that comes later). One for each line would cost more than all the rest of an import.
    """
    CREATE CONSTRAINT TRIGGER order_adds_up AFTER INSERT ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION order_adds_up()
    """,
    """
    CREATE CONSTRAINT TRIGGER order_still_adds_up AFTER UPDATE ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (
        (OLD.total_minor, OLD.tax_minor, OLD.shipping_minor, OLD.discount_minor)
        IS DISTINCT FROM (NEW.total_minor, NEW.tax_minor, NEW.shipping_minor, NEW.discount_minor)
    )
    EXECUTE FUNCTION order_adds_up()
    """,
    """
    CREATE FUNCTION lines_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong uuid;
    BEGIN
        SELECT o.id INTO wrong
        FROM (SELECT DISTINCT tenant_id, order_id FROM added) touched
        JOIN orders o ON o.tenant_id = touched.tenant_id AND o.id = touched.order_id
        CROSS JOIN LATERAL (
            SELECT sum(l.total_minor) AS of_lines
            FROM order_lines l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id
        ) l
        WHERE o.total_minor <> l.of_lines + o.tax_minor + o.shipping_minor - o.discount_minor
        LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'order % does not add up', wrong USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER lines_add_up AFTER INSERT ON order_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION lines_add_up()
    """,
    """
    CREATE FUNCTION lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'the lines of an order never change' USING ERRCODE = 'check_violation';
    END $$
    """,
    "CREATE TRIGGER lines_stay BEFORE UPDATE OR DELETE ON order_lines FOR EACH ROW EXECUTE FUNCTION lines_stay()",
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON orders USING (tenant_id = (SELECT current_tenant()))",
    "CREATE POLICY own ON order_lines USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE ON orders TO rustok_app",
    "GRANT SELECT, INSERT ON order_lines TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
