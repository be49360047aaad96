"""How does a read model live in DuckDB? One file with one writer; rows and consumed offsets in one transaction.

Batches are staged as columns and compared with what is there in one statement, so that an older or repeated event
changes nothing. Readers get published copies (`sinks.analytics.snapshots`), never the live file.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import duckdb
import pyarrow
import structlog

from sinks.analytics import forgetting, snapshots
from sinks.analytics.facts import Columns, Facts
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Change, Held, HeldElsewhere, Partition, Positions, Refusal, StoreLost, Unavailable

_ARROW: Final = {
    "UUID": pyarrow.uuid(),
    "VARCHAR": pyarrow.string(),
    "BIGINT": pyarrow.int64(),
    "INTEGER": pyarrow.int32(),
    "TIMESTAMPTZ": pyarrow.timestamp("us", tz="UTC"),
}
_CONFIG: Final[dict[str, Any]] = {"memory_limit": "1GB", "threads": 2}
_OWN_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS tombstones (collection VARCHAR, tenant_id UUID, id UUID, version BIGINT);
    CREATE TABLE IF NOT EXISTS store (birth VARCHAR, published BIGINT);
    CREATE TABLE IF NOT EXISTS positions (
        topic VARCHAR, "partition" INTEGER, next_offset BIGINT, topic_id VARCHAR, built_until BIGINT
    );
    CREATE TABLE IF NOT EXISTS freshness ("partition" VARCHAR, as_of TIMESTAMPTZ);
"""


log = structlog.get_logger(__name__)


#: What DuckDB says when it cannot write (or read) its file, and of the file afterwards.
_OF_THE_DISK: Final = (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, duckdb.InternalException)


