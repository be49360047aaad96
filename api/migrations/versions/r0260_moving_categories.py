"""Categories move: the database keeps the tree a tree, and the slugs that categories had."""

from alembic import op

revision = "0260"
down_revision = "0271"

STATEMENTS = (
    "DROP TRIGGER keep_place ON categories",
    "DROP FUNCTION keep_place()",
    "ALTER TABLE categories ADD CONSTRAINT tree_has_a_bottom CHECK (cardinality(path) <= 16)",
    # Whoever moves waits for all others of the shop, so that each sees what the others did. A new category only waits
    # for who moves.
    """
    CREATE FUNCTION take_turns_at_the_tree() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.tenant_id || ' category tree', 0));
        ELSE
            PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id || ' category tree', 0));
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER take_turns_at_the_tree BEFORE INSERT ON categories FOR EACH ROW
    EXECUTE FUNCTION take_turns_at_the_tree()
    """,
    """
    CREATE TRIGGER take_turns_to_move BEFORE UPDATE ON categories FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id OR OLD.path <> NEW.path OR OLD.id <> NEW.id)
    EXECUTE FUNCTION take_turns_at_the_tree()
    """,
    # Each path is that of the parent and one more: in a circle it would have to be longer than itself.
    """
    CREATE FUNCTION path_is_right() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (
            SELECT FROM categories c LEFT JOIN categories p ON p.tenant_id = c.tenant_id AND p.id = c.parent_id
            WHERE c.tenant_id = NEW.tenant_id AND (c.id = NEW.id OR c.parent_id = NEW.id)
                AND c.path IS DISTINCT FROM coalesce(p.path, '{}') || c.id
        ) THEN
            RAISE EXCEPTION 'the path of category % is not that of its parent and itself', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'path_is_right';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER path_is_right AFTER INSERT OR UPDATE OF id, parent_id, path ON categories
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION path_is_right()
    """,
    "CREATE INDEX ON categories (tenant_id, parent_id)",
    """
    CREATE TABLE former_category_slugs (
        tenant_id uuid NOT NULL,
        locale text NOT NULL,
        slug text NOT NULL,
        category_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, locale, slug),
        FOREIGN KEY (tenant_id, category_id) REFERENCES categories ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON former_category_slugs (tenant_id, category_id)",
    "CREATE INDEX ON former_category_slugs (tenant_id, slug)",
    "CREATE INDEX ON category_translations (tenant_id, slug)",
    "ALTER TABLE former_category_slugs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own ON former_category_slugs USING (tenant_id = (SELECT current_tenant()))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON former_category_slugs TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
