"""Removes what was said of prices so long ago that nobody can ask for it any more.

A price of the past is told for `RUSTOK_PRICE_HISTORY_DAYS`, and so is the lowest one of the `WINDOW` before it: what
ended before both is needed by no answer, whatever is said today.
"""

from datetime import timedelta
from typing import Any, Final, LiteralString

import psycopg
import structlog

from api.domain.lowest_price import WINDOW
from api.jobs.batched_deletes import BATCH, delete_all
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

_EVERY_S: Final = 3600.0
_TABLES: Final[tuple[LiteralString, ...]] = ("base_price_history", "list_price_history", "price_list_history")
# A row of these tables never moves, so its place names it.
_OLD: Final = {
    table: f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608  # constants
    f" SELECT ctid FROM {table} WHERE upper(during) < now() - %(kept)s LIMIT %(batch)s))"
    for table in _TABLES
}
log = structlog.get_logger(__name__)


def prune(connection: psycopg.Connection[Any], kept: timedelta, *, batch: int = BATCH) -> int:
    """What ended longer ago than `kept` and the window, by the clock of the database; returns how much it was.

    `connection` is in autocommit mode.
    """
    values = {"kept": kept + WINDOW}
    return sum(delete_all(connection, table, old, values, batch=batch) for table, old in _OLD.items())


def turn(settings: Settings) -> None:
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        removed = prune(connection, timedelta(days=settings.price_history_days))
    if removed:
        log.info("price_history_pruned", rows=removed)


JOB: Final = Job("price-history", lambda settings: _EVERY_S if settings.price_history_days > 0 else 0, turn)
