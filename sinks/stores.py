"""Lists the stores that a read model can live in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ops.settings import Settings
from sinks.archive.archive_sink import ArchiveSink
from sinks.archive.event_rows import COLUMNS
from sinks.builds import Builds
from sinks.duckdb.duckdb_sink import DuckDBSink, Refuses
from sinks.duckdb.fact_tables import Facts, KeptFor
from sinks.duckdb.folder_builds import FolderBuilds
from sinks.duckdb.kept_snapshots import Retention
from sinks.duckdb.published_facts import PublishedSnapshot
from sinks.opensearch.index_builds import IndexBuilds
from sinks.opensearch.index_spread import IndexSpread
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.opensearch.published_index import PublishedIndex
from sinks.published_models import PublishedModel
from sinks.read_model import ReadModel
from sinks.sink import Sink


@dataclass(frozen=True, slots=True)
class InOpenSearch:
    """An index for each collection. `shape`: the fields of each."""

    shape: Mapping[str, Mapping[str, Any]]
    is_shared: ClassVar = True

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        store = OpenSearchStore(settings.opensearch)
        return OpenSearchSink(store, model, self.shape, goes_live=goes_live, spread=spread(settings))

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedIndex(OpenSearchStore(settings.opensearch), model)

    def builds(self, settings: Settings, model: ReadModel) -> Builds:
        return IndexBuilds(OpenSearchStore(settings.opensearch), model)

    def place(self, settings: Settings, model: ReadModel) -> str:
        indices = (index_name(model, collection) for collection in model.collections)
        return f"{settings.opensearch_url} {', '.join(indices)}"


@dataclass(frozen=True, slots=True)
class InDuckDB:
    """A folder of its own in the analytics folder, read as published snapshots. `shape`: its tables. `kept`: all rows,
    when it says nothing else. `refuses`: why a row would make figures wrong; None: it would not. `is_checked`: a
    snapshot of it may be certified (`sinks.quality`), and a newer version takes over from an older one when one is.
    """

    shape: tuple[Facts, ...]
    kept: KeptFor | None = None
    refuses: Refuses | None = None
    is_checked: bool = False
    is_shared: ClassVar = False

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        folder = settings.analytics_dir / model.id
        return DuckDBSink(
            folder,
            model,
            self.shape,
            goes_live=goes_live,
            checked_first=self.is_checked and settings.quality_every_s > 0,
            kept=self.kept,
            retention=_retention(settings),
            refuses=self.refuses,
            builds=self.builds(settings, model),
        )

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedSnapshot(settings.analytics_dir, model, self.shape, self.builds(settings, model))

    def builds(self, settings: Settings, model: ReadModel) -> FolderBuilds:
        return FolderBuilds(settings.analytics_dir, model, self.shape)

    def place(self, settings: Settings, model: ReadModel) -> str:
        return str(settings.analytics_dir / model.id)


@dataclass(frozen=True, slots=True)
class InArchive:
    """A folder of its own in the analytics folder: Parquet files, read through published snapshots like any other."""

    is_shared: ClassVar = False

    @property
    def shape(self) -> Mapping[str, str]:
        return COLUMNS

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        uncompacted_s = settings.compaction_lag_h * 3600
        folder = settings.analytics_dir / model.id
        return ArchiveSink(
            folder, model, goes_live=goes_live, uncompacted_s=uncompacted_s, retention=_retention(settings)
        )

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedSnapshot(settings.analytics_dir, model, ())

    def builds(self, settings: Settings, model: ReadModel) -> None:  # a log that forgets has not all
        return None

    def place(self, settings: Settings, model: ReadModel) -> str:
        return str(settings.analytics_dir / model.id)


def spread(settings: Settings) -> IndexSpread:
    """Of an index that is made."""
    return IndexSpread(shards=settings.opensearch_shards, copies=settings.opensearch_replicas)


def _retention(settings: Settings) -> Retention:
    return Retention(
        snapshot_s=settings.analytics_snapshot_s,
        replaced_s=settings.analytics_replaced_min * 60,
        open_s=settings.analytics_open_h * 3600,
        rewritten_s=settings.analytics_rewrite_min * 60,
        most_bytes=settings.analytics_old_mb * 1_000_000,
    )
