"""The keys that sign access tokens: their public halves, and the private ones sealed.

The API reads them, when it works for the platform; making and retiring them is for the owner of the tables.
"""

from alembic import op

revision = "0160"
down_revision = "0150"

STATEMENTS = (
    """
    CREATE TABLE signing_keys (
        kid text PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9_-]{1,64}$'),
        public bytea NOT NULL CHECK (length(public) = 32),
        sealed bytea,
        made_at timestamptz NOT NULL,
        signs_from timestamptz NOT NULL CHECK (signs_from >= made_at),
        retired_at timestamptz
    )
    """,
    # Not forced: the owner, who belongs to no tenant, keeps them.
    "ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY found ON signing_keys FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT ON signing_keys TO rustok_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
