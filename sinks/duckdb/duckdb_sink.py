"""Keeps a read model in DuckDB: one file with one writer; rows and consumed offsets in one transaction.

Batches are staged as columns and compared with what is there in one statement, so that an older or repeated event
changes nothing. Readers never get the live file, but published snapshots (`sinks.duckdb.snapshots`): small files of
views over Parquet files and the newest rows, so that publishing costs what changed, however much there is.
"""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from itertools import chain, repeat
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import duckdb
import pyarrow
import structlog

from ops import metrics
from sinks.builds import Build, may_lead
from sinks.duckdb import certified_snapshots, forget_rows, kept_snapshots, snapshots, store_copies
from sinks.duckdb.fact_parts import NUMBER, FactParts
from sinks.duckdb.fact_snapshot import FactSnapshot
from sinks.duckdb.fact_tables import Columns, Facts, KeptFor, Lines
from sinks.duckdb.folder_builds import FolderBuilds
from sinks.duckdb.kept_snapshots import Retention
from sinks.duckdb.parquet_parts import PARTS, ParquetParts, parts_folder
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import (
    DocumentChange,
    HeldElsewhere,
    HeldOffset,
    Part,
    Partition,
    Positions,
    StoreLost,
    StoreRefusal,
    Unavailable,
)

_ARROW: Final = {
    "UUID": pyarrow.uuid(),
    "VARCHAR": pyarrow.string(),
    "BIGINT": pyarrow.int64(),
    "INTEGER": pyarrow.int32(),
    "BOOLEAN": pyarrow.bool_(),
    "TIMESTAMPTZ": pyarrow.timestamp("us", tz="UTC"),
    "JSON": pyarrow.string(),
    "VARCHAR[]": pyarrow.list_(pyarrow.string()),
    "UUID[]": pyarrow.list_(pyarrow.string()),  # Arrow makes no lists of its own type of them
}
_CONFIG: Final[dict[str, Any]] = {"memory_limit": "1GB", "threads": 2}
_OWN_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS tombstones (collection VARCHAR, tenant_id UUID, id UUID, version BIGINT);
    ALTER TABLE tombstones ADD COLUMN IF NOT EXISTS document_id UUID;
    CREATE TABLE IF NOT EXISTS store (birth VARCHAR, published BIGINT);
    CREATE TABLE IF NOT EXISTS positions (
        topic VARCHAR, "partition" INTEGER, next_offset BIGINT, topic_id VARCHAR, built_until BIGINT
    );
    CREATE TABLE IF NOT EXISTS freshness ("partition" VARCHAR, as_of TIMESTAMPTZ);
