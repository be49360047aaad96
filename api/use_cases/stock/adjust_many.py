"""Counts and adjusts the stock of many variants at once, each as its single command would."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from api.domain import stock as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import NotFound
from api.store.unit_of_work import UnitOfWork
from api.use_cases.bulk.chained_changes import ChainedChanges, Outcome
from api.use_cases.stock.manage_stock import known_location
from api.use_cases.stock.many_commands import StockAction, StockCount, StockItems
from schemas.events.stock import Stock


def adjust_many(work: UnitOfWork, command: StockItems) -> list[Outcome[Stock]]:
    """What became of each, in their order. Raises `Invalid` for a location that is not there."""
    given = [item.value.root for item in command.items if item.value is not None]
    by_sku = _by_sku(work, {one.sku for one in given if one.sku is not None}, command.location_id)
    held = work.stock.hold({*(one.id for one in given if one.id is not None), *by_sku.values()})
    chained = ChainedChanges(work, "stock", held)
    for item in command.items:
        if item.value is None:
            chained.refuse(item.wrong)
            continue
        one = item.value.root
        id_ = one.id if one.sku is None else by_sku.get(one.sku)
        if id_ is None:
            chained.refuse(NotFound("stock", f"of {one.sku} at this location"))
            continue
        chained.decide(id_, one.version, partial(_decide, work, one))
    return chained.save(work.stock)


def _by_sku(work: UnitOfWork, skus: set[str], location_id: UUID | None) -> Mapping[str, UUID]:
    """The stock at the location of what is sold under each of these, where it is counted."""
    if not skus:
        return {}
    there = known_location(work, location_id, "location_id")
    variants = work.stock.variants_of(skus)
    counted = work.stock.at_location({one.id for one in variants.values()}, there)
    return {sku: counted[one.id] for sku, one in variants.items() if one.id in counted}


def _decide(work: UnitOfWork, one: StockAction, held: Versioned[Stock]) -> Decision[Stock] | None:
    """Raises `Short`, `Invalid`."""
    if isinstance(one, StockCount):
        return domain.count(held, one.on_hand, one.reason, work.now)
    return domain.adjust(held, one.delta, one.reason, work.now)
