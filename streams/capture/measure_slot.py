"""Measures the slot from outside, every few seconds: while Kafka is away no capture can start, and the log grows.

It is a job of the scheduler and asks PostgreSQL alone, so that it sees the slot whenever anybody can.
"""

from typing import Any, Final

import psycopg
import structlog
from psycopg import sql

from ops import metrics
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings
from schemas import gaps
from streams.capture import slot_health
from streams.capture.slot_health import SlotHealth, SlotReporter

EVERY_S: Final = 5.0
CONNECT_S: Final = 3
ANSWER_MS: Final = 3000

# One row. The state is NULL where there is no slot, and never was: nobody has captured from this database yet.
_LOOK: Final = f"""
    SELECT coalesce(state, CASE WHEN EXISTS (SELECT FROM {gaps.SOURCE_TABLE}) THEN 'missing' END),
        coalesce(retained, 0), safe
    FROM (SELECT) AS always LEFT JOIN ({slot_health.LOOK}) AS slot ON true
"""  # noqa: S608  # a name of ours

log = structlog.get_logger(__name__)


def look(connection: psycopg.Connection[Any], slot: str) -> SlotHealth | None:
    """None: there is no slot yet."""
    row = connection.execute(sql.SQL(_LOOK).format(slot=sql.Literal(slot))).fetchone()
    if row is None or row[0] is None:
        return None
    state, retained, safe = row
    return SlotHealth(state=state, retained=int(retained), safe=None if safe is None else int(safe))


class Measuring:
    """Remembers what it saw last, so that only a change is told."""

    def __init__(self) -> None:
        self._health: SlotReporter | None = None

    def turn(self, settings: Settings) -> None:
        try:
            options = f"-c statement_timeout={ANSWER_MS}"
            with database_roles.connect(
                settings, "scheduler", name="rustok scheduler", connect_s=CONNECT_S, options=options
            ) as connection:
                found = look(connection, settings.capture_slot)
        except psycopg.Error as problem:
            slot_health.forget()
            log.warning("slot_not_measured", slot=settings.capture_slot, reason=str(problem).strip())
            return
        self._health = self._health or SlotReporter(settings.capture_slot)
        if found is not None:
            self._health.saw(found)
        else:
            metrics.SLOT_MEASURED.set_to_current_time()


JOB: Final = Job("slot", lambda _: EVERY_S, Measuring().turn)
