"""Orders: placed by customers and staff, moved on by staff. A customer sees and places their own only."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain import order_events
from api.domain import orders as domain
from api.domain.changes import Versioned
from api.domain.errors import FieldError, Forbidden, Invalid, NotFound
from api.domain.moments import not_before
from api.domain.money import checked_currency
from api.domain.orders import AnyOrder
from api.domain.permissions import Scope
from api.domain.pricing import at_list_price
from api.http.bodies.orders import Cancellation, NewOrder, OrderAnswer, OrderDone, OrderPage, OrdersAsked, Payment
from api.http.command_answers import Done, carry_out, etag, expect, signed
from api.http.dependencies import dependencies
from api.http.receipts import receipt_of
from api.http.security import access, requires, tenant
from api.store.orders import OrderRows
from api.store.unit_of_work import UnitOfWork
from schemas.events.order import OrderLine

orders = APIBlueprint("orders", __name__, url_prefix="/v1/orders", tag="Orders")


@orders.post("")
@requires("orders:create")
@orders.input(NewOrder)
@orders.output(OrderDone, HTTPStatus.CREATED)
def place_order(json_data: NewOrder) -> Response:
    """Place an order at the shop's own prices"""
    customer_ref = _own_ref(json_data.customer_ref)
    if json_data.external_id is not None and access().scope == Scope.OWN:
        raise Invalid.field("external_id", "not_allowed", "Only the shop's own people name orders.")

    def decide(work: UnitOfWork) -> Done:
        currency = checked_currency(json_data.currency or tenant().currency, "currency")
        placed = domain.place(
            order_id=work.new_id(),
            external_id=json_data.external_id,
            customer_ref=customer_ref,
            currency=currency,
            lines=_lines(work, json_data, currency),
            placed_at=work.now,
        )
        return _done(work.save(work.orders, order_events.change(placed, was_at=0)), HTTPStatus.CREATED)

    return carry_out(decide)


@orders.post("/<uuid:order_id>/confirm")
@requires("orders:update")
@orders.output(OrderDone)
def confirm_order(order_id: UUID) -> Response:
    """The shop will deliver: pending → confirmed"""
    return _step(order_id, lambda order, now: domain.confirm(order_events.pending(order, "confirmed"), now))


@orders.post("/<uuid:order_id>/pay")
@requires("orders:update")
@orders.input(Payment)
@orders.output(OrderDone)
def pay_order(order_id: UUID, json_data: Payment) -> Response:
    """The money is there: confirmed → paid"""
    payment_id = json_data.payment_id
    return _step(order_id, lambda order, now: domain.pay(order_events.confirmed(order, "paid"), payment_id, now))


@orders.post("/<uuid:order_id>/cancel")
@requires("orders:update")
@orders.input(Cancellation)
@orders.output(OrderDone)
def cancel_order(order_id: UUID, json_data: Cancellation) -> Response:
    """pending, confirmed or paid → cancelled; a paid one says what is refunded"""

    def cancelled(order: AnyOrder, now: datetime) -> AnyOrder:
        still_open = order_events.still_open(order, "cancelled")
        return domain.cancel(still_open, json_data.reason, now, json_data.refund_minor)

    return _step(order_id, cancelled)


@orders.get("")
@requires("orders:list")
@orders.input(OrdersAsked, location="query")
@orders.output(OrderPage)
def list_orders(query_data: OrdersAsked) -> OrderPage:
    """Orders, newest first"""
    customer_ref = _own_ref(query_data.customer_ref)
    with dependencies().store.reading(tenant().id) as connection:
        found = OrderRows(connection, tenant().id).page(
            status=query_data.status,
            customer_ref=customer_ref,
            before=query_data.cursor,
            limit=query_data.limit + 1,
        )
    shown = found[: query_data.limit]
    next_cursor = shown[-1].value.terms.id if len(found) > len(shown) else None
    return OrderPage(items=[OrderAnswer.of(held) for held in shown], next_cursor=next_cursor)


@orders.get("/<uuid:order_id>")
@requires("orders:read")
@orders.output(OrderAnswer)
def get_order(order_id: UUID) -> tuple[OrderAnswer, int, dict[str, str]]:
    """One order"""
    with dependencies().store.reading(tenant().id) as connection:
        held = _found(OrderRows(connection, tenant().id), order_id)
    return OrderAnswer.of(held), HTTPStatus.OK, {"ETag": etag(held.version)}


def _step(order_id: UUID, step: Callable[[AnyOrder, datetime], AnyOrder]) -> Response:
    def decide(work: UnitOfWork) -> Done:
        held = _found(work.orders, order_id)
        expect(held)
        at = not_before(work.now, *order_events.moments(held.value))
        change = order_events.change(step(held.value, at), was_at=held.version)
        return _done(work.save(work.orders, change))

    return carry_out(decide)


def _own_ref(named: str | None) -> str | None:
    """Whose orders it is about: a customer's are always their own."""
    if access().scope != Scope.OWN:
        return named
    own = access().actor.actor_id
    if named not in (None, own):
        raise Forbidden("These are somebody else's orders.")
    return own


def _lines(work: UnitOfWork, wanted: NewOrder, currency: str) -> list[OrderLine]:
    offers = work.orders.offers({line.sku for line in wanted.lines}, tenant().default_locale, with_prices=True)
    lines, wrong = [], []
    for at, line in enumerate(wanted.lines):
        field = f"lines.{at}.sku"
        if line.sku not in offers:
            wrong.append(FieldError(field, "unknown_sku", f"There is no {line.sku}."))
            continue
        try:
            lines.append(at_list_price(offers[line.sku], line.quantity, currency, field))
        except Invalid as invalid:
            wrong.extend(invalid.errors)
    if wrong:
        raise Invalid("Some lines cannot be ordered.", wrong)
    return lines


def _found(rows: OrderRows, order_id: UUID) -> Versioned[AnyOrder]:
    held = rows.get(order_id)
    theirs = (
        held is not None and access().scope == Scope.OWN and held.value.terms.customer_ref != access().actor.actor_id
    )
    if held is None or theirs:
        raise NotFound("order", order_id)
    return held


def _done(held: Versioned[AnyOrder], status: HTTPStatus = HTTPStatus.OK) -> Done:
    order_id = held.value.terms.id
    receipt = receipt_of("order", order_id, held.version)
    location = url_for("orders.get_order", order_id=order_id) if status == HTTPStatus.CREATED else None
    return Done(receipt, OrderDone.of(held, receipt=signed(receipt)), status, location)
