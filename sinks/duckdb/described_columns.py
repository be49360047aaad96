"""Says in a snapshot what its tables and columns mean: as comments, which tools show, and as rows of `meta_columns`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

META_COLUMNS: Final = {
    "table_name": "VARCHAR",
    "column_name": "VARCHAR",
    "column_type": "VARCHAR",
    "unit": "VARCHAR",
    "meaning": "VARCHAR",
    "is_personal": "BOOLEAN",
    "source": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """`unit`: of a number; empty for what is none. `source`: the event and its field, or what it is worked out of.

    `is_personal`: it leads to a person, and is made up anew when the person is forgotten.
    """

    text: str
    unit: str = ""
    source: str = ""
    is_personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedTable:
    """What a table or view has a row for, and what its columns mean."""

    grain: str
    columns: Mapping[str, Meaning] = field(default_factory=dict)


Described = Mapping[str, DescribedTable]


def describe(connection: duckdb.DuckDBPyConnection, described: Described) -> None:
    """Has the tables and views that are there say it. What is described and not there is left out."""
    rows = list(_rows(connection, described))
    connection.execute(f"CREATE TABLE meta_columns ({', '.join(f'{n} {kind}' for n, kind in META_COLUMNS.items())})")
    if rows:
        connection.executemany(f"INSERT INTO meta_columns VALUES ({', '.join('?' * len(META_COLUMNS))})", rows)
    for statement in comments(connection, described):
        connection.execute(statement)


def comments(connection: duckdb.DuckDBPyConnection, described: Described) -> Iterator[str]:
    """Statements that comment on those of them that are there. A view that is made again has lost its own."""
    found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    views, there = {name for (name,) in found}, _there(connection)
    for table in described.keys() & there.keys():
        about, kind = described[table], "VIEW" if table in views else "TABLE"
        yield f"COMMENT ON {kind} {table} IS {_text(about.grain)}"
        for column, _ in there[table]:
            if column in about.columns:
                yield f'COMMENT ON COLUMN {table}."{column}" IS {_text(about.columns[column].text)}'


def _there(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """The columns of each with their types, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def _rows(connection: duckdb.DuckDBPyConnection, described: Described) -> Iterator[tuple[Any, ...]]:
    there = _there(connection)
    for table, about in described.items():
        for column, kind in there.get(table, ()):
            meaning = about.columns.get(column, Meaning(""))
            yield table, column, kind, meaning.unit, meaning.text, meaning.is_personal, meaning.source


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
