"""Price lists, what they say of each variant, and what was said before: so that any past price can be told.

The rules are those of `api.domain.price_lists`. What is said has the moment since when, and triggers keep what was said
before it with the time in which it was so, half open, in the transaction of the change and by the clock of the
database. Of one thing nothing else was said at the same time: exclusion constraints refuse it.

`product_prices.due_at` is when what was told of a product's prices has to be looked at again: by the clock, or because
something was changed that the prices are made of.
"""

from alembic import op

revision = "0310"
down_revision = "0340"

#: `MOST_MINOR` of `api.domain.money`, `MOST_FROM_QUANTITY` of `api.domain.list_prices` and `MOST_PRIORITY` of
#: `api.domain.price_lists`, as they were when this was written.
MOST_MINOR = 10**15
MOST_FROM_QUANTITY = 1_000_000
MOST_PRIORITY = 1_000_000

LIST_COLUMNS = f"""
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
        customer_group text CHECK (customer_group ~ '^[a-z0-9][a-z0-9_-]*$' AND length(customer_group) <= 63),
        starts_at timestamptz,
        ends_at timestamptz CHECK (ends_at > starts_at),
        priority integer NOT NULL CHECK (priority BETWEEN 0 AND {MOST_PRIORITY}),
        active boolean NOT NULL,
        created_at timestamptz NOT NULL,
"""
#: Which of the columns that a price list has say what it was like.
LIST_NAMES = "currency, customer_group, starts_at, ends_at, priority, active, created_at"

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"""
    CREATE TABLE price_lists (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        name text NOT NULL CHECK (name <> ''),
        {LIST_COLUMNS}
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, name)
    )
    """,
    f"""
    CREATE TABLE price_list_entries (
        tenant_id uuid NOT NULL,
        list_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        from_quantity integer NOT NULL CHECK (from_quantity BETWEEN 1 AND {MOST_FROM_QUANTITY}),
        product_id uuid NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND {MOST_MINOR}),
        compare_at_minor bigint CHECK (compare_at_minor BETWEEN amount_minor AND {MOST_MINOR}),
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, list_id, variant_id, from_quantity),
        FOREIGN KEY (tenant_id, list_id) REFERENCES price_lists ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, variant_id) REFERENCES variants ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON price_list_entries (tenant_id, variant_id)",
    """
    CREATE TABLE product_prices (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        product_id uuid NOT NULL,
        list_prices jsonb NOT NULL,
        public_prices jsonb NOT NULL,
        next_change_at timestamptz,
        due_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT prices_told_once UNIQUE (tenant_id, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products
    )
    """,
    "CREATE INDEX ON product_prices (due_at) WHERE due_at IS NOT NULL",
    # The scheduler asks what is due before it knows whose it is.
    "CREATE POLICY found ON product_prices FOR SELECT USING ((SELECT is_platform()))",
    "ALTER TABLE prices ADD COLUMN since timestamptz NOT NULL DEFAULT now()",
    """
    CREATE TABLE base_price_history (
        tenant_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        currency text NOT NULL,
        amount_minor bigint NOT NULL,
        during tstzrange NOT NULL CHECK (NOT isempty(during)),
        FOREIGN KEY (tenant_id, variant_id) REFERENCES variants ON DELETE CASCADE,
        CONSTRAINT one_base_price EXCLUDE USING gist (tenant_id WITH =, variant_id WITH =, currency WITH =,
            during WITH &&)
    )
    """,
    """
    CREATE TABLE list_price_history (
        tenant_id uuid NOT NULL,
        list_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        from_quantity integer NOT NULL,
        amount_minor bigint NOT NULL,
        during tstzrange NOT NULL CHECK (NOT isempty(during)),
        FOREIGN KEY (tenant_id, variant_id) REFERENCES variants ON DELETE CASCADE,
        CONSTRAINT one_list_price EXCLUDE USING gist (tenant_id WITH =, variant_id WITH =, list_id WITH =,
            from_quantity WITH =, during WITH &&)
    )
    """,
    f"""
    CREATE TABLE price_list_history (
        tenant_id uuid NOT NULL REFERENCES tenants,
        list_id uuid NOT NULL,
        {LIST_COLUMNS}
        during tstzrange NOT NULL CHECK (NOT isempty(during)),
        CONSTRAINT one_list EXCLUDE USING gist (tenant_id WITH =, list_id WITH =, during WITH &&)
    )
    """,
    "CREATE INDEX ON base_price_history (tenant_id, variant_id)",
    "CREATE INDEX ON list_price_history (tenant_id, variant_id)",
    "CREATE INDEX ON price_list_history (tenant_id, list_id)",
    # A transaction that began earlier may change what one that began later has changed: time does not go back for it.
    """
    CREATE FUNCTION keep_base_price() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        begun timestamptz := greatest(OLD.since, (
            SELECT max(upper(h.during)) FROM base_price_history h
            WHERE h.tenant_id = OLD.tenant_id AND h.variant_id = OLD.variant_id AND h.currency = OLD.currency));
        ended timestamptz := greatest(now(), begun);
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            NEW.since := begun;
            IF NEW.amount_minor = OLD.amount_minor THEN RETURN NEW; END IF;
            NEW.since := ended;
        END IF;
        INSERT INTO base_price_history
        SELECT OLD.tenant_id, OLD.variant_id, OLD.currency, OLD.amount_minor, tstzrange(begun, ended)
        WHERE ended > begun
            AND EXISTS (SELECT FROM variants v WHERE v.tenant_id = OLD.tenant_id AND v.id = OLD.variant_id);
        IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
        RETURN OLD;
    END $$
    """,
    """
    CREATE FUNCTION keep_list_price() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        begun timestamptz := greatest(OLD.since, (
            SELECT max(upper(h.during)) FROM list_price_history h
            WHERE h.tenant_id = OLD.tenant_id AND h.variant_id = OLD.variant_id AND h.list_id = OLD.list_id
                AND h.from_quantity = OLD.from_quantity));
        ended timestamptz := greatest(now(), begun);
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            NEW.since := begun;
            IF NEW.amount_minor = OLD.amount_minor THEN RETURN NEW; END IF;
            NEW.since := ended;
        END IF;
        INSERT INTO list_price_history
        SELECT OLD.tenant_id, OLD.list_id, OLD.variant_id, OLD.from_quantity, OLD.amount_minor, tstzrange(begun, ended)
        WHERE ended > begun
            AND EXISTS (SELECT FROM variants v WHERE v.tenant_id = OLD.tenant_id AND v.id = OLD.variant_id);
        IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
        RETURN OLD;
    END $$
    """,
    f"""
    CREATE FUNCTION keep_price_list() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended timestamptz := greatest(now(), OLD.since);
    BEGIN
        IF TG_OP = 'UPDATE' THEN NEW.since := ended; END IF;
        INSERT INTO price_list_history (tenant_id, list_id, {LIST_NAMES}, during)
        SELECT OLD.tenant_id, OLD.id, {", ".join(f"OLD.{name.strip()}" for name in LIST_NAMES.split(","))},
            tstzrange(OLD.since, ended)
        WHERE ended > OLD.since;
        IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
        RETURN OLD;
    END $$
    """,  # constants
    """
    CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON prices
    FOR EACH ROW WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION keep_base_price()
    """,
    """
    CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON price_list_entries
    FOR EACH ROW WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION keep_list_price()
    """,
    """
    CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON price_lists
    FOR EACH ROW WHEN (current_user <> 'rustok_eraser') EXECUTE FUNCTION keep_price_list()
    """,
    """
    CREATE FUNCTION prices_are_due() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE product_prices p SET due_at = now()
        FROM (
            SELECT DISTINCT v.tenant_id, v.product_id
            FROM changed c JOIN variants v ON v.tenant_id = c.tenant_id AND v.id = c.variant_id
        ) of
        WHERE p.tenant_id = of.tenant_id AND p.product_id = of.product_id AND (p.due_at > now()) IS NOT FALSE;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION prices_of_product_are_due() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE product_prices p SET due_at = now()
        FROM (SELECT DISTINCT c.tenant_id, c.product_id FROM changed c) of
        WHERE p.tenant_id = of.tenant_id AND p.product_id = of.product_id AND (p.due_at > now()) IS NOT FALSE;
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER due_after_{command.lower()} AFTER {command} ON prices REFERENCING {which} TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION prices_are_due()
        """
        for command, which in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
    *(
        f"""
        CREATE TRIGGER due_after_{command.lower()} AFTER {command} ON {table} REFERENCING {which} TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION prices_of_product_are_due()
        """
        for table, command, which in (
            ("variants", "UPDATE", "NEW"),
            ("variants", "DELETE", "OLD"),
            ("price_list_entries", "DELETE", "OLD"),
        )
    ),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON price_lists, price_list_entries, product_prices TO rustok_app",
    "GRANT SELECT, INSERT ON base_price_history, list_price_history, price_list_history TO rustok_app",
    "GRANT DELETE ON base_price_history, list_price_history, price_list_history TO rustok_eraser",
)
TABLES = (
    "price_lists",
    "price_list_entries",
    "product_prices",
    "base_price_history",
    "list_price_history",
    "price_list_history",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))")
