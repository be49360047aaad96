"""Has events and read models agree with the tables that were put back, by the commands of the other rooms.

`rustok after-restore` begins the new epoch; then the event archive gets what the outbox still has of the time between
its copy and the moment that was restored; then every read model is compared with the tables, document by document.
"""

import time
from datetime import UTC, datetime
from typing import Any, Final

from ops.backup.base_backup import Tell
from ops.failure import Failure
from ops.scheduler import own_commands
from ops.scheduler.own_commands import Ended
from ops.settings import Settings
from ops.stack_state import look

ARCHIVE: Final = "event-archive"
_TRIES: Final = 5
_PATIENCE_S: Final = 900.0
_LOOKS_EVERY_S: Final = 0.3
_AGAIN: Final = "Put that right, and run this again: it goes on."


def begin_epoch(settings: Settings, tell: Tell) -> Any:
    """What `rustok after-restore --json` says. A gap that is opened meanwhile is closed by the next try."""
    tell("rustok after-restore")
    for _ in range(_TRIES):
        ended = _rustok(settings, "after-restore", "--json")
        if ended.code == 0:
            return ended.document
        if ended.document is None:
            break
    raise Failure(f"`{ended.command}` failed.\n{ended.said}", _AGAIN)


def complete_archive(settings: Settings, tell: Tell) -> dict[str, int]:
    """How many events it got from the outbox, and how many versions it lacks after it."""
    tell("waiting for the event archive")
    _await_archive(settings)
    reemitted = _rustok(settings, "sinks", "archive", "--re-emit", "--json")
    if reemitted.document is None:
        raise Failure(f"`{reemitted.command}` failed.\n{reemitted.said}", _AGAIN)
    emitted = int(reemitted.document["emitted_again"] or 0)
    if emitted:
        tell(f"{emitted:,} events from the outbox")
        _await_archive(settings)
    now = _rustok(settings, "sinks", "archive", "--json").document
    if now is None:
        raise Failure("The event archive does not say what it has.", _AGAIN)
    lacking = sum(sum(one["missing"].values()) for one in now["aggregates"])
    tell(f"{emitted:,} events from the outbox, {lacking:,} missing")
    return {"emitted_again": emitted, "missing": lacking}


def verify(settings: Settings, models: list[str], tell: Tell) -> int:
    """How many documents are as the tables have it. Raises `Failure` when one is not."""
    checked = 0
    for model in models:
        tell(f"rustok sinks verify {model}")
        ended = _rustok(settings, "sinks", "verify", model, "--json")
        if ended.code != 0:
            raise Failure(f"`rustok sinks verify {model}` found differences, or failed.\n{ended.said}", _AGAIN)
        checked += int(ended.document["checked"])
    tell(f"{checked:,} documents as the tables have them")
    return checked


def _await_archive(settings: Settings) -> None:
    """Until it has everything that is committed by now."""
    now, deadline = datetime.now(UTC), time.monotonic() + _PATIENCE_S
    while True:
        as_of = next(one.as_of for one in look(settings).read_models if one.name == ARCHIVE)
        if as_of is not None and as_of >= now:
            return
        if time.monotonic() > deadline:
            raise Failure(f"The event archive has not caught up in {_PATIENCE_S / 60:.0f} minutes.", _AGAIN)
        time.sleep(_LOOKS_EVERY_S)


def _rustok(settings: Settings, *words: str) -> Ended:
    return own_commands.run(*words, settings={"home": settings.home, "stack": settings.stack}, most_s=None)
