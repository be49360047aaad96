"""Counts crashes of processes: one that has just begun again knows nothing of those before it."""

from datetime import datetime
from typing import Final

from ops import metrics
from ops.local import crash_counts
from ops.processes import all_processes
from ops.scheduler.jobs import Job
from ops.settings import Settings


def turn(settings: Settings) -> None:
    log = crash_counts.read(settings.folder.logs)
    for process in all_processes():
        found = crash_counts.in_a_row(log, process.name, datetime.now())  # noqa: DTZ005  # as the supervisor writes
        metrics.PROCESS_CRASHES.labels(process.name).set(found)


JOB: Final = Job("crashes", lambda _: 5.0, turn)
