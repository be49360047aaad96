"""Takes in counts of many variants at once: what is not counted yet is from now on, what is as it was stays so."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from api.domain import stock as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import Conflict, Invalid
from api.store.stock import KnownVariant
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.item_results import ItemResult, ItemResults
from api.use_cases.imports.items import Item
from api.use_cases.stock.commands import ImportedCount
from schemas.events.stock import Stock

_Place = tuple[UUID, UUID]


def import_counts(work: UnitOfWork, items: Sequence[Item[ImportedCount]]) -> list[ItemResult]:
    """What became of each, in their order; `external_id` is the SKU."""
    results: ItemResults[Stock] = ItemResults(work, items)
    shelf = _Shelf(work, [item.value for item in items if item.value is not None])
    for at, item in enumerate(items):
        if item.value is not None:
            _decide(results, shelf, at, item.value)
    return results.save(work.stock)


def _decide(results: ItemResults[Stock], shelf: "_Shelf", at: int, one: ImportedCount) -> None:
    held = shelf.held(one)
    there = None if held is None else ItemResult(one.sku, "unchanged", held.value.id, held.version)
    results.decide(at, one.sku, lambda: shelf.decide(one), there)


class _Shelf:
    """What is there: the variants, the locations, and the stock of both, which nobody else changes meanwhile."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedCount]) -> None:
        self._work = work
        self._variants = work.stock.variants_of({one.sku for one in given})
        self._locations = work.locations.by_name({one.location for one in given if one.location is not None})
        needs_default = any(one.location is None for one in given)
        self._default = work.locations.default(work.new_id()).id if needs_default else None
        rows = work.stock.hold_of_variants({variant.id for variant in self._variants.values()})
        self._held = {(one.value.variant_id, one.value.location_id): one for one in rows}
        self._done: set[_Place] = set()

    def held(self, one: ImportedCount) -> Versioned[Stock] | None:
        variant = self._variants.get(one.sku)
        location_id = self._default if one.location is None else self._locations.get(one.location)
        return None if variant is None or location_id is None else self._held.get((variant.id, location_id))

    def decide(self, one: ImportedCount) -> Decision[Stock] | None:
        variant = self._variants.get(one.sku)
        if variant is None:
            raise Invalid.field("sku", "unknown_sku", f"There is no {one.sku}.")
        location_id = self._location(one)
        if (variant.id, location_id) in self._done:
            raise Conflict(f"{one.sku} at this location is in this call already.")
        self._done.add((variant.id, location_id))
        held = self._held.get((variant.id, location_id))
        if held is None:
            return domain.begin(_new(self._work.new_id(), variant, location_id, one), one.reason, self._work.now)
        kept = {
            name: value
            for name in ("incoming", "low_threshold", "backorder")
            if (value := getattr(one, name)) is not None
        }
        return domain.keep(held, replace(held.value, on_hand=one.on_hand, **kept), one.reason, self._work.now)

    def _location(self, one: ImportedCount) -> UUID:
        location_id = self._default if one.location is None else self._locations.get(one.location)
        if location_id is None:
            raise Invalid.field("location", "unknown_location", f"There is no location {one.location}.")
        return location_id


def _new(stock_id: UUID, variant: KnownVariant, location_id: UUID, one: ImportedCount) -> Stock:
    return Stock(
        id=stock_id,
        variant_id=variant.id,
        product_id=variant.product_id,
        location_id=location_id,
        on_hand=one.on_hand,
        reserved=0,
        incoming=one.incoming or 0,
        low_threshold=one.low_threshold,
        backorder=bool(one.backorder),
    )
