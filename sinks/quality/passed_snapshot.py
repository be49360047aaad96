"""Waits for the published snapshot of a model that has all that was committed at a moment."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from sinks.duckdb import snapshots
from sinks.passed_moment import when_passed
from sinks.read_model import ReadModel
from sinks.sink import Unavailable


def opened_when_passed(
    analytics: Path, model: ReadModel, moment: datetime, sleep: Callable[[float], None], clock: Callable[[], float]
) -> duckdb.DuckDBPyConnection:
    """That snapshot, opened as whoever verifies opens it: a process opens a file in one way only."""
    return snapshots.opened(passed(analytics, model, moment, sleep, clock), threads=1, memory_limit="256MB")


def passed(
    analytics: Path, model: ReadModel, moment: datetime, sleep: Callable[[float], None], clock: Callable[[], float]
) -> snapshots.Snapshot:
    """The current one, once it has. Raises `DoesNotAdvance`, and `Unavailable` before there is any."""

    def look() -> tuple[snapshots.Snapshot, datetime | None]:
        current = snapshots.current(analytics / model.id)
        if current is None:
            raise Unavailable(f"the feed {model.name} has not published a snapshot yet", retry_after_s=5)
        return current, model.complete(current.freshness).as_of

    return when_passed(model.name, moment, look, sleep, clock)
