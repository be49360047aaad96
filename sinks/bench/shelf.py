"""Makes the products of one category, and the category, for a benchmark: the same ones in every run."""

from datetime import UTC, datetime
from random import Random
from typing import Final
from uuid import UUID, uuid5

from schemas.envelope import Envelope
from schemas.events.category import Category, CategoryCreated, CategoryText
from schemas.events.product import Price, Product, ProductCreated, ProductText, Variant
from sinks.search.product_documents import category_document, product_document
from sinks.sink import DocumentChange

TITLE_WORD: Final = "organic"
CATEGORY_WORD: Final = "pantry"
_SPACE: Final = UUID("0198f0c2-6a2e-7c11-9d53-3f1c2b7a9e10")
_CATEGORY: Final = uuid5(_SPACE, "category")
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT: Final = (
    "tomato soup organic fresh whole milk bread roll apple juice frozen pizza salted butter green tea dark chocolate "
    "sliced cheese smoked ham brown rice black beans sweet corn peanut baby spinach ground coffee sparkling water"
)
_WORDS: Final = _TEXT.split()


def products(number: int) -> list[DocumentChange]:
    random = Random(7)  # noqa: S311  # the same ones each time is what is wanted
    return [product_document(envelope(_SPACE, one.id), ProductCreated(product=one)) for one in _made(random, number)]


def category(name: str) -> tuple[UUID, DocumentChange]:
    """One of this name; the one that all products are in when it has no number."""
    id_ = uuid5(_SPACE, name) if name[-1:].isdigit() else _CATEGORY
    text = CategoryText(locale="en", name=name, slug=str(id_), description=None)
    made = Category(id=id_, external_id=None, parent_id=None, path=(id_,), position=0, translations=(text,))
    return id_, category_document(envelope(_SPACE, id_), CategoryCreated(category=made))


def envelope(tenant_id: UUID, id_: UUID) -> Envelope:
    """Of the first event of an aggregate."""
    return Envelope(
        id=id_,
        event_type="bench.made",
        schema_version=1,
        tenant_id=tenant_id,
        aggregate_id=id_,
        aggregate_version=1,
        correlation_id="bench",
        causation_id=None,
        traceparent="",
        occurred_at=_MOMENT,
        actor_id="bench",
    )


def _made(random: Random, number: int) -> list[Product]:
    return [_product(random, n) for n in range(number)]


def _product(random: Random, number: int) -> Product:
    id_ = uuid5(_SPACE, f"product {number}")
    title = " ".join(random.sample(_WORDS, 4)).title()
    text = ProductText(
        locale="en",
        title=title,
        handle=f"product-{number}",
        subtitle=" ".join(random.sample(_WORDS, 3)),
        description=" ".join(random.choices(_WORDS, k=30)),
        seo_title=None,
        seo_description=None,
    )
    price = Price(currency="EUR", amount_minor=random.randrange(100, 9999), compare_at_minor=None)
    variant = Variant(
        id=uuid5(id_, "variant"),
        sku=f"SKU-{number}",
        barcode=None,
        option_values={},
        prices=(price,),
        weight_g=None,
        length_mm=None,
        width_mm=None,
        height_mm=None,
        image_url=None,
    )
    return Product(
        id=id_,
        external_id=None,
        status="active",
        brand="Verde",
        translations=(text,),
        category_ids=(_CATEGORY,),
        category_path_ids=(_CATEGORY,),
        options=(),
        variants=(variant,),
        images=(),
        tags=(),
        attributes={},
        option_texts=(),
        typed_attributes={},
        related_ids=(),
        created_at=_MOMENT,
        updated_at=_MOMENT,
    )
