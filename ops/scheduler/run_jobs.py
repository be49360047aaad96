"""Does each job when it is due, until the process ends.

A job that fails is told of and counted, and tried again soon, however seldom it is done. Each has a thread of its own,
so that one that waits for a server does not keep the others from what they look after.
"""

import threading
import time
from collections.abc import Callable, Iterable

import structlog

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings

#: The first turn comes soon after the start, when everything else has started too.
FIRST_AFTER_S = 20.0
#: One that failed is not left for the hour or day that it has until its next turn.
AGAIN_AFTER_S = 20.0

log = structlog.get_logger(__name__)


def begin(jobs: Iterable[Job], settings: Settings) -> list[threading.Thread]:
    """Keeps each of them in a thread of its own, which ends with the process."""
    threads = [
        threading.Thread(target=_keep, args=(Schedule([job], settings),), name=job.name, daemon=True) for job in jobs
    ]
    for thread in threads:
        thread.start()
    return threads


def _keep(schedule: "Schedule") -> None:
    while True:
        time.sleep(schedule.turn())


class Schedule:
    """Jobs that share a thread: one after another, each when it is due."""

    def __init__(self, jobs: Iterable[Job], settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        wanted = [job for job in jobs if job.every_s(settings) > 0]
        self._due = {job: clock() + min(FIRST_AFTER_S, job.every_s(settings)) for job in wanted}

    def turn(self) -> float:
        """Does what is due; returns the seconds until something is."""
        for job, due in list(self._due.items()):
            if due <= self._clock():
                pause_s = job.every_s(self._settings)
                self._due[job] = self._clock() + (pause_s if self._do(job) else min(pause_s, AGAIN_AFTER_S))
        soonest = min(self._due.values(), default=self._clock() + FIRST_AFTER_S)
        return max(0.0, soonest - self._clock())

    def _do(self, job: Job) -> bool:
        """Whether it was done."""
        try:
            job.turn(self._settings)
        except Exception:  # the entry point of all that is done in this process
            metrics.JOB_RUNS.labels(job.name, "failed").inc()
            log.error("job_failed", job=job.name, exc_info=True)
            return False
        metrics.JOB_RUNS.labels(job.name, "done").inc()
        metrics.JOB_DONE.labels(job.name).set_to_current_time()
        return True
