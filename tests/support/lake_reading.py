"""Sums up what is in the lake with an engine that is not ours: Iceberg's in Rust, which is told where metadata is, and
reads that and the files by itself; and what a snapshot of DuckDB has, in the same words.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from datafusion import SessionContext
from pyiceberg.table import Table
from pyiceberg_core.datafusion import IcebergDataFusionTable

from sinks.duckdb.published_views import Stored, stored
from sinks.lake.lake_catalogue import LakeCatalogue
from sinks.read_model import ReadModel

#: Where a table has no currency of its own, it is the order's.
_OF_ORDERS = {"order_lines": "order_id", "order_reversals": "order_id"}

Figures = Mapping[str, Sequence[tuple[Any, ...]]]


def tables_of(model: ReadModel) -> list[Stored]:
    return [one for one in stored(model.store.shape) if one.table != "tombstones"]


def in_the_snapshot(path: Path, model: ReadModel) -> Figures:
    """Of each table by shop and currency how many rows there are, and the sum of each column with money."""
    with duckdb.connect(path, read_only=True) as connection:
        return {table.table: _figures(connection.execute(_asked(table)).fetchall()) for table in tables_of(model)}


def in_the_lake(catalogue: LakeCatalogue, model: ReadModel) -> Figures:
    context = SessionContext()
    for table in tables_of(model):
        found = catalogue.load_table((model.id.replace("-", "_"), table.table))
        context.register_table(table.table, _foreign(found))
    return {
        table.table: _figures(tuple(row.values()) for row in context.sql(_asked(table)).to_pylist())
        for table in tables_of(model)
    }


def column(table: Table, name: str) -> list[Any]:
    context = SessionContext()
    context.register_table("asked", _foreign(table))
    return [row[name] for row in context.sql(f"SELECT {name} FROM asked ORDER BY 1").to_pylist()]


def _foreign(table: Table) -> IcebergDataFusionTable:
    return IcebergDataFusionTable(
        identifier=table.name(), metadata_location=table.metadata_location, file_io_properties={}
    )


def _asked(table: Stored) -> str:
    money = [f"CAST(sum(one.{name}) AS BIGINT) AS {name}" for name in table.columns if name.endswith("_minor")]
    currency, joined = "NULL", ""
    if "currency" in table.columns:
        currency = "one.currency"
    elif table.table in _OF_ORDERS:
        currency = "orders.currency"
        joined = f" JOIN orders ON orders.tenant_id = one.tenant_id AND orders.id = one.{_OF_ORDERS[table.table]}"
    return (
        f"SELECT {', '.join(['one.tenant_id', f'{currency} AS currency', 'count(*) AS n', *money])}"
        f" FROM {table.table} AS one{joined} GROUP BY one.tenant_id, {currency}"
    )


def _figures(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((_uuid(tenant_id), *figures) for tenant_id, *figures in rows)


def _uuid(value: Any) -> UUID:
    return UUID(bytes=bytes(value)) if isinstance(value, bytes) else UUID(str(value))
