"""Carts, and what a shop says about taxes and shipping.

The rules are those of `api.domain.carts`, `tax_rates` and `shipping_methods`. A cart is ordered once: what it became
never changes, so that whoever checks it out again finds the same order.
"""

from alembic import op

revision = "0330"
down_revision = "0320"

#: As they were when this was written: `api.domain.orders`, `money`, `tax_rates`, `shipping_methods`.
MOST_OF_A_LINE = 1_000_000
MOST_LINES = 1000
MOST_MINOR = 10**15
MOST_RATE = 10_000
COUNTRY = "'^[A-Z]{2}$'"
TABLES = ("checkout_settings", "tax_rates", "shipping_methods", "shipping_prices", "carts", "cart_lines")
STATEMENTS = (
    """
    CREATE TABLE checkout_settings (
        tenant_id uuid NOT NULL REFERENCES tenants,
        prices_include_tax boolean NOT NULL DEFAULT false,
        tax_version bigint NOT NULL DEFAULT 0 CHECK (tax_version >= 0),
        shipping_version bigint NOT NULL DEFAULT 0 CHECK (shipping_version >= 0),
        PRIMARY KEY (tenant_id)
    )
    """,
    f"""
    CREATE TABLE tax_rates (
        tenant_id uuid NOT NULL REFERENCES checkout_settings,
        position integer NOT NULL CHECK (position >= 0),
        country text NOT NULL CHECK (country ~ {COUNTRY}),
        postal_prefix text NOT NULL CHECK (postal_prefix ~ '^[A-Z0-9]{{0,10}}$'),
        category_id uuid,
        rate integer NOT NULL CHECK (rate BETWEEN 0 AND {MOST_RATE}),
        PRIMARY KEY (tenant_id, position),
        CONSTRAINT one_rate UNIQUE NULLS NOT DISTINCT (tenant_id, country, postal_prefix, category_id),
        FOREIGN KEY (tenant_id, category_id) REFERENCES categories ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON tax_rates (tenant_id, category_id) WHERE category_id IS NOT NULL",
    """
    CREATE TABLE shipping_methods (
        tenant_id uuid NOT NULL REFERENCES checkout_settings,
        code text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
        position integer NOT NULL CHECK (position >= 0),
        locales text[] NOT NULL CHECK (cardinality(locales) > 0),
        names text[] NOT NULL CHECK (cardinality(names) = cardinality(locales)),
        countries text[] NOT NULL CHECK (array_to_string(countries, ',') ~ '^([A-Z]{2}(,[A-Z]{2})*)?$'),
        active boolean NOT NULL,
        PRIMARY KEY (tenant_id, code)
    )
    """,
    f"""
    CREATE TABLE shipping_prices (
        tenant_id uuid NOT NULL,
        code text NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND {MOST_MINOR}),
        free_from_minor bigint CHECK (free_from_minor BETWEEN 0 AND {MOST_MINOR}),
        PRIMARY KEY (tenant_id, code, currency),
        FOREIGN KEY (tenant_id, code) REFERENCES shipping_methods ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE carts (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        hash bytea,
        customer_ref text,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
        country text CHECK (country ~ {COUNTRY}),
        postal_code text CHECK (length(postal_code) BETWEEN 1 AND 20),
        shipping_method text,
        made_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        order_id uuid,
        tax_included_minor bigint CHECK (tax_included_minor BETWEEN 0 AND {MOST_MINOR}),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT ordered_once UNIQUE (tenant_id, order_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        CONSTRAINT ordered_knows_its_tax CHECK ((order_id IS NULL) = (tax_included_minor IS NULL))
    )
    """,
    "CREATE INDEX ON carts (tenant_id, customer_ref) WHERE customer_ref IS NOT NULL",
    "CREATE INDEX carts_open ON carts (changed_at) WHERE order_id IS NULL",
    f"""
    CREATE TABLE cart_lines (
        tenant_id uuid NOT NULL,
        cart_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        line_no integer NOT NULL CHECK (line_no BETWEEN 1 AND {MOST_LINES}),
        sku text NOT NULL CHECK (sku <> ''),
        quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND {MOST_OF_A_LINE}),
        unit_price_minor bigint NOT NULL CHECK (unit_price_minor BETWEEN 0 AND {MOST_MINOR}),
        PRIMARY KEY (tenant_id, cart_id, variant_id),
        UNIQUE (tenant_id, cart_id, line_no),
        FOREIGN KEY (tenant_id, cart_id) REFERENCES carts ON DELETE CASCADE
    )
    """,
    """
    CREATE FUNCTION ordered_carts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.order_id IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id THEN
            RAISE EXCEPTION 'a cart is ordered once' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ordered_carts_stay BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION ordered_carts_stay()",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))" for table in TABLES),
    # The scheduler asks which shops have carts that nobody came back to.
    "CREATE POLICY found ON carts FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT, INSERT, UPDATE ON checkout_settings TO rustok_app",
    "GRANT SELECT, INSERT, DELETE ON tax_rates, shipping_methods, shipping_prices TO rustok_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON carts TO rustok_app",
    "GRANT SELECT, INSERT, DELETE ON cart_lines TO rustok_app",
    f"GRANT DELETE ON {', '.join(TABLES)} TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
