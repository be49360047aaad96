"""Many at once: up to 500 in a call, by external id, each with its own outcome; sending them again changes nothing."""

from collections import Counter
from collections.abc import Sequence

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import ValidationError

from api.http import problems, security
from api.http.bodies.file_imports import FileImportAnswer, FileProduct, notes_of
from api.http.bodies.imports import CategoryImport, ImportAnswer, ItemAnswer, OrderImport, ProductImport
from api.http.command_answers import cause, signed_receipt
from api.http.dependencies import dependencies
from api.http.middleware.json_bodies import takes_file
from api.http.security import requires
from api.use_cases.categories import import_categories as of_categories
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.run_import import Import, run_import
from api.use_cases.orders import import_orders as of_orders
from api.use_cases.product_files.import_products_csv import FileRead, import_products_csv
from api.use_cases.products import import_products as of_products
from schemas.aggregate import Aggregate
from schemas.events import category, order, product

imports = APIBlueprint("imports", __name__, url_prefix="/v1/imports", tag="Imports")


@imports.post("/categories")
@requires("categories:import")
@imports.input(CategoryImport)
@imports.output(ImportAnswer)
def import_categories(json_data: CategoryImport) -> Response:
    """Categories, by external id, parents and children in any order"""
    return _take_in(category.AGGREGATE, lambda work: of_categories.import_categories(work, json_data.items))


@imports.post("/products")
@requires("products:import")
@imports.input(ProductImport)
@imports.output(ImportAnswer)
def import_products(json_data: ProductImport) -> Response:
    """Products, by external id, in categories that are there"""
    return _take_in(product.AGGREGATE, lambda work: of_products.import_products(work, json_data.items))


@imports.post("/products/csv")
@requires("products:import")
@takes_file("text/csv")
@imports.input(FileRead, location="query")
@imports.output(FileImportAnswer)
def import_file(query_data: FileRead) -> Response:
    """Products and their categories, of Shopify's or WooCommerce's CSV as it comes"""
    taken = import_products_csv(_run, security.access(), request.get_data(cache=False), query_data)
    products = [
        FileProduct(**_answer(product.AGGREGATE, result).model_dump(), lines=of_file.lines, notes=notes_of(of_file))
        for of_file, result in taken.products
    ]
    counts = Counter(one.outcome for one in products)
    body = FileImportAnswer(
        system=taken.system.name,
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        categories_created=taken.categories_created,
        columns_left_out=list(taken.columns_left_out),
        products=products,
    )
    return Response(body.model_dump_json(exclude_none=True), content_type="application/json")


@imports.post("/orders")
@requires("orders:import")
@imports.input(OrderImport)
@imports.output(ImportAnswer)
def import_orders(json_data: OrderImport) -> Response:
    """Past orders, by external id, at the prices of their time"""
    return _take_in(order.AGGREGATE, lambda work: of_orders.import_orders(work, json_data.items))


def _take_in(aggregate: Aggregate, take_in: Import) -> Response:
    results = _run(aggregate.name, take_in)
    items = [_answer(aggregate, result) for result in results]
    counts = Counter(item.outcome for item in items)
    body = ImportAnswer(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        items=items,
    )
    return Response(body.model_dump_json(exclude_none=True), content_type="application/json")


def _run(aggregate: str, take_in: Import) -> Sequence[ItemResult]:
    return run_import(dependencies().store, security.access(), cause(), aggregate, take_in)


def _answer(aggregate: Aggregate, result: ItemResult) -> ItemAnswer:
    if result.id is None or result.version is None:
        return ItemAnswer(external_id=result.external_id, outcome=result.result, problem=_problem(result.why))
    return ItemAnswer(
        external_id=result.external_id,
        outcome=result.result,
        id=result.id,
        version=result.version,
        receipt=signed_receipt(security.tenant().id, aggregate, result.id, result.version).text,
    )


def _problem(why: Exception | None) -> dict[str, object]:
    if isinstance(why, ValidationError):
        why = problems.from_validation(why)
    return problems.of(why or RuntimeError("refused without a reason"))
