"""Groups of roles by duty: capture reads the log and keeps its notes, the collector of dead letters fills their table.

The login roles in them are made by `rustok api migrate`, which knows their names from the settings, or by hand.
"""

from alembic import op

revision = "0120"
down_revision = "0100"

GROUP = """
    DO $$ BEGIN
        CREATE ROLE {} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""
STATEMENTS = (
    *(GROUP.format(name) for name in ("rustok_capture_duty", "rustok_dead_letters_duty")),
    "GRANT rustok_capture_duty, rustok_dead_letters_duty TO CURRENT_USER",
    # Whether an event was ever in this database is asked of the rows of all.
    "GRANT SELECT ON outbox TO rustok_capture_duty",
    "CREATE POLICY captured ON outbox FOR SELECT TO rustok_capture_duty USING (true)",
    "GRANT SELECT, INSERT, UPDATE ON log_source, log_gaps TO rustok_capture_duty",
    "GRANT SELECT ON log_source TO rustok_keeper",
    "GRANT SELECT ON tenants TO rustok_dead_letters_duty",
    "GRANT SELECT, INSERT, UPDATE ON letters TO rustok_dead_letters_duty",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
