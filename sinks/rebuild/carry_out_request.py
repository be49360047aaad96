"""Carries out what was asked for over the API, in a process that the scheduler begins, and writes down how far it is.

Killed at any moment it leaves a request that nobody holds, which is begun again and goes on from where it was. What
cannot be done is written down with its reason, and not begun again; a store that is away is waited for.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg
import structlog

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings
from sinks.builds import Build
from sinks.read_model import ReadModel
from sinks.rebuild import rebuild_actions
from sinks.rebuild.carried_out_requests import CarriedOutRequests
from sinks.rebuild.one_rebuild import Busy, Interrupted, Paused
from sinks.rebuild.opened_builds import StoreAway
from sinks.rebuild.progress import Progress, Tell
from sinks.rebuild.rebuild_reports import Rebuilt
from sinks.rebuild.rebuild_request import RebuildRequest, State

_CONNECT_S: Final = 5
_LOOKS_AGAIN_S: Final = 2.0
log = structlog.get_logger(__name__)


class Replaced(Exception):
    """Something else was asked for meanwhile."""


@dataclass(frozen=True, slots=True)
class Ended:
    state: State
    detail: str = ""
    rebuilt: Rebuilt | None = None


def carry_out(settings: Settings, request_id: UUID) -> None:
    """Does nothing where somebody else does it, or it is over. Raises `Interrupted` where it is to be begun again."""
    try:
        with postgres.connect(
            settings.postgres_url, autocommit=True, name="rustok rebuild request", connect_s=_CONNECT_S
        ) as connection:
            requests = CarriedOutRequests(connection)
            request = requests.take(request_id)
            if request is not None:
                _carry_out(settings, requests, request)
    except psycopg.OperationalError as away:
        raise Interrupted(f"PostgreSQL went away: {str(away).splitlines()[0]}", "It is begun again.") from away


def _carry_out(settings: Settings, requests: CarriedOutRequests, request: RebuildRequest) -> None:
    try:
        ended = _done_when_its_store_answers(settings, requests, request)
    except (Busy, Replaced) as wait:
        log.info("rebuild_request_left", **_named(request), reason=str(wait))
        return
    except Interrupted:
        raise
    except Paused as paused:
        ended = Ended("paused", paused.what)
    except Failure as failed:
        ended = Ended("failed", f"{failed.what} {failed.remedy}")
    requests.end(request.id, ended.state, ended.detail, None if ended.rebuilt is None else ended.rebuilt.told())
    log.info("rebuild_request_ended", **_named(request), state=ended.state, detail=ended.detail)


def _done_when_its_store_answers(settings: Settings, requests: CarriedOutRequests, request: RebuildRequest) -> Ended:
    while True:
        try:
            return _done(settings, requests, request)
        except StoreAway as away:
            if not requests.tell_of_waiting(request.id, away.what):
                raise Replaced(f"something else was asked for of {request.model}") from away
            time.sleep(_LOOKS_AGAIN_S)


def _named(request: RebuildRequest) -> dict[str, str]:
    return {"request": str(request.id), "model": request.model, "action": request.action}


def _done(settings: Settings, requests: CarriedOutRequests, request: RebuildRequest) -> Ended:
    model, telling = request.model, _telling(requests, request)
    match request.action:
        case "start" | "resume":
            if request.tenants:
                retold = rebuild_actions.retell(settings, model, request.tenants, telling)
                return Ended("done" if retold.is_right else "failed", str(retold))
            again = request.action == "resume"
            rebuilt = rebuild_actions.start(
                settings, model, telling, source=request.source, hold=request.hold, again=again
            )
            return _judged(rebuilt, is_to_lead=not request.hold)
        case "promote":
            return _judged(rebuild_actions.promote(settings, model, telling), is_to_lead=True)
        case "rollback":
            return _judged(rebuild_actions.rollback(settings, model, telling), is_to_lead=True)
        case "pause":
            _claim(requests, request)
            was_made = rebuild_actions.pause(settings, model)
            return Ended("paused", "" if was_made else "Nobody made it again by then.")
        case "cancel":
            _claim(requests, request)
            return Ended("cancelled", _gone(rebuild_actions.cancel(settings, model)))
        case "drop":
            _claim(requests, request)
            return Ended("done", _gone(rebuild_actions.drop(settings, model, request.build)))


def _judged(rebuilt: Rebuilt, *, is_to_lead: bool) -> Ended:
    if not rebuilt.is_right:
        wrong = "; ".join(f"{one.name}: {one.found}" for one in rebuilt.judgements if not one.holds)
        return Ended("failed", f"It is not right, and nobody is led to it. {wrong}", rebuilt)
    return Ended("done", "" if rebuilt.led or not is_to_lead else rebuilt.what_leads, rebuilt)


def _gone(gone: list[Build]) -> str:
    return f"Gone: {', '.join(map(str, gone))}." if gone else "There was nothing to remove."


def _claim(requests: CarriedOutRequests, request: RebuildRequest) -> None:
    if not requests.claim(request.id):
        raise Replaced(f"something else was asked for of {request.model}")


def _telling(requests: CarriedOutRequests, request: RebuildRequest) -> rebuild_actions.Telling:
    """It runs from the moment on when nobody else can change what it changes."""

    @contextmanager
    def telling(model: ReadModel, build: Build, go_on: Callable[[], None]) -> Iterator[Tell]:
        _claim(requests, request)

        def tell(words: str, progress: Progress | None = None) -> None:
            go_on()
            requests.tell(request.id, words, progress)

        yield tell

    return telling
