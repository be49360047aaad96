"""Reads and writes rows of the live file as dicts, by the columns of their table."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sinks.archive.event_rows import Row
from sinks.duckdb.fact_tables import Columns

Run = Callable[..., list[tuple[Any, ...]]]
Stage = Callable[[str, Columns, Mapping[str, list[Any]]], None]
#: Of an aggregate: its shop, its type and its id.
Key = tuple[UUID, str, UUID]
KEY: Final = {"tenant_id": "UUID", "aggregate": "VARCHAR", "aggregate_id": "UUID"}


@dataclass(frozen=True, slots=True)
class LiveRows:
    """`stage` makes a temporary table of columns."""

    run: Run
    stage: Stage

    def make(self, table: str, columns: Columns) -> None:
        self.run(
            f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )

    def stage_rows(self, name: str, columns: Columns, rows: Sequence[Row]) -> None:
        self.stage(name, columns, {column: [row[column] for row in rows] for column in columns})

    def insert(self, table: str, columns: Columns, rows: Sequence[Row]) -> None:
        if rows:
            self.stage_rows("arrived", columns, rows)
            self.run(f"INSERT INTO {table} SELECT {', '.join(columns)} FROM arrived")

    def of_keys(self, table: str, columns: Columns, keys: Collection[Key], order: str = "") -> list[Row]:
        """The rows of these aggregates."""
        self._stage_keys(keys)
        names = ", ".join(f"{table}.{column}" for column in columns)
        found = self.run(
            f"SELECT {names} FROM {table} JOIN asked ON {same(table, 'asked')}"
            + (f" ORDER BY {order}" if order else "")
        )
        return [dict(zip(columns, row, strict=True)) for row in found]

    def remove(self, table: str, keys: Collection[Key]) -> None:
        self._stage_keys(keys)
        self.run(f"DELETE FROM {table} USING asked WHERE {same(table, 'asked')}")

    def _stage_keys(self, keys: Collection[Key]) -> None:
        self.stage("asked", KEY, {name: [key[number] for key in keys] for number, name in enumerate(KEY)})


def same(one: str, other: str) -> str:
    """That both are of one aggregate."""
    return " AND ".join(f"{one}.{column} = {other}.{column}" for column in KEY)


def named(key: Key) -> Row:
    return dict(zip(KEY, key, strict=True))


def key_of(row: Row) -> Key:
    return row["tenant_id"], row["aggregate"], row["aggregate_id"]
