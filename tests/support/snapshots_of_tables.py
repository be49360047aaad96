"""Publishes a snapshot of what PostgreSQL has of some shops, as the feed of sales would that has read their events."""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from ops.settings import Settings
from schemas.write_model import open_write_model
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb import snapshots
from sinks.duckdb.duckdb_sink import DuckDBSink
from tests.support.whole import whole


def publish_tables(settings: Settings, folder: Path, shops: Collection[UUID]) -> snapshots.Snapshot:
    """On top of what was published there before."""
    changes = []
    with open_write_model(settings.postgres_url) as tables:
        as_of = tables.now()
        for projection in MODEL.projections:
            for shop in shops:
                ids = tables.ids(projection.aggregate, shop, None, 10_000)
                stated = tables.state(projection.aggregate, shop, [*ids, shop]).values()
                changes += [projection.fold(one.envelope, one.event) for one in stated]
    with closing(DuckDBSink(folder / MODEL.id, MODEL, MODEL.store.shape, goes_live=True)) as sink:
        sink.open()
        sink.write(changes, {})
        sink.publish(whole(MODEL, as_of))
    found = snapshots.current(folder / MODEL.id)
    assert found is not None
    assert as_of <= datetime.now(UTC)
    return found
