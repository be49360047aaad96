"""Mirrors a published snapshot of a read model: a table in the lake for each of its own, all as of that one snapshot.

The catalogue takes one table at a time. So the namespace says at the end, in one transaction, which commit of each
table is of the same snapshot; these stay until the next time it says so.
"""

import errno
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
from pyiceberg.table import Table

from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.described_columns import DescribedTable
from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.parquet_parts import quoted
from sinks.duckdb.published_views import Stored, stored
from sinks.lake import iceberg_columns, iceberg_table, lake_folder
from sinks.lake.iceberg_table import Brought
from sinks.lake.lake_catalogue import LakeCatalogue
from sinks.lake.swept_table import sweep
from sinks.lake.table_files import SOURCE, Gathered, TableFiles
from sinks.read_model import ReadModel
from sinks.sink import Unavailable

#: What the store keeps for itself.
_OWN: Final = "tombstones"
_CONFIG: Final[dict[str, Any]] = {"memory_limit": "1GB", "threads": 2}
_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """Where the tables are. `kept_s`: so long one can be read as it was."""

    catalogue: LakeCatalogue
    folder: Path
    kept_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """`copied`: Parquet files that could not be linked, for something in them is outdated, or it is of the newest rows.
    `expired`: commits that can be read no more.
    """

    model: str
    namespace: str
    snapshot: str
    as_of: datetime | None
    tables: Sequence[Brought]
    copied: int
    expired: int

    @property
    def commits(self) -> int:
        return sum(one.is_commit for one in self.tables)


def mirror(lake: Lake, analytics: Path, model: ReadModel, facts: Sequence[Facts], *, certified: bool) -> Mirrored:
    """The newest snapshot, or the newest that is certified.

    Raises `Unavailable` when there is none, `MirrorsElsewhere` and `CommittedElsewhere` when somebody else is at it.
    """
    with lake_folder.alone(lake.folder, model.name):
        folder = lake.folder / lake_folder.namespace_of(model.id)
        snapshot, gathered = _gathered(folder, analytics, model, facts, certified=certified)
        return _brought(lake, folder, analytics, model, facts, snapshot, gathered)


def remove(lake: Lake, model: ReadModel, versions: Sequence[str] = ()) -> list[str]:
    """All tables and files of the namespaces `versions`, or of all there are of the model; returns which those were."""
    with lake_folder.alone(lake.folder, model.name):
        return _removed(lake, versions or _versions(lake, model))


@dataclass(frozen=True, slots=True)
class _Snapshot:
    path: Path
    as_of: datetime | None


def _gathered(
    folder: Path, analytics: Path, model: ReadModel, facts: Sequence[Facts], *, certified: bool
) -> tuple[_Snapshot, list[tuple[Stored, Gathered]]]:
    """Its feed may retire a snapshot, or a file of it, while it is being looked for: there is a newer one then."""
    for left in range(_TRIES - 1, -1, -1):
        snapshot = _chosen(analytics, model, certified=certified)
        try:
            with _attached(snapshot) as connection:
                files = TableFiles(connection)
                return snapshot, [(one, files.gather(one, folder / one.table / "data")) for one in _tables(facts)]
        except FileNotFoundError as gone:
            if not left:
                raise Unavailable(f"the snapshot {snapshot.path.name} cannot be read: {gone}", 5) from gone
    raise AssertionError


def _chosen(analytics: Path, model: ReadModel, *, certified: bool) -> _Snapshot:
    live = snapshots.live_folder(analytics, model.name).resolve()
    if certified:
        sound = certified_snapshots.newest(live)
        if sound is None:
            raise Unavailable(f"no snapshot of {model.name} is certified; `rustok sinks check {model.name}` says why")
        chosen = _Snapshot(sound.path, sound.as_of)
    else:
        current = snapshots.current(live)
        if current is None:
            raise Unavailable(f"the {model.name} feed has not published a snapshot yet", retry_after_s=5)
        chosen = _Snapshot(current.path, model.complete(current.freshness).as_of)
    if live.name != model.id:
        raise Unavailable(f"readers of {model.name} are led to {live.name} until {model.id} is built: the lake waits")
    return chosen


