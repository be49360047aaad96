"""Carts, and checking them out. A visitor without an account reaches theirs with its token, `X-Cart-Token`."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request, url_for

from api.domain.carts import Cart
from api.domain.changes import Versioned
from api.domain.errors import AnswerNotKept
from api.http import security
from api.http.bodies.carts import CartAnswer, CartMade, CartPage, KeptCartAnswer
from api.http.bodies.orders import CartOrdered
from api.http.cart_token import HEADER
from api.http.command_answers import CommandAnswer, carry_out, cause, expected, kept_nowhere, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.included_things import Included, beside, with_included
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.carts import change_cart as changing
from api.use_cases.carts import check_out as checking_out
from api.use_cases.carts import count_carts as counting
from api.use_cases.carts.commands import (
    AddedLines,
    CartAsked,
    CartChange,
    CartsAsked,
    Checkout,
    NewCart,
    SetLines,
)
from api.use_cases.carts.count_carts import ShownCart
from api.use_cases.pages import Page
from schemas.events.order import AGGREGATE

carts = APIBlueprint("carts", __name__, url_prefix="/v1/carts", tag="Checkout")


@carts.post("")
@requires("carts:create")
@carts.input(NewCart)
@carts.output(CartMade, HTTPStatus.CREATED)
def make_cart(json_data: NewCart) -> Response:
    """Begin a cart; a visitor is told its token, once"""
    return carry_out(lambda work: _made(changing.make_cart(work, json_data)))


@carts.get("")
@requires("carts:list")
@carts.input(CartsAsked, location="query")
@carts.output(CartPage)
def list_carts(query_data: CartsAsked) -> CartPage:
    """Carts as they are kept, newest first"""

    def find(view: View) -> tuple[Page[Versioned[Cart]], Included]:
        found = counting.list_carts(view, query_data)
        return found, beside(view, found.items)

    page, more = look_up(find)
    items = with_included([KeptCartAnswer.of_kept(held) for held in page.items], more)
    return CartPage(items=items, next_cursor=page.next_cursor)


@carts.get("/<uuid:cart_id>")
@requires("carts:read")
@carts.input(CartAsked, location="query")
@carts.output(CartAnswer)
def get_cart(cart_id: UUID, query_data: CartAsked) -> Response:
    """A cart, counted at the prices of now"""
    token, at = _token(), dependencies().clock()

    def find(view: View) -> tuple[ShownCart, Included]:
        shown = counting.read_cart(view, cart_id, token, query_data.locale, at)
        return shown, beside(view, [shown.held], query_data.locale)

    shown, more = look_up(find)
    [body] = with_included([CartAnswer.of(shown)], more)
    # Without an ETag: what it comes to changes with the shop's prices, too.
    return Response(body.model_dump_json(), mimetype="application/json", headers={"Cache-Control": "no-store"})


@carts.patch("/<uuid:cart_id>")
@requires("carts:update")
@carts.input(CartChange)
@carts.output(CartAnswer)
def change_cart(cart_id: UUID, json_data: CartChange) -> Response:
    """Say where it goes and how it is sent"""
    token, wanted = _token(), expected()
    return carry_out(lambda work: _done(changing.change_cart(work, cart_id, token, json_data, wanted)))


@carts.post("/<uuid:cart_id>/lines")
@requires("carts:update")
@carts.input(AddedLines)
@carts.output(CartAnswer)
def add_cart_lines(cart_id: UUID, json_data: AddedLines) -> Response:
    """Put something in, beside what is in it"""
    token, wanted = _token(), expected()
    return carry_out(lambda work: _done(changing.add_lines(work, cart_id, token, json_data, wanted)))


@carts.put("/<uuid:cart_id>/lines")
@requires("carts:update")
@carts.input(SetLines)
@carts.output(CartAnswer)
def set_cart_lines(cart_id: UUID, json_data: SetLines) -> Response:
    """Say how many of something are in it; 0 takes it out"""
    token, wanted = _token(), expected()
    return carry_out(lambda work: _done(changing.set_lines(work, cart_id, token, json_data, wanted)))


@carts.delete("/<uuid:cart_id>")
@requires("carts:delete")
@carts.output({}, HTTPStatus.NO_CONTENT)
def remove_cart(cart_id: UUID) -> tuple[str, HTTPStatus]:
    """Throw a cart away"""
    token, wanted = _token(), expected()
    dependencies().store.carry_out(
        security.access(), cause(), lambda work: changing.remove_cart(work, cart_id, token, wanted)
    )
    return "", HTTPStatus.NO_CONTENT


@carts.post("/<uuid:cart_id>/checkout")
@requires("carts:update")
@carts.input(Checkout)
@carts.output(CartOrdered, HTTPStatus.CREATED)
def check_out_cart(cart_id: UUID, json_data: Checkout) -> Response:
    """Order what is in it; a cart that was ordered answers with its order"""
    token, wanted = _token(), expected()

    def decide(work: UnitOfWork) -> CommandAnswer:
        return _ordered(work, checking_out.check_out(work, cart_id, token, json_data, wanted))

    try:
        return carry_out(decide)
    except AnswerNotKept:  # the cart knows its order; the visitor gets another claim token
        return kept_nowhere(dependencies().store.carry_out(security.access(), cause(), decide))


def _token() -> str | None:
    return request.headers.get(HEADER)


def _made(shown: ShownCart) -> CommandAnswer:
    return CommandAnswer(
        CartMade.of(shown, token=shown.token),
        status=HTTPStatus.CREATED,
        location=url_for("carts.get_cart", cart_id=shown.held.value.id),
        is_secret=shown.token is not None,
        version=shown.held.version,
    )


def _done(shown: ShownCart) -> CommandAnswer:
    return CommandAnswer(CartAnswer.of(shown), version=shown.held.version)


def _ordered(work: UnitOfWork, done: checking_out.CheckedOut) -> CommandAnswer:
    order_id, version = done.order.value.terms.id, done.order.version
    receipt = signed_receipt(work.tenant_id, AGGREGATE, order_id, version)
    claim = None if done.claim is None else done.claim.text
    return CommandAnswer(
        CartOrdered.of(done.order, receipt=receipt.text, claim_token=claim),
        receipt,
        HTTPStatus.CREATED,
        url_for("orders.get_order", order_id=order_id),
        is_secret=claim is not None,
    )
