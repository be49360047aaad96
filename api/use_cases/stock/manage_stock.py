"""Counts, corrects, moves and shows stock, as the people of a shop do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from api.domain import stock as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.errors import Invalid, NotFound, Taken
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.stock.commands import Adjustment, Count, NewStock, StockAsked, StockChange, Transfer
from schemas.events.product import Product
from schemas.events.stock import Stock

#: Beside its SKU.
Named = tuple[Versioned[Stock], str]


@dataclass(frozen=True, slots=True)
class VariantStock:
    """Of one variant, at each location that counts it; without any it is not counted, and sells as it is."""

    variant_id: UUID
    sku: str
    rows: Sequence[Versioned[Stock]]


def begin_stock(work: UnitOfWork, command: NewStock) -> Versioned[Stock]:
    """Raises `Invalid` for what is not there, `Taken` when it is counted already."""
    variant = work.stock.variants_of([command.sku]).get(command.sku)
    if variant is None:
        raise Invalid.field("sku", "unknown_sku", f"There is no {command.sku}.")
    location_id = known_location(work, command.location_id, "location_id")
    if any(one.value.location_id == location_id for one in work.stock.of_variant(variant.id)):
        raise Taken("sku", command.sku, "It is counted at this location already.")
    stock = Stock(
        id=work.new_id(),
        variant_id=variant.id,
        product_id=variant.product_id,
        location_id=location_id,
        on_hand=command.on_hand,
        reserved=0,
        incoming=command.incoming,
        low_threshold=command.low_threshold,
        backorder=command.backorder,
    )
    return work.save(work.stock, domain.begin(stock, command.reason, work.now))


def adjust_stock(
    work: UnitOfWork, stock_id: UUID, command: Adjustment, expected: Expected = ANY_VERSION
) -> Versioned[Stock]:
    """As it was when nothing came or went. Raises `NotFound`, `VersionMismatch`, `Short`, `Invalid`."""
    held = _held(work, stock_id, expected)
    return _saved(work, held, domain.adjust(held, command.delta, command.reason, work.now))


def count_stock(work: UnitOfWork, stock_id: UUID, command: Count, expected: Expected = ANY_VERSION) -> Versioned[Stock]:
    """The same, for what somebody counted."""
    held = _held(work, stock_id, expected)
    return _saved(work, held, domain.count(held, command.on_hand, command.reason, work.now))


def change_stock(
    work: UnitOfWork, stock_id: UUID, command: StockChange, expected: Expected = ANY_VERSION
) -> Versioned[Stock]:
    """The same, for how it is kept."""
    held = _held(work, stock_id, expected)
    given = command.model_fields_set - {"reason"}
    new = replace(held.value, **{name: getattr(command, name) for name in given})
    return _saved(work, held, domain.keep(held, new, command.reason, work.now))


def transfer_stock(
    work: UnitOfWork, stock_id: UUID, command: Transfer, expected: Expected = ANY_VERSION
) -> tuple[Versioned[Stock], Versioned[Stock]]:
    """Where it left and where it came to. Raises as `adjust_stock`."""
    source = found(work.stock.get, "stock", stock_id).value
    target_id = known_location(work, command.to_location_id, "to_location_id")
    if target_id == source.location_id:
        raise Invalid.field("to_location_id", "same", "It lies there already.")
    there = [one.value.id for one in work.stock.of_variant(source.variant_id) if one.value.location_id == target_id]
    target_stock = there[0] if there else _begun(work, source, target_id)
    held = work.stock.hold([stock_id, target_stock])
    for wanted in (stock_id, target_stock):
        if wanted not in held:
            raise NotFound("stock", wanted)
    expected.require(held[stock_id])
    moved = domain.transfer(
        held[stock_id], held[target_stock], command.quantity, command.reason, work.now, work.new_id()
    )
    gone, come = work.save_many(work.stock, moved)
    return gone, come


def end_stock(work: UnitOfWork, stock_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Stock]:
    """What it was. Raises `NotFound`, `VersionMismatch`, and `Conflict` while something is reserved."""
    held = _held(work, stock_id, expected)
    return work.save(work.stock, domain.end(held, work.now))


def forget_lost_variants(work: UnitOfWork, product_id: UUID, left: Sequence[UUID] = ()) -> None:
    """The stock of a product's variants that are not left goes with them; before these do."""
    lost = work.stock.hold_of_lost_variants(product_id, left)
    if lost:
        work.save_many(work.stock, [domain.forget(one, work.now) for one in lost])


def get_stock(view: View, stock_id: UUID) -> Named:
    """Raises `NotFound`."""
    held = found(view.stock.get, "stock", stock_id)
    return held, sku_of(view, held)


def sku_of(view: View, held: Versioned[Stock]) -> str:
    """Under which its variant is sold; empty when that is gone."""
    return view.stock.skus([held.value.variant_id]).get(held.value.variant_id, "")


def list_stock(view: View, asked: StockAsked) -> Page[Named]:
    """Raises `Invalid` for a cursor of another question."""
    page = read_page(asked, view.stock.page)
    skus = view.stock.skus({held.value.variant_id for held in page.items})
    return Page([(held, skus.get(held.value.variant_id, "")) for held in page.items], page.next_cursor)


def stock_of_products(view: View, held: Sequence[Versioned[Product]]) -> list[list[VariantStock]]:
    """Of each product the stock of each variant, in its order."""
    rows: dict[UUID, list[Versioned[Stock]]] = {}
    for one in view.stock.of_products([product.value.id for product in held]):
        rows.setdefault(one.value.variant_id, []).append(one)
    return [
        [VariantStock(variant.id, variant.sku, rows.get(variant.id, ())) for variant in product.value.variants]
        for product in held
    ]


def get_variant_stock(view: View, variant_id: UUID) -> VariantStock:
    """Raises `NotFound`."""
    variant = found(view.stock.variant, "variant", variant_id)
    return VariantStock(variant.id, variant.sku, view.stock.of_variant(variant.id))


def _held(work: UnitOfWork, stock_id: UUID, expected: Expected) -> Versioned[Stock]:
    held = found(lambda id_: work.stock.hold([id_]).get(id_), "stock", stock_id)
    expected.require(held)
    return held


def _saved(work: UnitOfWork, held: Versioned[Stock], change: Decision[Stock] | None) -> Versioned[Stock]:
    return held if change is None else work.save(work.stock, change)


def known_location(work: UnitOfWork, named: UUID | None, field: str) -> UUID:
    """The one that is named, or the shop's default. Raises `Invalid`."""
    if named is None:
        return work.locations.default(work.new_id()).id
    if work.locations.get(named) is None:
        raise Invalid.field(field, "unknown_location", f"There is no location {named}.")
    return named


def _begun(work: UnitOfWork, source: Stock, location_id: UUID) -> UUID:
    """The same variant, counted at another location, where there is none yet."""
    new = replace(
        source,
        id=work.new_id(),
        location_id=location_id,
        on_hand=0,
        reserved=0,
        incoming=0,
        low_threshold=None,
        backorder=False,
    )
    return work.save(work.stock, domain.begin(new, "transfer", work.now)).value.id
