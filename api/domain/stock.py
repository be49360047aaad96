"""Decides what becomes of stock: counted, corrected, moved, promised to orders, released and shipped. Pure.

What can be sold (`available`) is on hand − reserved. It is never below zero but where backorders are allowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Event, Versioned
from api.domain.errors import Conflict, FieldError, Invalid
from schemas.events.stock import (
    Stock,
    StockAdjusted,
    StockDeleted,
    StockLow,
    StockReleased,
    StockReplenished,
    StockReserved,
    StockShipped,
)

#: Of anything that is counted: on hand, reserved, incoming, a threshold.
MOST: Final = 1_000_000_000

Held = Versioned[Stock]


class Short(Conflict):
    """There is less than is wanted; `errors` names each, with what there is."""

    code = "out_of_stock"


@dataclass(frozen=True, slots=True)
class Missing:
    """`available` of what is wanted is all there is."""

    variant_id: UUID
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Promise:
    """How much of a row of stock an order was promised."""

    stock_id: UUID
    quantity: int


def available(stock: Stock) -> int:
    return stock.on_hand - stock.reserved


def is_low(stock: Stock) -> bool:
    return stock.low_threshold is not None and available(stock) <= stock.low_threshold


def in_stock(stock: Stock) -> bool:
    """Whether one can be ordered."""
    return stock.backorder or available(stock) > 0


def begin(stock: Stock, reason: str, now: datetime) -> Decision[Stock]:
    """A variant is counted at a location from now on."""
    _check(stock)
    event = StockAdjusted(
        stock=stock, delta=stock.on_hand, reason=reason, changed=("on_hand",) if stock.on_hand else (), transfer_id=None
    )
    low = (DatedEvent(StockLow(stock=stock), now),) if is_low(stock) else ()
    return Decision(aggregate_id=stock.id, value=stock, happened=(DatedEvent(event, now), *low))


def adjust(
    held: Held, delta: int, reason: str, now: datetime, *, transfer_id: UUID | None = None
) -> Decision[Stock] | None:
    """None when nothing comes or goes."""
    return _adjusted(held, replace(held.value, on_hand=held.value.on_hand + delta), reason, now, transfer_id)


def count(held: Held, on_hand: int, reason: str, now: datetime) -> Decision[Stock] | None:
    """So many are there, whatever was thought before. None when that was so already."""
    return _adjusted(held, replace(held.value, on_hand=on_hand), reason, now)


def keep(held: Held, new: Stock, reason: str, now: datetime) -> Decision[Stock] | None:
    """`new` is the same stock, kept otherwise: counted, expected, low or sold in advance at other numbers."""
    return _adjusted(held, new, reason, now)


def transfer(
    source: Held, target: Held, quantity: int, reason: str, now: datetime, transfer_id: UUID
) -> tuple[Decision[Stock], Decision[Stock]]:
    """What leaves one location comes to the other; only what is promised to nobody is moved."""
    if quantity > available(source.value):
        message = f"{max(0, available(source.value))} are free to be moved."
        raise Short(message, [FieldError("quantity", "short", message)])
    gone = adjust(source, -quantity, reason, now, transfer_id=transfer_id)
    come = adjust(target, quantity, reason, now, transfer_id=transfer_id)
    if gone is None or come is None:
        raise Invalid.field("quantity", "too_low", "At least one is moved.")
    return gone, come


def end(held: Held, now: datetime) -> Decision[Stock]:
    """It is not counted there any more. Raises `Conflict` while something is promised."""
    if held.value.reserved:
        raise Conflict(f"{held.value.reserved} are reserved for orders: ship or cancel these first.")
    return forget(held, now)


def forget(held: Held, now: datetime) -> Decision[Stock]:
    """The variant itself is gone, whatever was promised of it."""
    event = StockDeleted(stock=held.value)
    return Decision(
        aggregate_id=held.value.id, value=held.value, happened=(DatedEvent(event, now),), was_at=held.version
    )


def reserve(
    held: Sequence[Held], wanted: Mapping[UUID, int], order_id: UUID, now: datetime
) -> list[Decision[Stock]] | list[Missing]:
    """Takes from the rows of each variant in this order, and what they lack from the first that may be sold in advance.

    A variant without rows is not counted: nothing is reserved of it. All of what is wanted, or what is missing.
    """
    rows: dict[UUID, list[Held]] = {}
    for one in held:
        rows.setdefault(one.value.variant_id, []).append(one)
    decisions: list[Decision[Stock]] = []
    missing: list[Missing] = []
    for variant_id, quantity in wanted.items():
        if variant_id not in rows:
            continue
        shares = _shares(rows[variant_id], quantity)
        if sum(shares) < quantity:
            missing.append(Missing(variant_id, quantity, sum(shares)))
        decisions.extend(
            _promised(one, share, order_id, now) for one, share in zip(rows[variant_id], shares, strict=True) if share
        )
    return missing or decisions


def promise(change: Decision[Stock]) -> Promise:
    """What of the stock the order is promised. Raises `TypeError` for a change that reserves nothing."""
    event = change.happened[0].event
    if not isinstance(event, StockReserved):
        raise TypeError(f"{type(event).__name__} promises nothing")
    return Promise(change.aggregate_id, event.quantity)


def release(held: Held, quantity: int, order_id: UUID, now: datetime) -> Decision[Stock]:
    new = replace(held.value, reserved=held.value.reserved - quantity)
    return _decided(held, new, StockReleased(stock=new, order_id=order_id, quantity=quantity), now)


def ship(held: Held, quantity: int, order_id: UUID, now: datetime) -> Decision[Stock]:
    """Of what was reserved for the order."""
    old = held.value
    new = replace(old, on_hand=old.on_hand - quantity, reserved=old.reserved - quantity)
    return _decided(held, new, StockShipped(stock=new, order_id=order_id, quantity=quantity), now)


def wrong(stock: Stock) -> list[FieldError]:
    """What no stock may be."""
    found = [
        FieldError(name, "out_of_range", f"It is 0 to {MOST}.")
        for name in ("reserved", "incoming")
        if not 0 <= getattr(stock, name) <= MOST
    ]
    if not (-MOST if stock.backorder else 0) <= stock.on_hand <= MOST:
        found.append(FieldError("on_hand", "out_of_range", f"It is 0 to {MOST}, below 0 only with backorders."))
    if stock.low_threshold is not None and not 0 <= stock.low_threshold <= MOST:
        found.append(FieldError("low_threshold", "out_of_range", f"It is 0 to {MOST}."))
    if not stock.backorder and 0 <= stock.on_hand < stock.reserved:
        message = f"{stock.reserved} are reserved for orders: fewer are there only with backorders."
        found.append(FieldError("on_hand", "reserved", message))
    return found


def _check(stock: Stock) -> None:
    found = wrong(stock)
    if any(one.code == "reserved" for one in found):
        raise Short(found[-1].message, found)
    if found:
        raise Invalid("The stock breaks a rule.", found)


def _shares(rows: Sequence[Held], quantity: int) -> list[int]:
    """How much each row gives; less than `quantity` in all when there is not so much."""
    shares, left = [], quantity
    for one in rows:
        share = min(left, max(0, available(one.value)))
        shares.append(share)
        left -= share
    first = next((at for at, one in enumerate(rows) if one.value.backorder), None)
    if left and first is not None:
        shares[first] += left
    return shares


def _promised(held: Held, quantity: int, order_id: UUID, now: datetime) -> Decision[Stock]:
    new = replace(held.value, reserved=held.value.reserved + quantity)
    return _decided(held, new, StockReserved(stock=new, order_id=order_id, quantity=quantity), now)


def _adjusted(
    held: Held, new: Stock, reason: str, now: datetime, transfer_id: UUID | None = None
) -> Decision[Stock] | None:
    old = held.value
    names = ("on_hand", "incoming", "low_threshold", "backorder")
    changed = tuple(name for name in names if getattr(old, name) != getattr(new, name))
    if not changed:
        return None
    event = StockAdjusted(
        stock=new, delta=new.on_hand - old.on_hand, reason=reason, changed=changed, transfer_id=transfer_id
    )
    return _decided(held, new, event, now)


def _decided(held: Held, new: Stock, event: Event, now: datetime) -> Decision[Stock]:
    """With the word about the threshold, when it is crossed."""
    _check(new)
    crossed: tuple[Event, ...] = ()
    if is_low(held.value) != is_low(new):
        crossed = (StockLow(stock=new) if is_low(new) else StockReplenished(stock=new),)
    return Decision(
        aggregate_id=new.id,
        value=new,
        happened=tuple(DatedEvent(one, now) for one in (event, *crossed)),
        was_at=held.version,
    )
