"""Takes in past orders with what happened to them, each at its own time; later, only what has happened since."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from api.domain import order_events
from api.domain import orders as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import Conflict, FieldError, Invalid
from api.domain.moments import CLOCKS_DIFFER
from api.domain.money import checked_currency
from api.domain.order_prices import Offer, discount_in, line
from api.domain.orders import AnyOrder, Cancelled, Delivered, Open, Paid, PartlyShipped, Pending, Shipped, Terms
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.import_items import Decide, import_items
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import Item
from api.use_cases.orders.commands import ImportedLine, ImportedOrder
from api.use_cases.orders.order_lines import order_lines
from schemas.article_codes import code_key
from schemas.events.order import OrderLine


def import_orders(work: UnitOfWork, items: Sequence[Item[ImportedOrder]]) -> list[ItemResult]:
    """What became of each, in their order."""

    def prepare(given: Sequence[ImportedOrder], before: Mapping[str, Imported]) -> Decide[ImportedOrder, AnyOrder]:
        return _Till(work, given, before).decide

    return import_items(work, work.orders, items, prepare)


class _Till:
    """What is there: the orders that came in before, and what the SKUs stand for."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedOrder], before: Mapping[str, Imported]) -> None:
        self._work = work
        self._shop = shop = work.access.shop
        self._ids = {one.external_id: before[one.external_id].id for one in given if one.external_id in before}
        self._held = work.orders.load(list(self._ids.values())) if self._ids else {}
        skus = {line.sku for one in given if one.external_id not in self._ids for line in one.lines}
        self._offers = work.orders.offers(skus, shop.default_locale, with_prices=False)

    def decide(self, one: ImportedOrder, stamp: bytes) -> Decision[AnyOrder] | None:
        held = self._held.get(self._ids[one.external_id]) if one.external_id in self._ids else None
        if held is None:
            steps = self._steps(one, self._work.new_id(), order_lines(one.lines, self._offers, _as_sent))
            return order_events.change(*steps, was_at=0, fingerprint=stamp)
        terms = held.value.terms
        later = _since(held, self._steps(one, terms.id, _lines_as_known(one, terms)))
        return order_events.change(*later, was_at=held.version, fingerprint=stamp) if later else None

    def _steps(self, one: ImportedOrder, order_id: UUID, lines: Sequence[OrderLine]) -> list[Open]:
        """Every state the order has been in."""
        _check_facts(one, self._work.now)
        order = domain.place(
            order_id=order_id,
            external_id=one.external_id,
            customer_ref=one.customer_ref,
            currency=checked_currency(one.currency or self._shop.currency, "currency"),
            lines=lines,
            tax_minor=one.tax_minor,
            shipping_minor=one.shipping_minor,
            discount_minor=one.discount_minor,
            placed_at=one.placed_at,
        )
        if one.confirmed_at is None:
            return [order]
        confirmed = domain.confirm(order, one.confirmed_at)
        if one.paid_at is None or one.payment_id is None:
            return [order, confirmed]
        return [order, confirmed, domain.pay(confirmed, one.payment_id, one.paid_at)]


def _check_facts(one: ImportedOrder, now: datetime) -> None:
    wrong = []
    if one.paid_at is not None and one.confirmed_at is None:
        wrong.append(FieldError("confirmed_at", "missing", "A paid order was confirmed before."))
    if (one.paid_at is None) != (one.payment_id is None):
        wrong.append(FieldError("payment_id", "missing", "paid_at and payment_id come together."))
    wrong.extend(
        FieldError(name, "in_the_future", "A past order is not in the future.")
        for name in ("placed_at", "confirmed_at", "paid_at")
        if (moment := getattr(one, name)) is not None and moment > now + CLOCKS_DIFFER
    )
    if wrong:
        raise Invalid("The facts of the order do not fit together.", wrong)


def _as_sent(offer: Offer, given: ImportedLine, field: str) -> OrderLine:
    return line(
        offer,
        field.removesuffix("sku"),
        quantity=given.quantity,
        unit=given.unit,
        unit_price_minor=given.unit_price_minor,
        list_price_minor=given.list_price_minor,
        adjustment_minor=given.adjustment_minor,
        discount_minor=given.discount_minor,
    )


def _lines_as_known(one: ImportedOrder, known: Terms) -> Sequence[OrderLine]:
    """The lines as they came in: what the SKUs stood for then counts, whatever the catalogue has become since."""
    if list(map(_as_told, one.lines)) != list(map(_as_told, known.lines)):
        raise _contradicts()
    return known.lines


def _as_told(sold: ImportedLine | OrderLine) -> tuple[str | int | None, ...]:
    return (
        code_key(sold.sku),
        sold.quantity,
        sold.unit,
        sold.unit_price_minor,
        sold.list_price_minor,
        sold.adjustment_minor,
        discount_in(sold.adjustment_minor) if sold.discount_minor is None else sold.discount_minor,
    )


def _since(held: Versioned[AnyOrder], steps: Sequence[Open]) -> Sequence[AnyOrder]:
    """What happened after what is known. Raises `Conflict` when what is known is something else."""
    order = _as_open(held.value)
    if order is None or order.terms != steps[0].terms:
        raise _contradicts()
    known = 1 if isinstance(order, Pending) else 3 if isinstance(order, Paid) else 2
    told = steps[: min(known, len(steps))]
    if any(_facts(step) != _facts(_back_to(order, at)) for at, step in enumerate(told)):
        raise _contradicts()
    return steps[known:]


def _as_open(order: AnyOrder) -> Open | None:
    """How far it came of what an import tells: until it was paid. None: it was cancelled."""
    match order:
        case Pending() | domain.Confirmed() | Paid():
            return order
        case PartlyShipped() | Shipped():
            return order.paid
        case Delivered():
            return order.shipped.paid
        case Cancelled():
            return None


def _contradicts() -> Conflict:
    return Conflict("It came in before with other facts, and those of an order do not change.")


def _facts(step: Open) -> tuple[object, ...]:
    match step:
        case Pending(terms):
            return (terms.placed_at,)
        case Paid():
            return (step.confirmed_at, step.paid_at, step.payment_id)
        case _:
            return (step.confirmed_at,)


def _back_to(order: Open, step: int) -> Open:
    """The state the order was in after that many further steps."""
    if step == 0:
        return Pending(order.terms)
    if step == 1 and isinstance(order, Paid):
        return domain.Confirmed(order.terms, order.confirmed_at)
    return order
