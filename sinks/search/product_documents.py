"""Folds the newest event of a product or a category into its document.

In stock or not is a part of a product's document, for each variant and location that is counted. What everybody pays is
another one, where a price list says so. A category is in it
once, however many products are in it: its names are a part that they share, looked up by whoever searches
(`sinks.search.category_words`). What can be asked is in `sinks.search.product_questions`.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas.envelope import Envelope
from schemas.events.category import Category, CategoryDeleted, CategoryEvent
from schemas.events.product import AttributeValue, Product, ProductDeleted, ProductEvent
from schemas.events.product_prices import ProductPricesDeleted, ProductPricesEvent
from schemas.events.stock import StockDeleted, StockEvent
from schemas.product_prices import PriceSpan, price_span, public_span
from schemas.topics import CATEGORIES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.read_model import Projection, ReadModel
from sinks.search.category_tree import set_of
from sinks.search.search_languages import language_of, text_field, words_field
from sinks.sink import DocumentChange, Part
from sinks.stores import InOpenSearch

#: Has an object for each variant and location that is counted.
STOCK_PART: Final = "stock"
#: Has one object while a price list decides what everybody pays: then these are the prices, not the product's own.
PRICES_PART: Final = "listed"

_KEYWORD: Final = {"type": "keyword"}
_STORED: Final = {"type": "object", "enabled": False}

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "products": {
        "title": text_field(),
        "subtitle": text_field(),
        "description": text_field(),
        "brand_text": text_field(),
        "words": words_field(),
        "title_key": {"type": "keyword", "ignore_above": 256},
        "brand": _KEYWORD,
        "skus": _KEYWORD,
        "barcodes": _KEYWORD,
        "tags": _KEYWORD,
        "category_ids": _KEYWORD,
        "category_set": _KEYWORD,
        "currency": _KEYWORD,
        "price_min_minor": {"type": "long"},
        "price_max_minor": {"type": "long"},
        "created_at": {"type": "date"},
        "texts": _STORED,
        "image_url": {"type": "keyword", "index": False, "doc_values": False},
        "variant_count": {"type": "integer"},
        PRICES_PART: {
            "properties": {
                "currency": _KEYWORD,
                "price_min_minor": {"type": "long"},
                "price_max_minor": {"type": "long"},
            }
        },
        "options": {"type": "nested", "properties": {"code": _KEYWORD, "values": _KEYWORD}},
        "attributes": {
            "type": "nested",
            "properties": {
                "name": _KEYWORD,
                "text": {"type": "keyword", "ignore_above": 300},
                "number": {"type": "double"},
                "boolean": {"type": "boolean"},
            },
        },
        STOCK_PART: {"properties": {"variant_id": _KEYWORD, "in_stock": {"type": "boolean"}}},
    },
    "categories": {
        "name": text_field(),
        "languages": _KEYWORD,
        "names": _STORED,
        "path": _KEYWORD,
        "position": {"type": "integer"},
    },
}


def product_document(envelope: Envelope, event: ProductEvent) -> DocumentChange:
    """Only an active product is seen; every other state is a tombstone."""
    product = event.product
    shown = product.status == "active" and not isinstance(event, ProductDeleted)
    return DocumentChange(
        collection="products",
        tenant_id=envelope.tenant_id,
        id=product.id,
        version=envelope.order,
        document=_product(product) if shown else None,
    )


def category_document(envelope: Envelope, event: CategoryEvent) -> DocumentChange:
    category = event.category
    return DocumentChange(
        collection="categories",
        tenant_id=envelope.tenant_id,
        id=category.id,
        version=envelope.order,
        document=None if isinstance(event, CategoryDeleted) else _category(category),
    )


def stock_part(envelope: Envelope, event: StockEvent) -> DocumentChange:
    stock = event.stock
    held = {"variant_id": str(stock.variant_id), "in_stock": stock.backorder or stock.on_hand > stock.reserved}
    return DocumentChange(
        collection="products",
        tenant_id=envelope.tenant_id,
        id=stock.product_id,
        version=envelope.order,
        document=None if isinstance(event, StockDeleted) else held,
        part=Part(STOCK_PART, stock.id),
    )


def price_part(envelope: Envelope, event: ProductPricesEvent) -> DocumentChange:
    """Seen while a list decides: otherwise the product's own document says it, and says it first."""
    prices = event.product_prices
    span = public_span(prices)
    listed = any(one.price_list_id is not None for one in prices.public_prices)
    shown = span is not None and listed and not isinstance(event, ProductPricesDeleted)
    return DocumentChange(
        collection="products",
        tenant_id=envelope.tenant_id,
        id=prices.product_id,
        version=envelope.order,
        document=_span(span) if shown else None,
        part=Part(PRICES_PART, prices.id),
    )


