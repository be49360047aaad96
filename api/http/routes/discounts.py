"""The discount codes of a shop."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.domain.discounts import Discount
from api.http.bodies.discounts import DiscountAnswer, DiscountPage
from api.http.command_answers import CommandAnswer, carry_out, expected
from api.http.entity_answers import look_up
from api.http.security import requires
from api.use_cases.discounts import manage_discounts as managing
from api.use_cases.discounts.commands import DiscountChange, DiscountsAsked, NewDiscount

discounts = APIBlueprint("discounts", __name__, url_prefix="/v1/discounts", tag="Checkout")


@discounts.post("")
@requires("discounts:create")
@discounts.input(NewDiscount)
@discounts.output(DiscountAnswer, HTTPStatus.CREATED)
def make_discount(json_data: NewDiscount) -> Response:
    """Make a code that takes something off carts"""
    return carry_out(lambda work: _done(managing.make_discount(work, json_data), HTTPStatus.CREATED))


@discounts.get("")
@requires("discounts:list")
@discounts.input(DiscountsAsked, location="query")
@discounts.output(DiscountPage)
def list_discounts(query_data: DiscountsAsked) -> DiscountPage:
    """Discount codes, oldest first"""
    page = look_up(lambda view: managing.list_discounts(view, query_data))
    return DiscountPage(items=[DiscountAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@discounts.get("/<uuid:discount_id>")
@requires("discounts:read")
@discounts.output(DiscountAnswer)
def get_discount(discount_id: UUID) -> DiscountAnswer:
    """One discount code, and how often it was used"""
    return DiscountAnswer.of(look_up(lambda view: managing.get_discount(view, discount_id)))


@discounts.patch("/<uuid:discount_id>")
@requires("discounts:update")
@discounts.input(DiscountChange)
@discounts.output(DiscountAnswer)
def change_discount(discount_id: UUID, json_data: DiscountChange) -> Response:
    """Say anew what it takes off, when, how often; or switch it off"""
    wanted = expected()
    return carry_out(lambda work: _done(managing.change_discount(work, discount_id, json_data, wanted)))


def _done(held: Versioned[Discount], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    location = url_for("discounts.get_discount", discount_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(DiscountAnswer.of(held), status=status, location=location, version=held.version)
