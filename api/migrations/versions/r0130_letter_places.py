"""How far the letters' topics are in the table, kept with the letters: an older copy has a place of its own."""

from alembic import op

revision = "0130"
down_revision = "0120"

STATEMENTS = (
    """
    CREATE TABLE letter_places (
        reader text NOT NULL,
        topic text NOT NULL,
        "partition" integer NOT NULL,
        topic_id text NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (reader, topic, "partition")
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON letter_places TO rustok_dead_letters_duty",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
