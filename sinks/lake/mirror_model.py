"""Mirrors a published snapshot of a read model: a table in the lake for each of its own, all as of that one snapshot.

The catalogue takes one table at a time. So the namespace says at the end, in one transaction, which commit of each
table is of the same snapshot; these stay until the next time it says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pyiceberg.table import Table

from sinks.duckdb.described_columns import DescribedTable
from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.published_views import Stored, stored
from sinks.lake import iceberg_columns, iceberg_table, lake_folder, lake_versions, source_snapshot
from sinks.lake.iceberg_table import Brought
from sinks.lake.lake_catalogue import LakeCatalogue
from sinks.lake.source_snapshot import SourceSnapshot
from sinks.lake.swept_table import sweep
from sinks.lake.table_files import Gathered, TableFiles
from sinks.read_model import ReadModel
from sinks.sink import Unavailable

#: What the store keeps for itself.
_OWN: Final = "tombstones"
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


def remove(lake: Lake, model: ReadModel) -> list[str]:
    """All tables and files of all versions of the model; returns the namespaces that went."""
    with lake_folder.alone(lake.folder, model.name):
        return lake_versions.remove(lake.catalogue, lake.folder, lake_versions.held(lake.catalogue, lake.folder, model))


def _gathered(
    folder: Path, analytics: Path, model: ReadModel, facts: Sequence[Facts], *, certified: bool
) -> tuple[SourceSnapshot, list[tuple[Stored, Gathered]]]:
    """Its feed may retire a snapshot, or a file of it, while it is being looked for: there is a newer one then."""
    for left in range(_TRIES - 1, -1, -1):
        snapshot = source_snapshot.chosen(analytics, model, certified=certified)
        try:
            with source_snapshot.attached(snapshot) as connection:
                files = TableFiles(connection)
                return snapshot, [(one, files.gather(one, folder / one.table / "data")) for one in _tables(facts)]
        except FileNotFoundError as gone:
            if not left:
                raise Unavailable(f"the snapshot {snapshot.path.name} cannot be read: {gone}", 5) from gone
    raise AssertionError


def _brought(
    lake: Lake,
    folder: Path,
    analytics: Path,
    model: ReadModel,
    facts: Sequence[Facts],
    snapshot: SourceSnapshot,
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
    lake_versions.remove(
        lake.catalogue, lake.folder, lake_versions.abandoned(lake.catalogue, lake.folder, analytics, model)
    )
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
