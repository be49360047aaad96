"""Opens a snapshot for somebody who runs the platform and asks in SQL: read-only, and with no other file in reach.

With a shop it shows the shop's rows under the tables' own names, and macros over them. That spares a condition, and
hides nothing: the whole is there under `snapshot.main`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb

from sinks.duckdb import pinned_snapshots, snapshots
from sinks.duckdb.parquet_parts import quoted
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.sql import table_macros, tenant_tables
from sinks.sql.tenant_tables import SOURCE

#: PIVOT is several statements. In memory, views, macros and temporary tables may be made.
_ANSWERED: Final = (
    duckdb.StatementType.SELECT,
    duckdb.StatementType.EXPLAIN,
    duckdb.StatementType.MULTI,
    duckdb.StatementType.CREATE,
)
#: Where the Parquet files are read, files might be written, also by an EXPLAIN ANALYZE.
_WRITING: Final = re.compile(r"\b(?:COPY|EXPORT)\b", re.IGNORECASE)


class ReadsOnly(ValueError):
    """What is so."""


class UnknownTimeZone(ValueError):
    """DuckDB has none of this name."""


@dataclass(frozen=True, slots=True)
class Described:
    """A column of a table or view; without a column: the table itself."""

    table: str
    column: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """`as_of` is None while nobody vouches for a moment."""

    path: Path
    as_of: datetime | None


class SnapshotSession:
    """Of one thread. Raises `Unavailable` when the file is not there, and `UnknownTimeZone`."""

    def __init__(self, file: SnapshotFile, *, tenant_id: UUID | None = None, timezone: str = "UTC") -> None:
        self.file = file
        self._connection = duckdb.connect(":memory:")
        try:
            self._set_time_zone(timezone)
            self._open(tenant_id)
        except duckdb.Error as missing:
            raise Unavailable(f"the snapshot {file.path.name} cannot be read: {missing}") from missing

    def ask(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """What each of its statements answers, one after the other: the rows are still to be fetched.

        Raises `duckdb.Error`, and `ReadsOnly` for what is no question, before anything is done.
        """
        for statement in self._statements(sql):
            found = self._connection.execute(statement)
            if _answers(statement):
                yield found

    def answers(self, sql: str) -> int:
        """How many there would be. Raises like `ask`."""
        return sum(map(_answers, self._statements(sql)))

    def _statements(self, sql: str) -> list[duckdb.Statement]:
        statements = self._connection.extract_statements(sql)
        for statement in statements:
            is_explained = statement.type == duckdb.StatementType.EXPLAIN
            if statement.type not in _ANSWERED or (is_explained and _WRITING.search(statement.query)):
                raise ReadsOnly("A snapshot is read: SELECT, PIVOT, DESCRIBE, SUMMARIZE, EXPLAIN, CREATE TEMP TABLE.")
        return statements

    def interrupt(self) -> None:
        """From another thread, or from a signal."""
        self._connection.interrupt()

    def described(self, table: str | None = None) -> list[Described]:
        """The tables, views and functions with what is said of them, or the columns of one of them."""
        if table is None:
            return self._described(
                """
                SELECT table_name, '', 'table', coalesce(comment, '') FROM duckdb_tables()
                WHERE database_name = $source AND schema_name = 'main'
                UNION ALL
                SELECT view_name, '', 'view', coalesce(comment, '') FROM duckdb_views()
                WHERE database_name = $source AND schema_name = 'main' AND NOT internal
                UNION ALL
                SELECT format('{}({})', function_name, array_to_string(parameters, ', ')), '', 'function',
                    coalesce(comment, '') FROM duckdb_functions()
                WHERE database_name = $source AND function_type = 'table_macro' AND NOT internal ORDER BY 1
                """
            )
        return self._columns_of_function(table) or self._described(
            """
            SELECT table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns()
            WHERE database_name = $source AND schema_name = 'main' AND lower(table_name) = lower($table)
            ORDER BY column_index
            """,
            table=table,
        )

    def _columns_of_function(self, name: str) -> list[Described]:
        """None for what is no function. Which columns it has does not hang on what it is given."""
        select = """
            SELECT function_name, repeat(', NULL', len(parameters))[3:] FROM duckdb_functions()
            WHERE database_name = ? AND function_type = 'table_macro' AND lower(function_name) = lower(?)
        """
        found = self._connection.execute(select, [SOURCE, name.partition("(")[0]]).fetchone()
        if found is None:
            return []
        columns = self._connection.execute(f"DESCRIBE FROM {SOURCE}.main.{found[0]}({found[1]})").fetchall()
        return [Described(found[0], column, kind, "") for column, kind, *_ in columns]

    def close(self) -> None:
        self._connection.close()

    def _described(self, select: str, **values: Any) -> list[Described]:
        rows = self._connection.execute(select, {"source": SOURCE, **values}).fetchall()
        return [Described(*row) for row in rows]

    def _set_time_zone(self, timezone: str) -> None:
        try:
            escaped = timezone.replace("'", "''")
            self._connection.execute(f"SET TimeZone = '{escaped}'")
        except duckdb.Error as unknown:
            raise UnknownTimeZone(f"there is no time zone {timezone}") from unknown

    def _open(self, tenant_id: UUID | None) -> None:
        self._connection.execute("SET python_enable_replacements = false")
        self._connection.execute(f"ATTACH {quoted(self.file.path)} AS {SOURCE} (READ_ONLY)")
        if tenant_id is None:
            self._connection.execute(f"USE {SOURCE}")
        else:
            there = tenant_tables.tables_of(self._connection, of_orders_only=False)
            for name in there:
                self._connection.execute(
                    f"CREATE VIEW memory.main.{name} AS FROM {SOURCE}.main.{name} WHERE tenant_id = '{tenant_id}'"
                )
            for macro in table_macros.macros_of(self._connection, SOURCE, set(there)).values():
                table_macros.make(self._connection, macro)
        snapshots.shut_in(self._connection, self.file.path.parent.resolve())


def _answers(statement: duckdb.Statement) -> bool:
    return statement.type != duckdb.StatementType.CREATE


def newest(analytics: Path, model: ReadModel) -> SnapshotFile:
    """Raises `Unavailable` before there is one."""
    current = snapshots.current(snapshots.live_folder(analytics, model.name).resolve())
    if current is None:
        raise Unavailable(f"the {model.name} feed has not published a snapshot yet", retry_after_s=5)
    return SnapshotFile(current.path, model.complete(current.freshness).as_of)


def pinned(analytics: Path, model: ReadModel, name: str) -> SnapshotFile:
    """Raises `PinRefused` when there is none of this name."""
    found = pinned_snapshots.find(analytics, model.name, name)
    return SnapshotFile(found.path, found.as_of)
