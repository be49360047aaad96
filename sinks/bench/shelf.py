"""Makes the products of one category, and the category, for a benchmark: the same ones in every run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Final
from uuid import UUID, uuid5

from schemas.envelope import Envelope
from schemas.events.category import Category, CategoryCreated, CategoryText
from schemas.events.product import Price, Product, ProductCreated, ProductText, Variant
from schemas.units import PIECE
from sinks.search.product_documents import category_document, product_document
from sinks.sink import DocumentChange

TITLE_WORD: Final = "organic"
CATEGORY_WORD: Final = "pantry"
_SPACE: Final = UUID("0198f0c2-6a2e-7c11-9d53-3f1c2b7a9e10")
_CATEGORY: Final = uuid5(_SPACE, "category")
_DEPARTMENTS: Final = 20
_SHELVES: Final = 15
_MAKERS: Final = 300
_VOCABULARY: Final = 8_000
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT: Final = (
    "tomato soup organic fresh whole milk bread roll apple juice frozen pizza salted butter green tea dark chocolate "
    "sliced cheese smoked ham brown rice black beans sweet corn peanut baby spinach ground coffee sparkling water"
)
_WORDS: Final = _TEXT.split()


def products(number: int) -> list[DocumentChange]:
    random = Random(7)  # noqa: S311  # the same ones each time is what is wanted
    return [product_document(envelope(_SPACE, one.id), ProductCreated(product=one)) for one in _made(random, number)]


def stocked(tenant_id: UUID, number: int) -> tuple[list[DocumentChange], Iterator[DocumentChange]]:
    """Categories in departments, and products in them, of many makers: a shop with something to choose from."""
    departments = [(uuid5(_SPACE, f"department {n}"),) for n in range(_DEPARTMENTS)]
    shelves = [(root, uuid5(root, str(n))) for (root,) in departments for n in range(_SHELVES)]
    named = [
        category_document(envelope(tenant_id, path[-1]), CategoryCreated(category=shelf(path, f"Aisle {n}")))
        for n, path in enumerate([*departments, *shelves])
    ]
    random = Random(7)  # noqa: S311  # the same ones each time is what is wanted
    words = vocabulary()
    made = (_stocked(random, words, tenant_id, n, random.choice(shelves)) for n in range(number))
    return named, made


def vocabulary() -> list[str]:
    """Words that nobody has heard, the most frequent first: as seldom and as frequent as those of a language are."""
    random = Random(11)  # noqa: S311  # the same ones each time is what is wanted
    syllables = [one + other for one in "bdfgklmnprstvz" for other in "aeiou"]
    made = dict.fromkeys("".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(2 * _VOCABULARY))
    return list(made)[:_VOCABULARY]


def _stocked(
    random: Random, words: Sequence[str], tenant_id: UUID, number: int, path: Sequence[UUID]
) -> DocumentChange:
    def some(count: int) -> str:
        """The word of rank r comes 1 / r times as often as the first."""
        return " ".join(words[int(len(words) ** random.random()) - 1] for _ in range(count))

    (text,) = _product(random, number).translations
    made = article(
        uuid5(tenant_id, str(number)),
        [replace(text, title=some(4), subtitle=some(3), description=some(30))],
        sku=f"SKU-{number}",
        brand=f"Maker {int(random.paretovariate(0.7)) % _MAKERS}",
        price_minor=random.randrange(100, 9999),
        category_path=path,
    )
    return product_document(envelope(tenant_id, made.id), ProductCreated(product=made))


def shelf(path: Sequence[UUID], name: str) -> Category:
    """The last category of the path, called so in English."""
    text = CategoryText(locale="en", name=name, slug=str(path[-1]), description=None)
    parent = path[-2] if len(path) > 1 else None
    return Category(id=path[-1], external_id=None, parent_id=parent, path=tuple(path), position=0, translations=(text,))


def category(name: str) -> tuple[UUID, DocumentChange]:
    """One of this name; the one that all products are in when it has no number."""
    id_ = uuid5(_SPACE, name) if name[-1:].isdigit() else _CATEGORY
    return id_, category_document(envelope(_SPACE, id_), CategoryCreated(category=shelf((id_,), name)))


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
    return article(
        id_,
        [text],
        sku=f"SKU-{number}",
        brand="Verde",
        price_minor=random.randrange(100, 9999),
        category_path=(_CATEGORY,),
    )


def article(
    id_: UUID,
    texts: Sequence[ProductText],
    *,
    sku: str | None = None,
    brand: str | None = None,
    price_minor: int = 100,
    category_path: Sequence[UUID] = (),
) -> Product:
    """An active one of one variant; it is in the last category of the path."""
    variant = Variant(
        id=uuid5(id_, "variant"),
        sku=sku or str(id_),
        barcode=None,
        option_values={},
        prices=(Price(currency="EUR", amount_minor=price_minor, compare_at_minor=None),),
        weight_g=None,
        length_mm=None,
        width_mm=None,
        height_mm=None,
        image_url=None,
        unit=PIECE,
    )
    return Product(
        id=id_,
        external_id=None,
        status="active",
        brand=brand,
        translations=tuple(texts),
        category_ids=tuple(category_path[-1:]),
        category_path_ids=tuple(category_path),
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
