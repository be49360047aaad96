"""Folds products with their variants, and categories, into facts: what each is now. What was sold says what it was."""

from typing import Final

from schemas.envelope import Envelope
from schemas.events.category import CategoryDeleted, CategoryEvent
from schemas.events.product import ProductDeleted, ProductEvent
from schemas.topics import CATEGORIES, PRODUCTS
from schemas.units import measure_of
from sinks.duckdb.fact_tables import Facts, Lines
from sinks.read_model import Projection
from sinks.sink import DocumentChange

VARIANTS: Final = Lines(
    field="variants",
    table="product_variants",
    parent_id="product_id",
    number="variant_no",
    columns={
        "variant_id": "UUID",
        "sku": "VARCHAR",
        "barcode": "VARCHAR",
        "weight_g": "BIGINT",
        "unit": "VARCHAR",
        "measure": "VARCHAR",
    },
)
PRODUCT_FACTS: Final = Facts(
    table="products",
    columns={
        "external_id": "VARCHAR",
        "title": "VARCHAR",
        "brand": "VARCHAR",
        "status": "VARCHAR",
        "category_id": "UUID",
        "category_ids": "UUID[]",
        "tags": "VARCHAR[]",
        "created_at": "TIMESTAMPTZ",
    },
    lines=(VARIANTS,),
)
CATEGORY_FACTS: Final = Facts(
    table="categories",
    columns={"external_id": "VARCHAR", "parent_id": "UUID", "name": "VARCHAR", "path_ids": "UUID[]"},
)


def product_facts(envelope: Envelope, event: ProductEvent) -> DocumentChange:
    """`title` is in the first of its languages, `category_id` the first that it was put into.

    What is above its categories is theirs to tell: it changes without an event of the product.
    """
    product = event.product
    document = {
        "external_id": product.external_id,
        "title": product.translations[0].title if product.translations else None,
        "brand": product.brand,
        "status": product.status,
        "category_id": product.category_ids[0] if product.category_ids else None,
        "category_ids": list(product.category_ids),
        "tags": list(product.tags),
        "created_at": product.created_at,
        VARIANTS.field: [
            {
                "variant_id": variant.id,
                "sku": variant.sku,
                "barcode": variant.barcode,
                "weight_g": variant.weight_g,
                "unit": variant.unit,
                "measure": measure_of(variant.unit),
            }
            for variant in product.variants
        ],
    }
    return DocumentChange(
        collection=PRODUCT_FACTS.table,
        tenant_id=envelope.tenant_id,
        id=product.id,
        version=envelope.order,
        document=None if isinstance(event, ProductDeleted) else document,
    )


def category_facts(envelope: Envelope, event: CategoryEvent) -> DocumentChange:
    """`name` is in the first of its languages."""
    category = event.category
    document = {
        "external_id": category.external_id,
        "parent_id": category.parent_id,
        "name": category.translations[0].name if category.translations else None,
        "path_ids": list(category.path),
    }
    return DocumentChange(
        collection=CATEGORY_FACTS.table,
        tenant_id=envelope.tenant_id,
        id=category.id,
        version=envelope.order,
        document=None if isinstance(event, CategoryDeleted) else document,
    )


PROJECTIONS: Final = (
    Projection(topic=PRODUCTS, aggregate="product", collection=PRODUCT_FACTS.table, fold=product_facts),
    Projection(topic=CATEGORIES, aggregate="category", collection=CATEGORY_FACTS.table, fold=category_facts),
)
