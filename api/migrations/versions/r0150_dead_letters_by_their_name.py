"""Dead letters are called what they are everywhere: their tables, their events and the policy that lets these leave.

The events of the old name are read by nobody any more: `rustok streams re-emit dead_letter` emits again what no feed
has done yet.
"""

from alembic import op

revision = "0150"
down_revision = "0140"

STATEMENTS = (
    "ALTER TABLE letters RENAME TO dead_letters",
    "ALTER TABLE letter_actions RENAME TO dead_letter_actions",
    "ALTER TABLE dead_letter_actions RENAME COLUMN letter_id TO dead_letter_id",
    "ALTER TABLE letter_places RENAME TO dead_letter_offsets",
    """
    DO $$ DECLARE was text; BEGIN
        FOR was IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'letter%'
        LOOP
            EXECUTE format('ALTER INDEX %I RENAME TO %I', was, 'dead_' || replace(was, '_places_', '_offsets_'));
        END LOOP;
    END $$
    """,
    "DROP POLICY letters ON outbox",
    """
    CREATE POLICY dead_letters ON outbox FOR INSERT
        WITH CHECK ((SELECT is_platform()) AND aggregatetype = 'dead_letter')
    """,
    "SET LOCAL ROLE rustok_keeper",
    "DELETE FROM outbox WHERE aggregatetype = 'letter'",
    "RESET ROLE",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
