"""The product files of other systems, as they come: what became of each row is in the answer."""

from collections import Counter

from apiflask import APIBlueprint
from flask import Response, request

from api.http import security
from api.http.bodies.file_imports import FileImportAnswer, FileProduct, notes_of
from api.http.import_answers import item_answer, run
from api.http.middleware.json_bodies import takes_file
from api.http.security import requires
from api.use_cases.product_files.import_products_csv import FileRead, import_products_csv
from schemas.events import product

file_imports = APIBlueprint("file_imports", __name__, url_prefix="/v1/imports", tag="Imports")


@file_imports.post("/products/csv")
@requires("products:import")
@takes_file("text/csv")
@file_imports.input(FileRead, location="query")
@file_imports.output(FileImportAnswer)
def import_product_file(query_data: FileRead) -> Response:
    """Products and their categories, of Shopify's or WooCommerce's CSV as it comes"""
    taken = import_products_csv(run, security.access(), request.get_data(cache=False), query_data)
    products = [
        FileProduct(**item_answer(product.AGGREGATE, result).model_dump(), lines=of_file.lines, notes=notes_of(of_file))
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
