"""The words by which staff find orders and customers: two tables that the database keeps by itself.

They are tables with a word in each row, since row-level security keeps the operators of text search away from indices:
those are not leakproof. What is compared bytewise is.
"""

from collections.abc import Iterator
from typing import Final

from alembic import op

revision = "0450"
down_revision = "0440"

_ADDRESS: Final = ("name", "company", "line1", "line2", "postal_code", "city", "phone")
#: Codes, which are found by their last characters, too, and however they are parted.
_CODES: Final = ("id", "email", "external_id", "payment_id", "sku", "tracking_number", "reference", "phone")
#: Table → its column with the order, and each field with the column that it is read from.
_OF_ORDERS: Final = {
    "orders": ("id", {"id": "id", "external_id": "external_id", "payment_id": "payment_id"}),
    "order_lines": ("order_id", {"lines.sku": "sku", "lines.title": "title"}),
    "order_parcels": ("order_id", {"parcels.tracking_number": "tracking_number"}),
    "payments": ("order_id", {"payments.reference": "reference"}),
    "order_contacts": (
        "order_id",
        {
            **{f"contact.{field}": f"contact_{field}" for field in ("name", "email", "phone")},
            **{f"{part}_address.{field}": f"{part}_{field}" for part in ("shipping", "billing") for field in _ADDRESS},
        },
    ),
}
_OF_USERS: Final = ("id", {"id": "id", "email": "email", "name": "name"})

FUNCTIONS: Final = (
    # The words of a text as they are written, in lower case. An id of ours is one word.
    r"""
    CREATE FUNCTION split_words(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT word FROM regexp_split_to_table(regexp_replace(
            lower(normalize(said, NFC) COLLATE pg_c_utf8),
            '\m([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\M', '\1\2\3\4\5', 'g'
        ), '[^[:alnum:]]+') AS word WHERE word <> ''
    $$
    """,
    # Without accents, and with letters that every keyboard has.
    r"""
    CREATE FUNCTION folded(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT left(replace(replace(replace(translate(lower(
            normalize(regexp_replace(normalize(word, NFKD), '[\u0300-\u036f]', '', 'g'), NFC) COLLATE pg_c_utf8
        ), 'øłđıħ', 'oldih'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 64)
    $$
    """,
    """
    CREATE FUNCTION written_out(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT folded(replace(replace(replace(word, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'))
    $$
    """,
    # A code is kept whole, too, and backwards behind a `~`, which is in no word: so its end is a beginning.
    """
    CREATE FUNCTION words_of(said text, is_code boolean) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT folded(word) FROM split_words(said) AS word
        UNION SELECT written_out(word) FROM split_words(said) AS word WHERE word ~ '[äöü]'
        UNION SELECT unnest(ARRAY[whole, '~' || reverse(whole)])
        FROM folded(array_to_string(ARRAY(SELECT split_words(said)), '')) AS whole WHERE is_code AND whole <> ''
    $$
    """,
    # What somebody typed: for each word the ranges in which it is found, from `low` up to before `high`. A telephone
    # number is typed with a zero where it is kept with the number of a country; an e-mail address is one word.
    """
    CREATE FUNCTION words_sought(typed text) RETURNS TABLE (word_no bigint, low text, high text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        WITH words AS (
            SELECT row_number() OVER () AS at, word, folded(word) AS plain, ltrim(folded(word), '0') AS tail
            FROM regexp_split_to_table(normalize(typed, NFC) COLLATE pg_c_utf8, '[[:space:]]+') AS piece, split_words(
                CASE WHEN piece ~ '.@.' THEN regexp_replace(piece, '[^[:alnum:]]+', '', 'g') ELSE piece END
            ) AS word
        ), beginnings AS (
            SELECT at, plain AS low FROM words
            UNION SELECT at, written_out(word) FROM words WHERE word ~ '[äöü]'
            UNION SELECT at, tail FROM words WHERE plain ~ '^0+[1-9][0-9]{2,}$'
            UNION SELECT at, '~' || reverse(tail) FROM words WHERE tail ~ '[0-9]' AND length(tail) >= 4
        )
        SELECT at, low, low || chr(1114111) FROM beginnings ORDER BY at, low
    $$
    """,
)
TABLES: Final = (
    *(
        f"""
        CREATE TABLE {table} (
            tenant_id uuid NOT NULL,
            word text COLLATE "C" NOT NULL,
            {thing} uuid NOT NULL,
            field text NOT NULL,
            PRIMARY KEY (tenant_id, word, {thing}, field),
            FOREIGN KEY (tenant_id, {thing}) REFERENCES {things} ON DELETE CASCADE
        )
        """
        for table, thing, things in (("order_words", "order_id", "orders"), ("user_words", "user_id", "users"))
    ),
    "CREATE INDEX order_words_of_order ON order_words (tenant_id, order_id)",
    "CREATE INDEX user_words_of_user ON user_words (tenant_id, user_id)",
    "CREATE POLICY own ON order_words USING (tenant_id = (SELECT current_tenant()))",
    # As that of users, some of whom are the platform's.
    """
    CREATE POLICY own ON user_words USING (tenant_id = (SELECT current_owner()))
    """,
    *(
        statement.format(table)
        for table in ("order_words", "user_words")
        for statement in (
            "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            "GRANT SELECT, INSERT, DELETE ON {0} TO rustok_app",
            "GRANT SELECT, DELETE ON {0} TO rustok_eraser",
        )
    ),
)


