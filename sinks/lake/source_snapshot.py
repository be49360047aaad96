"""Chooses the published snapshot that is mirrored, and keeps it open, so that its feed lets it be meanwhile."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.parquet_parts import quoted
from sinks.lake.table_files import SOURCE
from sinks.read_model import ReadModel
from sinks.sink import Unavailable

_CONFIG: Final[dict[str, Any]] = {"memory_limit": "1GB", "threads": 2}


@dataclass(frozen=True, slots=True)
class SourceSnapshot:
    """All that was committed before `as_of` is in it; None: nobody vouches for any moment."""

    path: Path
    as_of: datetime | None


def chosen(analytics: Path, model: ReadModel, *, certified: bool) -> SourceSnapshot:
    """The newest, or the newest that is certified. Raises `Unavailable` when there is none of this version."""
    live = snapshots.live_folder(analytics, model.name).resolve()
    if live.exists() and snapshots.version_of(live) != model.version:
        raise Unavailable(f"readers of {model.name} are led to {live.name} until {model.id} is built: the lake waits")
    if certified:
        sound = certified_snapshots.newest(live)
        if sound is None:
            raise Unavailable(f"no snapshot of {model.name} is certified; `rustok sinks check {model.name}` says why")
        return SourceSnapshot(sound.path, sound.as_of)
    current = snapshots.current(live)
    if current is None:
        raise Unavailable(f"the {model.name} feed has not published a snapshot yet", retry_after_s=5)
    return SourceSnapshot(current.path, model.complete(current.freshness).as_of)


@contextmanager
def attached(snapshot: SourceSnapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """As `source`. While it is, all the files stay that it names. Raises `FileNotFoundError` when it is gone."""
    with duckdb.connect(config=_CONFIG) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            connection.execute(f"ATTACH {quoted(snapshot.path)} AS {SOURCE} (READ_ONLY)")
        except duckdb.IOException as gone:
            raise FileNotFoundError(errno.ENOENT, str(gone).partition("\n")[0], str(snapshot.path)) from gone
        yield connection
