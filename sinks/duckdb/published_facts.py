"""Shows what readers see of a model in DuckDB: the current snapshot; the live file belongs to its feed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb

from sinks.duckdb import duckdb_sink as files
from sinks.duckdb import forget_rows, snapshots
from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.folder_builds import FolderBuilds
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, Unavailable

_PAGE: Final = 1000


class PublishedSnapshot:
    """Keeps the promise of `sinks.published_models.PublishedModel`. Each question asks the snapshot current then."""

    def __init__(
        self, folder: Path, model: ReadModel, facts: Sequence[Facts], builds: FolderBuilds | None = None
    ) -> None:
        """`folder` is the analytics folder; with `builds` it is about the one that is fed just then."""
        self._own = folder / model.id
        self._builds = builds
        self._model = model
        self._facts = {(fact.collection, fact.part): fact for fact in facts}
        self._open: tuple[Path, duckdb.DuckDBPyConnection] | None = None

    def freshness(self) -> Freshness:
        return self._model.complete(self._current().freshness)

    def tenants(self, collection: str) -> Collection[UUID]:
        tables = [fact.table for fact in self._facts.values() if fact.collection == collection]
        of_all = " UNION ".join(f"SELECT tenant_id FROM {table}" for table in tables)
        return {tenant_id for (tenant_id,) in self._newest().execute(of_all).fetchall()}

    def documents(
        self, collection: str, tenant_id: UUID, after: UUID | None, part: str = ""
    ) -> Iterator[DocumentChange]:
        fact = self._facts[collection, part]
        both = (
            f"SELECT id FROM {fact.table} WHERE tenant_id = $1"
            f" UNION ALL SELECT id FROM tombstones WHERE tenant_id = $1 AND collection = '{fact.table}'"
        )
        while True:
            page = self._newest().execute(
                f"SELECT id FROM ({both}) WHERE $2::UUID IS NULL OR id > $2 ORDER BY id LIMIT {_PAGE}",
                [tenant_id, after],
            )
            ids = [id_ for (id_,) in page.fetchall()]
            if not ids:
                return
            found = self.some(collection, tenant_id, ids, part)
            yield from (found[id_] for id_ in ids if id_ in found)
            after = ids[-1]

    def some(
        self, collection: str, tenant_id: UUID, ids: Collection[UUID], part: str = ""
    ) -> Mapping[UUID, DocumentChange]:
        where, values = "tenant_id = ? AND id IN (SELECT unnest(?::UUID[]))", [tenant_id, list(ids)]
        found = files.read(self._newest(), self._facts[collection, part], where, values)
        return {one.aggregate_id: one for one in found}

    def sample(self, collection: str, tenant_id: UUID, number: int, part: str = "") -> Sequence[UUID]:
        table = self._facts[collection, part].table
        rows = self._newest().execute(
            f"SELECT id FROM {table} WHERE tenant_id = ? ORDER BY random() LIMIT {number:d}",
            [tenant_id],
        )
        return [id_ for (id_,) in rows.fetchall()]

    def as_held(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return document

    def forget(self, unwanted: Sequence[DocumentChange]) -> None:
        forget_rows.ask(self._folder(), unwanted)

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _current(self) -> snapshots.Snapshot:
        snapshot = snapshots.current(self._folder())
        if snapshot is None:
            raise Unavailable(f"the feed {self._model.name} has not published a snapshot yet", retry_after_s=5)
        return snapshot

    def _folder(self) -> Path:
        return self._own if self._builds is None else self._builds.fed()

    def _newest(self) -> duckdb.DuckDBPyConnection:
        snapshot = self._current()
        if self._open is None or self._open[0] != snapshot.path:
            self.close()
            self._open = (snapshot.path, snapshots.opened(snapshot, threads=1, memory_limit="256MB"))
        return self._open[1]
