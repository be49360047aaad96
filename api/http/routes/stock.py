"""Stock over HTTP: what there is of a variant at a location, counted, corrected and moved."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.bodies.bulk import BulkAnswer
from api.http.bodies.stock import StockAnswer, StockDone, StockPage, TransferDone, VariantStockAnswer
from api.http.bulk_answers import carry_out_many
from api.http.command_answers import CommandAnswer, SignedReceipt, carry_out, expected, signed_receipt
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.stock import manage_stock
from api.use_cases.stock.adjust_many import adjust_many
from api.use_cases.stock.commands import Adjustment, Count, NewStock, StockAsked, StockChange, Transfer
from api.use_cases.stock.many_commands import StockItems
from schemas.events.stock import AGGREGATE, Stock

stock = APIBlueprint("stock", __name__, url_prefix="/v1/stock", tag="Stock")


@stock.post("")
@requires("stock:create")
@stock.input(NewStock)
@stock.output(StockDone, HTTPStatus.CREATED)
def begin_stock(json_data: NewStock) -> Response:
    """Count a variant at a location from now on"""
    return carry_out(lambda work: _done(work, manage_stock.begin_stock(work, json_data), HTTPStatus.CREATED))


@stock.patch("/<uuid:stock_id>")
@requires("stock:update")
@stock.input(StockChange)
@stock.output(StockDone)
def change_stock(stock_id: UUID, json_data: StockChange) -> Response:
    """Change what is expected, when it is low, or whether more may be sold than there is"""
    return carry_out(lambda work: _done(work, manage_stock.change_stock(work, stock_id, json_data, expected())))


@stock.post("/<uuid:stock_id>/adjust")
@requires("stock:update")
@stock.input(Adjustment)
@stock.output(StockDone)
def adjust_stock(stock_id: UUID, json_data: Adjustment) -> Response:
    """So many came or went, for a reason"""
    return carry_out(lambda work: _done(work, manage_stock.adjust_stock(work, stock_id, json_data, expected())))


@stock.post("/<uuid:stock_id>/count")
@requires("stock:update")
@stock.input(Count)
@stock.output(StockDone)
def count_stock(stock_id: UUID, json_data: Count) -> Response:
    """So many are there, whatever was thought before"""
    return carry_out(lambda work: _done(work, manage_stock.count_stock(work, stock_id, json_data, expected())))


@stock.post("/<uuid:stock_id>/transfer")
@requires("stock:update")
@stock.input(Transfer)
@stock.output(TransferDone)
def transfer_stock(stock_id: UUID, json_data: Transfer) -> Response:
    """Move some to another location"""

    def moved(work: UnitOfWork) -> CommandAnswer:
        gone, come = manage_stock.transfer_stock(work, stock_id, json_data, expected())
        receipt = _receipt(work, gone)
        sku = manage_stock.sku_of(work, gone)
        done = StockDone.of(gone, sku, receipt=receipt.text)
        return CommandAnswer(TransferDone(**dict(done), to=StockAnswer.of(come, sku)), receipt)

    return carry_out(moved)


@stock.post("/bulk")
@requires("stock:update")
@stock.input(StockItems)
@stock.output(BulkAnswer)
def bulk_adjust_stock(json_data: StockItems) -> Response:
    """Count or adjust the stock of up to 200 variants, each with its own outcome"""
    return carry_out_many(AGGREGATE, lambda work: adjust_many(work, json_data))


@stock.delete("/<uuid:stock_id>")
@requires("stock:delete")
@stock.output(StockDone)
def end_stock(stock_id: UUID) -> Response:
    """Count the variant there no more; the answer is what it was"""
    return carry_out(lambda work: _done(work, manage_stock.end_stock(work, stock_id, expected())))


@stock.get("")
@requires("stock:list")
@stock.input(StockAsked, location="query")
@stock.output(StockPage)
def list_stock(query_data: StockAsked) -> StockPage:
    """Stock, all of it or what is low, oldest first"""
    page = look_up(lambda view: manage_stock.list_stock(view, query_data))
    items = [StockAnswer.of(held, sku) for held, sku in page.items]
    return StockPage(items=items, next_cursor=page.next_cursor)


@stock.get("/<uuid:stock_id>")
@requires("stock:read")
@stock.output(StockAnswer)
def get_stock(stock_id: UUID) -> Response:
    """The stock of a variant at one location"""
    held, sku = look_up(lambda view: manage_stock.get_stock(view, stock_id))
    return entity(StockAnswer.of(held, sku), held.version)


@stock.get("/variants/<uuid:variant_id>")
@requires("stock:read")
@stock.output(VariantStockAnswer)
def get_variant_stock(variant_id: UUID) -> VariantStockAnswer:
    """The stock of a variant at each location, and in all"""
    return VariantStockAnswer.of(look_up(lambda view: manage_stock.get_variant_stock(view, variant_id)))


def _done(work: UnitOfWork, held: Versioned[Stock], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    receipt = _receipt(work, held)
    location = url_for("stock.get_stock", stock_id=held.value.id) if status == HTTPStatus.CREATED else None
    done = StockDone.of(held, manage_stock.sku_of(work, held), receipt=receipt.text)
    return CommandAnswer(done, receipt, status, location)


def _receipt(work: UnitOfWork, held: Versioned[Stock]) -> SignedReceipt:
    return signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
