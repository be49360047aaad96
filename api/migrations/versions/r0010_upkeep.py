"""Looking after the outbox: what may be forgotten of it, what is said again, and who may do either.

`rustok_keeper` is put on like `rustok_app`, by what removes old rows and what says deletions again. A row of a deletion
is all that is left of an aggregate, so these stay and can be found.
"""

from alembic import op

revision = "0010"
down_revision = "0006"

STATEMENTS = (
    """
    DO $$ BEGIN
        CREATE ROLE rustok_keeper NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "GRANT rustok_keeper TO CURRENT_USER",
    "GRANT SELECT, DELETE ON outbox TO rustok_keeper",
    "CREATE POLICY seen ON outbox FOR SELECT TO rustok_keeper USING (true)",
    "CREATE POLICY removed ON outbox FOR DELETE TO rustok_keeper USING (true)",
    "CREATE INDEX outbox_deletions ON outbox (aggregatetype, tenant_id, aggregateid) WHERE type LIKE '%.deleted'",
    # The place of a restating, moved in the transaction of the events before it. No tenant's data is in it.
    """
    CREATE TABLE restatings (
        id uuid PRIMARY KEY,
        aggregate text NOT NULL,
        tenants uuid[],
        at_tenant uuid,
        gone boolean NOT NULL DEFAULT false,
        after uuid,
        restated bigint NOT NULL DEFAULT 0,
        deletions bigint NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON restatings TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