class DuckDBSink:
    """Keeps the promise of `sinks.sink.Sink`, and the positions with the rows. Holds the file while it is open."""

    is_transactional = True

    def __init__(self, folder: Path, model: ReadModel, facts: Sequence[Facts]) -> None:
        self.folder = folder
        self._live = folder / f"{model.id}.live.duckdb"
        self._facts = {fact.table: fact for fact in facts}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._published: snapshots.Snapshot | None = None
        self._birth = ""
        self._file: tuple[int, int] | None = None
        self._number = 0
        self._freshness = Freshness()
        self._unpublished = True

    def open(self) -> None:
        with self._on_disk():
            self._open()

    def _open(self) -> None:
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = duckdb.connect(self._live, config=_CONFIG)
        except duckdb.IOException as held:
            if "lock" not in str(held).lower():
                raise
            raise HeldElsewhere(f"another process writes {self._live.name}") from held
        if not self._is_ours():
            log.warning("file_replaced", file=str(self._live), reason="it was not made by a feed")
            self.close()
            self._live.unlink()
            self._connection = duckdb.connect(self._live, config=_CONFIG)
        for fact in self._facts.values():
            self._run(f"CREATE TABLE IF NOT EXISTS {fact.table} ({_declared(fact.head)})")
            self._run(f"CREATE TABLE IF NOT EXISTS {fact.parts.table} ({_declared(fact.part)})")
            for view, select in fact.views.items():
                self._run(f"CREATE OR REPLACE VIEW {view} AS {select}")
        self._run(_OWN_TABLES)
        self._run("INSERT INTO store SELECT ?, 0 WHERE NOT EXISTS (FROM store)", [uuid4().hex])
        # Nobody makes the file anew while it is open here, so this is what was opened.
        self._file = _identity(self._live)
        ((self._birth, number),) = self._run("SELECT birth, published FROM store")
        self._number = max(number, snapshots.newest_number(self.folder))
        self._freshness = self._told_last(number)
        self._published, self._unpublished = None, True

    def _is_ours(self) -> bool:
        """Whether the file says when it was made, or is empty."""
        tables = {name for (name,) in self._run("SELECT table_name FROM duckdb_tables()")}
        return not tables or ("store" in tables and bool(self._run("FROM store")))

    def birth(self) -> str:
        return self._birth

    def positions(self) -> Mapping[Partition, Held]:
        with self._on_disk():
            return self._positions()

    def _positions(self) -> Mapping[Partition, Held]:
        self._look()
        rows = self._run('SELECT topic, "partition", topic_id, next_offset, built_until FROM positions')
        return {
            (topic, partition): Held(topic_id=topic_id, next=offset, until=until)
            for topic, partition, topic_id, offset, until in rows
        }

    def begin(self, partitions: Mapping[Partition, Held]) -> None:
        with self._on_disk():
            self._begin(partitions)

    def _begin(self, partitions: Mapping[Partition, Held]) -> None:
        held = self._positions()
        for (topic, partition), begun in partitions.items():
            if held.get((topic, partition)) != begun:
                self._run('DELETE FROM positions WHERE topic = ? AND "partition" = ?', [topic, partition])
                row = [topic, partition, begun.next, begun.topic_id, begun.until]
                self._run("INSERT INTO positions VALUES (?, ?, ?, ?, ?)", row)

    def freshness(self) -> Freshness:
        return self._freshness

    def write(self, changes: Sequence[Change], positions: Positions) -> Sequence[Refusal]:
        refused: list[Refusal] = []
        with self._on_disk():
            try:
                self._write(changes, positions)
            except _DoesNotFitError:
                refused = self._unfit(changes)
                bad = {id(refusal.change) for refusal in refused}
                self._write([change for change in changes if id(change) not in bad], {})
        self._unpublished = self._unpublished or bool(changes)
        return refused

    def _write(self, changes: Sequence[Change], positions: Positions) -> None:
        self._look()
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

    def _unfit(self, changes: Sequence[Change]) -> list[Refusal]:
        """Those whose values the columns cannot hold."""
        refused: list[Refusal] = []
        for table, fact in self._facts.items():
            of_table = [change for change in changes if change.collection == table]
            for change in of_table:
                why = _why_unfit(fact, change)
                if why is not None:
                    refused.append(Refusal(change, why))
        return refused

    def publish(self, freshness: Freshness) -> Freshness:
        with self._on_disk():
            return self._publish(freshness)

    def _publish(self, freshness: Freshness) -> Freshness:
        self._look()
        self._forget()
        if self._unpublished or self._published is None:
            self._run("BEGIN; DELETE FROM freshness")
            # What nobody vouches for is not in the file either.
            for partition, as_of in ({} if freshness.withheld else freshness.by_partition).items():
                self._run("INSERT INTO freshness VALUES (?, ?)", [partition, as_of])
            self._number += 1
            self._run("UPDATE store SET published = ?", [self._number])
            self._run("COMMIT; CHECKPOINT")
            self._published = snapshots.publish_copy(self._live, self._birth, self._number, freshness)
            self._unpublished = False
        else:
            self._published = replace(self._published, freshness=freshness)
            snapshots.point_to(self._published)
        self._freshness = freshness
        return freshness

    def find(self, collection: str, tenant_id: UUID, id: UUID) -> Change | None:  # noqa: A002
        found = read(self._open_connection(), self._facts[collection], "tenant_id = ? AND id = ?", [tenant_id, id])
        return next(iter(found), None)

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[Change]:
        where, values = ("true", []) if tenant_id is None else ("tenant_id = ?", [tenant_id])
        yield from read(self._open_connection(), self._facts[collection], where, values)

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """A full or failing disk is waited out. DuckDB may hold the file for invalid after it: it is opened anew."""
        try:
            if self._connection is None and self._file is not None:
                self._look()
                self._open()
            yield
        except (*_OF_THE_DISK, OSError) as failed:
            self.close()
            raise Unavailable(f"the analytics disk cannot be written: {_first_line(failed)}") from failed

    def close(self) -> None:
        if self._connection is not None:
            # What is closed may be a file that nobody can reach any more, and cannot be put in order.
            with contextlib.suppress(duckdb.Error):
                self._connection.close()
            self._connection = None

    def _merge(self, fact: Facts, changes: Sequence[Change]) -> None:
        """Rows and tombstones of the same aggregate replace each other, but never by a lower version.

        Of several in one batch the newest wins, and of the same version the one that came last.
        """
        parts = fact.parts
        self._stage("staged", {"seen": "INTEGER", "arrived": "INTEGER", **fact.head}, _heads(fact, changes))
        self._stage("staged_parts", {"arrived": "INTEGER", **fact.part}, _parts(fact, changes))
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE newer AS
            SELECT staged.* FROM staged
            LEFT JOIN {fact.table} AS held ON held.id = staged.id AND held.tenant_id = staged.tenant_id
            LEFT JOIN tombstones AS gone
              ON gone.collection = ? AND gone.id = staged.id AND gone.tenant_id = staged.tenant_id
            WHERE staged.version >= coalesce(held.version, gone.version, 0)
            QUALIFY row_number() OVER (
                PARTITION BY staged.tenant_id, staged.id ORDER BY staged.version DESC, staged.arrived DESC
            ) = 1
            """,
            [fact.table],
        )
        for table, column in ((fact.table, "id"), ("tombstones", "id"), (parts.table, parts.parent_id)):
            same = f"{table}.{column} = newer.id AND {table}.tenant_id = newer.tenant_id"
            self._run(f"DELETE FROM {table} USING newer WHERE {same}")
        self._run(f"INSERT INTO {fact.table} BY NAME SELECT * EXCLUDE (seen, arrived) FROM newer WHERE seen = 1")
        self._run("INSERT INTO tombstones SELECT ?, tenant_id, id, version FROM newer WHERE seen = 0", [fact.table])
        self._run(
            f"""
            INSERT INTO {parts.table} BY NAME
            SELECT part.* EXCLUDE (arrived) FROM staged_parts AS part JOIN newer ON newer.arrived = part.arrived
            """
        )

    def _stage(self, name: str, columns: Columns, values: Mapping[str, list[Any]]) -> None:
        """Hands columns to DuckDB without copying them and gives them their types."""
        arrow = _table(columns, values)
        self._open_connection().register("arriving", arrow)
        typed = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {typed} FROM arriving")
        self._open_connection().unregister("arriving")

    def _keep(self, positions: Positions) -> None:
        for (topic, partition), offset in positions.items():
            moved = 'UPDATE positions SET next_offset = ? WHERE topic = ? AND "partition" = ?'
            self._run(moved, [offset, topic, partition])

    def _look(self) -> None:
        """Raises `StoreLost` when what is written would go to a file that nobody can reach."""
        if _identity(self._live) != self._file:
            raise StoreLost(f"{self._live.name} was thrown away or replaced", retry_after_s=0)

    def _told_last(self, number: int) -> Freshness:
        """What is true of this file: of its last copy, if nothing else was copied, or what is in the file itself."""
        with contextlib.suppress(Unavailable):
            current = snapshots.current(self.folder)
            if current is not None and (current.birth, current.number) == (self._birth, number):
                return current.freshness
        moments = self._run('SELECT "partition", as_of FROM freshness')
        return Freshness({partition: as_of.astimezone(UTC) for partition, as_of in moments})

    def _forget(self) -> None:
        """Carries out the notes that were left; a row that has another version by now stays."""
        for note in forgetting.notes(self.folder):
            self._run("BEGIN")
            for one in forgetting.read(note):
                fact = self._facts[one.collection]
                is_it = "tenant_id = ? AND id = ? AND version = ?"
                key = [one.tenant_id, one.id, one.version]
                if self._run(f"SELECT 1 FROM {fact.table} WHERE {is_it}", key):
                    self._run(f"DELETE FROM {fact.table} WHERE {is_it}", key)
                    parents = f"tenant_id = ? AND {fact.parts.parent_id} = ?"
                    self._run(f"DELETE FROM {fact.parts.table} WHERE {parents}", key[:2])
                self._run(f"DELETE FROM tombstones WHERE collection = ? AND {is_it}", [one.collection, *key])
            self._run("COMMIT")
            note.unlink()
            self._unpublished = True

    def _open_connection(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise RuntimeError("the sink is not open")
        return self._connection

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # fetchall, always: an unread result keeps its transaction open and no checkpoint happens any more.
        return self._open_connection().execute(statement, list(values)).fetchall()


def read(connection: duckdb.DuckDBPyConnection, fact: Facts, where: str, values: Sequence[Any]) -> list[Change]:
    """What a file holds of one collection, tombstones last; `where` may name `tenant_id`, `id` and `version`."""
    rows = connection.execute(f"SELECT * FROM {fact.table} WHERE {where}", list(values)).fetchall()
    parent = fact.parts.parent_id
    lines = connection.execute(
        f"SELECT part.* FROM {fact.parts.table} AS part"
        f" SEMI JOIN (SELECT tenant_id AS of_tenant, id FROM {fact.table} WHERE {where}) AS head"
        f" ON head.of_tenant = part.tenant_id AND head.id = part.{parent} ORDER BY line_no",
        list(values),
    ).fetchall()
    parts: dict[tuple[UUID, UUID], list[dict[str, Any]]] = {}
    for tenant_id, parent_id, _, *cells in lines:
        parts.setdefault((tenant_id, parent_id), []).append(dict(zip(fact.parts.columns, cells, strict=True)))
    gone = connection.execute(
        f"SELECT tenant_id, id, version FROM tombstones WHERE ({where}) AND collection = ?", [*values, fact.table]
    ).fetchall()
    held = [
        Change(
            collection=fact.table,
            tenant_id=tenant_id,
            id=id_,
            version=version,
            document=dict(zip(fact.columns, cells, strict=True)) | {fact.parts.field: parts.get((tenant_id, id_), [])},
        )
        for tenant_id, id_, version, *cells in rows
    ]
    return held + [
        Change(collection=fact.table, tenant_id=tenant_id, id=id_, version=version, document=None)
        for tenant_id, id_, version in gone
    ]


class _DoesNotFitError(Exception):
    """Some change has a value that its column cannot hold. No store was asked: it is the change's own fault."""


