"""What checks of snapshots found is written by the platform, as events and no other rows."""

from alembic import op

revision = "0501"
down_revision = "0500"


def upgrade() -> None:
    op.execute(
        "CREATE POLICY quality ON outbox FOR INSERT WITH CHECK ((SELECT is_platform()) AND aggregatetype = 'quality')"
    )
