"""Stock: what there is of a variant at a location, and what of it is promised to which order.

The rules are those of `api.domain.stock`. A variant that is counted does not go silently: whoever removes it ends its
stock in the same transaction.
"""

from alembic import op

revision = "0240"
down_revision = "0280"

#: `api.domain.stock.MOST`, as it was when this was written.
MOST = 1_000_000_000
STATEMENTS = (
    """
    CREATE TABLE locations (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        name text NOT NULL CHECK (name <> ''),
        position integer NOT NULL,
        is_default boolean NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, name)
    )
    """,
    "CREATE UNIQUE INDEX one_default_location ON locations (tenant_id) WHERE is_default",
    f"""
    CREATE TABLE stock (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        variant_id uuid NOT NULL,
        product_id uuid NOT NULL,
        location_id uuid NOT NULL,
        on_hand bigint NOT NULL,
        reserved bigint NOT NULL,
        incoming bigint NOT NULL,
        low_threshold bigint,
        backorder boolean NOT NULL,
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT stock_counted_once UNIQUE (tenant_id, variant_id, location_id),
        FOREIGN KEY (tenant_id, location_id) REFERENCES locations,
        CONSTRAINT stock_of_a_variant FOREIGN KEY (tenant_id, variant_id) REFERENCES variants
            DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT reserved_in_range CHECK (reserved BETWEEN 0 AND {MOST}),
        CONSTRAINT incoming_in_range CHECK (incoming BETWEEN 0 AND {MOST}),
        CONSTRAINT threshold_in_range CHECK (low_threshold BETWEEN 0 AND {MOST}),
        CONSTRAINT on_hand_in_range CHECK (on_hand BETWEEN CASE WHEN backorder THEN -{MOST} ELSE 0 END AND {MOST}),
        CONSTRAINT not_sold_twice CHECK (backorder OR on_hand >= reserved)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX stock_low ON stock (tenant_id, id) WHERE on_hand - reserved <= low_threshold",
    f"""
    CREATE TABLE reservations (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        stock_id uuid NOT NULL,
        quantity bigint NOT NULL CHECK (quantity BETWEEN 1 AND {MOST}),
        unpaid boolean NOT NULL,
        reserved_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, order_id, stock_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        FOREIGN KEY (tenant_id, stock_id) REFERENCES stock ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON reservations (tenant_id, stock_id)",
    "CREATE INDEX reservations_unpaid ON reservations (reserved_at) WHERE unpaid",
    # The scheduler asks which orders are overdue before it knows whose they are.
    "CREATE POLICY found ON reservations FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT, INSERT, UPDATE ON locations TO rustok_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON stock, reservations TO rustok_app",
    "GRANT DELETE ON locations TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("locations", "stock", "reservations"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))")
