"""Folds the newest event of a product or a category into its document.

In stock or not is a part of a product's document, for each variant and location that is counted. What everybody and
what each customer group pays is another one, where a price list says so. A category is in it once, however many
products are in it: its names are a part that they share, looked up by whoever searches (`sinks.search.category_words`).
Words are put in as they are read here, and a query's are read alike. What can be asked is in
`sinks.search.product_query`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.envelope import Envelope
from schemas.events.category import Category, CategoryDeleted, CategoryEvent
from schemas.events.product import AttributeValue, Price, Product, ProductDeleted, ProductEvent, ProductText
from schemas.events.product_prices import ProductPricesDeleted, ProductPricesEvent, PublicPrice
from schemas.events.stock import StockDeleted, StockEvent
from schemas.product_prices import PriceSpan, price_span
from schemas.topics import CATEGORIES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.read_model import Projection, ReadModel
from sinks.search import group_prices, option_names, product_words
from sinks.search.attribute_values import counted_as
from sinks.search.category_tree import set_of
from sinks.search.search_languages import LANGUAGES, language_of, languages_of, words_field
from sinks.search.title_keys import title_key
from sinks.search.words.written_words import plain_text, written
from sinks.sink import DocumentChange, Part
from sinks.stores import InOpenSearch

#: Has an object for each variant and location that is counted.
STOCK_PART: Final = "stock"
#: Has one object while a price list decides what somebody pays: its `prices`, if there are some, count instead of the
#: product's own, and what it says of a customer group for who is in it.
PRICES_PART: Final = "listed"

_KEYWORD: Final = {"type": "keyword"}
_STORED: Final = {"type": "object", "enabled": False}
#: By currency, the amounts of all variants: a currency is known by what has a price in it.
_AMOUNTS: Final = {"type": "object", "dynamic": "true"}
#: Of a description, what is kept to be shown around a found word.
_MOST_SHOWN: Final = 1000

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "products": {
        **product_words.MAPPING,
        "code_words": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
        "languages": _KEYWORD,
        "title_key": {"properties": dict.fromkeys(LANGUAGES, _KEYWORD)},
        "brand": _KEYWORD,
        "skus": _KEYWORD,
        "barcodes": _KEYWORD,
        "tags": _KEYWORD,
        "category_ids": _KEYWORD,
        "category_set": _KEYWORD,
        "currency": _KEYWORD,
        "price_min_minor": {"type": "long"},
        "price_max_minor": {"type": "long"},
        "prices": _AMOUNTS,
        "created_at": {"type": "date"},
        "texts": _STORED,
        "image_url": {"type": "keyword", "index": False, "doc_values": False},
        "related_ids": {"type": "keyword", "index": False, "doc_values": False},
        "variant_count": {"type": "integer"},
        "units": {"type": "keyword", "index": False, "doc_values": False},
        PRICES_PART: {
            "properties": {"prices": _AMOUNTS, group_prices.GROUPS: _KEYWORD, group_prices.GROUP_PRICES: _KEYWORD}
        },
        "options": {"type": "nested", "properties": {"code": _KEYWORD, "values": _KEYWORD, "names": _KEYWORD}},
        "attributes": {
            "type": "nested",
            "properties": {
                "name": _KEYWORD,
                "values": _KEYWORD,
                "number": {"type": "double"},
            },
        },
        STOCK_PART: {"properties": {"variant_id": _KEYWORD, "in_stock": {"type": "boolean"}}},
    },
    "categories": {
        "name": words_field(),
        "languages": _KEYWORD,
        "names": _STORED,
        "slugs": _STORED,
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
    listed = any(one.price_list_id is not None for one in prices.public_prices)
    of_groups = group_prices.fields_of(prices)
    shown = (listed or of_groups) and not isinstance(event, ProductPricesDeleted)
    return DocumentChange(
        collection="products",
        tenant_id=envelope.tenant_id,
        id=prices.product_id,
        version=envelope.order,
        document={"prices": _amounts(prices.public_prices) if listed else {}, **of_groups} if shown else None,
        part=Part(PRICES_PART, prices.id),
    )


MODEL: Final = ReadModel(
    name="product-search",
    version=10,
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
    publish_s=0.25,
)


def _product(product: Product) -> dict[str, Any]:
    if not product.translations:
        raise ValueError("a product without texts cannot be shown")
    return product_words.fields_of(product) | {
        "languages": list(languages_of([text.locale for text in product.translations])),
        "title_key": {
            language_of(text.locale): title_key(text.title, text.locale) for text in reversed(product.translations)
        },
        "texts": {text.locale: _shown(text) for text in product.translations},
        "brand": product.brand,
        "skus": [variant.sku for variant in product.variants],
        "barcodes": [variant.barcode for variant in product.variants if variant.barcode],
        "tags": product.tags,
        "category_ids": [str(id_) for id_ in product.category_ids],
        "category_set": set_of(product.category_ids),
        **_span(price_span(product)),
        "prices": _amounts(price for variant in product.variants for price in variant.prices),
        "created_at": product.created_at.isoformat(),
        "image_url": product.images[0].url if product.images else None,
        "related_ids": [str(id_) for id_ in product.related_ids],
        "variant_count": len(product.variants),
        "units": list(dict.fromkeys(variant.unit for variant in product.variants)),
        "options": [_option(product, code) for code in product.options],
        "attributes": [_attribute(name, value) for name, value in sorted(product.typed_attributes.items())],
    }


def _shown(text: ProductText) -> dict[str, str | None]:
    description = None if text.description is None else plain_text(text.description)[:_MOST_SHOWN]
    return {"title": text.title, "handle": text.handle, "subtitle": text.subtitle, "description": description}


def _amounts(prices: Iterable[Price | PublicPrice]) -> dict[str, list[int]]:
    amounts: dict[str, set[int]] = {}
    for price in prices:
        amounts.setdefault(price.currency, set()).add(price.amount_minor)
    return {currency: sorted(known) for currency, known in sorted(amounts.items())}


def _span(span: PriceSpan | None) -> dict[str, Any]:
    return {
        "currency": None if span is None else span.currency,
        "price_min_minor": None if span is None else span.lowest_minor,
        "price_max_minor": None if span is None else span.highest_minor,
    }


def _option(product: Product, code: str) -> dict[str, Any]:
    """With the values of its variants, each once, and what they are called."""
    values = dict.fromkeys(variant.option_values[code] for variant in product.variants if code in variant.option_values)
    return {"code": code, "values": list(values), "names": list(option_names.written(product, code))}


def _attribute(name: str, value: AttributeValue) -> dict[str, Any]:
    """With what it is counted and chosen by; a number also as one, to be compared with others."""
    values = counted_as(value)
    number = {} if value.number is None else {"number": values[0]}
    return {"name": name, "values": values, **number}


def _category(category: Category) -> dict[str, Any]:
    """A name is found by its words as they are written, by their stems, and by what stands together in it."""
    names: dict[str, list[str]] = {}
    for text in category.translations:
        names.setdefault(language_of(text.locale), []).append(text.name)
    read = {language: written(texts, language) for language, texts in names.items()}
    return {
        "name": {language: " ".join((one.exact, one.stems, one.also)) for language, one in read.items()},
        "languages": sorted(names),
        "names": {text.locale: text.name for text in category.translations},
        "slugs": {text.locale: text.slug for text in category.translations},
        "path": [str(id_) for id_ in category.path],
        "position": category.position,
    }