def _table(columns: Columns, values: Mapping[str, list[Any]]) -> pyarrow.Table:
    try:
        return pyarrow.table({column: pyarrow.array(values[column], _ARROW[kind]) for column, kind in columns.items()})
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError) as wrong:
        raise _DoesNotFitError(f"{type(wrong).__name__}: {_first_line(wrong)}") from wrong


def _why_unfit(fact: Facts, change: Change) -> str | None:
    try:
        _table({"seen": "INTEGER", "arrived": "INTEGER", **fact.head}, _heads(fact, [change]))
        _table({"arrived": "INTEGER", **fact.part}, _parts(fact, [change]))
    except _DoesNotFitError as wrong:
        return str(wrong)
    return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:500]


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a name stands for now; None: there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _declared(columns: Columns) -> str:
    return ", ".join(f"{column} {kind}" for column, kind in columns.items())


def _heads(fact: Facts, changes: Sequence[Change]) -> dict[str, list[Any]]:
    head: dict[str, list[Any]] = {
        "seen": [int(change.document is not None) for change in changes],
        "arrived": list(range(len(changes))),
        "tenant_id": [change.tenant_id for change in changes],
        "id": [change.id for change in changes],
        "version": [change.version for change in changes],
    }
    return head | {column: [(change.document or {}).get(column) for change in changes] for column in fact.columns}


def _parts(fact: Facts, changes: Sequence[Change]) -> dict[str, list[Any]]:
    rows = [
        (arrived, change, line_no, part)
        for arrived, change in enumerate(changes)
        for line_no, part in enumerate((change.document or {}).get(fact.parts.field, ()), start=1)
    ]
    head: dict[str, list[Any]] = {
        "arrived": [arrived for arrived, _, _, _ in rows],
        "tenant_id": [change.tenant_id for _, change, _, _ in rows],
        fact.parts.parent_id: [change.id for _, change, _, _ in rows],
        "line_no": [line_no for _, _, line_no, _ in rows],
    }
    return head | {column: [part[column] for _, _, _, part in rows] for column in fact.parts.columns}