def _put(words: str, thing: str, of: str, fields: dict[str, str], rows: str) -> str:
    """Puts the words of rows that have a tenant, and the thing that they are of."""
    said = ", ".join(
        f"('{field}', r.{column}::text, {str(field.rpartition('.')[2] in _CODES).lower()})"
        for field, column in fields.items()
    )
    return f"""
        INSERT INTO {words} (tenant_id, word, {thing}, field)
        SELECT r.tenant_id, w.word, r.{of}, t.field
        FROM {rows} CROSS JOIN LATERAL (VALUES {said}) AS t (field, said, is_code)
            CROSS JOIN LATERAL words_of(t.said, t.is_code) AS w (word)
        ON CONFLICT DO NOTHING
    """  # noqa: S608  # names of this file


def _kept(table: str, words: str, thing: str, of: str, fields: dict[str, str]) -> Iterator[str]:
    """What is there now is put in; from then on triggers do it."""
    name = f"words_of_{table}"
    old, new = (", ".join(f"{of_row}.{column}" for column in fields.values()) for of_row in ("OLD", "NEW"))
    here = f"r.tenant_id = NEW.tenant_id AND r.{of} = NEW.{of}"
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield _put(words, thing, of, fields, f"{table} r")
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"""
        CREATE FUNCTION {name}_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {_put(words, thing, of, fields, "added r")};
            RETURN NULL;
        END $$
    """
    yield f"""
        CREATE TRIGGER {name}_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION {name}_added()
    """
    yield f"""
        CREATE FUNCTION {name}_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM {words} w
            WHERE w.tenant_id = NEW.tenant_id AND w.{thing} = NEW.{of} AND w.field = ANY (ARRAY{list(fields)});
            {_put(words, thing, of, fields, f"(SELECT * FROM {table} r WHERE {here}) AS r")};
            RETURN NULL;
        END $$
    """  # noqa: S608  # names of this file
    yield f"""
        CREATE TRIGGER {name}_changed AFTER UPDATE ON {table} FOR EACH ROW
        WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION {name}_changed()
    """


#: The lines of an order are replaced as a whole.
LINES_GO: Final = (
    """
    CREATE FUNCTION words_of_order_lines_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM order_words w USING (SELECT DISTINCT tenant_id, order_id FROM gone) g
        WHERE w.tenant_id = g.tenant_id AND w.order_id = g.order_id AND w.field IN ('lines.sku', 'lines.title');
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER words_of_order_lines_gone AFTER DELETE ON order_lines REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION words_of_order_lines_gone()
    """,
)


def upgrade() -> None:
    for statement in (*FUNCTIONS, *TABLES):
        op.execute(statement)
    op.execute("ALTER TABLE order_words NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE user_words NO FORCE ROW LEVEL SECURITY")
    for table, (of, fields) in _OF_ORDERS.items():
        for statement in _kept(table, "order_words", "order_id", of, fields):
            op.execute(statement)
    of, fields = _OF_USERS
    for statement in _kept("users", "user_words", "user_id", of, fields):
        op.execute(statement)
    op.execute("ALTER TABLE order_words FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE user_words FORCE ROW LEVEL SECURITY")
    for statement in LINES_GO:
        op.execute(statement)
