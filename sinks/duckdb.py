"""How does a read model live in DuckDB? One file with one writer; rows and consumed offsets in one transaction.

Batches are staged as columns and compared with what is there in one statement, so that an older or repeated event
changes nothing. Readers get published copies (`sinks.analytics.snapshots`), never the live file.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb
import pyarrow

from sinks.analytics import snapshots
from sinks.analytics.facts import Columns, Facts
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Change, Positions, Refusal, Unavailable

_ARROW: Final = {
    "UUID": pyarrow.uuid(),
    "VARCHAR": pyarrow.string(),
    "BIGINT": pyarrow.int64(),
    "INTEGER": pyarrow.int32(),
    "TIMESTAMPTZ": pyarrow.timestamp("us", tz="UTC"),
}
_OWN_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS tombstones (collection VARCHAR, tenant_id UUID, id UUID, version BIGINT);
    CREATE TABLE IF NOT EXISTS positions (topic VARCHAR, "partition" INTEGER, "next_offset" BIGINT);
    CREATE TABLE IF NOT EXISTS freshness ("partition" VARCHAR, as_of TIMESTAMPTZ);
"""


class DuckDBSink:
    """Keeps the promise of `sinks.sink.Sink`, and the positions with the rows. Holds the file while it is open."""

    def __init__(self, folder: Path, model: ReadModel, facts: Sequence[Facts]) -> None:
        self._folder = folder
        self._live = folder / f"{model.id}.live.duckdb"
        self._facts = {fact.table: fact for fact in facts}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._published: snapshots.Snapshot | None = None
        self._number = 0
        self._unpublished = True

    def open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = duckdb.connect(self._live, config={"memory_limit": "1GB", "threads": 2})
        except duckdb.IOException as held:
            if "lock" not in str(held).lower():
                raise
            raise Unavailable(f"another process writes {self._live.name}") from held
        for fact in self._facts.values():
            self._run(f"CREATE TABLE IF NOT EXISTS {fact.table} ({_declared(fact.head)})")
            self._run(f"CREATE TABLE IF NOT EXISTS {fact.parts.table} ({_declared(fact.part)})")
            for view, select in fact.views.items():
                self._run(f"CREATE OR REPLACE VIEW {view} AS {select}")
        self._run(_OWN_TABLES)
        self._number = snapshots.newest_number(self._folder)

    def positions(self) -> Positions:
        rows = self._run('SELECT topic, "partition", next_offset FROM positions')
        return {(topic, partition): offset for topic, partition, offset in rows}

    def write(self, changes: Sequence[Change], positions: Positions) -> Sequence[Refusal]:
        self._run("BEGIN")
        try:
            for table, fact in self._facts.items():
                of_table = [change for change in changes if change.collection == table]
                if of_table:
                    self._merge(fact, of_table)
            self._keep(positions)
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
            raise
        self._unpublished = self._unpublished or bool(changes)
        return ()

    def publish(self, freshness: Freshness) -> None:
        if self._unpublished or self._published is None:
            self._run("BEGIN; DELETE FROM freshness")
            for partition, as_of in freshness.by_partition.items():
                self._run("INSERT INTO freshness VALUES (?, ?)", [partition, as_of])
            self._run("COMMIT; CHECKPOINT")
            self._number += 1
            self._published = snapshots.publish_copy(self._live, self._folder, self._number, freshness)
            self._unpublished = False
        else:
            snapshots.point_to(self._published.path, freshness)

    def find(self, collection: str, tenant_id: UUID, id: UUID) -> Change | None:  # noqa: A002
        return next(self._changes(collection, "WHERE tenant_id = ? AND id = ?", [tenant_id, id]), None)

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[Change]:
        if tenant_id is None:
            return self._changes(collection, "", [])
        return self._changes(collection, "WHERE tenant_id = ?", [tenant_id])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _merge(self, fact: Facts, changes: Sequence[Change]) -> None:
        """Newest first wins: rows and tombstones of the same aggregate replace each other only by a higher version."""
        parts = fact.parts
        self._stage("staged", {"seen": "INTEGER", **fact.head}, _heads(fact, changes))
        self._stage("staged_parts", {"version": "BIGINT", **fact.part}, _parts(fact, changes))
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE newer AS
            SELECT staged.* FROM staged
            LEFT JOIN {fact.table} AS held ON held.id = staged.id AND held.tenant_id = staged.tenant_id
            LEFT JOIN tombstones AS gone
              ON gone.collection = ? AND gone.id = staged.id AND gone.tenant_id = staged.tenant_id
            WHERE staged.version > coalesce(held.version, gone.version, 0)
            QUALIFY row_number() OVER (PARTITION BY staged.tenant_id, staged.id ORDER BY staged.version DESC) = 1
            """,
            [fact.table],
        )
        for table, column in ((fact.table, "id"), ("tombstones", "id"), (parts.table, parts.parent_id)):
            same = f"{table}.{column} = newer.id AND {table}.tenant_id = newer.tenant_id"
            self._run(f"DELETE FROM {table} USING newer WHERE {same}")
        self._run(f"INSERT INTO {fact.table} BY NAME SELECT * EXCLUDE (seen) FROM newer WHERE seen = 1")
        self._run("INSERT INTO tombstones SELECT ?, tenant_id, id, version FROM newer WHERE seen = 0", [fact.table])
        self._run(
            f"""
            INSERT INTO {parts.table} BY NAME
            SELECT part.* EXCLUDE (version) FROM staged_parts AS part
            JOIN newer ON newer.id = part.{parts.parent_id} AND newer.tenant_id = part.tenant_id
                      AND newer.version = part.version
            """
        )

    def _stage(self, name: str, columns: Columns, values: Mapping[str, list[Any]]) -> None:
        """Hands columns to DuckDB without copying them and gives them their types."""
        arrow = pyarrow.table({column: pyarrow.array(values[column], _ARROW[kind]) for column, kind in columns.items()})
        self._open_connection().register("arriving", arrow)
        typed = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {typed} FROM arriving")
        self._open_connection().unregister("arriving")

    def _keep(self, positions: Positions) -> None:
        for (topic, partition), offset in positions.items():
            self._run('DELETE FROM positions WHERE topic = ? AND "partition" = ?', [topic, partition])
            self._run("INSERT INTO positions VALUES (?, ?, ?)", [topic, partition, offset])

    def _changes(self, collection: str, where: str, values: list[Any]) -> Iterator[Change]:
        fact = self._facts[collection]
        parts: dict[UUID, list[dict[str, Any]]] = {}
        part_where = where.replace(" id =", f" {fact.parts.parent_id} =")
        rows = self._run(f"SELECT * FROM {fact.parts.table} {part_where} ORDER BY line_no", values)
        for _, parent_id, _, *cells in rows:
            parts.setdefault(parent_id, []).append(dict(zip(fact.parts.columns, cells, strict=True)))
        for tenant_id, id_, version, *cells in self._run(f"SELECT * FROM {fact.table} {where}", values):
            document = dict(zip(fact.columns, cells, strict=True)) | {fact.parts.field: parts.get(id_, [])}
            yield Change(collection=collection, tenant_id=tenant_id, id=id_, version=version, document=document)
        gone = f"SELECT tenant_id, id, version FROM tombstones {where or 'WHERE true'} AND collection = ?"
        for tenant_id, id_, version in self._run(gone, [*values, collection]):
            yield Change(collection=collection, tenant_id=tenant_id, id=id_, version=version, document=None)

    def _open_connection(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise RuntimeError("the sink is not open")
        return self._connection

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # fetchall, always: an unread result keeps its transaction open and no checkpoint happens any more.
        return self._open_connection().execute(statement, list(values)).fetchall()


def _declared(columns: Columns) -> str:
    return ", ".join(f"{column} {kind}" for column, kind in columns.items())


def _heads(fact: Facts, changes: Sequence[Change]) -> dict[str, list[Any]]:
    head: dict[str, list[Any]] = {
        "seen": [int(change.document is not None) for change in changes],
        "tenant_id": [change.tenant_id for change in changes],
        "id": [change.id for change in changes],
        "version": [change.version for change in changes],
    }
    return head | {column: [(change.document or {}).get(column) for change in changes] for column in fact.columns}


def _parts(fact: Facts, changes: Sequence[Change]) -> dict[str, list[Any]]:
    rows = [
        (change, line_no, part)
        for change in changes
        for line_no, part in enumerate((change.document or {}).get(fact.parts.field, ()), start=1)
    ]
    head: dict[str, list[Any]] = {
        "version": [change.version for change, _, _ in rows],
        "tenant_id": [change.tenant_id for change, _, _ in rows],
        fact.parts.parent_id: [change.id for change, _, _ in rows],
        "line_no": [line_no for _, line_no, _ in rows],
    }
    return head | {column: [part[column] for _, _, part in rows] for column in fact.parts.columns}