MODEL: Final = ReadModel(
    name="product-search",
    version=5,
    projections=(
        Projection(topic=PRODUCTS, aggregate="product", collection="products", fold=product_document),
        Projection(topic=STOCK, aggregate="stock", collection="products", part=STOCK_PART, fold=stock_part),
        Projection(
            topic=PRODUCT_PRICES, aggregate="product_prices", collection="products", part=PRICES_PART, fold=price_part
        ),
        Projection(topic=CATEGORIES, aggregate="category", collection="categories", fold=category_document),
    ),
    store=InOpenSearch(FIELDS),
    batch=4000,
    publish_s=0.5,
)


def _product(product: Product) -> dict[str, Any]:
    document: dict[str, Any] = {"title": {}, "subtitle": {}, "description": {}, "brand_text": {}, "texts": {}}
    as_written: dict[str, list[str]] = {}
    for text in product.translations:
        language = language_of(text.locale)
        for name in ("title", "subtitle", "description"):
            words = getattr(text, name)
            if words:
                document[name].setdefault(language, []).append(words)
        if product.brand:
            document["brand_text"][language] = product.brand
        as_written.setdefault(language, []).extend(filter(None, (text.title, text.subtitle, product.brand)))
        document["texts"][text.locale] = {"title": text.title, "handle": text.handle, "subtitle": text.subtitle}
    return document | {
        "words": as_written,
        "title_key": product.translations[0].title.lower(),
        "brand": product.brand,
        "skus": [variant.sku for variant in product.variants],
        "barcodes": [variant.barcode for variant in product.variants if variant.barcode],
        "tags": product.tags,
        "category_ids": [str(id_) for id_ in product.category_ids],
        "category_set": set_of(product.category_ids),
        **_span(price_span(product)),
        "created_at": product.created_at.isoformat(),
        "image_url": product.images[0].url if product.images else None,
        "variant_count": len(product.variants),
        "options": [_option(product, code) for code in product.options],
        "attributes": [_attribute(name, value) for name, value in sorted(product.typed_attributes.items())],
    }


def _span(span: PriceSpan | None) -> dict[str, Any]:
    return {
        "currency": None if span is None else span.currency,
        "price_min_minor": None if span is None else span.lowest_minor,
        "price_max_minor": None if span is None else span.highest_minor,
    }


def _option(product: Product, code: str) -> dict[str, Any]:
    """With the values of its variants, each once."""
    values = dict.fromkeys(variant.option_values[code] for variant in product.variants if code in variant.option_values)
    return {"code": code, "values": list(values)}


def _attribute(name: str, value: AttributeValue) -> dict[str, Any]:
    """As what it is. A number stays as it was written, and is counted as one."""
    words = value.text if value.texts is None else list(value.texts)
    typed = {"text": words, "number": value.number, "boolean": value.boolean}
    return {"name": name, **{kind: one for kind, one in typed.items() if one is not None}}


def _category(category: Category) -> dict[str, Any]:
    name: dict[str, list[str]] = {}
    for text in category.translations:
        name.setdefault(language_of(text.locale), []).append(text.name)
    return {
        "name": name,
        "languages": sorted(name),
        "names": {text.locale: text.name for text in category.translations},
        "path": [str(id_) for id_ in category.path],
        "position": category.position,
    }
