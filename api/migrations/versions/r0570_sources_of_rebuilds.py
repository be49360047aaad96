"""What a build is made of first, and of which shops alone: asked for over the API with a rebuild."""

from alembic import op

revision = "0570"
down_revision = "0560"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE rebuild_requests
            ADD COLUMN source text NOT NULL DEFAULT 'log' CHECK (source IN ('log', 'tables')),
            ADD COLUMN tenants text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tenants) <= 100)
        """
    )
