"""The registry of event schemas. They hold no tenant's data, so there is no row-level security here."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    # One content has one id, whoever registers it and under whatever name; ids are never used again.
    """
    CREATE TABLE schemas (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        content text NOT NULL,
        digest bytea NOT NULL UNIQUE
    )
    """,
    """
    CREATE TABLE schema_versions (
        subject text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        schema_id integer NOT NULL REFERENCES schemas,
        PRIMARY KEY (subject, version)
    )
    """,
    "CREATE INDEX ON schema_versions (schema_id)",
    "GRANT SELECT ON schemas, schema_versions TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
