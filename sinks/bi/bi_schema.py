"""Makes the tables of the schema `bi` what they are declared to be: columns, comments, and who sees which rows.

A table that was declared otherwise is made anew, empty. No statistics are kept of their columns: a plan would tell
from them how often something is in other shops' rows.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from sinks.bi.bi_table import SCHEMA, BiTable, Column
from sinks.bi.bi_tables import TABLES

#: Groups of who reads: the rows of a shop, and those of all.
OF_A_SHOP: Final = "rustok_bi_reader"
OF_ALL: Final = "rustok_bi_reader_of_all"
#: Not for readers: whose turn it is, and what the tables were declared to be.
HIDDEN: Final = "bi_hidden"
FRESHNESS: Final = {
    "model": Column("text", "the read model: sales, which all tables but the searches are of, or searches"),
    "snapshot": Column("text", "the snapshot that the tables are equal to"),
    "as_of": Column("timestamptz", "all that was committed before is in the tables"),
    "is_certified": Column("boolean", "the snapshot had passed its checks when the tables were filled"),
    "filled_at": Column("timestamptz", "when somebody looked last whether anything had changed"),
}
READERS: Final = {
    "role": Column("text", "the name to sign in with"),
    "tenant_id": Column("uuid", "the shop whose rows it sees; null: of all shops"),
    "made_at": Column("timestamptz", "when it was made"),
}
_MINE: Final = f"(SELECT tenant_id FROM {SCHEMA}.readers WHERE role = current_user)"


def make_for_good(connection: psycopg.Connection[Any]) -> None:
    """What outlasts the tables: the schemas, who reads, and what is hidden. Does nothing when it is there."""
    there = connection.execute("SELECT to_regclass(%s)", (f"{HIDDEN}.declared",)).fetchone()
    if there == (None,):
        for statement in _for_good():
            connection.execute(statement)


def make_tables(connection: psycopg.Connection[Any]) -> None:
    """In the transaction of who has the turn."""
    rows = connection.execute(f"SELECT name, declared FROM {HIDDEN}.declared WHERE to_regclass(name) IS NOT NULL")
    declared = dict(rows.fetchall())
    for name, statements in _wanted():
        print_ = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        if declared.get(name) != print_:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in statements:
                connection.execute(statement)
            connection.execute(
                f"INSERT INTO {HIDDEN}.declared VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET declared = EXCLUDED.declared",
                (name, print_),
            )


def take_the_turn(connection: psycopg.Connection[Any]) -> None:
    """Until the transaction ends; who has it already is waited for. No reader can take it."""
    connection.execute(f"LOCK TABLE {HIDDEN}.declared IN EXCLUSIVE MODE")


def _wanted() -> Iterator[tuple[str, list[str]]]:
    freshness = f"{SCHEMA}.freshness"
    yield (
        freshness,
        [
            _made(freshness, FRESHNESS, key=("model",)),
            *_told(freshness, "One row for each read model: of which moment the tables are.", FRESHNESS),
            f"GRANT SELECT ON {freshness} TO {OF_A_SHOP}",
        ],
    )
    for table in TABLES:
        yield table.place, list(_of_table(table))


def _of_table(table: BiTable) -> Iterator[str]:
    yield _made(table.place, table.columns, key=table.key)
    yield from _told(table.place, table.grain, table.columns)
    for column in table.columns:
        yield f"ALTER TABLE {table.place} ALTER COLUMN {column} SET STATISTICS 0"
    yield f"ALTER TABLE {table.place} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY of_a_shop ON {table.place} FOR SELECT TO {OF_A_SHOP} USING (tenant_id = {_MINE})"
    yield f"CREATE POLICY of_all ON {table.place} FOR SELECT TO {OF_ALL} USING (true)"
    yield f"GRANT SELECT ON {table.place} TO {OF_A_SHOP}"


def _for_good() -> Iterator[str]:
    readers = f"{SCHEMA}.readers"
    yield f"CREATE SCHEMA {SCHEMA}"
    yield f"COMMENT ON SCHEMA {SCHEMA} IS 'Daily figures of shops, for BI tools'"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {OF_A_SHOP}"
    yield _made(readers, READERS, key=("role",))
    yield from _told(readers, "One row for each reader; you see yourself.", READERS)
    yield f"ALTER TABLE {readers} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY oneself ON {readers} FOR SELECT TO {OF_A_SHOP} USING (role = current_user)"
    yield f"GRANT SELECT ON {readers} TO {OF_A_SHOP}"
    yield f"CREATE SCHEMA {HIDDEN}"
    yield f"CREATE TABLE {HIDDEN}.declared (name text PRIMARY KEY, declared text NOT NULL)"


def _made(name: str, columns: dict[str, Column] | Any, key: tuple[str, ...]) -> str:
    """Null is a key like any other: what is for no product is one row."""
    listed = ", ".join(f"{column} {one.type}" for column, one in columns.items())
    return f"CREATE TABLE {name} ({listed}, UNIQUE NULLS NOT DISTINCT ({', '.join(key)}))"


def _told(name: str, grain: str, columns: Any) -> Iterator[str]:
    yield f"COMMENT ON TABLE {name} IS {_text(grain)}"
    for column, one in columns.items():
        yield f"COMMENT ON COLUMN {name}.{column} IS {_text(one.meaning)}"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
