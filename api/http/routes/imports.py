"""Many at once: up to 500 in a call, by external id, each with its own outcome; sending them again changes nothing."""

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.imports import (
    CategoryImport,
    CollectionImport,
    ImportAnswer,
    OrderImport,
    ProductImport,
    StockImport,
)
from api.http.bodies.prices import PriceImport
from api.http.import_answers import import_answer
from api.http.security import requires
from api.use_cases.categories import import_categories as of_categories
from api.use_cases.collections import import_collections as of_collections
from api.use_cases.orders import import_orders as of_orders
from api.use_cases.prices import set_list_prices as of_prices
from api.use_cases.products import import_products as of_products
from api.use_cases.stock import import_counts as of_stock
from schemas.events import category, collection, order, product, product_prices, stock

imports = APIBlueprint("imports", __name__, url_prefix="/v1/imports", tag="Imports")


@imports.post("/categories")
@requires("categories:import")
@imports.input(CategoryImport)
@imports.output(ImportAnswer)
def import_categories(json_data: CategoryImport) -> Response:
    """Categories, by external id, parents and children in any order"""
    return import_answer(category.AGGREGATE, lambda work: of_categories.import_categories(work, json_data.items))


@imports.post("/products")
@requires("products:import")
@imports.input(ProductImport)
@imports.output(ImportAnswer)
def import_products(json_data: ProductImport) -> Response:
    """Products, by external id, in categories that are there"""
    return import_answer(product.AGGREGATE, lambda work: of_products.import_products(work, json_data.items))


@imports.post("/collections")
@requires("collections:import")
@imports.input(CollectionImport)
@imports.output(ImportAnswer)
def import_collections(json_data: CollectionImport) -> Response:
    """Collections, by external id, of products and categories that are there"""
    return import_answer(collection.AGGREGATE, lambda work: of_collections.import_collections(work, json_data.items))


@imports.post("/orders")
@requires("orders:import")
@imports.input(OrderImport)
@imports.output(ImportAnswer)
def import_orders(json_data: OrderImport) -> Response:
    """Past orders, by external id, at the prices of their time"""
    return import_answer(order.AGGREGATE, lambda work: of_orders.import_orders(work, json_data.items))


@imports.post("/stock")
@requires("stock:import")
@imports.input(StockImport)
@imports.output(ImportAnswer)
def import_stock(json_data: StockImport) -> Response:
    """Counts of variants, by SKU and location; the `external_id` of an answer is the SKU"""
    return import_answer(stock.AGGREGATE, lambda work: of_stock.import_counts(work, json_data.items))


@imports.post("/prices")
@requires("price_lists:import")
@imports.input(PriceImport)
@imports.output(ImportAnswer)
def import_prices(json_data: PriceImport) -> Response:
    """Prices in price lists, by name of the list, SKU and quantity; the `external_id` of an answer is the SKU"""
    return import_answer(product_prices.AGGREGATE, lambda work: of_prices.import_prices(work, json_data.items))
