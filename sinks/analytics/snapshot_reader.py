"""Asks the newest published snapshot of a read model in DuckDB, from many threads, and gives up what takes too long."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.sink import Unavailable, vouched
from sinks.wanted_version import Wanted

#: Default of the setting.
ANSWER_S: Final = 10.0


class NoSnapshotYet(Unavailable):
    """The feed has not published anything yet."""


class TookTooLong(Unavailable):
    """A question was given up: whoever asked it has a thread that others wait for."""


class SnapshotReader:
    """Safe to share between threads. Every method may raise `NoSnapshotYet`, and `TookTooLong` after `answer_s`."""

    def __init__(self, folder: Path, model: ReadModel, answer_s: float = ANSWER_S) -> None:
        self._folder = snapshots.live_folder(folder, model.name)
        self._model = model
        self._answer_s = answer_s
        self._lock = threading.Lock()
        self._open: tuple[Path, duckdb.DuckDBPyConnection] | None = None

    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those the snapshot has in this version or a newer one; also those of what this model does not read."""
        seen = {one for one in wanted if self._model.projection_for(one.aggregate) is None}
        by_table: dict[str, list[Wanted]] = {}
        for one in wanted:
            if (projection := self._model.projection_for(one.aggregate)) is not None:
                by_table.setdefault(projection.collection, []).append(one)
        for table, asked in by_table.items():
            ids = "SELECT unnest(?::UUID[])"
            with self._asking() as (_, cursor):
                rows = cursor.execute(
                    f"SELECT tenant_id, id, max(version) FROM {table} WHERE id IN ({ids}) GROUP BY ALL",
                    [sorted({one.id for one in asked})],
                ).fetchall()
            versions = {(tenant_id, id_): version for tenant_id, id_, version in rows}
            seen |= {one for one in asked if versions.get((one.tenant_id, one.id), 0) >= one.order}
        return seen

    def ping(self) -> None:
        """Also raises when nobody vouches for what would be answered."""
        snapshot, _ = self._newest()
        vouched(self._model.complete(snapshot.freshness))

    @contextmanager
    def _asking(self) -> Iterator[tuple[snapshots.Snapshot, duckdb.DuckDBPyConnection]]:
        """The cursor is of this block alone: nobody else's question is interrupted with it."""
        snapshot, cursor = self._newest()
        giving_up = threading.Timer(self._answer_s, cursor.interrupt)
        giving_up.daemon = True
        giving_up.start()
        try:
            yield snapshot, cursor
        except duckdb.InterruptException as late:
            raise TookTooLong(f"the question took longer than {self._answer_s:g} s", retry_after_s=5) from late
        finally:
            giving_up.cancel()

    def _newest(self) -> tuple[snapshots.Snapshot, duckdb.DuckDBPyConnection]:
        """The current snapshot and a cursor of this thread's own; the file stays open until the last cursor is gone."""
        snapshot = snapshots.current(self._folder.resolve())  # led elsewhere meanwhile, or not: one version it is
        if snapshot is None:
            raise NoSnapshotYet(f"the {self._model.name} feed has not published a snapshot yet", retry_after_s=5)
        with self._lock:
            if self._open is None or self._open[0] != snapshot.path:
                self._open = (snapshot.path, snapshots.opened(snapshot, threads=1, memory_limit="256MB"))
            return snapshot, self._open[1].cursor()


def has_view(cursor: duckdb.DuckDBPyConnection, view: str) -> bool:
    """Whether the snapshot has it: one of an older version of the model may not."""
    return bool(cursor.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [view]).fetchall())


def columns_of(cursor: duckdb.DuckDBPyConnection, view: str) -> set[str]:
    """Empty where the snapshot has no such view; one of an older version of the model may lack some."""
    found = cursor.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [view]).fetchall()
    return {name for (name,) in found}
