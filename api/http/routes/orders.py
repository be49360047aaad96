"""Orders: placed by customers and staff, moved on by staff. A customer sees and places their own only."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.http.answer_words import in_words
from api.http.bodies.orders import OrderAnswer, OrderDone, OrderPage, TimelineAnswer
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.entity_answers import as_it_is, look_up
from api.http.exported_lines import LINES, ExportPage, exported
from api.http.included_things import Included, beside, entity_with, with_included
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.order_edits import edit_order as editing
from api.use_cases.order_edits.commands import LinesGiven
from api.use_cases.orders import move_order, read_orders
from api.use_cases.orders import place_order as placing
from api.use_cases.orders.commands import (
    Cancellation,
    NewOrder,
    OrdersAsked,
    OrdersSought,
    Payment,
    RefundAsked,
    Shipment,
)
from api.use_cases.pages import Page
from schemas.events.order import AGGREGATE

orders = APIBlueprint("orders", __name__, url_prefix="/v1/orders", tag="Orders")


@orders.post("")
@requires("orders:create")
@orders.input(NewOrder)
@orders.output(OrderDone, HTTPStatus.CREATED)
def place_order(json_data: NewOrder) -> Response:
    """Place an order at the shop's own prices"""
    return carry_out(lambda work: _done(work, placing.place_order(work, json_data), HTTPStatus.CREATED))


@orders.put("/<uuid:order_id>/lines")
@requires("orders:update")
@orders.input(LinesGiven)
@orders.output(OrderDone)
def edit_order_lines(order_id: UUID, json_data: LinesGiven) -> Response:
    """Give an order that is not confirmed yet other lines, at the shop's prices of now"""
    wanted = expected()
    return carry_out(lambda work: _done(work, editing.edit_order(work, order_id, json_data, wanted)))


@orders.post("/<uuid:order_id>/confirm")
@requires("orders:update")
@orders.output(OrderDone)
def confirm_order(order_id: UUID) -> Response:
    """The shop will deliver: pending → confirmed"""
    return carry_out(lambda work: _done(work, move_order.confirm_order(work, order_id, expected())))


@orders.post("/<uuid:order_id>/pay")
@requires("orders:update")
@orders.input(Payment)
@orders.output(OrderDone)
def pay_order(order_id: UUID, json_data: Payment) -> Response:
    """The money is there: confirmed → paid"""
    return carry_out(lambda work: _done(work, move_order.pay_order(work, order_id, json_data, expected())))


@orders.post("/<uuid:order_id>/ship")
@requires("orders:update")
@orders.input(Shipment)
@orders.output(OrderDone)
def ship_order(order_id: UUID, json_data: Shipment) -> Response:
    """A parcel leaves: paid → partly_shipped, and with the last of them → shipped"""
    return carry_out(lambda work: _done(work, move_order.ship_order(work, order_id, json_data, expected())))


@orders.post("/<uuid:order_id>/deliver")
@requires("orders:update")
@orders.output(OrderDone)
def deliver_order(order_id: UUID) -> Response:
    """All of it has arrived: shipped → delivered"""
    return carry_out(lambda work: _done(work, move_order.deliver_order(work, order_id, expected())))


@orders.post("/<uuid:order_id>/refund")
@requires("orders:cancel")
@orders.input(RefundAsked)
@orders.output(OrderDone)
def refund_order(order_id: UUID, json_data: RefundAsked) -> Response:
    """Some of what was paid goes back, by line: what came back, or will not leave, or is worth less"""
    return carry_out(lambda work: _done(work, move_order.refund_order(work, order_id, json_data, expected())))


@orders.post("/<uuid:order_id>/cancel")
@requires("orders:cancel")
@orders.input(Cancellation)
@orders.output(OrderDone)
def cancel_order(order_id: UUID, json_data: Cancellation) -> Response:
    """pending, confirmed or paid → cancelled; a paid one says what is refunded"""
    return carry_out(lambda work: _done(work, move_order.cancel_order(work, order_id, json_data, expected())))


@orders.get("")
@requires("orders:list")
@orders.input(OrdersAsked, location="query")
@orders.output(OrderPage)
def list_orders(query_data: OrdersAsked) -> OrderPage:
    """Orders, newest first"""

    def find(view: View) -> tuple[Page[Versioned[AnyOrder]], Included]:
        found = read_orders.list_orders(view, query_data)
        return found, beside(view, found.items)

    page, more = look_up(find)
    items = with_included([OrderAnswer.of(held) for held in page.items], more)
    return OrderPage(items=items, next_cursor=page.next_cursor)


@orders.get("/export")
@requires("orders:export")
@orders.input(OrdersSought, location="query")
@orders.doc(responses=in_words("An order a line", LINES))
def export_orders(query_data: OrdersSought) -> Response:
    """All orders that match, a JSON document a line, newest first"""

    def page(cursor: str | None, view: View) -> ExportPage:
        found = read_orders.list_orders(view, OrdersAsked.whole(query_data, cursor))
        return [OrderAnswer.of(held) for held in found.items], found.next_cursor

    return exported(page)


@orders.get("/<uuid:order_id>")
@requires("orders:read")
@orders.output(OrderAnswer)
def get_order(order_id: UUID) -> Response:
    """One order"""

    def find(view: View) -> tuple[Versioned[AnyOrder], Included]:
        held = read_orders.get_order(view, order_id)
        return held, beside(view, [held])

    held, more = look_up(find)
    [body] = with_included([OrderAnswer.of(held)], more)
    return entity_with(body, held.version)


@orders.get("/<uuid:order_id>/timeline")
@requires("orders:read")
@orders.output(TimelineAnswer)
def get_order_timeline(order_id: UUID) -> Response:
    """What became of an order, step by step; customers are not told the shop's reasons"""
    return as_it_is(TimelineAnswer.of(*look_up(lambda view: read_orders.get_timeline(view, order_id))))


def _done(work: UnitOfWork, held: Versioned[AnyOrder], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    order_id = held.value.terms.id
    receipt = signed_receipt(work.tenant_id, AGGREGATE, order_id, held.version)
    location = url_for("orders.get_order", order_id=order_id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(OrderDone.of(held, receipt=receipt.text), receipt, status, location)
