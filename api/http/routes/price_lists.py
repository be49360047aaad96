"""Price lists over HTTP: prices for some customers or some time, and what is in them."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.bodies.imports import ImportAnswer
from api.http.bodies.prices import (
    ListedPrices,
    ListedVariantAnswer,
    ListedVariantPage,
    PriceListAnswer,
    PriceListDone,
    PriceListPage,
)
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.entity_answers import entity, look_up
from api.http.import_answers import import_answer
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.prices import manage_price_lists
from api.use_cases.prices.commands import ListedPricesAsked, NewPriceList, PriceListChange, PriceListsAsked
from api.use_cases.prices.set_list_prices import set_listed_prices
from schemas.events import product_prices
from schemas.events.price_list import AGGREGATE, PriceList

price_lists = APIBlueprint("price_lists", __name__, url_prefix="/v1/price-lists", tag="Prices")


@price_lists.post("")
@requires("price_lists:create")
@price_lists.input(NewPriceList)
@price_lists.output(PriceListDone, HTTPStatus.CREATED)
def create_price_list(json_data: NewPriceList) -> Response:
    """Make a price list, without prices as yet"""
    return carry_out(lambda work: _done(work, manage_price_lists.create_price_list(work, json_data), made=True))


@price_lists.patch("/<uuid:price_list_id>")
@requires("price_lists:update")
@price_lists.input(PriceListChange)
@price_lists.output(PriceListDone)
def change_price_list(price_list_id: UUID, json_data: PriceListChange) -> Response:
    """Change when it is in effect, before which others, or its name"""
    return carry_out(
        lambda work: _done(
            work, manage_price_lists.change_price_list(work, price_list_id, json_data, expected()), made=False
        )
    )


@price_lists.delete("/<uuid:price_list_id>")
@requires("price_lists:delete")
@price_lists.output(PriceListDone)
def delete_price_list(price_list_id: UUID) -> Response:
    """Delete it with the prices in it; the answer is what it was"""
    return carry_out(
        lambda work: _done(work, manage_price_lists.delete_price_list(work, price_list_id, expected()), made=False)
    )


@price_lists.get("")
@requires("price_lists:list")
@price_lists.input(PriceListsAsked, location="query")
@price_lists.output(PriceListPage)
def list_price_lists(query_data: PriceListsAsked) -> PriceListPage:
    """Price lists, oldest first"""
    page = look_up(lambda view: manage_price_lists.list_price_lists(view, query_data))
    return PriceListPage(items=[PriceListAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@price_lists.get("/<uuid:price_list_id>")
@requires("price_lists:read")
@price_lists.output(PriceListAnswer)
def get_price_list(price_list_id: UUID) -> Response:
    """One price list"""
    held = look_up(lambda view: manage_price_lists.get_price_list(view, price_list_id))
    return entity(PriceListAnswer.of(held), held.version)


@price_lists.get("/<uuid:price_list_id>/prices")
@requires("price_lists:read")
@price_lists.input(ListedPricesAsked, location="query")
@price_lists.output(ListedVariantPage)
def list_listed_prices(price_list_id: UUID, query_data: ListedPricesAsked) -> ListedVariantPage:
    """The variants in a price list, each with its prices by quantity"""
    page = look_up(lambda view: manage_price_lists.list_listed_prices(view, price_list_id, query_data))
    items = [ListedVariantAnswer.of(listed) for listed in page.items]
    return ListedVariantPage(items=items, next_cursor=page.next_cursor)


@price_lists.patch("/<uuid:price_list_id>/prices")
@requires("price_lists:update")
@price_lists.input(ListedPrices)
@price_lists.output(ImportAnswer)
def set_prices(price_list_id: UUID, json_data: ListedPrices) -> Response:
    """Set up to 500 prices in it, by SKU and quantity, each with its own outcome"""
    return import_answer(product_prices.AGGREGATE, lambda work: set_listed_prices(work, price_list_id, json_data.items))


def _done(work: UnitOfWork, held: Versioned[PriceList], *, made: bool) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = url_for("price_lists.get_price_list", price_list_id=held.value.id) if made else None
    status = HTTPStatus.CREATED if made else HTTPStatus.OK
    return CommandAnswer(PriceListDone.of(held, receipt=receipt.text), receipt, status, location)
