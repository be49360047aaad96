"""Writes the file of views that readers get: each table of facts as one view over Parquet files and the newest rows.

The newest rows are in the file itself, in the schema `recent`, with the keys of what is outdated in the Parquet files.
Columns and files are listed by name, so a view says the same for as long as its file lives. Only files that have
something outdated are compared with these keys.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sinks.duckdb.fact_tables import Columns, Facts
from sinks.duckdb.parquet_parts import listed

TOMBSTONES: Final = {
    "collection": "VARCHAR",
    "tenant_id": "UUID",
    "id": "UUID",
    "version": "BIGINT",
    "document_id": "UUID",
}
PART_NO: Final = "part_no"
#: `of` is a table, or `gone <table>` for its tombstones; `part_no` is the number under which the row lies in a file.
OUTDATED: Final = {"of": "VARCHAR", "tenant_id": "UUID", "id": "UUID", "part_no": "INTEGER", "since": "TIMESTAMPTZ"}
_POSITIONS: Final = {
    "topic": "VARCHAR",
    '"partition"': "INTEGER",
    "next_offset": "BIGINT",
    "topic_id": "VARCHAR",
    "built_until": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A table of the live file whose rows go into Parquet files. `key` is the column that outdated keys name, `of`
    what they are said to be of, as SQL.
    """

    table: str
    columns: Columns
    key: str
    of: str

    @property
    def names(self) -> str:
        return ", ".join(self.columns)

    @property
    def in_files(self) -> Columns:
        """With the number under which a row lies in one."""
        return {**self.columns, PART_NO: "INTEGER"}

    @property
    def order(self) -> str:
        return f"tenant_id, {self.key}"


def stored(facts: Collection[Facts]) -> list[Stored]:
    tables = [Stored("tombstones", TOMBSTONES, "id", "'gone ' || kept.collection")]
    for fact in facts:
        tables.append(Stored(fact.table, fact.head, "id", f"'{fact.table}'"))
        tables += (Stored(one.table, one.head, one.parent_id, f"'{fact.table}'") for one in fact.lines)
    return tables


def definitions(facts: Collection[Facts]) -> Iterator[str]:
    """What makes a snapshot over no files, with no rows."""
    yield "CREATE TABLE store (birth VARCHAR, published BIGINT)"
    yield 'CREATE TABLE freshness ("partition" VARCHAR, as_of TIMESTAMPTZ)'
    yield f"CREATE TABLE positions ({_declared(_POSITIONS)})"
    yield 'CREATE TABLE parquet_files (path VARCHAR, holds VARCHAR, "rows" BIGINT, bytes BIGINT)'
    yield "CREATE SCHEMA recent"
    yield f"CREATE TABLE recent.outdated ({_declared(OUTDATED)})"
    for table in stored(facts):
        yield f"CREATE TABLE recent.{table.table} ({_declared(table.columns)})"
        yield over_files(table, (), ())
    for fact in facts:
        yield from fact.definitions


def over_files(table: Stored, whole: Sequence[Path], touched: Sequence[Path]) -> str:
    """The view of a table; in the files that are `touched` something is outdated."""
    selects = [f"SELECT {table.names} FROM recent.{table.table}"]
    if whole:
        selects.append(f"SELECT {table.names} FROM {listed(whole)}")
    if touched:
        selects.append(not_outdated(table, touched))
    return f"CREATE OR REPLACE VIEW {table.table} AS {' UNION ALL '.join(selects)}"


def not_outdated(table: Stored, touched: Sequence[Path], outdated: str = "recent.outdated", also: str = "") -> str:
    """A SELECT of the rows that count in such files; `also`: columns beside the table's own."""
    names = ", ".join(f"kept.{column}" for column in [*table.columns, *filter(None, [also])])
    return (
        f"SELECT {names} FROM {listed(touched)} AS kept ANTI JOIN {outdated} AS gone ON gone.of = {table.of}"
        f" AND gone.part_no = kept.part_no AND gone.tenant_id = kept.tenant_id AND gone.id = kept.{table.key}"
    )


def _declared(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {kind}" for column, kind in columns.items())
