"""A product in JSON."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.product_choices import choices
from api.http.bodies.categories import NamedCategory
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.http.bodies.prices import AppliedPriceAnswer
from api.http.bodies.stock import VariantStockAnswer
from api.use_cases.products.attribute_values import plain_attributes
from api.use_cases.shown_products import InLocale
from schemas.events.product import Product


class ProductTextAnswer(AnswerBody):
    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None
    seo_title: str | None
    seo_description: str | None


class PriceAnswer(AnswerBody):
    currency: str
    amount_minor: int
    compare_at_minor: int | None


class VariantAnswer(AnswerBody):
    """`prices` are its own; what applies to whoever asks is `price`."""

    id: UUID
    sku: str
    barcode: str | None
    option_values: dict[str, str]
    prices: list[PriceAnswer]
    price: AppliedPriceAnswer | None = Field(
        default=None,
        exclude_if=lambda price: price is None,
        description="Missing where none was asked for, and where there is none in this currency.",
    )
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    image_url: str | None
    unit: str = Field(description="What quantities count, and what a price is of one of.")


class ImageAnswer(AnswerBody):
    url: str
    alt: str | None


class ValueTextsAnswer(AnswerBody):
    code: str
    names: dict[str, str]


class OptionTextsAnswer(AnswerBody):
    code: str
    names: dict[str, str]
    values: list[ValueTextsAnswer]


class NumberAnswer(AnswerBody):
    number: str


AttributeAnswer = str | bool | list[str] | NumberAnswer


class ChoiceValueAnswer(AnswerBody):
    code: str
    name: str


class ChoiceAnswer(AnswerBody):
    """An option and the values to choose from, as they are called in the locale."""

    code: str
    name: str
    values: list[ChoiceValueAnswer]


class _ProductFacts(AnswerBody):
    id: UUID
    external_id: str | None
    status: str
    brand: str | None
    translations: list[ProductTextAnswer]
    category_ids: list[UUID]
    options: list[str]
    variants: list[VariantAnswer]
    images: list[ImageAnswer]
    tags: list[str]
    attributes: dict[str, AttributeAnswer]
    option_texts: list[OptionTextsAnswer]
    related_ids: list[UUID]
    created_at: datetime
    updated_at: datetime


IncludedCategories = Annotated[
    list[NamedCategory] | None,
    Field(exclude_if=lambda told: told is None, description="With `include=categories`: those of `category_ids`."),
]
IncludedStock = Annotated[
    list[VariantStockAnswer] | None,
    Field(
        exclude_if=lambda told: told is None,
        description="With `include=stock`: that of each variant, in their order.",
    ),
]


class ProductAnswer(_ProductFacts):
    version: int
    categories: IncludedCategories = None
    stock: IncludedStock = None

    @classmethod
    def of(cls, held: Versioned[Product], **more: str) -> Self:
        return cls(**_facts(held.value), version=held.version, **more)


class ProductInLocale(AnswerBody):
    """A product with its texts in one locale, `locale`. `variant_id` is that of the SKU it was asked for by.

    `choices` are its options and their values, as they are called in the locale asked for.
    """

    id: UUID
    version: int
    status: str
    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None
    seo_title: str | None
    seo_description: str | None
    brand: str | None
    category_ids: list[UUID]
    options: list[str]
    choices: list[ChoiceAnswer]
    variants: list[VariantAnswer]
    variant_id: UUID | None
    images: list[ImageAnswer]
    tags: list[str]
    attributes: dict[str, AttributeAnswer]
    related_ids: list[UUID]
    created_at: datetime
    updated_at: datetime
    categories: IncludedCategories = None
    stock: IncludedStock = None

    @classmethod
    def of(cls, found: InLocale) -> Self:
        text = ProductTextAnswer.model_validate(found.text)
        told = {
            **_facts(found.held.value),
            **dict(text),
            "choices": [ChoiceAnswer.model_validate(one) for one in choices(found.held.value, found.chain)],
            "version": found.held.version,
            "variant_id": found.variant_id,
        }
        return cls(**{name: told[name] for name in cls.model_fields if name in told})


def _facts(product: Product) -> dict[str, Any]:
    """Its fields as answers say them."""
    said = {name: getattr(product, name) for name in _ProductFacts.model_fields}
    return dict(_ProductFacts.model_validate(said | {"attributes": plain_attributes(product.typed_attributes)}))


class ProductDone(ProductAnswer, Receipted):
    pass


class ProductPage(PageAnswer):
    items: list[ProductAnswer]
