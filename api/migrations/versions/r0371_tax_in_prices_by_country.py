"""Whether a shop's prices have the tax in them, by country where it is otherwise than everywhere else."""

from alembic import op

revision = "0371"
down_revision = "0370"

STATEMENTS = (
    """
    ALTER TABLE checkout_settings ADD COLUMN include_tax_by_country jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT known_countries CHECK (
            jsonb_typeof(include_tax_by_country) = 'object' AND NOT jsonb_path_exists(include_tax_by_country,
                '$.keyvalue() ? (!(@.key like_regex "^[A-Z]{2}$") || @.value.type() != "boolean")')
        )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
