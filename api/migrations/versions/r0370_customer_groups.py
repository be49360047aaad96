"""Whose prices a user pays: the customer group they are in. The rule of its name is that of a price list's."""

from alembic import op

revision = "0370"
down_revision = "0360"

STATEMENTS = (
    """
    ALTER TABLE users ADD COLUMN customer_group text
        CHECK (customer_group ~ '^[a-z0-9][a-z0-9_-]*$' AND length(customer_group) <= 63)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
