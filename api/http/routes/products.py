"""Products over HTTP: what a shop sells."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain import products as domain
from api.domain.changes import Change, Versioned
from api.domain.errors import NotFound
from api.domain.permissions import Scope
from api.http.bodies.products import NewProduct, ProductAnswer, ProductChange, ProductDone, ProductPage, ProductsAsked
from api.http.command_answers import Done, carry_out, etag, expect, signed
from api.http.dependencies import dependencies
from api.http.receipts import receipt_of
from api.http.security import access, requires, tenant
from api.store.products import ProductRows
from api.store.unit_of_work import UnitOfWork
from api.use_cases.products import assemble_product
from schemas.events.product import Product

products = APIBlueprint("products", __name__, url_prefix="/v1/products", tag="Products")


@products.post("")
@requires("products:create")
@products.input(NewProduct)
@products.output(ProductDone, HTTPStatus.CREATED)
def create_product(json_data: NewProduct) -> Response:
    """Make a product, as a draft"""

    def decide(work: UnitOfWork) -> Done:
        paths = assemble_product.paths(work, json_data.category_ids)
        made = assemble_product.new_product(work, json_data, paths)
        return _done(work.save(work.products, domain.create(made, work.now)), HTTPStatus.CREATED)

    return carry_out(decide)


@products.patch("/<uuid:product_id>")
@requires("products:update")
@products.input(ProductChange)
@products.output(ProductDone)
def change_product(product_id: UUID, json_data: ProductChange) -> Response:
    """Change what is named; a list replaces the whole list"""

    def decide(work: UnitOfWork) -> Done:
        held = _found(work.products, product_id)
        expect(held)
        paths = assemble_product.paths(work, json_data.category_ids)
        change = domain.change(held, assemble_product.changed_product(work, held.value, json_data, paths), work.now)
        return _done(held if change is None else work.save(work.products, change))

    return carry_out(decide)


@products.post("/<uuid:product_id>/publish")
@requires("products:update")
@products.output(ProductDone)
def publish_product(product_id: UUID) -> Response:
    """Show it: draft → active"""
    return _step(product_id, domain.publish)


@products.post("/<uuid:product_id>/unpublish")
@requires("products:update")
@products.output(ProductDone)
def unpublish_product(product_id: UUID) -> Response:
    """Hide it: active → draft"""
    return _step(product_id, domain.unpublish)


@products.post("/<uuid:product_id>/archive")
@requires("products:update")
@products.output(ProductDone)
def archive_product(product_id: UUID) -> Response:
    """Keep it for the record only"""
    return _step(product_id, domain.archive)


@products.delete("/<uuid:product_id>")
@requires("products:delete")
@products.output(ProductDone)
def delete_product(product_id: UUID) -> Response:
    """Delete a draft or archived product; the answer is what it was"""
    return _step(product_id, domain.delete)


@products.get("")
@requires("products:list")
@products.input(ProductsAsked, location="query")
@products.output(ProductPage)
def list_products(query_data: ProductsAsked) -> ProductPage:
    """Products, oldest first"""
    status = query_data.status
    if access().scope == Scope.PUBLISHED:
        if status not in (None, domain.ACTIVE):
            return ProductPage(items=[], next_cursor=None)
        status = "active"
    with dependencies().store.reading(tenant().id) as connection:
        found = ProductRows(connection, tenant().id).page(status, query_data.cursor, query_data.limit + 1)
    shown = found[: query_data.limit]
    next_cursor = shown[-1].value.id if len(found) > len(shown) else None
    return ProductPage(items=[ProductAnswer.of(held) for held in shown], next_cursor=next_cursor)


@products.get("/<uuid:product_id>")
@requires("products:read")
@products.output(ProductAnswer)
def get_product(product_id: UUID) -> tuple[ProductAnswer, int, dict[str, str]]:
    """One product"""
    with dependencies().store.reading(tenant().id) as connection:
        held = _found(ProductRows(connection, tenant().id), product_id)
    if access().scope == Scope.PUBLISHED and held.value.status != domain.ACTIVE:
        raise NotFound("product", product_id)
    return ProductAnswer.of(held), HTTPStatus.OK, {"ETag": etag(held.version)}


def _step(product_id: UUID, step: Callable[[Versioned[Product], datetime], Change[Product]]) -> Response:
    def decide(work: UnitOfWork) -> Done:
        held = _found(work.products, product_id)
        expect(held)
        return _done(work.save(work.products, step(held, work.now)))

    return carry_out(decide)


def _found(rows: ProductRows, product_id: UUID) -> Versioned[Product]:
    held = rows.get(product_id)
    if held is None:
        raise NotFound("product", product_id)
    return held


def _done(held: Versioned[Product], status: HTTPStatus = HTTPStatus.OK) -> Done:
    receipt = receipt_of("product", held.value.id, held.version)
    location = url_for("products.get_product", product_id=held.value.id) if status == HTTPStatus.CREATED else None
    return Done(receipt, ProductDone.of(held, receipt=signed(receipt)), status, location)
