"""Copies one shop's rows of a snapshot into a database of their own, so that no statement can meet anybody else's.

A view with a filter would be cheaper and is no wall: DuckDB may carry out a part of somebody's expression before the
filter, and an error then says what is in rows that are not theirs. Only what a statement names is copied.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb

from sinks.sql.statement_tree import Read

#: The snapshot, while it is attached.
SOURCE: Final = "snapshot"
_TENANT: Final = "tenant_id"
#: They belong to shops, too, but are the store's own.
_OWN: Final = frozenset({"tombstones", "recent", "kept_gaps", "restarts"})
#: It counts the events of all shops: of two of one's own it says how many others' are between them.
_OF_ALL_SHOPS: Final = "archive_no"
#: What the rows of a table belong to, for who sees some orders only.
_ORDERS: Final = "orders"
_ORDER_ID: Final = "order_id"

Columns = Mapping[str, Sequence[str]]


def tables_of(connection: duckdb.DuckDBPyConnection, *, of_orders_only: bool) -> Columns:
    """The columns of every table and view of shops in the attached snapshot, by its name. `of_orders_only`: of those
    whose rows belong to one order each.
    """
    rows = connection.execute(
        """
        SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
        WHERE database_name = ? AND schema_name = 'main' AND NOT internal AND column_name <> ?
        GROUP BY ALL ORDER BY ALL
        """,
        [SOURCE, _OF_ALL_SHOPS],
    ).fetchall()
    found = {name: columns for name, columns in rows if _TENANT in columns and name not in _OWN}
    if of_orders_only:
        return {name: columns for name, columns in found.items() if name == _ORDERS or _ORDER_ID in columns}
    return found


def copy_rows(
    connection: duckdb.DuckDBPyConnection,
    there: Columns,
    reads: Sequence[Read],
    tenant_id: str,
    reached: str,
    values: Mapping[str, Any],
) -> None:
    """What these need of this shop's rows. `reached` is SQL about the columns of orders, with its values: only what
    belongs to such orders; empty: all.
    """
    for name, wanted in _wanted(there, reads):
        given: dict[str, Any] = {"tenant": tenant_id}
        where = f"{_TENANT} = $tenant::UUID"
        if reached:
            key = "id" if name == _ORDERS else _ORDER_ID
            where += (
                f" AND {key} IN (SELECT id FROM {SOURCE}.main.{_ORDERS} WHERE {_TENANT} = $tenant::UUID AND {reached})"
            )
            given |= values
        connection.execute(
            f"CREATE TABLE memory.main.{_quoted(name)} AS SELECT {', '.join(map(_quoted, wanted))}"
            f" FROM {SOURCE}.main.{_quoted(name)} WHERE {where}",
            given,
        )


def _wanted(there: Columns, reads: Sequence[Read]) -> Iterator[tuple[str, Sequence[str]]]:
    """The tables that are read, with the columns that any of these needs."""
    for name, columns in there.items():
        of_it = [read for read in reads if name.lower() in read.tables]
        if of_it:
            needed = {column for read in of_it for column in read.columns(columns)}
            yield name, [column for column in columns if column in needed] or [_TENANT]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
