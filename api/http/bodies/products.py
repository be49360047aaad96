"""A product in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.http.bodies.prices import AppliedPriceAnswer
from api.use_cases.products.find_products import InLocale
from schemas.events.product import Product


class ProductTextAnswer(AnswerBody):
    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None


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


class ImageAnswer(AnswerBody):
    url: str
    alt: str | None


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
    attributes: dict[str, str]
    created_at: datetime
    updated_at: datetime


class ProductAnswer(_ProductFacts):
    version: int

    @classmethod
    def of(cls, held: Versioned[Product], **more: str) -> Self:
        facts = _ProductFacts.model_validate(held.value)
        return cls(**dict(facts), version=held.version, **more)


class ProductInLocale(AnswerBody):
    """A product with its texts in one locale, `locale`. `variant_id` is that of the SKU it was asked for by."""

    id: UUID
    version: int
    status: str
    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None
    brand: str | None
    category_ids: list[UUID]
    options: list[str]
    variants: list[VariantAnswer]
    variant_id: UUID | None
    images: list[ImageAnswer]
    tags: list[str]
    attributes: dict[str, str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: InLocale) -> Self:
        facts = _ProductFacts.model_validate(found.held.value)
        text = ProductTextAnswer.model_validate(found.text)
        told = {**dict(facts), **dict(text), "version": found.held.version, "variant_id": found.variant_id}
        return cls(**{name: told[name] for name in cls.model_fields})


class ProductDone(ProductAnswer, Receipted):
    pass


class ProductPage(PageAnswer):
    items: list[ProductAnswer]
