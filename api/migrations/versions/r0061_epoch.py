"""The epoch: raised when the database was put back to an older copy, and part of every event from then on."""

from alembic import op

revision = "0061"
down_revision = "0090"

STATEMENTS = (
    """
    CREATE TABLE log_epoch (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        epoch integer NOT NULL DEFAULT 0,
        raised_at timestamptz
    )
    """,
    "INSERT INTO log_epoch DEFAULT VALUES",
    # Asked by whoever writes an event, whatever role it has on.
    """
    CREATE FUNCTION current_epoch() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
    AS 'SELECT epoch::text FROM log_epoch'
    """,
    "ALTER TABLE outbox ADD COLUMN epoch text NOT NULL DEFAULT '0'",
    "ALTER TABLE outbox ALTER COLUMN epoch SET DEFAULT current_epoch()",
    "GRANT SELECT, UPDATE ON log_epoch TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
