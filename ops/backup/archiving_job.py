"""Looks every few seconds whether PostgreSQL gets rid of its log: what it cannot archive stays on its disk, and is in
no backup.
"""

from typing import Final

import structlog

from ops import metrics
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

EVERY_S: Final = 15.0
_CONNECT_S: Final = 3
_ANSWER_MS: Final = 3000
#: One row: whether the last try failed, what could not be archived, and when something was.
_LOOK: Final = """
    SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false), last_failed_wal,
           coalesce(extract(epoch FROM last_archived_time), 0)
    FROM pg_stat_archiver WHERE current_setting('archive_mode') <> 'off'
"""
log = structlog.get_logger(__name__)


class Looking:
    """Remembers what it saw last, so that only a change is told."""

    def __init__(self) -> None:
        self._fails = False

    def turn(self, settings: Settings) -> None:
        """A server without an archive has nothing that could fail."""
        options = f"-c statement_timeout={_ANSWER_MS}"
        with database_roles.connect(
            settings, "scheduler", name="rustok scheduler", connect_s=_CONNECT_S, options=options
        ) as connection:
            row = connection.execute(_LOOK).fetchone()
        fails, segment, archived_at = (False, None, 0.0) if row is None else row
        metrics.LOG_ARCHIVE_FAILS.set(fails)
        metrics.LOG_ARCHIVED.set(float(archived_at))
        if fails and not self._fails:
            log.warning("log_not_archived", segment=segment)
        self._fails = fails


JOB: Final = Job("log-archive", lambda _: EVERY_S, Looking().turn)
