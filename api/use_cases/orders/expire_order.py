"""Cancels an order that nobody paid for in time, so that what it had reserved can be sold."""

from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain import order_events
from api.domain import orders as domain
from api.domain.moments import not_before
from api.domain.orders import Confirmed, Pending
from api.store.unit_of_work import UnitOfWork
from api.use_cases.stock.reserve_stock import keep_reserved, release_reserved

REASON: Final = "expired"


def expire_order(work: UnitOfWork, order_id: UUID, before: datetime) -> bool:
    """Whether it was cancelled: not when it was paid for, or has changed, since somebody thought so.

    Raises `StaleVersion` when somebody moves it on at the same moment.
    """
    held = work.orders.get(order_id)
    if held is None or not work.reservations.expires(order_id, before):
        return False
    if not isinstance(held.value, Pending | Confirmed):
        keep_reserved(work, order_id)
        return False
    at = not_before(work.now, *order_events.moments(held.value))
    change = order_events.change(domain.cancel(held.value, REASON, at), was_at=held.version)
    work.save(work.orders, change)
    work.discounts.give_back(order_id)
    release_reserved(work, order_id)
    return True
