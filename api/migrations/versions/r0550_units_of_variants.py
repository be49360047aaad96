"""A variant has a unit: what quantities of it count. Code of the version before knows of pieces only, and leaves it."""

from alembic import op

revision = "0550"
down_revision = "0520"

STATEMENTS = (
    "ALTER TABLE variants ADD COLUMN unit text NOT NULL DEFAULT 'piece' CHECK (length(unit) BETWEEN 1 AND 20)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
