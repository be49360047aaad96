"""Re-emissions are called what they are: the table of their progress, and how many each has emitted."""

from alembic import op

revision = "0140"
down_revision = "0130"

STATEMENTS = (
    "ALTER TABLE restatings RENAME TO reemissions",
    "ALTER TABLE reemissions RENAME COLUMN restated TO emitted",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
