"""Does each duty when it is due, until the process ends.

A duty that fails is told of and counted, and tried again soon, however seldom it is done. Each has a thread of its own,
so that one that waits for a server does not keep the others from what they look after.
"""

import threading
import time
from collections.abc import Callable, Iterable

import structlog

from ops import metrics
from ops.settings import Settings
from ops.upkeep.duties import Duty

#: The first turn comes soon after the start, when everything else has started too.
FIRST_AFTER_S = 20.0
#: One that failed is not left for the hour or day that it has until its next turn.
AGAIN_AFTER_S = 20.0

log = structlog.get_logger(__name__)


def begin(duties: Iterable[Duty], settings: Settings) -> list[threading.Thread]:
    """Keeps each of them in a thread of its own, which ends with the process."""
    threads = [
        threading.Thread(target=_keep, args=(Keeping([duty], settings),), name=duty.name, daemon=True)
        for duty in duties
    ]
    for thread in threads:
        thread.start()
    return threads


def _keep(keeping: "Keeping") -> None:
    while True:
        time.sleep(keeping.turn())


class Keeping:
    """Duties that share a thread: one after another, each when it is due."""

    def __init__(self, duties: Iterable[Duty], settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        wanted = [duty for duty in duties if duty.every_s(settings) > 0]
        self._due = {duty: clock() + min(FIRST_AFTER_S, duty.every_s(settings)) for duty in wanted}

    def turn(self) -> float:
        """Does what is due; returns the seconds until something is."""
        for duty, due in list(self._due.items()):
            if due <= self._clock():
                pause_s = duty.every_s(self._settings)
                self._due[duty] = self._clock() + (pause_s if self._do(duty) else min(pause_s, AGAIN_AFTER_S))
        soonest = min(self._due.values(), default=self._clock() + FIRST_AFTER_S)
        return max(0.0, soonest - self._clock())

    def _do(self, duty: Duty) -> bool:
        """Whether it was done."""
        try:
            duty.turn(self._settings)
        except Exception:  # the entry point of all that is done in this process
            metrics.UPKEEP_TURNS.labels(duty.name, "failed").inc()
            log.error("upkeep_failed", duty=duty.name, exc_info=True)
            return False
        metrics.UPKEEP_TURNS.labels(duty.name, "done").inc()
        metrics.UPKEEP_DONE.labels(duty.name).set_to_current_time()
        return True
