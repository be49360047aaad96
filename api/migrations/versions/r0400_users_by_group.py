"""An index for the people of a customer group: a page of them reads those in it, and not the shop's customers."""

from alembic import op

revision = "0400"
down_revision = "0420"


def upgrade() -> None:
    op.execute("CREATE INDEX users_by_group ON users (tenant_id, customer_group, id) WHERE customer_group IS NOT NULL")
