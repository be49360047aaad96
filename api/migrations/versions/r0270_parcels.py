"""Orders leave in parcels: what is in each, never more of a line than was ordered, and shipped when nothing is left.

Like the lines, parcels are inserted and stay. Their numbers at a carrier go once nobody is to know whose they were.
"""

from alembic import op

revision = "0270"
down_revision = "0251"

_SAME = ", ".join(f"OLD.{name}" for name in ("tenant_id", "order_id", "parcel_no", "carrier", "shipped_at"))

STATEMENTS = (
    """
    ALTER TABLE orders
        ADD COLUMN shipped_at timestamptz CHECK (shipped_at >= paid_at),
        ADD COLUMN delivered_at timestamptz CHECK (delivered_at >= shipped_at),
        DROP CONSTRAINT status_known,
        DROP CONSTRAINT paid_knows,
        ADD CONSTRAINT status_known CHECK (
            status IN ('pending', 'confirmed', 'paid', 'partly_shipped', 'shipped', 'delivered', 'cancelled')
        ),
        ADD CONSTRAINT paid_knows CHECK (
            status NOT IN ('paid', 'partly_shipped', 'shipped', 'delivered') OR paid_at IS NOT NULL
        ),
        ADD CONSTRAINT shipped_knows CHECK ((status IN ('shipped', 'delivered')) = (shipped_at IS NOT NULL)),
        ADD CONSTRAINT delivered_knows CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
        ADD CONSTRAINT later_moments_possible CHECK (
            (shipped_at < '9000-01-01 00:00:00+00') IS NOT FALSE
            AND (delivered_at < '9000-01-01 00:00:00+00') IS NOT FALSE
        )
    """,
    """
    CREATE OR REPLACE FUNCTION order_step_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (OLD.status, NEW.status) IN (
            ('pending', 'confirmed'), ('confirmed', 'paid'),
            ('paid', 'partly_shipped'), ('paid', 'shipped'), ('partly_shipped', 'shipped'), ('shipped', 'delivered'),
            ('pending', 'cancelled'), ('confirmed', 'cancelled'), ('paid', 'cancelled')
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an order does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TABLE order_parcels (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        parcel_no integer NOT NULL CHECK (parcel_no > 0),
        carrier text CHECK (carrier <> ''),
        tracking_number text CHECK (tracking_number <> ''),
        shipped_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, order_id, parcel_no),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders
    )
    """,
    """
    CREATE TABLE order_parcel_lines (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        parcel_no integer NOT NULL,
        position integer NOT NULL,
        quantity bigint NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (tenant_id, order_id, parcel_no, position),
        FOREIGN KEY (tenant_id, order_id, parcel_no) REFERENCES order_parcels,
        FOREIGN KEY (tenant_id, order_id, position) REFERENCES order_lines
    )
    """,
    # A function of one order, for three watchers: over its row and its parcels when the transaction ends, and over each
    # statement that brings lines of parcels.
    """
    CREATE FUNCTION require_parcels_fit(of_tenant uuid, of_order uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        is_now text;
        parcels bigint;
        left_here numeric;
        too_many bigint;
    BEGIN
        SELECT o.status INTO is_now FROM orders o WHERE o.tenant_id = of_tenant AND o.id = of_order;
        SELECT coalesce(sum(l.quantity - l.gone), 0), count(*) FILTER (WHERE l.gone > l.quantity)
        INTO left_here, too_many
        FROM (
            SELECT l.quantity, coalesce((
                SELECT sum(i.quantity) FROM order_parcel_lines i
                WHERE i.tenant_id = of_tenant AND i.order_id = of_order AND i.position = l.position
            ), 0) AS gone
            FROM order_lines l WHERE l.tenant_id = of_tenant AND l.order_id = of_order
        ) l;
        SELECT count(*) INTO parcels FROM order_parcels p WHERE p.tenant_id = of_tenant AND p.order_id = of_order;
        IF too_many > 0 OR NOT (CASE is_now
            WHEN 'partly_shipped' THEN parcels > 0 AND left_here > 0
            WHEN 'shipped' THEN parcels > 0 AND left_here = 0
            WHEN 'delivered' THEN parcels > 0 AND left_here = 0
            ELSE parcels = 0
        END) THEN
            RAISE EXCEPTION 'the parcels of order % are not what its status says', of_order
                USING ERRCODE = 'check_violation';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION order_fits_its_parcels() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_parcels_fit(NEW.tenant_id, NEW.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER order_fits_its_parcels AFTER UPDATE ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND NEW.status IN ('partly_shipped', 'shipped'))
    EXECUTE FUNCTION order_fits_its_parcels()
    """,
    """
    CREATE CONSTRAINT TRIGGER order_is_placed_before_it_is_shipped AFTER INSERT ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status IN ('partly_shipped', 'shipped', 'delivered'))
    EXECUTE FUNCTION order_fits_its_parcels()
    """,
    """
    CREATE FUNCTION parcel_fits_its_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_parcels_fit(NEW.tenant_id, NEW.order_id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER parcel_fits_its_order AFTER INSERT ON order_parcels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION parcel_fits_its_order()
    """,
    """
    CREATE FUNCTION parcel_lines_fit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM require_parcels_fit(touched.tenant_id, touched.order_id)
        FROM (SELECT DISTINCT tenant_id, order_id FROM added) touched;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER parcel_lines_fit AFTER INSERT ON order_parcel_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION parcel_lines_fit()
    """,
    """
    CREATE FUNCTION parcels_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a parcel that left never changes' USING ERRCODE = 'check_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER parcels_change_no_more BEFORE UPDATE ON order_parcels FOR EACH ROW
    WHEN (NEW.tracking_number IS NOT NULL OR ({_SAME}) IS DISTINCT FROM ({_SAME.replace("OLD", "NEW")}))
    EXECUTE FUNCTION parcels_stay()
    """,
    """
    CREATE TRIGGER parcels_stay BEFORE DELETE ON order_parcels FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION parcels_stay()
    """,
    """
    CREATE TRIGGER parcel_lines_stay BEFORE UPDATE OR DELETE ON order_parcel_lines FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION parcels_stay()
    """,
    "ALTER TABLE order_parcels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "ALTER TABLE order_parcel_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON order_parcels USING (tenant_id = (SELECT current_tenant()))",
    "CREATE POLICY own ON order_parcel_lines USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE (tracking_number) ON order_parcels TO rustok_app",
    "GRANT SELECT, INSERT ON order_parcel_lines TO rustok_app",
    "GRANT DELETE ON order_parcels, order_parcel_lines TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
