"""Collections over HTTP: products that a shop shows together, chosen one by one or by a rule."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http import security
from api.http.answer_words import in_words
from api.http.bodies.collections import (
    CollectionAnswer,
    CollectionDone,
    CollectionInLocale,
    CollectionPage,
    CollectionProductPage,
    CollectionProductsInLocale,
)
from api.http.bodies.products import ProductAnswer, ProductInLocale
from api.http.changed_addresses import ELSEWHERE, as_asked, elsewhere
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.exported_lines import LINES, ExportPage, exported
from api.http.included_things import Included, beside, with_included
from api.http.priced_answers import kept_as, prices_of, with_prices
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.collections import change_collection as changing
from api.use_cases.collections import choose_products as choosing
from api.use_cases.collections import collection_products, read_collections
from api.use_cases.collections import create_collection as creating
from api.use_cases.collections.collection_products import ProductsPage, ProductsShown
from api.use_cases.collections.commands import (
    CollectionAddress,
    CollectionChange,
    CollectionsAsked,
    CollectionsExported,
    NewCollection,
    ProductsInAsked,
    ProductsMoved,
    ProductsPutIn,
    ProductsTakenOut,
)
from api.use_cases.exports.import_forms import importable_collections
from api.use_cases.handle_lookup import Moved
from api.use_cases.prices.apply_prices import Applied
from schemas.events.collection import AGGREGATE, Collection

collections = APIBlueprint("collections", __name__, url_prefix="/v1/collections", tag="Collections")
product_collections = APIBlueprint("product_collections", __name__, url_prefix="/v1/products", tag="Collections")


@collections.post("")
@requires("collections:create")
@collections.input(NewCollection)
@collections.output(CollectionDone, HTTPStatus.CREATED)
def create_collection(json_data: NewCollection) -> Response:
    """Make a collection, as a draft: of products chosen, or with a rule"""
    return carry_out(lambda work: _done(work, creating.create_collection(work, json_data), HTTPStatus.CREATED))


@collections.patch("/<uuid:collection_id>")
@requires("collections:update")
@collections.input(CollectionChange)
@collections.output(CollectionDone)
def change_collection(collection_id: UUID, json_data: CollectionChange) -> Response:
    """Change its texts, its rule, or all the products chosen"""
    return carry_out(lambda work: _done(work, changing.change_collection(work, collection_id, json_data, expected())))


@collections.post("/<uuid:collection_id>/publish")
@requires("collections:update")
@collections.output(CollectionDone)
def publish_collection(collection_id: UUID) -> Response:
    """Show it: draft → active"""
    return carry_out(lambda work: _done(work, changing.publish_collection(work, collection_id, expected())))


@collections.post("/<uuid:collection_id>/unpublish")
@requires("collections:update")
@collections.output(CollectionDone)
def unpublish_collection(collection_id: UUID) -> Response:
    """Hide it: active → draft"""
    return carry_out(lambda work: _done(work, changing.unpublish_collection(work, collection_id, expected())))


@collections.post("/<uuid:collection_id>/products")
@requires("collections:update")
@collections.input(ProductsPutIn)
@collections.output(CollectionDone)
def put_products_into_collection(collection_id: UUID, json_data: ProductsPutIn) -> Response:
    """Choose products for it, at a place or behind all others; those in it stay where they are"""
    return carry_out(lambda work: _done(work, choosing.put_products_in(work, collection_id, json_data, expected())))


@collections.post("/<uuid:collection_id>/products/remove")
@requires("collections:update")
@collections.input(ProductsTakenOut)
@collections.output(CollectionDone)
def take_products_out_of_collection(collection_id: UUID, json_data: ProductsTakenOut) -> Response:
    """Take products out of it"""
    return carry_out(lambda work: _done(work, choosing.take_products_out(work, collection_id, json_data, expected())))


@collections.post("/<uuid:collection_id>/products/move")
@requires("collections:update")
@collections.input(ProductsMoved)
@collections.output(CollectionDone)
def move_products_in_collection(collection_id: UUID, json_data: ProductsMoved) -> Response:
    """Put products that are in it at another place"""
    return carry_out(lambda work: _done(work, choosing.move_products(work, collection_id, json_data, expected())))


@collections.delete("/<uuid:collection_id>")
@requires("collections:delete")
@collections.output(CollectionDone)
def delete_collection(collection_id: UUID) -> Response:
    """Delete it, and none of its products; the answer is what it was"""
    return carry_out(lambda work: _done(work, changing.delete_collection(work, collection_id, expected())))


@collections.get("")
@requires("collections:list")
@collections.input(CollectionsAsked, location="query")
@collections.output(CollectionPage)
def list_collections(query_data: CollectionsAsked) -> CollectionPage:
    """Collections, oldest first"""
    page = look_up(lambda view: read_collections.list_collections(view, query_data))
    return CollectionPage(
        items=[CollectionAnswer.of(held, security.access().scope) for held in page.items], next_cursor=page.next_cursor
    )


@collections.get("/export")
@requires("collections:export")
@collections.input(CollectionsExported, location="query")
@collections.doc(responses=in_words("A collection a line", LINES))
def export_collections(query_data: CollectionsExported) -> Response:
    """All collections, a JSON document a line, oldest first"""

    def page(cursor: str | None, view: View) -> ExportPage:
        found = read_collections.list_collections(view, CollectionsAsked.whole(query_data, cursor))
        if query_data.form == "import":
            return importable_collections(view, found.items), found.next_cursor
        return [CollectionAnswer.of(held, security.access().scope) for held in found.items], found.next_cursor

    return exported(page)


@collections.get("/<uuid:collection_id>")
@requires("collections:read")
@collections.output(CollectionAnswer)
def get_collection(collection_id: UUID) -> Response:
    """One collection"""
    held = look_up(lambda view: read_collections.get_collection(view, collection_id))
    return entity(CollectionAnswer.of(held, security.access().scope), held.version)


@collections.get("/<uuid:collection_id>/products")
@requires("products:list")
@collections.input(ProductsInAsked, location="query")
@collections.output(CollectionProductPage)
def list_products_of_collection(
    collection_id: UUID, query_data: ProductsInAsked
) -> tuple[CollectionProductPage, HTTPStatus, Mapping[str, str]]:
    """The products in it, in the order chosen or another one"""
    now = dependencies().clock()

    def find(view: View) -> tuple[ProductsPage, Applied, Included]:
        found = collection_products.products_in(view, collection_id, query_data, now)
        prices = prices_of(view, (held.value.id for held in found.items), query_data)
        return found, prices, beside(view, found.items, query_data.locale)

    page, prices, more = look_up(find)
    items = with_included([with_prices(ProductAnswer.of(held), prices) for held in page.items], more)
    return CollectionProductPage(items=items, next_cursor=page.next_cursor), HTTPStatus.OK, kept_as(prices)


@collections.get("/by-handle/<handle>")
@requires("collections:read")
@collections.input(CollectionAddress, location="query")
@collections.output(CollectionInLocale)
@collections.doc(responses=ELSEWHERE)
def get_collection_by_handle(handle: str, query_data: CollectionAddress) -> Response:
    """One collection in one locale, by its address; 301 to the one that it has now, if it was changed"""
    found = look_up(lambda view: read_collections.collection_by_handle(view, handle, query_data.locale))
    if isinstance(found, Moved):
        return elsewhere(as_asked(url_for(".get_collection_by_handle", handle=found.handle)))
    return entity(CollectionInLocale.of(found, security.access().scope), f"{found.held.version}-{found.text.locale}")


@collections.get("/by-handle/<handle>/products")
@requires("products:list")
@collections.input(ProductsInAsked, location="query")
@collections.output(CollectionProductsInLocale)
@collections.doc(responses=ELSEWHERE)
def list_products_by_collection_handle(handle: str, query_data: ProductsInAsked) -> Response:
    """The products in it, in one locale, by its address; 301 to the one that it has now, if it was changed"""
    now = dependencies().clock()

    def find(view: View) -> tuple[ProductsShown, Applied, Included] | Moved:
        found = collection_products.products_at_handle(view, handle, query_data, now)
        if isinstance(found, Moved):
            return found
        prices = prices_of(view, (one.held.value.id for one in found.items), query_data)
        return found, prices, beside(view, [one.held for one in found.items], query_data.locale)

    found = look_up(find)
    if isinstance(found, Moved):
        return elsewhere(as_asked(url_for(".list_products_by_collection_handle", handle=found.handle)))
    page, prices, more = found
    items = with_included([with_prices(ProductInLocale.of(one), prices) for one in page.items], more)
    body = CollectionProductsInLocale(items=items, next_cursor=page.next_cursor)
    return Response(body.model_dump_json(), mimetype="application/json", headers=kept_as(prices))


@product_collections.get("/<uuid:product_id>/collections")
@requires("collections:list")
@product_collections.input(CollectionsAsked, location="query")
@product_collections.output(CollectionPage)
def list_collections_of_product(product_id: UUID, query_data: CollectionsAsked) -> CollectionPage:
    """The collections that it was chosen for, and those whose rule means it"""
    now = dependencies().clock()
    page = look_up(lambda view: read_collections.collections_of_product(view, product_id, query_data, now))
    return CollectionPage(
        items=[CollectionAnswer.of(held, security.access().scope) for held in page.items], next_cursor=page.next_cursor
    )


def _done(work: UnitOfWork, held: Versioned[Collection], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = (
        url_for("collections.get_collection", collection_id=held.value.id) if status == HTTPStatus.CREATED else None
    )
    return CommandAnswer(
        CollectionDone.of(held, security.access().scope, receipt=receipt.text), receipt, status, location
    )
