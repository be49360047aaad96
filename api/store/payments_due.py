"""Finds what has to be asked of payment providers again, of all shops, and lets one scheduler at a time ask it.

Who claims something moves its next time on, in a transaction of its own: a process that is killed afterwards leaves it
to whoever looks then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

Connection = psycopg.Connection[Any]
#: The longest time between two times that a provider is asked.
LONGEST: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Due:
    """A payment that is started, or money that is to go back; `times` it has been asked for already."""

    tenant_id: UUID
    id: UUID
    due_at: datetime
    times: int

    def next_at(self, now: datetime, first: timedelta) -> datetime:
        """Twice as long each time."""
        pause: timedelta = min(LONGEST, first * 2 ** min(self.times, 20))
        return now + pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many wait, and since when the oldest does; `refused` wait for somebody to send them by hand."""

    payments: int
    oldest_payment: datetime | None
    refunds: int
    oldest_refund: datetime | None
    refused: int


def payments_due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """In a transaction of the platform."""
    found = connection.execute(
        "SELECT tenant_id, id, next_ask_at, asked FROM payments"
        " WHERE status = 'started' AND next_ask_at <= %s ORDER BY next_ask_at LIMIT %s",
        (now, limit),
    )
    return [Due(*row) for row in found]


def refunds_due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """In a transaction of the platform."""
    found = connection.execute(
        "SELECT tenant_id, id, next_try_at, tries FROM payment_refunds"
        " WHERE state = 'due' AND next_try_at <= %s ORDER BY next_try_at LIMIT %s",
        (now, limit),
    )
    return [Due(*row) for row in found]


def waiting(connection: Connection) -> Waiting:
    """In a transaction of the platform."""
    row = connection.execute(
        """
        SELECT p.number, p.oldest, r.number, r.oldest, f.number
        FROM (SELECT count(*) AS number, min(started_at) AS oldest FROM payments WHERE status = 'started') p,
            (SELECT count(*) AS number, min(made_at) AS oldest FROM payment_refunds WHERE state = 'due') r,
            (SELECT count(*) AS number FROM payment_refunds WHERE state = 'failed') f
        """
    ).fetchone()
    payments, oldest_payment, refunds, oldest_refund, refused = row or (0, None, 0, None, 0)
    return Waiting(
        payments=payments,
        oldest_payment=oldest_payment,
        refunds=refunds,
        oldest_refund=oldest_refund,
        refused=refused,
    )


def claim_payment(connection: Connection, due: Due, until: datetime) -> bytes | None:
    """The sealed token of one that nobody else has claimed since. In a transaction of its shop."""
    row = connection.execute(
        "UPDATE payments SET next_ask_at = %s, asked = asked + 1"
        " WHERE tenant_id = %s AND id = %s AND status = 'started' AND next_ask_at = %s RETURNING sealed_token",
        (until, due.tenant_id, due.id, due.due_at),
    ).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def claim_refund(connection: Connection, due: Due, until: datetime) -> bool:
    """In a transaction of its shop."""
    claimed = connection.execute(
        "UPDATE payment_refunds SET next_try_at = %s, tries = tries + 1"
        " WHERE tenant_id = %s AND id = %s AND state = 'due' AND next_try_at = %s",
        (until, due.tenant_id, due.id, due.due_at),
    )
    return claimed.rowcount == 1