"""


_RETIRES_EVERY_S: Final = 10.0
_DIGITS: Final = 8

log = structlog.get_logger(__name__)
#: Why a change may never be in a store, whatever its columns can hold; None: nothing is wrong with it.
Refuses = Callable[[DocumentChange], str | None]


#: What DuckDB says when it cannot write (or read) its file, and of the file afterwards.
_OF_THE_DISK: Final = (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, duckdb.InternalException)


class DuckDBSink:
    """Keeps the promise of `sinks.sink.Sink`, and the positions with the rows. Holds the file while it is open."""

    is_transactional = True

    def __init__(
        self,
        folder: Path,
        model: ReadModel,
        facts: Sequence[Facts],
        *,
        goes_live: bool = False,
        checked_first: bool = False,
        kept: KeptFor | None = None,
        retention: Retention | None = None,
        refuses: Refuses | None = None,
        builds: FolderBuilds | None = None,
    ) -> None:
        """`goes_live`: readers are led to it as soon as it is vouched for; from an older version, with `checked_first`,
        not before one of its snapshots was certified. `kept`: for how long rows stay; `retention`: for how long what
        was published does. `refuses` says why a change may never be in it. With `builds` the folder is the one of the
        build to feed, looked up when it is opened.
        """
        self._builds = builds
        self._checked_first = checked_first
        self._refuses = refuses
        self._kept = kept
        self.folder = folder
        self._model = model
        self._goes_live = goes_live
        self._live = folder / f"{model.id}.live.duckdb"
        self._facts = {(fact.collection, fact.part): fact for fact in facts}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._published: snapshots.Snapshot | None = None
        self._birth = ""
        self._file: tuple[int, int] | None = None
        self._number = 0
        self._freshness = Freshness()
        self._unpublished = True
        self._retention = retention or Retention()
        self._parts = ParquetParts(folder, self._run, self._next_number)
        self._fact_parts = FactParts(facts, self._parts, self._run, self._retention)
        self._shown_facts = FactSnapshot(folder, model.id, facts, self._fact_parts, self._run)
        self._retired = 0.0

    def open(self) -> None:
        with self._on_disk():
            self._open()

    def _open(self) -> None:
        self.close()
        if self._builds is not None:
            self.folder = self._builds.fed()
            self._live = self.folder / self._live.name
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
        for left in self.folder.glob("*.arriving*"):  # by who died while publishing
            left.unlink()
        for fact in self._facts.values():
            self._run(f"CREATE TABLE IF NOT EXISTS {fact.table} ({_declared(fact.head)}, {NUMBER})")
            for lines in fact.lines:
                self._run(f"CREATE TABLE IF NOT EXISTS {lines.table} ({_declared(lines.head)}, {NUMBER})")
        self._run(_OWN_TABLES)
        self._run("INSERT INTO store SELECT ?, 0 WHERE NOT EXISTS (FROM store)", [uuid4().hex])
        # Nobody makes the file anew while it is open here, so this is what was opened.
        self._file = _identity(self._live)
        ((self._birth, number),) = self._run("SELECT birth, published FROM store")
        self._number = max(number, snapshots.newest_number(self.folder))
        self._freshness = self._told_last(number)
        self._published, self._unpublished = None, True
        self._parts = ParquetParts(parts_folder(self.folder, self._birth), self._run, self._next_number)
        self._open_parts()

    def _open_parts(self) -> None:
        facts = list(self._facts.values())
        self._fact_parts = FactParts(facts, self._parts, self._run, self._retention)
        self._fact_parts.open()
        self._shown_facts = FactSnapshot(self.folder, self._model.id, facts, self._fact_parts, self._run)

    def _next_number(self) -> int:
        return self._number + 1

    def _is_ours(self) -> bool:
        """Whether the file says when it was made, or is empty."""
        tables = {name for (name,) in self._run("SELECT table_name FROM duckdb_tables()")}
        return not tables or ("store" in tables and bool(self._run("FROM store")))

    def birth(self) -> str:
        return self._birth

    def positions(self) -> Mapping[Partition, HeldOffset]:
        with self._on_disk():
            return self._positions()

    def _positions(self) -> Mapping[Partition, HeldOffset]:
        self._look()
        rows = self._run('SELECT topic, "partition", topic_id, next_offset, built_until FROM positions')
        return {
            (topic, partition): HeldOffset(topic_id=topic_id, next=offset, until=until)
            for topic, partition, topic_id, offset, until in rows
        }

    def begin(self, partitions: Mapping[Partition, HeldOffset]) -> None:
        with self._on_disk():
            self._begin(partitions)

    def _begin(self, partitions: Mapping[Partition, HeldOffset]) -> None:
        held = self._positions()
        for (topic, partition), begun in partitions.items():
            if held.get((topic, partition)) != begun:
                self._run('DELETE FROM positions WHERE topic = ? AND "partition" = ?', [topic, partition])
                row = [topic, partition, begun.next, begun.topic_id, begun.until]
                self._run("INSERT INTO positions VALUES (?, ?, ?, ?, ?)", row)

    def freshness(self) -> Freshness:
        return self._freshness

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        refused = self._against_rules(changes)
        if refused:
            bad = {id(refusal.change) for refusal in refused}
            return [*refused, *self.write([change for change in changes if id(change) not in bad], {})]
        with self._on_disk():
            try:
                self._write(changes, positions)
            except _DoesNotFitError:
                refused = self._unfit(changes)
                bad = {id(refusal.change) for refusal in refused}
                self._write([change for change in changes if id(change) not in bad], {})
        self._unpublished = self._unpublished or bool(changes)
        return refused

    def _write(self, changes: Sequence[DocumentChange], positions: Positions) -> None:
        self._look()
        self._run("BEGIN")
        try:
            for key, fact in self._facts.items():
                of_table = [change for change in changes if (change.collection, change.part_name) == key]
                if of_table:
                    self._merge(fact, of_table)
            self._keep(positions)
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
            raise

    def _against_rules(self, changes: Sequence[DocumentChange]) -> list[StoreRefusal]:
        if self._refuses is None:
            return []
        return [StoreRefusal(change, why) for change in changes if (why := self._refuses(change)) is not None]

    def _unfit(self, changes: Sequence[DocumentChange]) -> list[StoreRefusal]:
        """Those whose values the columns cannot hold."""
        refused: list[StoreRefusal] = []
        for key, fact in self._facts.items():
            for change in (change for change in changes if (change.collection, change.part_name) == key):
                why = _why_unfit(fact, change)
                if why is not None:
                    refused.append(StoreRefusal(change, why))
        return refused

    def publish(self, freshness: Freshness) -> Freshness:
        with self._on_disk():
            return self._publish(freshness)

    def _publish(self, freshness: Freshness) -> Freshness:
        self._look()
        self._tidy()
        store_copies.carry_out(self._live, self._parts.folder, self._run)
        if self._unpublished or self._published is None:
            self._run("BEGIN; DELETE FROM freshness")
            # What nobody vouches for is not in the file either.
            for partition, as_of in ({} if freshness.withheld else freshness.by_partition).items():
                self._run("INSERT INTO freshness VALUES (?, ?)", [partition, as_of])
            self._number += 1
            self._run("UPDATE store SET published = ?", [self._number])
            self._run("COMMIT")
            self._published = self._snapshot(freshness)
            self._unpublished = False
            self._retire()
        else:
            self._published = replace(self._published, freshness=freshness)
            snapshots.point_to(self._published)
        self._freshness = freshness
        if time.monotonic() - self._retired > _RETIRES_EVERY_S:
            self._retire()
        self._look_at_readers(self._model.complete(freshness))
        return freshness

    def _look_at_readers(self, told: Freshness) -> None:
        """Raises `StoreLost` when another build of this version is theirs, or soon: it is to be fed."""
        if self._goes_live:
            self._lead_readers(told)
        if self._builds is not None and (now := self._builds.fed()) != self.folder:
            self.close()
            raise StoreLost(f"{now.name} is to be fed, and not {self.folder.name}", retry_after_s=0)

    def _lead_readers(self, told: Freshness) -> None:
        """To this build: if they are led to none, if it is their next, and if it is whole and of a newer version."""
        own, builds = Build.at_the_end_of(self.folder.name), self._builds or self._own_builds()
        led = builds.led()
        if own is None:
            return
        is_next = may_lead(builds, led, own, told) and (led.next == own or self._may_take_over())
        if led.live is None or is_next:
            builds.lead(own)

    def _own_builds(self) -> FolderBuilds:
        return FolderBuilds(self.folder.parent, self._model, tuple(self._facts.values()))

    def _may_take_over(self) -> bool:
        """Whether readers of an older version may be led here; a snapshot of a file that was thrown away counts not."""
        if not self._checked_first:
            return True
        certified = certified_snapshots.newest(self.folder)
        return certified is not None and snapshots.birth_of(certified.path) == self._birth[:_DIGITS]

    def _tidy(self) -> None:
        """What is due in the file before readers get to see it."""
        self._forget()
        self._remove_old()
        if self._fact_parts.tidy(is_changed=self._unpublished):
            self._unpublished = True

    def _snapshot(self, freshness: Freshness) -> snapshots.Snapshot:
        return snapshots.publish(self._live, self._birth, self._number, freshness, self._shown_facts.make)

    def _retire(self) -> None:
        """What was published and need not stay goes."""
        self._retired = time.monotonic()
        kept = kept_snapshots.retire(self.folder, self._retention)
        ours = [snapshots.number_of(path) for path in kept if snapshots.birth_of(path) == self._birth[:_DIGITS]]
        self._parts.sweep(ours, stays_s=self._retention.replaced_s, most_bytes=self._retention.most_bytes)
        births = {snapshots.birth_of(path) for path in kept} | {self._birth[:_DIGITS]}
        for folder in self.folder.glob(f"{PARTS}*"):
            if folder.name.removeprefix(PARTS) not in births:  # of a live file that was thrown away
                shutil.rmtree(folder)
        self._measure(kept)

    def _measure(self, kept: Sequence[Path]) -> None:
        sizes = self._parts.sizes()
        for state, files, size in (
            ("current", sizes.files, sizes.bytes),
            ("replaced", sizes.replaced_files, sizes.replaced_bytes),
            ("snapshots", len(kept), sum(path.stat().st_size for path in kept)),
        ):
            metrics.FEED_PUBLISHED_FILES.labels(self._model.id, state).set(files)
            metrics.FEED_PUBLISHED_BYTES.labels(self._model.id, state).set(size)

    def find(self, collection: str, tenant_id: UUID, id: UUID, part: Part | None = None) -> DocumentChange | None:  # noqa: A002
        fact, own = (self._facts[collection, part.name], part.id) if part else (self._facts[collection, ""], id)
        found = read(self._open_connection(), fact, "tenant_id = ? AND id = ?", [tenant_id, own])
        return next((change for change in found if change.id == id), None)

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[DocumentChange]:
        where, values = ("true", []) if tenant_id is None else ("tenant_id = ?", [tenant_id])
        for fact in self._facts.values():
            if fact.collection == collection:
                yield from read(self._open_connection(), fact, where, values)

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

    def _merge(self, fact: Facts, changes: Sequence[DocumentChange]) -> None:
        """Rows and tombstones of the same aggregate replace each other, but never by a lower version.

        Of several in one batch the newest wins, and of the same version the one that came last.
        """
        self._stage("staged", {"seen": "INTEGER", "arrived": "INTEGER", **fact.head}, _heads(fact, changes))
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE newer AS
            SELECT staged.*, held.part_no AS held_in, gone.part_no AS gone_in FROM staged
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
        self._fact_parts.outdate(fact.table, "SELECT tenant_id, id, held_in AS part_no FROM newer")
        self._fact_parts.outdate(f"gone {fact.table}", "SELECT tenant_id, id, gone_in AS part_no FROM newer")
        self._run(f"DELETE FROM {fact.table} USING newer WHERE {_same(fact.table, 'id')}")
        self._run(
            f"DELETE FROM tombstones USING newer WHERE collection = ? AND {_same('tombstones', 'id')}", [fact.table]
        )
        belongs_to = "document_id" if fact.part else "id"
        number = f"{self._fact_parts.open_no:d} AS part_no"
        self._insert(
            f"INSERT INTO {fact.table} BY NAME"
            f" SELECT * EXCLUDE (seen, arrived, held_in, gone_in), {number} FROM newer WHERE seen = 1"
        )
        self._insert(
            "INSERT INTO tombstones BY NAME SELECT ? AS collection, tenant_id, id, version,"
            f" {belongs_to} AS document_id, {number} FROM newer WHERE seen = 0",
            [fact.table],
        )
        for lines in fact.lines:
            self._merge_lines(lines, changes)

    def _merge_lines(self, lines: Lines, changes: Sequence[DocumentChange]) -> None:
        """Of what is `newer`, those it had go and those it has come."""
        columns = {"arrived": "INTEGER", **lines.head}
        with self._arriving(columns, _lines(lines, changes)) as arriving:
            self._run(f"DELETE FROM {lines.table} USING newer WHERE {_same(lines.table, lines.parent_id)}")
            self._insert(
                f"""
                INSERT INTO {lines.table} BY NAME
                SELECT line.* EXCLUDE (arrived), {self._fact_parts.open_no:d} AS part_no
                FROM ({arriving}) AS line JOIN newer ON newer.arrived = line.arrived
                """
            )

    def _insert(self, statement: str, values: Sequence[Any] = ()) -> None:
        ((rows,),) = self._run(statement, values)
        self._fact_parts.add(rows)

    def _stage(self, name: str, columns: Columns, values: Mapping[str, Sequence[Any]]) -> None:
        with self._arriving(columns, values) as arriving:
            self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS {arriving}")

    @contextmanager
    def _arriving(self, columns: Columns, values: Mapping[str, Sequence[Any]]) -> Iterator[str]:
        """Hands columns to DuckDB without copying them: a SELECT that gives them their types."""
        typed = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
        self._open_connection().register("arriving", _table(columns, values))
        try:
            yield f"SELECT {typed} FROM arriving"
        finally:
            with contextlib.suppress(duckdb.Error):  # in a transaction that failed; the next one registers its own
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
        for note in forget_rows.notes(self.folder):
            self._run("BEGIN")
            for one in forget_rows.read(note):
                fact = self._facts[one.collection, one.part]
                is_it = "tenant_id = ? AND id = ? AND version = ?"
                key = [one.tenant_id, one.id, one.version]
                if self._run(f"SELECT 1 FROM {fact.table} WHERE {is_it}", key):
                    held = f"SELECT tenant_id, id, part_no FROM {fact.table} WHERE {is_it}"
                    self._fact_parts.outdate(fact.table, held, key)
                    self._run(f"DELETE FROM {fact.table} WHERE {is_it}", key)
                    for lines in fact.lines:
                        parents = f"tenant_id = ? AND {lines.parent_id} = ?"
                        self._run(f"DELETE FROM {lines.table} WHERE {parents}", key[:2])
                gone = f"collection = ? AND {is_it}"
                self._fact_parts.outdate(
                    f"gone {fact.table}",
                    f"SELECT tenant_id, id, part_no FROM tombstones WHERE {gone}",
                    [fact.table, *key],
                )
                self._run(f"DELETE FROM tombstones WHERE {gone}", [fact.table, *key])
            self._run("COMMIT")
            note.unlink()
            self._unpublished = True

    def _remove_old(self) -> None:
        if self._kept is None:
            return
        for fact in self._facts.values():
            old = f"{self._kept.since} < now() - INTERVAL '{self._kept.days:d} days'"
            if not self._run(f"SELECT 1 FROM {fact.table} WHERE {old} LIMIT 1"):
                continue
            self._run("BEGIN")
            self._fact_parts.outdate(fact.table, f"SELECT tenant_id, id, part_no FROM {fact.table} WHERE {old}")
            for lines in fact.lines:
                parents = f"SELECT tenant_id, id FROM {fact.table} WHERE {old}"
                self._run(f"DELETE FROM {lines.table} WHERE (tenant_id, {lines.parent_id}) IN ({parents})")
            self._run(f"DELETE FROM {fact.table} WHERE {old}")
            self._run("COMMIT")
            self._unpublished = True

    def _open_connection(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise RuntimeError("the sink is not open")
        return self._connection

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # fetchall, always: an unread result keeps its transaction open and no checkpoint happens any more.
        return self._open_connection().execute(statement, list(values)).fetchall()


def read(connection: duckdb.DuckDBPyConnection, fact: Facts, where: str, values: Sequence[Any]) -> list[DocumentChange]:
    """What a file holds of one table, tombstones last; `where` may name `tenant_id`, `id` and `version`."""
    belongs_to = "document_id" if fact.part else "id"
    columns = ", ".join(["tenant_id", "id", "version", belongs_to, *fact.columns])
    rows = connection.execute(f"SELECT {columns} FROM {fact.table} WHERE {where}", list(values)).fetchall()
    lists = {one.field: _read_lines(connection, fact, one, where, values) for one in fact.lines}
    gone = connection.execute(
        f"SELECT tenant_id, id, version, {belongs_to} FROM tombstones WHERE ({where}) AND collection = ?",
        [*values, fact.table],
    ).fetchall()

    def change(
        document: Mapping[str, Any] | None, tenant_id: UUID, id_: UUID, version: int, of: UUID
    ) -> DocumentChange:
        return DocumentChange(
            collection=fact.collection,
            tenant_id=tenant_id,
            id=of,
            version=version,
            document=document,
            part=Part(fact.part, id_) if fact.part else None,
        )

    held = []
    for tenant_id, id_, version, of, *cells in rows:
        with_lines = {field: lines.get((tenant_id, id_), []) for field, lines in lists.items()}
        held.append(change(dict(zip(fact.columns, cells, strict=True)) | with_lines, tenant_id, id_, version, of))
    return held + [change(None, *row) for row in gone]


def _read_lines(
    connection: duckdb.DuckDBPyConnection, fact: Facts, lines: Lines, where: str, values: Sequence[Any]
) -> dict[tuple[UUID, UUID], list[dict[str, Any]]]:
    rows = connection.execute(
        f"SELECT {', '.join(f'line.{column}' for column in lines.head)} FROM {lines.table} AS line"
        f" SEMI JOIN (SELECT tenant_id AS of_tenant, id FROM {fact.table} WHERE {where}) AS head"
        f" ON head.of_tenant = line.tenant_id AND head.id = line.{lines.parent_id} ORDER BY {lines.number}",
        list(values),
    ).fetchall()
    found: dict[tuple[UUID, UUID], list[dict[str, Any]]] = {}
    for tenant_id, parent_id, _, *cells in rows:
        found.setdefault((tenant_id, parent_id), []).append(dict(zip(lines.columns, cells, strict=True)))
    return found


class _DoesNotFitError(Exception):
    """Some change has a value that its column cannot hold. No store was asked: it is the change's own fault."""


