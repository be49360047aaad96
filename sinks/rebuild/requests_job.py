"""Has what was asked for over the API carried out, each request by a process of its own that ends with the scheduler.

Two schedulers begin one each, and who comes second finds that it is done: a lock says so. One that ends again and again
without coming any further, and without saying why, is given up.
"""

from typing import Final
from uuid import UUID

import structlog

from ops.clients import database_roles
from ops.held_process import HeldProcess, begin
from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.rebuild.carried_out_requests import CarriedOutRequests
from sinks.rebuild.feed_process import log_of
from sinks.rebuild.rebuild_request import RebuildRequest

MOST_ATTEMPTS: Final = 5
_EVERY_S: Final = 5.0
_CONNECT_S: Final = 5
log = structlog.get_logger(__name__)


class RequestProcesses:
    """Those that this scheduler has begun: when it ends, however that may be, their input ends and so do they."""

    def __init__(self) -> None:
        self._begun: dict[UUID, HeldProcess] = {}

    def turn(self, settings: Settings) -> None:
        """Begins what is due; returns at once."""
        self._begun = {id_: process for id_, process in self._begun.items() if process.poll() is None}
        with database_roles.connect(settings, "scheduler", name="rustok scheduler", connect_s=_CONNECT_S) as connection:
            requests = CarriedOutRequests(connection)
            for request in requests.due():
                if request.id in self._begun:
                    continue
                if request.attempts < MOST_ATTEMPTS:
                    requests.try_once_more(request.id)
                    self._begun[request.id] = _begin(settings, request)
                else:
                    requests.end(request.id, "failed", _gave_up(settings, request))
                    log.warning("rebuild_request_given_up", model=request.model, action=request.action)

    def close(self) -> None:
        """They end, as when this process does, and what they were at is left to the next scheduler."""
        for process in self._begun.values():
            if process.stdin is not None:
                process.stdin.close()
            process.wait()


def _begin(settings: Settings, request: RebuildRequest) -> HeldProcess:
    """As the scheduler, whose rights in the database suffice."""
    own = {"RUSTOK_POSTGRES_URL": settings.postgres_scheduler_url}
    log_file = log_of(settings, request.model)
    process = begin("sinks", "rebuild", "carry-out", str(request.id), log=log_file, environment=own)
    log.info("rebuild_request_begun", model=request.model, action=request.action, attempt=request.attempts + 1)
    return process


def _gave_up(settings: Settings, request: RebuildRequest) -> str:
    return (
        f"It was begun {request.attempts} times, came no further and did not say why."
        f" The scheduler's machine has its log: {log_of(settings, request.model).name}."
    )


JOB: Final = Job("rebuilds", lambda _: _EVERY_S, RequestProcesses().turn)
