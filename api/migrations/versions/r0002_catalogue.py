"""Categories and products, with the rules the database keeps by itself."""

from alembic import op

revision = "0002"
down_revision = "0001"

OWNED = (
    "categories",
    "category_translations",
    "products",
    "product_translations",
    "variants",
    "prices",
    "product_categories",
)

STATEMENTS = (
    """
    CREATE TABLE categories (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        external_id text,
        parent_id uuid,
        path uuid[] NOT NULL,
        position integer NOT NULL,
        import_fingerprint bytea,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, external_id),
        FOREIGN KEY (tenant_id, parent_id) REFERENCES categories,
        CONSTRAINT path_ends_here CHECK (
            path[cardinality(path)] = id
            AND path[cardinality(path) - 1] IS NOT DISTINCT FROM parent_id
        )
    )
    """,
    """
    CREATE FUNCTION keep_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a category keeps its place in the tree' USING ERRCODE = 'check_violation';
    END $$
    """,
    # A parent is there before its children and never changes, so the tree has no cycles.
    """
    CREATE TRIGGER keep_place BEFORE UPDATE ON categories FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id OR OLD.path <> NEW.path OR OLD.id <> NEW.id)
    EXECUTE FUNCTION keep_place()
    """,
    """
    CREATE TABLE category_translations (
        tenant_id uuid NOT NULL,
        category_id uuid NOT NULL,
        locale text NOT NULL,
        position integer NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        slug text NOT NULL CHECK (slug <> ''),
        description text,
        PRIMARY KEY (tenant_id, category_id, locale),
        CONSTRAINT slug_taken UNIQUE (tenant_id, locale, slug),
        FOREIGN KEY (tenant_id, category_id) REFERENCES categories ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE products (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        external_id text,
        status text NOT NULL CHECK (status IN ('draft', 'active', 'archived')),
        brand text,
        options text[] NOT NULL,
        images jsonb NOT NULL,
        tags text[] NOT NULL,
        attributes jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
        import_fingerprint bytea,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, external_id)
    )
    """,
    """
    CREATE TABLE product_translations (
        tenant_id uuid NOT NULL,
        product_id uuid NOT NULL,
        locale text NOT NULL,
        position integer NOT NULL,
        title text NOT NULL CHECK (title <> ''),
        handle text NOT NULL CHECK (handle <> ''),
        subtitle text,
        description text,
        PRIMARY KEY (tenant_id, product_id, locale),
        CONSTRAINT handle_taken UNIQUE (tenant_id, locale, handle),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE variants (
        tenant_id uuid NOT NULL,
        product_id uuid NOT NULL,
        id uuid NOT NULL,
        position integer NOT NULL,
        sku text NOT NULL CHECK (sku <> ''),
        barcode text,
        option_values jsonb NOT NULL,
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT sku_taken UNIQUE (tenant_id, sku),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON variants (tenant_id, product_id)",
    """
    CREATE TABLE prices (
        tenant_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        position integer NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
        compare_at_minor bigint CHECK (compare_at_minor >= amount_minor),
        PRIMARY KEY (tenant_id, variant_id, currency),
        FOREIGN KEY (tenant_id, variant_id) REFERENCES variants ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE product_categories (
        tenant_id uuid NOT NULL,
        product_id uuid NOT NULL,
        category_id uuid NOT NULL,
        position integer NOT NULL,
        PRIMARY KEY (tenant_id, product_id, category_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, category_id) REFERENCES categories
    )
    """,
    "CREATE INDEX ON product_categories (tenant_id, category_id)",
    """
    CREATE FUNCTION product_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT FROM variants v WHERE v.tenant_id = NEW.tenant_id AND v.product_id = NEW.id)
            OR NOT EXISTS (
                SELECT FROM product_translations t WHERE t.tenant_id = NEW.tenant_id AND t.product_id = NEW.id
            )
        THEN
            IF EXISTS (SELECT FROM products p WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.id) THEN
                RAISE EXCEPTION 'product % has no variant or no translation', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER product_is_whole AFTER INSERT OR UPDATE ON products
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION product_is_whole()
    """,
    """
    CREATE FUNCTION active_product_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'an active product is not deleted' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER active_product_stays BEFORE DELETE ON products FOR EACH ROW WHEN (OLD.status = 'active')
    EXECUTE FUNCTION active_product_stays()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO rustok_app")