def _table(columns: Columns, values: Mapping[str, Sequence[Any]]) -> pyarrow.Table:
    try:
        return pyarrow.table({column: _array(values[column], kind) for column, kind in columns.items()})
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError) as wrong:
        raise _DoesNotFitError(f"{type(wrong).__name__}: {_first_line(wrong)}") from wrong


def _array(values: Sequence[Any], kind: str) -> pyarrow.Array:
    if kind == "UUID[]":
        values = [None if ids is None else [str(id_) for id_ in ids] for ids in values]
    return pyarrow.array(values, _ARROW[kind])


def _why_unfit(fact: Facts, change: DocumentChange) -> str | None:
    try:
        _table({"seen": "INTEGER", "arrived": "INTEGER", **fact.head}, _heads(fact, [change]))
        for lines in fact.lines:
            _table({"arrived": "INTEGER", **lines.head}, _lines(lines, [change]))
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


def _same(table: str, column: str) -> str:
    return f"{table}.{column} = newer.id AND {table}.tenant_id = newer.tenant_id"


def _heads(fact: Facts, changes: Sequence[DocumentChange]) -> dict[str, Sequence[Any]]:
    head: dict[str, Sequence[Any]] = {
        "seen": [int(change.document is not None) for change in changes],
        "arrived": list(range(len(changes))),
        "tenant_id": [change.tenant_id for change in changes],
        "id": [change.aggregate_id for change in changes],
        "version": [change.version for change in changes],
        "document_id": [change.id for change in changes],
    }
    return head | {column: [(change.document or {}).get(column) for change in changes] for column in fact.columns}


def _lines(lines: Lines, changes: Sequence[DocumentChange]) -> dict[str, Sequence[Any]]:
    """Tens of thousands of rows in a batch: what can be done by the row or by the column is not done by the cell."""
    of_change = [(change.document or {}).get(lines.field, ()) for change in changes]
    counts = [len(of_one) for of_one in of_change]
    cells = map(itemgetter(*lines.columns), chain.from_iterable(of_change))
    columns = list(zip(*cells, strict=True)) or [()] * len(lines.columns)
    head: dict[str, Sequence[Any]] = {
        "arrived": _times(range(len(changes)), counts),
        "tenant_id": _times((change.tenant_id for change in changes), counts),
        lines.parent_id: _times((change.aggregate_id for change in changes), counts),
        lines.number: list(chain.from_iterable(range(1, count + 1) for count in counts)),
    }
    return head | dict(zip(lines.columns, columns, strict=True))


def _times(values: Iterable[Any], counts: Iterable[int]) -> list[Any]:
    """Each as often as its count says."""
    return list(chain.from_iterable(map(repeat, values, counts)))
