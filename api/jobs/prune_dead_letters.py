"""Removes dead letters that are applied or discarded, with what was done about them, when they are old.

Old is what neither failed nor was touched by anybody since: one that was decided just now stays, however long it had
waited. What is open or is being retried stays for ever. The audit trail still says who decided what.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import structlog

from api.jobs.batched_deletes import BATCH, delete_all
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

# A dead letter and what refers to it go in one statement: the key between them is looked at when it ends. By lists of
# ids, so that two who do this at once take the rows in the same order.
_DECIDED: Final = """
    WITH old AS MATERIALIZED (
        SELECT l.id FROM dead_letters l
        WHERE l.state IN ('applied', 'discarded') AND l.last_failed_at < %(before)s AND NOT EXISTS (
            SELECT FROM dead_letter_actions a WHERE a.dead_letter_id = l.id AND a.at >= %(before)s
        )
        ORDER BY l.last_failed_at LIMIT %(batch)s
    ), done AS (
        DELETE FROM dead_letter_actions WHERE dead_letter_id = ANY (ARRAY(SELECT id FROM old))
    )
    DELETE FROM dead_letters WHERE id = ANY (ARRAY(SELECT id FROM old))
"""
# What was done about many at once, such as an export, is of no single one.
_OF_MANY: Final = """
    DELETE FROM dead_letter_actions WHERE dead_letter_id IS NULL AND at < %(before)s AND ctid = ANY (ARRAY(
        SELECT ctid FROM dead_letter_actions WHERE dead_letter_id IS NULL AND at < %(before)s
        ORDER BY at LIMIT %(batch)s
    ))
"""
log = structlog.get_logger(__name__)


def prune(connection: psycopg.Connection[Any], before: datetime, *, batch: int = BATCH) -> int:
    """Those that were done with before that moment; returns how many. `connection` is in autocommit mode."""
    removed = delete_all(connection, "dead_letters", _DECIDED, {"before": before}, batch=batch)
    delete_all(connection, "dead_letter_actions", _OF_MANY, {"before": before}, batch=batch)
    return removed


def turn(settings: Settings) -> None:
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        removed = prune(connection, datetime.now(UTC) - timedelta(days=settings.dead_letters_keep_days))
    if removed:
        log.info("dead_letters_pruned", dead_letters=removed)


JOB: Final = Job(
    "prune-dead-letters", lambda settings: settings.prune_every_s if settings.dead_letters_keep_days > 0 else 0, turn
)