@contextmanager
def _attached(snapshot: _Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """While it is, its feed lets it be, with all the files that it names."""
    with duckdb.connect(config=_CONFIG) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            connection.execute(f"ATTACH {quoted(snapshot.path)} AS {SOURCE} (READ_ONLY)")
        except duckdb.IOException as gone:
            raise FileNotFoundError(errno.ENOENT, str(gone).partition("\n")[0], str(snapshot.path)) from gone
        yield connection


def _brought(
    lake: Lake,
    folder: Path,
    analytics: Path,
    model: ReadModel,
    facts: Sequence[Facts],
    snapshot: _Snapshot,
    gathered: Sequence[tuple[Stored, Gathered]],
) -> Mirrored:
    described = {name: about for fact in facts for name, about in fact.described.items()}
    namespace, as_of = folder.name, "" if snapshot.as_of is None else snapshot.as_of.isoformat()
    told = {"rustok.snapshot": snapshot.path.name, "rustok.as_of": as_of}
    if not lake.catalogue.namespace_exists(namespace):
        lake.catalogue.create_namespace(namespace)
    opened, brought = list[Table](), list[Brought]()
    for one, files in gathered:
        about = described.get(one.table, DescribedTable(grain=""))
        properties = {"comment": about.grain, **iceberg_columns.metrics_of(one)}
        schema = iceberg_columns.schema_of(one, about)
        table = iceberg_table.opened(lake.catalogue, (namespace, one.table), folder / one.table, schema, properties)
        brought.append(iceberg_table.bring(table, files.files, told))
        opened.append(table)
    _say(lake.catalogue, namespace, {**told, **{f"rustok.{one.table}": str(one.snapshot_id or "") for one in brought}})
    since = datetime.now(UTC) - timedelta(seconds=lake.kept_s)
    expired = sum(sweep(table, folder / table.name()[-1], since) for table in opened)
    _removed(lake, [old for old in _versions(lake, model) if old != namespace and not _is_there(analytics, old)])
    return Mirrored(
        model=model.name,
        namespace=namespace,
        snapshot=snapshot.path.name,
        as_of=snapshot.as_of,
        tables=brought,
        copied=sum(files.copied for _, files in gathered),
        expired=expired,
    )


def _say(catalogue: LakeCatalogue, namespace: str, told: Mapping[str, str]) -> None:
    if catalogue.load_namespace_properties(namespace).items() >= told.items():
        return
    catalogue.update_namespace_properties(namespace, updates=dict(told))


def _tables(facts: Sequence[Facts]) -> list[Stored]:
    return [one for one in stored(facts) if one.table != _OWN]


def _versions(lake: Lake, model: ReadModel) -> list[str]:
    prefix = lake_folder.namespace_of(f"{model.name}-v")
    named = {name for (name, *_) in lake.catalogue.list_namespaces()} | {path.name for path in lake.folder.iterdir()}
    return sorted(name for name in named if name.startswith(prefix) and name.removeprefix(prefix).isdigit())


def _is_there(analytics: Path, namespace: str) -> bool:
    """Whether the read model of this version is, which may be gone back to."""
    return any(lake_folder.namespace_of(path.name) == namespace for path in analytics.iterdir())


def _removed(lake: Lake, namespaces: Sequence[str]) -> list[str]:
    for namespace in namespaces:
        if lake.catalogue.namespace_exists(namespace):
            for name in lake.catalogue.list_tables(namespace):
                lake.catalogue.drop_table(name)
            if lake.catalogue.namespace_exists(namespace):
                lake.catalogue.drop_namespace(namespace)
        shutil.rmtree(lake.folder / namespace, ignore_errors=True)
    return list(namespaces)
