"""Writes what a snapshot has as files that stand alone: a DuckDB file with tables, or a folder of Parquet or CSV files.

Snapshots name Parquet files by their place, so they do not travel; what is exported does. Nothing is there under its
name before it is whole.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb

from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.parquet_parts import quoted
from sinks.duckdb.snapshots import sync
from sinks.spreadsheet_texts import harmless_in_sql, is_text

_COPIED: Final = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
}
FOLDERS: Final = tuple(_COPIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A snapshot, or one that was pinned. `tenant_id`: only this shop's rows."""

    path: Path
    model: str
    facts: tuple[Facts, ...]
    as_of: datetime | None
    tenant_id: UUID | None = None

    @property
    def tables(self) -> list[str]:
        return [name for fact in self.facts for name in (fact.table, *(lines.table for lines in fact.lines))]

    @property
    def views(self) -> list[str]:
        return [view for fact in self.facts for view in fact.views]

    def told(self) -> dict[str, str | None]:
        return {
            "model": self.model,
            "snapshot": self.path.name,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "tenant_id": None if self.tenant_id is None else str(self.tenant_id),
        }

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """With the snapshot as `source`; times are written in UTC."""
        with closing(duckdb.connect()) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"ATTACH {quoted(self.path)} AS source (READ_ONLY)")
            yield connection

    def rows(self, name: str) -> str:
        """A SELECT of a table's or view's rows."""
        where = "" if self.tenant_id is None else f" WHERE tenant_id = '{self.tenant_id}'"
        return f"SELECT * FROM source.{name}{where}"


def to_duckdb(source: Source, target: Path) -> Mapping[str, int]:
    """One file: a table for each of the snapshot's, and its views over them. Returns how many rows each has."""
    with arriving(target) as path, source.opened() as connection:
        connection.execute(f"ATTACH {quoted(path)} AS target")
        counts = {
            name: _count(connection.execute(f"CREATE TABLE target.{name} AS {source.rows(name)}"))
            for name in source.tables
        }
        connection.execute("CREATE TABLE target.freshness AS FROM source.freshness")
        connection.execute(
            "CREATE TABLE target.exported (model VARCHAR, snapshot VARCHAR, as_of TIMESTAMPTZ, tenant_id UUID)"
        )
        connection.execute("INSERT INTO target.exported VALUES (?, ?, ?, ?)", list(source.told().values()))
        connection.execute("USE target")
        for fact in source.facts:
            for definition in fact.definitions:
                connection.execute(definition)
        counts |= {view: _count(connection.execute(f"SELECT count(*) FROM {view}")) for view in source.views}
        connection.execute("USE memory")
        connection.execute("DETACH target")
    return counts


def to_folder(source: Source, target: Path, kind: str) -> Mapping[str, int]:
    """A file for each table and view, and `snapshot.json` with what it is. Returns how many rows each has."""
    with arriving(target) as path, source.opened() as connection:
        path.mkdir()
        counts = {}
        for name in (*source.tables, *source.views):
            file = quoted(path / f"{name}.{kind}")
            rows = source.rows(name)
            select = _as_cells(connection, rows) if kind == "csv" else rows
            counts[name] = _count(connection.execute(f"COPY ({select}) TO {file} ({_COPIED[kind]})"))
        (path / "snapshot.json").write_text(json.dumps({**source.told(), "rows": counts}, indent=2) + "\n")
        for written in path.iterdir():
            sync(written)
    return counts


def _as_cells(connection: duckdb.DuckDBPyConnection, rows: str) -> str:
    """As SQL over HTTP answers CSV: a text that a spreadsheet would run has an apostrophe before it, a list is JSON."""
    cells = []
    for column, kind, *_ in connection.execute(f"DESCRIBE {rows}").fetchall():
        name = f'"{column}"'
        if is_text(kind):
            cells.append(f"{harmless_in_sql(f'{name}::VARCHAR')} AS {name}")
        elif kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
            cells.append(f"to_json({name}) AS {name}")
        else:
            cells.append(name)
    return f"SELECT {', '.join(cells)} FROM ({rows})"


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """Where to write what is `target` at the end of the block."""
    path = target.with_name(f"{target.name}.arriving")
    _remove(path)
    try:
        yield path
        sync(path)
        path.rename(target)
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _count(result: Any) -> int:
    ((rows,),) = result.fetchall()
    return int(rows)
