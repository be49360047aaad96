"""Takes back what the log tells of and the tables never had: says, in a new epoch, that it is gone.

That is after the database was put back to an older copy. What is of an older epoch is older than anything said now.
"""

from datetime import datetime
from typing import Any, Final

import psycopg

from api.domain.changes import DatedEvent, Decision
from schemas.aggregates import BY_NAME
from schemas.envelope import LARGEST_EPOCH
from schemas.event_catalogue import history_of
from schemas.write_model import Epoch, Ghost

#: Not that of a re-emission: these rows are all that is known of what is gone, and stay in the outbox.
ACTOR: Final = "rustok:after-restore"

Connection = psycopg.Connection[Any]


def deletion(ghost: Ghost, now: datetime) -> Decision[Any]:
    """The last event of its aggregate, from which its readers know that it is not to be seen."""
    last = ghost.event
    row = BY_NAME[history_of(last).aggregate]
    if row.gone is None:
        raise ValueError(f"{row.name} has no state that could be taken back")
    event = row.gone(**{row.name: getattr(last, row.name)})
    return Decision(
        aggregate_id=ghost.aggregate_id, value=last, happened=(DatedEvent(event, now),), was_at=ghost.version
    )


def epoch(connection: Connection) -> Epoch:
    row = connection.execute("SELECT epoch, raised_at FROM log_epoch").fetchone()
    return Epoch(*row) if row else Epoch(0, None)


def raise_epoch(connection: Connection, above: int) -> Epoch:
    row = connection.execute(
        "UPDATE log_epoch SET epoch = greatest(epoch, %s) + 1, raised_at = clock_timestamp()"
        " WHERE greatest(epoch, %s) < %s RETURNING epoch, raised_at",
        (above, above, LARGEST_EPOCH),
    ).fetchone()
    if row is None:
        raise RuntimeError("there are no more epochs")
    return Epoch(*row)
