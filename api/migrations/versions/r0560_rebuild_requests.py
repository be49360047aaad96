"""What the platform's people ask to be made again, and how far it is: a row per read model, with the newest request.

The API writes what is asked for. The scheduler, as the keeper, has it carried out and writes how far it is.
"""

from alembic import op

revision = "0560"
down_revision = "0550"

STATEMENTS = (
    """
    CREATE TABLE rebuild_requests (
        model text PRIMARY KEY CHECK (length(model) BETWEEN 1 AND 100),
        id uuid NOT NULL UNIQUE,
        action text NOT NULL
            CHECK (action IN ('start', 'resume', 'promote', 'rollback', 'pause', 'cancel', 'drop')),
        hold boolean NOT NULL,
        build text CHECK (length(build) <= 100),
        state text NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'cancelled', 'done', 'failed')),
        asked_by text NOT NULL,
        asked_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        tried_at timestamptz,
        begun_at timestamptz,
        ended_at timestamptz,
        step text NOT NULL DEFAULT '',
        progress jsonb,
        report jsonb,
        detail text NOT NULL DEFAULT '',
        CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
    )
    """,
    "ALTER TABLE rebuild_requests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY asked ON rebuild_requests USING ((SELECT is_platform()))",
    "CREATE POLICY kept ON rebuild_requests TO rustok_keeper USING (true)",
    "GRANT SELECT, INSERT, UPDATE ON rebuild_requests TO rustok_app",
    "GRANT SELECT, UPDATE, DELETE ON rebuild_requests TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
