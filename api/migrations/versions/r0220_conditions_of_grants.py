"""What a grant of a role that a shop made depends on: conditions, each as [field, op, values, currency]."""

from alembic import op

revision = "0220"
down_revision = "0170"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE role_grants ADD COLUMN conditions jsonb NOT NULL DEFAULT '[]'"
        " CHECK (jsonb_typeof(conditions) = 'array')"
    )
