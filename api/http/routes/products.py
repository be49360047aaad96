"""Products over HTTP: what a shop sells."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.answer_words import in_words
from api.http.bodies.bulk import BulkAnswer
from api.http.bodies.products import ProductAnswer, ProductDone, ProductInLocale, ProductPage
from api.http.bulk_answers import carry_out_many
from api.http.changed_addresses import as_asked, elsewhere
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.entity_answers import look_up
from api.http.exported_lines import LINES, ExportPage, exported
from api.http.included_things import Included, beside, entity_with, with_included
from api.http.priced_answers import kept_as, priced_tag, prices_of, with_prices
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.exports.import_forms import importable_products
from api.use_cases.handle_lookup import Moved
from api.use_cases.pages import Page
from api.use_cases.prices.apply_prices import Applied
from api.use_cases.prices.commands import PricesWanted
from api.use_cases.products import change_product as changing
from api.use_cases.products import create_product as creating
from api.use_cases.products import find_products, move_product, read_products
from api.use_cases.products.change_many_products import change_products
from api.use_cases.products.commands import NewProduct, ProductChange, ProductsAsked, ProductsExported
from api.use_cases.products.many_commands import ProductItems
from api.use_cases.products.priced_questions import PricedInLocale, PricedProductsAsked
from api.use_cases.shown_products import InLocale
from schemas.events.product import AGGREGATE, Product

products = APIBlueprint("products", __name__, url_prefix="/v1/products", tag="Products")


@products.post("")
@requires("products:create")
@products.input(NewProduct)
@products.output(ProductDone, HTTPStatus.CREATED)
def create_product(json_data: NewProduct) -> Response:
    """Make a product, as a draft"""
    return carry_out(lambda work: _done(work, creating.create_product(work, json_data), HTTPStatus.CREATED))


@products.patch("/<uuid:product_id>")
@requires("products:update")
@products.input(ProductChange)
@products.output(ProductDone)
def change_product(product_id: UUID, json_data: ProductChange) -> Response:
    """Change what is named; a list replaces the whole list"""
    return carry_out(lambda work: _done(work, changing.change_product(work, product_id, json_data, expected())))


@products.post("/<uuid:product_id>/publish")
@requires("products:update")
@products.output(ProductDone)
def publish_product(product_id: UUID) -> Response:
    """Show it: draft → active"""
    return carry_out(lambda work: _done(work, move_product.publish_product(work, product_id, expected())))


@products.post("/<uuid:product_id>/unpublish")
@requires("products:update")
@products.output(ProductDone)
def unpublish_product(product_id: UUID) -> Response:
    """Hide it: active → draft"""
    return carry_out(lambda work: _done(work, move_product.unpublish_product(work, product_id, expected())))


@products.post("/<uuid:product_id>/archive")
@requires("products:update")
@products.output(ProductDone)
def archive_product(product_id: UUID) -> Response:
    """Keep it for the record only"""
    return carry_out(lambda work: _done(work, move_product.archive_product(work, product_id, expected())))


@products.post("/bulk")
@requires("products:update")
@products.input(ProductItems)
@products.output(BulkAnswer)
def bulk_change_products(json_data: ProductItems) -> Response:
    """Show, hide, archive, tag or place up to 200 products, each with its own outcome"""
    return carry_out_many(AGGREGATE, lambda work: change_products(work, json_data.items))


@products.delete("/<uuid:product_id>")
@requires("products:delete")
@products.output(ProductDone)
def delete_product(product_id: UUID) -> Response:
    """Delete a draft or archived product; the answer is what it was"""
    return carry_out(lambda work: _done(work, move_product.delete_product(work, product_id, expected())))


@products.get("")
@requires("products:list")
@products.input(PricedProductsAsked, location="query")
@products.output(ProductPage)
def list_products(query_data: PricedProductsAsked) -> tuple[ProductPage, HTTPStatus, Mapping[str, str]]:
    """Products, oldest first"""

    def find(view: View) -> tuple[Page[Versioned[Product]], Applied, Included]:
        found = read_products.list_products(view, query_data)
        prices = prices_of(view, (held.value.id for held in found.items), query_data)
        return found, prices, beside(view, found.items)

    page, prices, more = look_up(find)
    items = [with_prices(ProductAnswer.of(held), prices) for held in page.items]
    body = ProductPage(items=with_included(items, more), next_cursor=page.next_cursor)
    return body, HTTPStatus.OK, kept_as(prices)


@products.get("/export")
@requires("products:export")
@products.input(ProductsExported, location="query")
@products.doc(responses=in_words("A product a line", LINES))
def export_products(query_data: ProductsExported) -> Response:
    """All products that match, a JSON document a line, oldest first"""

    def page(cursor: str | None, view: View) -> ExportPage:
        found = read_products.list_products(view, ProductsAsked.whole(query_data, cursor))
        if query_data.form == "import":
            return importable_products(view, found.items), found.next_cursor
        return [ProductAnswer.of(held) for held in found.items], found.next_cursor

    return exported(page)


@products.get("/<uuid:product_id>")
@requires("products:read")
@products.input(PricesWanted, location="query")
@products.output(ProductAnswer)
def get_product(product_id: UUID, query_data: PricesWanted) -> Response:
    """One product"""

    def find(view: View) -> tuple[Versioned[Product], Applied, Included]:
        held = read_products.get_product(view, product_id)
        return held, prices_of(view, [product_id], query_data), beside(view, [held])

    held, prices, more = look_up(find)
    [body] = with_included([with_prices(ProductAnswer.of(held), prices)], more)
    return entity_with(body, priced_tag(held.version, body, prices))


@products.get("/by-handle/<handle>")
@requires("products:read")
@products.input(PricedInLocale, location="query")
@products.output(ProductInLocale)
def get_product_by_handle(handle: str, query_data: PricedInLocale) -> Response:
    """One product in one locale, by its address; 301 to the one that it has now, if it was changed"""

    def find(view: View) -> tuple[InLocale, Applied, Included] | Moved:
        found = find_products.by_handle(view, handle, query_data.locale)
        return found if isinstance(found, Moved) else _priced(view, found, query_data)

    found = look_up(find)
    if isinstance(found, Moved):
        return elsewhere(as_asked(url_for("products.get_product_by_handle", handle=found.handle)))
    return _in_locale(*found)


@products.get("/by-sku/<path:sku>")
@requires("products:read")
@products.input(PricedInLocale, location="query")
@products.output(ProductInLocale)
def get_product_by_sku(sku: str, query_data: PricedInLocale) -> Response:
    """One product in one locale, by the SKU of one of its variants"""

    def find(view: View) -> tuple[InLocale, Applied, Included]:
        return _priced(view, find_products.by_sku(view, sku, query_data.locale), query_data)

    return _in_locale(*look_up(find))


def _priced(view: View, found: InLocale, asked: PricedInLocale) -> tuple[InLocale, Applied, Included]:
    return found, prices_of(view, [found.held.value.id], asked), beside(view, [found.held], asked.locale)


def _in_locale(found: InLocale, prices: Applied, more: Included) -> Response:
    """Its tag names the locale: the shop's own may become another while the product stays as it is."""
    [body] = with_included([with_prices(ProductInLocale.of(found), prices)], more)
    return entity_with(body, priced_tag(f"{found.held.version}-{found.text.locale}", body, prices))


def _done(work: UnitOfWork, held: Versioned[Product], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = url_for("products.get_product", product_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(ProductDone.of(held, receipt=receipt.text), receipt, status, location)
