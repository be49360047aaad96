"""Variants have measures and an image of their own; products typed attributes, texts of options, and related ones.

Attributes stay in `attributes` as texts, which the version before reads and writes; `typed_attributes` says of those
that are no texts what they are. Related products are ids without a reference: what is gone is left out when it is read.
"""

from alembic import op

revision = "0290"
down_revision = "0390"

STATEMENTS = (
    """
    ALTER TABLE product_translations
        ADD COLUMN seo_title text CHECK (length(seo_title) BETWEEN 1 AND 300),
        ADD COLUMN seo_description text CHECK (length(seo_description) BETWEEN 1 AND 1000)
    """,
    """
    ALTER TABLE variants
        ADD COLUMN weight_g integer CHECK (weight_g BETWEEN 1 AND 100000000),
        ADD COLUMN length_mm integer CHECK (length_mm BETWEEN 1 AND 1000000),
        ADD COLUMN width_mm integer CHECK (width_mm BETWEEN 1 AND 1000000),
        ADD COLUMN height_mm integer CHECK (height_mm BETWEEN 1 AND 1000000),
        ADD COLUMN image_url text CHECK (image_url ~ '^https?://')
    """,
    # Case of ASCII letters only: of the others the same is decided in one place, where tags are compared.
    """
    CREATE FUNCTION each_word_once(words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT count(*) = count(DISTINCT lower(btrim(word) COLLATE "C")) FROM unnest(words) word)
    """,
    """
    CREATE FUNCTION each_id_once(ids uuid[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT count(*) = count(DISTINCT id) FROM unnest(ids) id)
    """,
    """
    CREATE FUNCTION are_typed(attributes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN jsonb_typeof(attributes) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(attributes) one WHERE (CASE jsonb_typeof(one.value)
            WHEN 'boolean' THEN true
            WHEN 'array' THEN jsonb_array_length(one.value) BETWEEN 1 AND 100
                AND NOT jsonb_path_exists(one.value, '$[*] ? (@.type() != "string")')
            WHEN 'object' THEN one.value - 'number' = '{}' AND jsonb_typeof(one.value -> 'number') = 'string'
                AND one.value ->> 'number' ~ '^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,12})?$'
            ELSE false
        END) IS NOT TRUE
    )
    """,
    """
    ALTER TABLE products
        ADD COLUMN option_texts jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(option_texts) = 'array'),
        ADD COLUMN typed_attributes jsonb NOT NULL DEFAULT '{}' CHECK (are_typed(typed_attributes)),
        ADD COLUMN related_ids uuid[] NOT NULL DEFAULT '{}' CHECK (
            cardinality(related_ids) <= 50 AND NOT id = ANY (related_ids) AND each_id_once(related_ids)
        )
    """,
    # For what is written from now on.
    "ALTER TABLE products ADD CONSTRAINT each_tag_once CHECK (each_word_once(tags)) NOT VALID",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
