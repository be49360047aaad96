"""A line of an order says what was sold as it was sold: its categories, brand, unit, list price and discount.

Where `category_path` and `discount_minor` are null the line was written by code that knows of neither, before this or
while it runs beside newer code: whoever reads it has the root category, and takes all that the adjustment takes off for
a discount.
"""

from alembic import op

revision = "0470"
down_revision = "0460"

STATEMENTS = (
    """
    ALTER TABLE order_lines
        ADD COLUMN category_path text[],
        ADD COLUMN brand text,
        ADD COLUMN unit text NOT NULL DEFAULT 'piece' CHECK (length(unit) BETWEEN 1 AND 20),
        ADD COLUMN list_price_minor bigint,
        ADD COLUMN discount_minor bigint CONSTRAINT discount_is_no_surcharge CHECK (discount_minor >= 0),
        ADD CONSTRAINT list_price_is_no_reduced_one CHECK (list_price_minor >= unit_price_minor),
        ADD CONSTRAINT path_begins_with_category CHECK (
            category_path IS NULL OR category_path[1] IS NOT DISTINCT FROM category
        ),
        ADD CONSTRAINT said_together CHECK ((category_path IS NULL) = (discount_minor IS NULL))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
