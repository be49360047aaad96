"""Discount codes, and which order used which: counted in the order's transaction, given back when it is cancelled.

The rules are those of `api.domain.discounts`.
"""

from alembic import op

revision = "0331"
down_revision = "0330"

#: As they were when this was written.
MOST_MINOR = 10**15
MOST_USES = 1_000_000_000
STATEMENTS = (
    f"""
    CREATE TABLE discounts (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        code text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
        code_key text GENERATED ALWAYS AS (code_key(code)) STORED,
        kind text NOT NULL CHECK (kind IN ('percentage', 'amount', 'free_shipping')),
        value bigint NOT NULL CHECK (value BETWEEN 0 AND {MOST_MINOR}),
        currency text CHECK (currency ~ '^[A-Z]{{3}}$'),
        minimum_minor bigint NOT NULL CHECK (minimum_minor BETWEEN 0 AND {MOST_MINOR}),
        starts_at timestamptz,
        ends_at timestamptz,
        most_uses bigint CHECK (most_uses BETWEEN 0 AND {MOST_USES}),
        most_each bigint CHECK (most_each BETWEEN 1 AND {MOST_USES}),
        active boolean NOT NULL,
        uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT discount_code_taken UNIQUE (tenant_id, code_key),
        CONSTRAINT value_fits_kind CHECK (CASE kind
            WHEN 'percentage' THEN value BETWEEN 1 AND 10000
            WHEN 'amount' THEN value > 0
            ELSE value = 0 END),
        CONSTRAINT money_has_a_currency CHECK (currency IS NOT NULL OR (kind <> 'amount' AND minimum_minor = 0)),
        CONSTRAINT discount_ends_after_it_starts CHECK (ends_at > starts_at)
    )
    """,
    """
    CREATE TABLE discount_uses (
        tenant_id uuid NOT NULL,
        order_id uuid NOT NULL,
        discount_id uuid NOT NULL,
        given_back boolean NOT NULL DEFAULT false,
        PRIMARY KEY (tenant_id, order_id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        FOREIGN KEY (tenant_id, discount_id) REFERENCES discounts
    )
    """,
    "CREATE INDEX ON discount_uses (tenant_id, discount_id) WHERE NOT given_back",
    "ALTER TABLE carts ADD COLUMN discount_code text CHECK (length(discount_code) BETWEEN 1 AND 60)",
    *(
        statement
        for table in ("discounts", "discount_uses")
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))",
            f"GRANT SELECT, INSERT, UPDATE ON {table} TO rustok_app",
            f"GRANT DELETE ON {table} TO rustok_eraser",
        )
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
