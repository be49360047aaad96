"""Waits for the published snapshot of a model that has all that was committed at a moment."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.verify_model import DEADLINE_S, DoesNotAdvance

_POLL_S: Final = 0.1


def opened_when_passed(
    analytics: Path, model: ReadModel, moment: datetime, sleep: Callable[[float], None], clock: Callable[[], float]
) -> duckdb.DuckDBPyConnection:
    """That snapshot, opened as whoever verifies opens it: a process opens a file in one way only."""
    return snapshots.opened(passed(analytics, model, moment, sleep, clock), threads=1, memory_limit="256MB")


def passed(
    analytics: Path, model: ReadModel, moment: datetime, sleep: Callable[[float], None], clock: Callable[[], float]
) -> snapshots.Snapshot:
    """The current one, once it has. Raises `DoesNotAdvance`, and `Unavailable` before there is any."""
    deadline = clock() + DEADLINE_S
    while True:
        current = snapshots.current(analytics / model.id)
        if current is None:
            raise Unavailable(f"the feed {model.name} has not published a snapshot yet", retry_after_s=5)
        as_of = model.complete(current.freshness).as_of
        if as_of is not None and as_of > moment:
            return current
        if clock() > deadline:
            raise DoesNotAdvance(f"{model.name} does not come to hold what was committed at {moment.isoformat()}")
        sleep(_POLL_S)
