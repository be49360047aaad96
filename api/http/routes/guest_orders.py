"""Orders without an account: placed at the shop's own host, shown to who has their token, claimed into an account."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request, url_for

from api.domain.changes import Versioned
from api.domain.claim_tokens import HEADER
from api.domain.errors import AnswerNotKept, NotFound
from api.domain.orders import AnyOrder
from api.domain.permissions import Role
from api.http import security
from api.http.bodies.orders import GuestOrderDone, OrderAnswer, OrderDone, TimelineAnswer
from api.http.command_answers import LOCATION, CommandAnswer, carry_out, cause, kept_nowhere, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import as_it_is, entity, look_up
from api.http.limits.limit_requests import address, count
from api.http.limits.quotas import GUEST_ORDERS
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.orders import guest_orders as guests
from api.use_cases.orders.commands import ClaimBrought, NewGuestOrder
from api.use_cases.orders.guest_orders import GuestOrder
from schemas.events.order import AGGREGATE

guest_orders = APIBlueprint("guest_orders", __name__, url_prefix="/v1/orders", tag="Orders")


@guest_orders.post("/guest")
@requires("guest_orders:create")
@guest_orders.input(NewGuestOrder)
@guest_orders.output(GuestOrderDone, HTTPStatus.CREATED)
def place_guest_order(json_data: NewGuestOrder) -> Response:
    """Place an order without an account; the claim token with which it is read and claimed is shown this once"""
    access = security.access()
    if access.actor.role is Role.ANONYMOUS:
        count(GUEST_ORDERS, f"{access.shop.id} {address()}")
    try:
        return carry_out(lambda work: _placed(work, guests.place_guest_order(work, json_data)))
    except AnswerNotKept as done:
        return _told_again(done)


@guest_orders.get("/claimed")
@requires("guest_orders:read")
@guest_orders.output(OrderAnswer)
def get_claimed_order() -> Response:
    """The order of a claim token"""
    text, now = request.headers.get(HEADER, ""), dependencies().clock()
    held = look_up(lambda view: guests.get_claimed(view, text, now))
    answer = entity(OrderAnswer.of(held), held.version)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@guest_orders.get("/claimed/timeline")
@requires("guest_orders:read")
@guest_orders.output(TimelineAnswer)
def get_claimed_timeline() -> Response:
    """What became of the order of a claim token, step by step, as its customer is told it"""
    text, now = request.headers.get(HEADER, ""), dependencies().clock()
    answer = as_it_is(TimelineAnswer.of(*look_up(lambda view: guests.get_claimed_timeline(view, text, now))))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@guest_orders.post("/claim")
@requires("guest_orders:update")
@guest_orders.input(ClaimBrought)
@guest_orders.output(OrderDone)
def claim_order(json_data: ClaimBrought) -> Response:
    """Take the order of a claim token into your account; the token is worth nothing any more"""
    return carry_out(lambda work: _claimed(work, guests.claim_order(work, json_data.claim_token)))


def _told_again(done: AnswerNotKept) -> Response:
    """Who sent the same with the same key and did not get the answer gets another token: the first is worth nothing.

    Raises `done` where the order is somebody's by now.
    """
    order_id = UUID(done.headers[LOCATION].rpartition("/")[2])
    store = dependencies().store
    try:
        return kept_nowhere(
            store.carry_out(
                security.access(), cause(), lambda work: _placed(work, guests.give_token_again(work, order_id))
            )
        )
    except NotFound as claimed:
        raise done from claimed


def _placed(work: UnitOfWork, made: GuestOrder) -> CommandAnswer:
    order_id = made.held.value.terms.id
    receipt = signed_receipt(work.tenant_id, AGGREGATE, order_id, made.held.version)
    body = GuestOrderDone.of(made.held, receipt=receipt.text, claim_token=made.token.text)
    location = url_for("orders.get_order", order_id=order_id)
    return CommandAnswer(body, receipt, HTTPStatus.CREATED, location, is_secret=True)


def _claimed(work: UnitOfWork, held: Versioned[AnyOrder]) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.terms.id, held.version)
    return CommandAnswer(OrderDone.of(held, receipt=receipt.text), receipt)
