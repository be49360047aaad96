"""Archives events: new ones and how far the log is read in one transaction, so each is kept once whatever dies when.

The newest lie in the live file; when there are enough of them, or they have lain for a day, they go into a Parquet file
for good. What readers get is `archive_snapshot`: publishing costs what came since, however much there is.
"""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb
import structlog

from ops import metrics
from schemas.event_json import to_text
from sinks.archive import event_rows
from sinks.archive.archive_snapshot import ArchiveSnapshot
from sinks.archive.event_rows import COLUMNS, ORDER, Row
from sinks.archive.forgotten_events import ForgottenEvents
from sinks.archive.ledger_tables import GAPS, RESTARTS, LedgerTables
from sinks.archive.live_rows import Key, LiveRows, named
from sinks.archive.version_ledger import BEFORE, MISSED, entered
from sinks.duckdb import snapshots
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.duckdb.kept_snapshots import Retention
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, Part, Positions, Unavailable

#: So many rows go into a file, and so many files are made one.
FLUSH_ROWS: Final = 10_000
MERGED: Final = 16
_LAIN: Final = "1 day"
_NAMES: Final = ", ".join(COLUMNS)

log = structlog.get_logger(__name__)


class ArchiveSink(DuckDBSink):
    """A `sinks.sink.Sink`. `uncompacted_s`: for so long Kafka keeps every event."""

    def __init__(
        self,
        folder: Path,
        model: ReadModel,
        *,
        goes_live: bool = False,
        uncompacted_s: float = 0.0,
        flush_rows: int = FLUSH_ROWS,
        retention: Retention | None = None,
    ) -> None:
        super().__init__(folder, model, (), goes_live=goes_live, retention=retention)
        self._uncompacted_s = uncompacted_s
        self._flush_rows = flush_rows
        self._rows = LiveRows(self._run, self._stage)
        self._ledgers = LedgerTables(self._rows)
        self._forgotten = ForgottenEvents(self._rows, self._parts)
        self._shown = self._snapshots()
        self._next_no = 1
        self._other_gaps = True

    def _open(self) -> None:
        super()._open()
        self._rows.make("events", COLUMNS)
        self._rows.make("read_versions", {"type": "VARCHAR", "version": "INTEGER"})
        self._ledgers.make()
        self._forgotten = ForgottenEvents(self._rows, self._parts)
        self._forgotten.open()
        ((newest,),) = self._run(f"SELECT coalesce(max(archive_no), 0) FROM ({self._every_event('archive_no')})")
        self._next_no = newest + 1
        self._shown = self._snapshots()
        self._other_gaps = True
        self._read_anew()

    def _open_parts(self) -> None:
        missing = self._parts.open()
        if missing:
            raise Unavailable(
                f"{len(missing)} files of the archive are gone from {self._parts.folder} ({missing[0]}): put them back",
                30,
            )

    def _write(self, changes: Sequence[DocumentChange], positions: Positions) -> None:
        self._look()
        self._run("BEGIN")
        try:
            if changes:
                self._archive(changes)
            self._keep(positions)
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
                self._forgotten.look_again()
            raise

    def _archive(self, changes: Sequence[DocumentChange]) -> None:
        now = datetime.now(UTC)
        before = self._ledgers.of({_key(change) for change in changes})
        ledgers, rows, restarts = dict(before), list[Row](), list[Row]()
        for change in changes:
            key, document = _key(change), change.document or {}
            epoch, version = document["epoch"], document["version"]
            if self._forgotten.is_gone(change.tenant_id, epoch) and document["type"] != event_rows.SHOP_ERASED:
                continue
            entry = entered(ledgers.get(key), epoch, version, now)
            ledgers[key] = entry.ledger
            if entry.begins_anew:
                restarts.append(named(key) | {"epoch": epoch, "version": version})
            if entry.is_kept:
                row = dict(document) | named(key) | {"archive_no": self._next_no + len(rows), "archived_at": now}
                rows.append(event_rows.with_body(row, to_text(document["body"])))
        self._rows.insert("events", COLUMNS, rows)
        self._other_gaps |= self._ledgers.note(before, ledgers, restarts)
        self._forgotten.note(rows)
        self._next_no += len(rows)

    def _tidy(self) -> None:
        """What is to be forgotten goes, what has lain long enough into a file, many small files into one."""
        if self._forgotten.carry_out():
            self._list_again()
        ((rows, has_lain),) = self._run(
            f"SELECT count(*), coalesce(min(archived_at) < now() - INTERVAL '{_LAIN}', false) FROM events"
        )
        if rows >= self._flush_rows or has_lain:
            self._parts.write("events", f"SELECT {_NAMES} FROM events ORDER BY {ORDER}", also=["DELETE FROM events"])
            self._list_again()
            small = self._parts.of("events", tier=0)
            if len(small) >= MERGED:
                select = f"SELECT {_NAMES} FROM {self._parts.read(small)} ORDER BY {ORDER}"
                self._parts.write("events", select, replaces=small, tier=1)
        if self._other_gaps:
            self._parts.write("gaps", f"SELECT {', '.join(GAPS)} FROM gaps", replaces=self._parts.of("gaps"))
            self._parts.write(
                "restarts", f"SELECT {', '.join(RESTARTS)} FROM restarts", replaces=self._parts.of("restarts")
            )
            self._list_again()
            self._other_gaps = False
        self._measure_missing()

    def _list_again(self) -> None:
        self._shown.list_again()
        self._unpublished = True

    def _snapshots(self) -> ArchiveSnapshot:
        aggregates = {projection.aggregate for projection in self._model.projections}
        return ArchiveSnapshot(self.folder, self._model.id, self.birth(), aggregates, self._parts, self._run)

    def _snapshot(self, freshness: Freshness) -> snapshots.Snapshot:
        return snapshots.publish(self._live, self.birth(), self._number, freshness, self._shown.make)

    def _read_anew(self) -> None:
        """Where the code knows another newest version of an event than before, readers get to see that of all."""
        known = event_rows.newest_versions()
        before = dict(self._run("SELECT type, version FROM read_versions"))
        other = sorted(kind for kind, version in known.items() if kind in before and before[kind] != version)
        if other:
            cases = " OR ".join(f"(event.type = '{kind}' AND event.read_as <> {known[kind]:d})" for kind in other)
            log.info("archive_read_anew", types=other)
            self._forgotten.alter_parts(cases, _read_again)
            self._forgotten.alter_recent(cases, _read_again)
        if before != known:
            self._run("BEGIN; DELETE FROM read_versions")
            for kind, version in known.items():
                self._run("INSERT INTO read_versions VALUES (?, ?)", [kind, version])
            self._run("COMMIT")

    def _measure_missing(self) -> None:
        missing = self._ledgers.missing()
        for kind in (BEFORE, MISSED):
            metrics.FEED_ARCHIVE_MISSING.labels(self._model.id, kind).set(missing.get(kind, 0))
        metrics.FEED_ARCHIVE_UNCOMPACTED.labels(self._model.id).set(self._uncompacted_s)

    def find(
        self,
        collection: str,
        tenant_id: UUID,
        id: UUID,  # noqa: A002  # the field's name
        part: Part | None = None,
    ) -> DocumentChange | None:
        """The newest event of the aggregate."""
        newest = " ORDER BY epoch DESC, version DESC LIMIT 1"
        return next(self._changes("WHERE tenant_id = ? AND aggregate_id = ?" + newest, [tenant_id, id]), None)

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[DocumentChange]:
        """Every event, in the order in which they came."""
        where, values = ("", []) if tenant_id is None else ("WHERE tenant_id = ?", [tenant_id])
        return self._changes(f"{where} ORDER BY archive_no", values)

    def _changes(self, rest: str, values: Sequence[Any]) -> Iterator[DocumentChange]:
        for row in self._run(f"SELECT * FROM ({self._every_event(_NAMES)}) {rest}", values):
            document = dict(zip(COLUMNS, row, strict=True))
            yield DocumentChange(
                collection="events",
                tenant_id=document["tenant_id"],
                id=document["aggregate_id"],
                version=event_rows.order_of(document),
                document=document,
            )

    def _every_event(self, columns: str) -> str:
        parts = self._parts.of("events")
        of_files = f" UNION ALL SELECT {columns} FROM {self._parts.read(parts)}" if parts else ""
        return f"SELECT {columns} FROM events{of_files}"


def _key(change: DocumentChange) -> Key:
    return change.tenant_id, (change.document or {})["aggregate"], change.id


def _read_again(row: Row) -> Row:
    """What no upcast can lift any more stays as it is read."""
    try:
        return event_rows.with_body(row, row["body"])
    except Exception as wrong:  # noqa: BLE001  # an upcast may raise anything, and there are other events
        log.warning("archive_not_read_anew", event=str(row["event_id"]), type=row["type"], reason=str(wrong)[:200])
        return row
