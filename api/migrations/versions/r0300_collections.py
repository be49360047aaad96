"""Collections, with the products chosen for them, and what finds products by tag, brand, age and price.

A product that is in a collection does not go silently: whoever deletes it takes it out in the same transaction.
"""

from alembic import op

revision = "0300"
down_revision = "0310"

#: `api.domain.collections.MOST_MEMBERS` and the limits of `api.domain.collection_rules`, as they were then.
MOST_MEMBERS = 1000
MOST_CONDITIONS = 20
TABLES = ("collections", "collection_translations", "old_collection_handles", "collection_products", "product_tags")
STATEMENTS = (
    f"""
    CREATE TABLE collections (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        external_id text,
        status text NOT NULL CHECK (status IN ('draft', 'active')),
        rule jsonb,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
        import_fingerprint bytea,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, external_id),
        CONSTRAINT rule_is_one CHECK (rule IS NULL OR coalesce(
            rule ->> 'match' IN ('all', 'any')
            AND jsonb_typeof(rule -> 'conditions') = 'array'
            AND jsonb_array_length(rule -> 'conditions') BETWEEN 1 AND {MOST_CONDITIONS},
            false
        ))
    )
    """,
    "CREATE INDEX collections_by_rule ON collections (tenant_id, id) WHERE rule IS NOT NULL",
    """
    CREATE FUNCTION collection_keeps_its_kind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a collection has a rule for good, or none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_keeps_its_kind';
    END $$
    """,
    """
    CREATE TRIGGER collection_keeps_its_kind BEFORE UPDATE ON collections FOR EACH ROW
    WHEN ((OLD.rule IS NULL) <> (NEW.rule IS NULL)) EXECUTE FUNCTION collection_keeps_its_kind()
    """,
    """
    CREATE TABLE collection_translations (
        tenant_id uuid NOT NULL,
        collection_id uuid NOT NULL,
        locale text NOT NULL,
        position integer NOT NULL,
        title text NOT NULL CHECK (title <> ''),
        handle text NOT NULL CHECK (handle <> ''),
        description text,
        seo_title text,
        seo_description text,
        PRIMARY KEY (tenant_id, collection_id, locale),
        CONSTRAINT collection_handle_taken UNIQUE (tenant_id, locale, handle),
        FOREIGN KEY (tenant_id, collection_id) REFERENCES collections ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE old_collection_handles (
        tenant_id uuid NOT NULL,
        locale text NOT NULL,
        handle text NOT NULL CHECK (handle <> ''),
        collection_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, locale, handle),
        FOREIGN KEY (tenant_id, collection_id) REFERENCES collections ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON old_collection_handles (tenant_id, collection_id)",
    """
    CREATE TABLE collection_products (
        tenant_id uuid NOT NULL,
        collection_id uuid NOT NULL,
        product_id uuid NOT NULL,
        rank bigint NOT NULL,
        PRIMARY KEY (tenant_id, collection_id, product_id),
        CONSTRAINT one_at_a_rank UNIQUE (tenant_id, collection_id, rank) DEFERRABLE INITIALLY IMMEDIATE,
        FOREIGN KEY (tenant_id, collection_id) REFERENCES collections ON DELETE CASCADE,
        CONSTRAINT product_in_collections FOREIGN KEY (tenant_id, product_id) REFERENCES products
            DEFERRABLE INITIALLY DEFERRED
    )
    """,
    "CREATE INDEX ON collection_products (tenant_id, product_id)",
    f"""
    CREATE FUNCTION chosen_products_are_few() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (
            SELECT FROM collections c JOIN (SELECT DISTINCT tenant_id, collection_id FROM added) a
                ON a.tenant_id = c.tenant_id AND a.collection_id = c.id
            WHERE c.rule IS NOT NULL OR (
                SELECT count(*) FROM collection_products m WHERE m.tenant_id = c.tenant_id AND m.collection_id = c.id
            ) > {MOST_MEMBERS}
        ) THEN
            RAISE EXCEPTION 'products are chosen for a collection without a rule, and at most {MOST_MEMBERS}'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'chosen_products_are_few';
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608  # constants of this file
    """
    CREATE TRIGGER chosen_products_are_few AFTER INSERT ON collection_products
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chosen_products_are_few()
    """,
    # An index of `products.tags`, which the database keeps by itself. It is a table, since row-level security keeps
    # operators of arrays away from indices: they are not leakproof.
    """
    CREATE TABLE product_tags (
        tenant_id uuid NOT NULL,
        tag text NOT NULL,
        product_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, tag, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON product_tags (tenant_id, product_id)",
    "ALTER TABLE products NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO product_tags SELECT DISTINCT tenant_id, unnest(tags), id FROM products",
    "ALTER TABLE products FORCE ROW LEVEL SECURITY",
    """
    CREATE FUNCTION tags_are_found() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM product_tags WHERE tenant_id = NEW.tenant_id AND product_id = NEW.id AND tag <> ALL (NEW.tags);
        END IF;
        INSERT INTO product_tags SELECT DISTINCT NEW.tenant_id, tag, NEW.id FROM unnest(NEW.tags) AS tag
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER tags_are_found AFTER INSERT ON products FOR EACH ROW
    WHEN (NEW.tags <> '{}') EXECUTE FUNCTION tags_are_found()
    """,
    """
    CREATE TRIGGER tags_are_found_again AFTER UPDATE ON products FOR EACH ROW
    WHEN (OLD.tags <> NEW.tags) EXECUTE FUNCTION tags_are_found()
    """,
    "CREATE INDEX products_by_brand ON products (tenant_id, brand, id)",
    "CREATE INDEX products_by_age ON products (tenant_id, created_at)",
    "CREATE INDEX prices_by_amount ON prices (tenant_id, currency, amount_minor)",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))" for table in TABLES),
    *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO rustok_app" for table in TABLES),
    "GRANT DELETE ON collections TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
