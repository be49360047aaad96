"""Has events and read models agree with the tables that were put back, by the commands of the other rooms.

The event archive gets what the outbox still has of the time between its copy and the moment that was restored: before
`rustok after-restore` begins the new epoch, for what is of an older one never leaves again. That command also compares
every read model with the tables, document by document.
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


def await_read_models(settings: Settings, tell: Tell) -> int:
    """Until each vouches for everything that is committed by now. How many events the event archive lacks then."""
    now, deadline = datetime.now(UTC), time.monotonic() + _PATIENCE_S
    while behind := [one.name for one in look(settings).read_models if one.as_of is None or one.as_of < now]:
        tell(f"waiting for {', '.join(behind)}")
        if time.monotonic() > deadline:
            raise Failure(f"Not caught up in {_PATIENCE_S / 60:.0f} minutes: {', '.join(behind)}.", _AGAIN)
        time.sleep(_LOOKS_EVERY_S)
    found = _rustok(settings, "sinks", "archive", "--json").document
    if found is None:
        raise Failure("The event archive does not say what it has.", _AGAIN)
    lacking = sum(sum(one["missing"].values()) for one in found["aggregates"])
    tell(f"the archive lacks {lacking:,} events" if lacking else "as of now; the archive lacks no event")
    return lacking


def _rustok(settings: Settings, *words: str) -> Ended:
    return own_commands.run(*words, settings={"home": settings.home, "stack": settings.stack}, most_s=None)
