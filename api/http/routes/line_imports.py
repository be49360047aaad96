"""As many as fit into a body, a JSON document a line; the answer says of each line what became of it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, TypeAdapter

from api.http.answer_words import in_words
from api.http.bodies.imports import LineAnswer
from api.http.exported_lines import LINES
from api.http.import_answers import item_answer, run
from api.http.middleware.json_bodies import takes_file
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.categories.import_categories import import_categories
from api.use_cases.collections.commands import ImportedCollection
from api.use_cases.collections.import_collections import import_collections
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import MOST_ITEMS, Item
from api.use_cases.imports.read_lines import MOST_LINES, read_lines
from api.use_cases.orders.commands import ImportedOrder
from api.use_cases.orders.import_orders import import_orders
from api.use_cases.prices.commands import ImportedPrice
from api.use_cases.prices.set_list_prices import import_prices
from api.use_cases.products.commands import ImportedProduct
from api.use_cases.products.import_products import import_products
from api.use_cases.stock.commands import ImportedCount
from api.use_cases.stock.import_counts import import_counts
from schemas.aggregate import Aggregate
from schemas.events import category, collection, order, product, product_prices, stock

T = TypeVar("T", bound=BaseModel)
TakeIn = Callable[[UnitOfWork, Sequence[Item[T]]], Sequence[ItemResult]]
_SAYS: Final = in_words("What became of a line, a line", LINES)
_CATEGORY: Final = TypeAdapter(Item[ImportedCategory])
_COLLECTION: Final = TypeAdapter(Item[ImportedCollection])
_PRODUCT: Final = TypeAdapter(Item[ImportedProduct])
_ORDER: Final = TypeAdapter(Item[ImportedOrder])
_PRICE: Final = TypeAdapter(Item[ImportedPrice])
_COUNT: Final = TypeAdapter(Item[ImportedCount])

line_imports = APIBlueprint("line_imports", __name__, url_prefix="/v1/imports", tag="Imports")


@line_imports.post("/categories/lines")
@requires("categories:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_category_lines() -> Response:
    """Categories, a JSON document a line, parents and children in any order"""
    return _take_in(category.AGGREGATE, _CATEGORY, import_categories, at_once=MOST_LINES)


@line_imports.post("/products/lines")
@requires("products:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_product_lines() -> Response:
    """Products, a JSON document a line, in categories that are there"""
    return _take_in(product.AGGREGATE, _PRODUCT, import_products)


@line_imports.post("/collections/lines")
@requires("collections:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_collection_lines() -> Response:
    """Collections, a JSON document a line, of products and categories that are there"""
    return _take_in(collection.AGGREGATE, _COLLECTION, import_collections)


@line_imports.post("/orders/lines")
@requires("orders:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_order_lines() -> Response:
    """Past orders, a JSON document a line"""
    return _take_in(order.AGGREGATE, _ORDER, import_orders)


@line_imports.post("/stock/lines")
@requires("stock:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_stock_lines() -> Response:
    """Counts of variants, a JSON document a line"""
    return _take_in(stock.AGGREGATE, _COUNT, import_counts)


@line_imports.post("/prices/lines")
@requires("price_lists:import")
@takes_file(LINES)
@line_imports.doc(responses=_SAYS)
def import_price_lines() -> Response:
    """Prices in price lists, a JSON document a line"""
    return _take_in(product_prices.AGGREGATE, _PRICE, import_prices)


def _take_in(
    aggregate: Aggregate,
    model: TypeAdapter[Item[T]],
    take_in: TakeIn[T],
    at_once: int = MOST_ITEMS,
) -> Response:
    """Each `at_once` lines are a unit of work."""
    lines = read_lines(request.get_data(cache=False), model)
    results: list[ItemResult] = []
    for start in range(0, len(lines), at_once):
        items = [line.item for line in lines[start : start + at_once]]
        results += run(aggregate.name, partial(_some, take_in, items))
    answers = (
        LineAnswer(line=line.line, **item_answer(aggregate, result).model_dump())
        for line, result in zip(lines, results, strict=True)
    )
    return Response("".join(f"{one.model_dump_json(exclude_none=True)}\n" for one in answers), content_type=LINES)


def _some(take_in: TakeIn[T], items: Sequence[Item[T]], work: UnitOfWork) -> Sequence[ItemResult]:
    return take_in(work, items)
