"""Declares what the analytics folder grows by: the read models in DuckDB, and what is made of them."""

from collections.abc import Mapping
from typing import Final

from ops.growth.declared_growth import Growth, Pruner
from schemas.events.search_log import KEPT_DAYS
from sinks.read_models import READ_MODELS
from sinks.stores import InOpenSearch

_SCHEDULER: Final = Pruner("job", "lake")
_SNAPSHOTS: Final = ("analytics_snapshot_s", "analytics_replaced_min", "analytics_open_h", "analytics_old_mb")
#: By read model: what its Parquet files grow by, and what stays.
_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "sales": ("rows per order, by its lines, and one per change of it that moves money", "every order: it was sold"),
    "searches": ("a row per search, click and conversion", f"those of the last {KEPT_DAYS} days"),
    "event-archive": ("a row per event, with its body", "every event: history is a view over it"),
}


def growth() -> tuple[Growth, ...]:
    """Of a new read model what can be said of any."""
    here = [model for model in READ_MODELS if not isinstance(model.store, InOpenSearch)]
    return (*(each for model in here for each in _of(model.name)), *_SHARED)


def _of(name: str) -> tuple[Growth, ...]:
    grows_by, keeps = _PARTS.get(name, ("rows per thing that it is made of", "those that there are"))
    feed, folder = Pruner("process", f"feed-{name}"), f"analytics/{name}-v*"
    return (
        Growth(
            kind="file",
            names=(f"{folder}/parts-*/*.parquet*",),
            grows_by=grows_by,
            bound="time" if name == "searches" else "forever",
            keeps=f"{keeps}; replaced files for their time",
            pruned_by=feed,
            settings=("analytics_replaced_min", "analytics_old_mb"),
        ),
        Growth(
            kind="file",
            names=(f"{folder}/{name}-v*-*.duckdb",),
            grows_by="a file per publishing, with the youngest rows",
            bound="time",
            keeps="the newest, the two before it for a while, the certified one, and those that somebody has open",
            pruned_by=feed,
            settings=_SNAPSHOTS,
        ),
        Growth(
            kind="file",
            names=(f"{folder}/{name}-v*.live.duckdb*",),
            grows_by="the youngest rows, until they are written to Parquet, and a row per thing that is gone",
            bound="state",
            keeps="the youngest rows, tombstones, and the list of files",
            pruned_by=feed,
        ),
        Growth(
            kind="file",
            names=tuple(
                f"{folder}/{each}"
                for each in (
                    "CURRENT*",
                    "CERTIFIED*",
                    f"{name}-v*.views*",
                    f"{name}-v*.definitions*",
                    f"{name}-v*.arriving*",
                    "to-forget/*",
                    "copies/*",
                    "*.copy-wanted",
                )
            ),
            grows_by="nothing: pointers, views, and what is asked to be forgotten or copied until that is done",
            bound="fixed",
            keeps="what is current",
        ),
    )


_SHARED: Final = (
    Growth(
        kind="file",
        names=("analytics/*-v* (older versions, other builds)",),
        grows_by="a folder per version of a read model, and per time that it is made again",
        bound="time",
        keeps="what readers saw before, to go back to, and what was made and not shown",
        pruned_by=Pruner("job", "drop-builds"),
        settings=("rebuild_kept_h",),
    ),
    Growth(
        kind="file",
        names=("rebuilds/*",),
        grows_by="what a rebuild found and did, some hundred bytes each",
        bound="fixed",
        keeps="the last 50 of each read model: each rebuild removes older ones",
    ),
    Growth(
        kind="file",
        names=("analytics/quality/*",),
        grows_by="a line per check, and pages of the newest",
        bound="size",
        keeps="the last 1,000 checks of a model, and the pages of the newest",
        pruned_by=Pruner("job", "quality"),
    ),
    Growth(
        kind="file",
        names=("analytics/pinned/*",),
        grows_by="a pin that somebody makes: links, which take space once the feed has replaced the files",
        bound="forever",
        keeps="what is pinned, and in it what was erased since",
        pruned_by=Pruner("hand", "`rustok sinks unpin`"),
    ),
    Growth(
        kind="file",
        names=("analytics/lake/*",),
        grows_by="links to Parquet files, copies of those with outdated rows, and a list per commit",
        bound="time",
        keeps="the newest commit of each table, and those that were replaced within that time",
        pruned_by=_SCHEDULER,
        settings=("lake_kept_min",),
    ),
    Growth(
        kind="table",
        names=("lake.iceberg_tables", "lake.iceberg_namespace_properties"),
        grows_by="a row per table of the [lake](analytics.md)",
        bound="state",
        keeps="those of the namespaces that there are",
        pruned_by=_SCHEDULER,
    ),
    Growth(
        kind="table",
        names=("bi.* (in the database for BI tools)",),
        grows_by="rows of the snapshot that it is filled from",
        bound="state",
        keeps="what is in the snapshot",
        pruned_by=Pruner("job", "bi"),
    ),
)
