"""What was done about a dead letter is of the shop that the dead letter is of: the database holds the two together.

The key of the dead letter alone said only that it is there, of whatever shop. Of a dead letter without a shop, which
only the platform sees, it still says that.
"""

from alembic import op

revision = "0180"
down_revision = "0202"

STATEMENTS = (
    "ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_tenant_id_id_key UNIQUE (tenant_id, id)",
    """
    ALTER TABLE dead_letter_actions ADD CONSTRAINT dead_letter_actions_same_tenant
        FOREIGN KEY (tenant_id, dead_letter_id) REFERENCES dead_letters (tenant_id, id)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
