"""What was paid goes back by line: never more than was paid, no unit twice, and what will not leave is not waited for.

Like lines and parcels, refunds are inserted and stay.
"""

from alembic import op

revision = "0271"
down_revision = "0270"

STATEMENTS = (
    "ALTER TABLE order_parcels ADD CHECK (parcel_no <= 1000)",
    """
    CREATE TABLE order_refunds (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        refund_no integer NOT NULL CHECK (refund_no BETWEEN 1 AND 1000),
        other_minor bigint NOT NULL CHECK (other_minor >= 0),
        amount_minor bigint NOT NULL CHECK (amount_minor >= other_minor),
        reason text NOT NULL CHECK (reason <> ''),
        refunded_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, order_id, refund_no),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders
    )
    """,
    """
    CREATE TABLE order_refund_lines (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        refund_no integer NOT NULL,
        position integer NOT NULL,
        returned bigint NOT NULL CHECK (returned >= 0),
        not_sent bigint NOT NULL CHECK (not_sent >= 0),
        amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
        PRIMARY KEY (tenant_id, order_id, refund_no, position),
        FOREIGN KEY (tenant_id, order_id, refund_no) REFERENCES order_refunds,
        FOREIGN KEY (tenant_id, order_id, position) REFERENCES order_lines
    )
    """,
    """
    CREATE OR REPLACE FUNCTION require_parcels_fit(of_tenant uuid, of_order uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        is_now text;
        parcels bigint;
        left_here numeric;
        too_many bigint;
    BEGIN
        SELECT o.status INTO is_now FROM orders o WHERE o.tenant_id = of_tenant AND o.id = of_order;
        SELECT coalesce(sum(l.quantity - l.gone - l.not_sent), 0),
            count(*) FILTER (WHERE l.gone + l.not_sent > l.quantity OR l.returned > l.gone)
        INTO left_here, too_many
        FROM (
            SELECT l.quantity, coalesce((
                SELECT sum(i.quantity) FROM order_parcel_lines i
                WHERE i.tenant_id = of_tenant AND i.order_id = of_order AND i.position = l.position
            ), 0) AS gone, coalesce(r.not_sent, 0) AS not_sent, coalesce(r.returned, 0) AS returned
            FROM order_lines l
            CROSS JOIN LATERAL (
                SELECT sum(i.not_sent) AS not_sent, sum(i.returned) AS returned FROM order_refund_lines i
                WHERE i.tenant_id = of_tenant AND i.order_id = of_order AND i.position = l.position
            ) r
            WHERE l.tenant_id = of_tenant AND l.order_id = of_order
        ) l;
        SELECT count(*) INTO parcels FROM order_parcels p WHERE p.tenant_id = of_tenant AND p.order_id = of_order;
        IF too_many > 0 OR NOT (CASE is_now
            WHEN 'partly_shipped' THEN parcels > 0 AND left_here > 0
            WHEN 'shipped' THEN parcels > 0 AND left_here = 0
            WHEN 'delivered' THEN parcels > 0 AND left_here = 0
            ELSE parcels = 0
        END) THEN
            RAISE EXCEPTION 'what left of order % and what came back is not what its status says', of_order
                USING ERRCODE = 'check_violation';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION require_refunds_fit(of_tenant uuid, of_order uuid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_parcels_fit(of_tenant, of_order);
        IF EXISTS (
            SELECT FROM orders o
            WHERE o.tenant_id = of_tenant AND o.id = of_order AND (
                o.paid_at IS NULL
                OR o.total_minor < coalesce(o.refund_minor, 0) + (
                    SELECT coalesce(sum(r.amount_minor), 0) FROM order_refunds r
                    WHERE r.tenant_id = of_tenant AND r.order_id = of_order
                )
            )
        ) OR EXISTS (
            SELECT FROM order_refunds r
            WHERE r.tenant_id = of_tenant AND r.order_id = of_order AND r.amount_minor <> r.other_minor + (
                SELECT coalesce(sum(i.amount_minor), 0) FROM order_refund_lines i
                WHERE i.tenant_id = of_tenant AND i.order_id = of_order AND i.refund_no = r.refund_no
            )
        ) THEN
            RAISE EXCEPTION 'the refunds of order % do not add up', of_order USING ERRCODE = 'check_violation';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION cancelled_fits_its_refunds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_refunds_fit(NEW.tenant_id, NEW.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER cancelled_fits_its_refunds AFTER UPDATE ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.refund_minor IS DISTINCT FROM NEW.refund_minor AND NEW.paid_at IS NOT NULL)
    EXECUTE FUNCTION cancelled_fits_its_refunds()
    """,
    """
    CREATE FUNCTION refund_fits_its_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_refunds_fit(NEW.tenant_id, NEW.order_id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER refund_fits_its_order AFTER INSERT ON order_refunds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refund_fits_its_order()
    """,
    """
    CREATE FUNCTION refund_lines_fit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_refunds_fit(touched.tenant_id, touched.order_id)
        FROM (SELECT DISTINCT tenant_id, order_id FROM added) touched;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER refund_lines_fit AFTER INSERT ON order_refund_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refund_lines_fit()
    """,
    """
    CREATE FUNCTION refunds_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a refund never changes' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER refunds_stay BEFORE UPDATE OR DELETE ON order_refunds FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION refunds_stay()
    """,
    """
    CREATE TRIGGER refund_lines_stay BEFORE UPDATE OR DELETE ON order_refund_lines FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION refunds_stay()
    """,
    "ALTER TABLE order_refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE order_refund_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON order_refunds USING (tenant_id = (SELECT current_tenant()))",
    "CREATE POLICY own ON order_refund_lines USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT ON order_refunds, order_refund_lines TO rustok_app",
    "GRANT DELETE ON order_refunds, order_refund_lines TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
