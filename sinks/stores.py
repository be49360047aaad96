"""Lists the stores that a read model can live in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.settings import Settings
from sinks.archive.archive_sink import ArchiveSink
from sinks.archive.event_rows import COLUMNS
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.duckdb.fact_tables import Facts, KeptFor
from sinks.duckdb.published_facts import PublishedSnapshot
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

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        return OpenSearchSink(OpenSearchStore(settings.opensearch), model, self.shape, goes_live=goes_live)

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedIndex(OpenSearchStore(settings.opensearch), model)

    def place(self, settings: Settings, model: ReadModel) -> str:
        indices = (index_name(model, collection) for collection in model.collections)
        return f"{settings.opensearch_url} {', '.join(indices)}"


@dataclass(frozen=True, slots=True)
class InDuckDB:
    """A file of its own in the analytics folder, read as published copies. `shape`: its tables. `kept`: all rows, when
    it says nothing else.
    """

    shape: tuple[Facts, ...]
    kept: KeptFor | None = None

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        return DuckDBSink(settings.analytics_dir / model.id, model, self.shape, goes_live=goes_live, kept=self.kept)

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedSnapshot(settings.analytics_dir, model, self.shape)

    def place(self, settings: Settings, model: ReadModel) -> str:
        return str(settings.analytics_dir / model.id)


@dataclass(frozen=True, slots=True)
class InArchive:
    """A folder of its own in the analytics folder: Parquet files, read through published snapshots like any other."""

    @property
    def shape(self) -> Mapping[str, str]:
        return COLUMNS

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        uncompacted_s = settings.compaction_lag_h * 3600
        folder = settings.analytics_dir / model.id
        return ArchiveSink(folder, model, goes_live=goes_live, uncompacted_s=uncompacted_s)

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        return PublishedSnapshot(settings.analytics_dir, model, ())

    def place(self, settings: Settings, model: ReadModel) -> str:
        return str(settings.analytics_dir / model.id)
