"""The lines of an order that nobody has confirmed yet may be others: all of them are replaced, and it adds up again."""

from alembic import op

revision = "0322"
down_revision = "0321"

STATEMENTS = (
    "DROP TRIGGER lines_stay ON order_lines",
    """
    CREATE OR REPLACE FUNCTION lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM FROM orders o
            WHERE o.tenant_id = OLD.tenant_id AND o.id = OLD.order_id AND o.status = 'pending' FOR SHARE;
            IF FOUND THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'the lines of an order change no more' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER lines_stay BEFORE UPDATE OR DELETE ON order_lines FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION lines_stay()
    """,
    # A line that came was looked at with its statement; one that went is at the end, when others are in its place.
    """
    CREATE FUNCTION order_without_a_line_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM FROM orders o
        WHERE o.tenant_id = OLD.tenant_id AND o.id = OLD.order_id
            AND o.total_minor IS DISTINCT FROM (
                SELECT sum(l.total_minor) FROM order_lines l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id
            ) + o.tax_minor + o.shipping_minor - o.discount_minor;
        IF FOUND THEN
            RAISE EXCEPTION 'order % does not add up', OLD.order_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER order_without_a_line_adds_up AFTER DELETE ON order_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION order_without_a_line_adds_up()
    """,
    "GRANT DELETE ON order_lines TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
