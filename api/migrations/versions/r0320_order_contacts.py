"""Orders know whom they are about and where they go: in a table of its own, which no event tells of.

It changes until nothing of the order is here any more. Nothing is left in the row of somebody who was erased.
"""

from alembic import op

revision = "0320"
down_revision = "0240"

_ADDRESS = {
    "name": 200,
    "company": 200,
    "line1": 200,
    "line2": 200,
    "postal_code": 20,
    "city": 100,
    "region": 100,
    "country": 2,
    "phone": 40,
}
_PARTS = {"contact": {"name": 200, "email": 254, "phone": 40}, "shipping": _ADDRESS, "billing": _ADDRESS}
_LONGEST = {f"{part}_{field}": most for part, fields in _PARTS.items() for field, most in fields.items()}
_COLUMNS = ",\n        ".join(
    f"{column} text CHECK ({column} ~ '^[^\\u0001-\\u001f\\u007f-\\u009f]{{1,{most}}}$')"
    for column, most in _LONGEST.items()
)


def _whole(part: str) -> str:
    """An address has what every address has, or nothing."""
    needed = f"{part}_line1, {part}_city, {part}_country"
    every = ", ".join(f"{part}_{field}" for field in _ADDRESS)
    return f"num_nulls({needed}) = 0 OR num_nonnulls({every}) = 0"


STATEMENTS = (
    f"""
    CREATE TABLE order_contacts (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        {_COLUMNS},
        PRIMARY KEY (tenant_id, order_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        CONSTRAINT email_is_one CHECK (contact_email ~ '^[^@]{{1,64}}@[^@]{{1,189}}$'),
        CONSTRAINT countries_are_iso CHECK (
            shipping_country ~ '^[A-Z]{{2}}$' IS NOT FALSE AND billing_country ~ '^[A-Z]{{2}}$' IS NOT FALSE
        ),
        CONSTRAINT addresses_are_whole CHECK (({_whole("shipping")}) AND ({_whole("billing")}))
    )
    """,
    "CREATE INDEX order_contacts_email ON order_contacts (tenant_id, contact_email) WHERE contact_email IS NOT NULL",
    # Who writes here holds the order: it does not leave meanwhile.
    f"""
    CREATE FUNCTION contacts_change_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_now text;
    BEGIN
        IF num_nonnulls({", ".join(f"NEW.{column}" for column in _LONGEST)}) > 0 THEN
            SELECT o.status INTO is_now FROM orders o
            WHERE o.tenant_id = NEW.tenant_id AND o.id = NEW.order_id FOR SHARE;
            IF is_now IN ('shipped', 'delivered', 'cancelled') THEN
                RAISE EXCEPTION 'where a % order goes changes no more', is_now USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,  # noqa: S608  # columns of ours
    """
    CREATE TRIGGER contacts_change_in_time BEFORE INSERT OR UPDATE ON order_contacts FOR EACH ROW
    EXECUTE FUNCTION contacts_change_in_time()
    """,
    "ALTER TABLE order_contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON order_contacts USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE ON order_contacts TO rustok_app",
    "GRANT DELETE ON order_contacts TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
