"""A variant is changed in place: two SKUs can be swapped in one statement, and are compared without regard to case."""

from alembic import op

revision = "0250"
down_revision = "0180"

STATEMENTS = (
    # Of the same letters in every installation, whatever the collation of the database.
    """
    CREATE FUNCTION code_key(code text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(btrim(code) COLLATE pg_c_utf8)
    """,
    # Which of two is meant cannot be decided here, and neither can be found any more.
    """
    DO $$ DECLARE twins text; BEGIN
        SELECT string_agg(format('%s: %s', slug, skus), '; ' ORDER BY slug) INTO twins
        FROM (
            SELECT tenant_id, string_agg(quote_literal(sku), ' and ' ORDER BY sku) AS skus
            FROM variants GROUP BY tenant_id, code_key(sku) HAVING count(*) > 1 LIMIT 20
        ) doubled JOIN tenants ON tenants.id = doubled.tenant_id;
        IF twins IS NOT NULL THEN
            RAISE EXCEPTION 'SKUs that differ in case or spaces only become one: rename one of each first (%)', twins
                USING ERRCODE = 'unique_violation';
        END IF;
    END $$
    """,
    "ALTER TABLE variants ADD COLUMN sku_key text GENERATED ALWAYS AS (code_key(sku)) STORED",
    "ALTER TABLE variants DROP CONSTRAINT sku_taken",
    # Deferrable: looked at when a statement is through, so that it may swap two.
    """
    ALTER TABLE variants ADD CONSTRAINT sku_taken UNIQUE (tenant_id, sku_key) DEFERRABLE INITIALLY IMMEDIATE
    """,
    # For what is written from now on.
    r"ALTER TABLE variants ADD CONSTRAINT sku_trimmed CHECK (sku !~ '^\s|\s$') NOT VALID",
    r"ALTER TABLE variants ADD CONSTRAINT barcode_trimmed CHECK (barcode !~ '^\s|\s$') NOT VALID",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
