"""What has ended is removed when it is old: dead letters that are decided, sessions, and links that were mailed."""

from alembic import op

revision = "0520"
down_revision = "0501"

TABLES = ("dead_letters", "dead_letter_actions", "sessions", "user_links")
STATEMENTS = (
    "CREATE INDEX dead_letters_decided ON dead_letters (last_failed_at) WHERE state IN ('applied', 'discarded')",
    "CREATE INDEX dead_letter_actions_of_many ON dead_letter_actions (at) WHERE dead_letter_id IS NULL",
    "CREATE INDEX sessions_end ON sessions (ends_at)",
    "CREATE INDEX user_links_end ON user_links (ends_at)",
    *(f"CREATE POLICY kept ON {table} TO rustok_keeper USING (true)" for table in TABLES),
    f"GRANT SELECT, DELETE ON {', '.join(TABLES)} TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
