"""Tells the prices of products again that are others by now: by the clock, or by what they are made of."""

from uuid import UUID

from api.domain import price_lists as domain
from api.store.unit_of_work import UnitOfWork
from api.use_cases.prices.set_list_prices import tell


def renew_due(work: UnitOfWork, limit: int) -> int:
    """How many were looked at, of those that nobody else is at just now."""
    held = work.told_prices.hold_due(limit)
    told = tell(work, held)
    same = {one.value.id for one in held} - {one.value.id for one in told}
    if same:
        work.told_prices.looked_at(same)
    return len(held)


def forget_prices(work: UnitOfWork, product_id: UUID) -> None:
    """What price lists say of a product goes with it; before it does."""
    held = work.told_prices.hold([product_id]).get(product_id)
    if held is not None:
        work.save(work.told_prices, domain.forget(held, work.now))
