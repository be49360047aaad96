"""Keeps the promises that orders are: reserved when one is placed, freed when it is cancelled, taken when it ships.

Each of these is for the transaction that changes the order itself, after that change: the rows of stock are held as
short as can be, and in the same order by everybody.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.domain import stock as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import FieldError
from api.domain.stock import Missing, Promise, Short
from api.store.unit_of_work import UnitOfWork
from schemas.events.order import OrderLine
from schemas.events.stock import Stock


def reserve_stock(work: UnitOfWork, order_id: UUID, lines: Sequence[OrderLine], *, unpaid: bool = True) -> None:
    """For every line whose variant is counted. Raises `Short` naming each line that there is too little for.

    What is `unpaid` expires (`api.jobs.expire_orders`) until `keep_reserved` says that it is paid for.
    """
    wanted = _by_variant(lines)
    held = work.stock.hold_of_variants(wanted)
    if not held:
        return
    decided = domain.reserve(held, {id_: number for id_, number in wanted.items() if number}, order_id, work.now)
    missing = [one for one in decided if isinstance(one, Missing)]
    if missing:
        raise _short(missing, lines)
    changes = [one for one in decided if isinstance(one, Decision)]
    if changes:
        work.save_many(work.reservations.with_stock(order_id, work.now, unpaid=unpaid), changes)


def change_reserved(work: UnitOfWork, order_id: UUID, were: Sequence[OrderLine], are: Sequence[OrderLine]) -> None:
    """What more is ordered of a variant is reserved, what less is free again. Raises `Short` as `reserve_stock`."""
    before, after = _by_variant(were), _by_variant(are)
    more = {id_: number - before.get(id_, 0) for id_, number in after.items() if number > before.get(id_, 0)}
    less = {id_: number - after.get(id_, 0) for id_, number in before.items() if number > after.get(id_, 0)}
    held = work.stock.hold_of_variants({**more, **less})
    if not held:
        return
    decided = domain.reserve(held, more, order_id, work.now)
    missing = [one for one in decided if isinstance(one, Missing)]
    if missing:
        raise _short(missing, are)
    reserved = [one for one in decided if isinstance(one, Decision)]
    rows = {one.value.id: one for one in held}
    freed = _freed(work.reservations.of_order(order_id), rows, less)
    if reserved:
        work.save_many(work.reservations.with_stock(order_id, work.now, unpaid=True), reserved)
    if freed:
        released = [domain.release(rows[one.stock_id], one.quantity, order_id, work.now) for one in freed]
        work.save_many(work.stock, released)
        work.reservations.lessen(order_id, freed)


def release_reserved(work: UnitOfWork, order_id: UUID) -> None:
    """All that is still promised to the order, and has not been shipped, is free again."""
    promised, held = _held(work, order_id)
    if promised:
        work.save_many(
            work.stock, [domain.release(held[one.stock_id], one.quantity, order_id, work.now) for one in promised]
        )
        work.reservations.lessen(order_id, promised)


def take_reserved(work: UnitOfWork, order_id: UUID, shipped: Mapping[UUID, int] | None = None) -> None:
    """Shipping takes what was promised: by variant how many leave, or everything when nothing is said.

    For the step that ships an order or a part of it. What was not promised (a variant that is not counted, an order
    that was imported) takes nothing, and is no error.
    """
    promised, held = _held(work, order_id)
    left = None if shipped is None else dict(shipped)
    taken: list[Promise] = []
    for one in promised:
        variant_id = held[one.stock_id].value.variant_id
        share = one.quantity if left is None else min(one.quantity, left.get(variant_id, 0))
        if share and left is not None:
            left[variant_id] -= share
        if share:
            taken.append(Promise(one.stock_id, share))
    changes = [domain.ship(held[one.stock_id], one.quantity, order_id, work.now) for one in taken]
    if changes:
        work.save_many(work.stock, changes)
        work.reservations.lessen(order_id, taken)


def keep_reserved(work: UnitOfWork, order_id: UUID) -> None:
    """The order is paid for: what is promised to it does not expire any more."""
    work.reservations.keep(order_id)


def _by_variant(lines: Sequence[OrderLine]) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    return wanted


def _freed(
    promised: Sequence[Promise], rows: Mapping[UUID, Versioned[Stock]], less: Mapping[UUID, int]
) -> list[Promise]:
    """Of what is promised, so much less of each variant: what was not promised cannot be freed."""
    left, freed = dict(less), []
    for one in promised:
        variant_id = rows[one.stock_id].value.variant_id if one.stock_id in rows else None
        share = 0 if variant_id is None else min(one.quantity, left.get(variant_id, 0))
        if variant_id is not None and share:
            left[variant_id] -= share
            freed.append(Promise(one.stock_id, share))
    return freed


def _held(work: UnitOfWork, order_id: UUID) -> tuple[list[Promise], Mapping[UUID, Versioned[Stock]]]:
    """What is promised to the order of stock that is still counted, and the stock."""
    promised = work.reservations.of_order(order_id)
    if not promised:
        return [], {}
    held = work.stock.hold([one.stock_id for one in promised])
    return [one for one in promised if one.stock_id in held], held


def _short(missing: Sequence[Missing], lines: Sequence[OrderLine]) -> Short:
    by_variant = {one.variant_id: one for one in missing}
    wrong = [
        FieldError(f"lines.{at}.quantity", "short", _told(by_variant[line.variant_id], line.sku))
        for at, line in enumerate(lines)
        if line.variant_id in by_variant
    ]
    return Short("There is not enough of what is ordered.", wrong)


def _told(one: Missing, sku: str) -> str:
    return f"{sku}: {one.available} available, {one.wanted} wanted."
