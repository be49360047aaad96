"""Pages and posts: what a shop writes, in its languages, with the handles they had.

A page is at the top or below one that is: the foreign key says so, by a column that is true of those at the top only.
"""

from alembic import op

revision = "0440"
down_revision = "0430"

TABLES = ("pages", "page_translations", "old_page_handles")
STATEMENTS = (
    """
    CREATE TABLE pages (
        tenant_id uuid NOT NULL REFERENCES tenants,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        kind text NOT NULL CHECK (kind IN ('page', 'post')),
        status text NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
        parent_id uuid,
        at_the_top boolean NOT NULL GENERATED ALWAYS AS (parent_id IS NULL) STORED,
        below_the_top boolean NOT NULL DEFAULT true CHECK (below_the_top),
        position integer NOT NULL CHECK (position >= 0),
        tags text[] NOT NULL,
        published_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, id, kind),
        UNIQUE (tenant_id, id, kind, at_the_top),
        CONSTRAINT post_has_no_parent CHECK (kind = 'page' OR parent_id IS NULL),
        CONSTRAINT published_at_some_time CHECK (status = 'draft' OR published_at IS NOT NULL),
        CONSTRAINT page_below_one_at_the_top FOREIGN KEY (tenant_id, parent_id, kind, below_the_top)
            REFERENCES pages (tenant_id, id, kind, at_the_top)
    )
    """,
    "CREATE INDEX ON pages (tenant_id, parent_id)",
    """
    CREATE FUNCTION page_step_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (OLD.status, NEW.status) IN (('draft', 'published'), ('published', 'archived'), ('archived', 'draft')) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a page does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'page_step_is_legal';
    END $$
    """,
    """
    CREATE TRIGGER page_step_is_legal BEFORE UPDATE ON pages FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION page_step_is_legal()
    """,
    """
    CREATE TABLE page_translations (
        tenant_id uuid NOT NULL,
        page_id uuid NOT NULL,
        kind text NOT NULL,
        locale text NOT NULL,
        position integer NOT NULL,
        title text NOT NULL CHECK (title <> ''),
        handle text NOT NULL CHECK (handle <> ''),
        summary text,
        body text NOT NULL,
        seo_title text,
        seo_description text,
        PRIMARY KEY (tenant_id, page_id, locale),
        CONSTRAINT page_handle_taken UNIQUE (tenant_id, kind, locale, handle),
        FOREIGN KEY (tenant_id, page_id, kind) REFERENCES pages (tenant_id, id, kind) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE old_page_handles (
        tenant_id uuid NOT NULL,
        kind text NOT NULL,
        locale text NOT NULL,
        handle text NOT NULL CHECK (handle <> ''),
        page_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, kind, locale, handle),
        FOREIGN KEY (tenant_id, page_id, kind) REFERENCES pages (tenant_id, id, kind) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON old_page_handles (tenant_id, page_id)",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))" for table in TABLES),
    *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO rustok_app" for table in TABLES),
    "GRANT DELETE ON pages TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
