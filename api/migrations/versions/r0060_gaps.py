"""What capture remembers of its source, and the gaps nobody vouches across. No tenant's data is in them."""

from alembic import op

from schemas import gaps

revision = "0060"
down_revision = "0030"

STATEMENTS = (
    *gaps.STATEMENTS,
    f"GRANT SELECT ON {gaps.TABLE} TO rustok_app",
    f"GRANT SELECT, UPDATE ON {gaps.TABLE} TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
