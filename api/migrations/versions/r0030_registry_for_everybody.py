"""The registry takes schemas of others: contexts, references, levels, modes, deletes, and who changed what.

What lies in a tenant's own context is seen by that tenant and the platform, and by nobody else: row-level security on
the context, which is part of a subject's name (`:.corner-shop:stock.counted`). The default context is `.`.
"""

from alembic import op

revision = "0030"
down_revision = "0020"

CONTEXT = "CASE WHEN subject LIKE ':.%:%' THEN split_part(subject, ':', 2) ELSE '.' END"
OWN = "(SELECT is_platform()) OR context = (SELECT '.' || slug FROM tenants WHERE id = (SELECT current_tenant()))"
IN_CONTEXTS = ("schema_versions", "registry_subjects", "registry_settings", "registry_changes")

STATEMENTS = (
    # `guid` is what the content says, so it is the same in every registry that holds it.
    """
    ALTER TABLE schemas
        ADD COLUMN metadata text,
        ADD COLUMN rule_set text,
        ADD COLUMN guid uuid GENERATED ALWAYS AS (encode(substring(digest FROM 1 FOR 16), 'hex')::uuid) STORED
    """,
    "CREATE UNIQUE INDEX ON schemas (guid)",
    """
    CREATE TABLE schema_references (
        schema_id integer NOT NULL REFERENCES schemas,
        position integer NOT NULL,
        name text NOT NULL,
        subject text NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (schema_id, position)
    )
    """,
    "CREATE INDEX ON schema_references (subject, version)",
    f"""
    ALTER TABLE schema_versions
        ADD COLUMN deleted boolean NOT NULL DEFAULT false,
        ADD COLUMN context text GENERATED ALWAYS AS ({CONTEXT}) STORED
    """,
    # The last number a subject has given away stays when its versions go for good, so none is given away twice.
    # The versions of a deployed subject are those this code knows: nobody adds to them or deletes them from outside.
    f"""
    CREATE TABLE registry_subjects (
        subject text PRIMARY KEY,
        context text GENERATED ALWAYS AS ({CONTEXT}) STORED,
        last_version integer NOT NULL CHECK (last_version >= 0),
        deployed boolean NOT NULL DEFAULT false
    )
    """,
    "INSERT INTO registry_subjects (subject, last_version, deployed)"
    " SELECT subject, max(version), true FROM schema_versions GROUP BY subject",
    # `subject` is a subject, `:.context:` for all of a context, or empty for everything.
    f"""
    CREATE TABLE registry_settings (
        subject text PRIMARY KEY,
        context text GENERATED ALWAYS AS ({CONTEXT}) STORED,
        compatibility text,
        compatibility_group text,
        normalize boolean,
        alias text,
        mode text
    )
    """,
    f"""
    CREATE TABLE registry_changes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor_id text NOT NULL,
        role text NOT NULL,
        actor_tenant uuid,
        action text NOT NULL,
        subject text NOT NULL,
        context text GENERATED ALWAYS AS ({CONTEXT}) STORED,
        version integer,
        schema_id integer,
        detail text NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX ON registry_changes (subject, id)",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in IN_CONTEXTS),
    *(f"CREATE POLICY own ON {table} USING ({OWN})" for table in IN_CONTEXTS),
    *(f"CREATE POLICY of_all ON {table} FOR SELECT USING (context = '.')" for table in IN_CONTEXTS[:3]),
    "GRANT INSERT ON schemas, schema_references TO rustok_app",
    "GRANT SELECT ON schema_references TO rustok_app",
    "GRANT SELECT, USAGE, UPDATE ON SEQUENCE schemas_id_seq TO rustok_app",
    "GRANT INSERT, UPDATE, DELETE ON schema_versions TO rustok_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON registry_subjects, registry_settings TO rustok_app",
    "GRANT SELECT, INSERT ON registry_changes TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
