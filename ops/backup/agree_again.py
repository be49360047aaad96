"""Has events and read models agree with the tables that were put back, by the commands of the other rooms.

The event archive gets what the outbox still has of the time between its copy and the moment that was restored: before
`rustok after-restore` begins the new epoch, for what is of an older one never leaves again. Then every read model is
compared with the tables, document by document.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ops.backup.base_backup import Tell
from ops.failure import Failure
from ops.scheduler import own_commands
from ops.scheduler.own_commands import Ended
from ops.settings import Settings
from ops.stack_state import look

ARCHIVE: Final = "event-archive"
#: A transaction may have been under way for a while when the archive was copied.
_SLACK: Final = timedelta(minutes=15)
_TRIES: Final = 5
_PATIENCE_S: Final = 900.0
_LOOKS_EVERY_S: Final = 0.3
_AGAIN: Final = "Put that right, and run this again: it goes on."


def tell_history(settings: Settings, since: datetime, tell: Tell) -> int:
    """How many events the outbox had since then. The archive has some of them, and keeps each once."""
    moment = (since - _SLACK).isoformat()
    ended = _rustok(settings, "sinks", "archive", "--re-emit", "--since", moment, "--json")
    if ended.code != 0:
        raise Failure(f"`{ended.command}` failed.\n{ended.said}", _AGAIN)
    emitted = int(ended.document["emitted_again"])
    tell(f"{emitted:,} events that the outbox still has")
    return emitted


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


def await_archive(settings: Settings, tell: Tell) -> int:
    """How many events it lacks when it has come to an end."""
    tell("waiting for it")
    _await_archive(settings)
    now = _rustok(settings, "sinks", "archive", "--json").document
    if now is None:
        raise Failure("The event archive does not say what it has.", _AGAIN)
    lacking = sum(sum(one["missing"].values()) for one in now["aggregates"])
    tell(f"{lacking:,} events are missing" if lacking else "no event is missing")
    return lacking


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
