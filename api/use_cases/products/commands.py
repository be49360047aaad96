"""What people ask of products and command."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StrictInt, StringConstraints

from api.domain.product_limits import (
    LONGEST_SEO_DESCRIPTION,
    LONGEST_SEO_TITLE,
    MOST_RELATED,
    MOST_SIDE_MM,
    MOST_WEIGHT_G,
)
from api.store.products import LIST
from api.use_cases.fields import (
    Barcode,
    Currency,
    ExternalId,
    FacetName,
    Handle,
    Input,
    Locale,
    LongText,
    Minor,
    Moment,
    Name,
    Sku,
    Unit,
    Url,
)
from api.use_cases.pages import PageAsked, Several
from api.use_cases.products.attribute_values import Attributes
from schemas.units import UNITS

Status = Literal["draft", "active", "archived"]
SideMm = Annotated[StrictInt, Field(ge=1, le=MOST_SIDE_MM)]
SeoTitle = Annotated[Name, StringConstraints(max_length=LONGEST_SEO_TITLE)]
SeoDescription = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_SEO_DESCRIPTION, pattern=r"^[^\x00]*$"),
]
Names = Annotated[dict[Locale, Name], Field(max_length=50, examples=[{"en": "Small", "de": "Klein"}])]
RelatedIds = Annotated[
    list[UUID],
    Field(max_length=MOST_RELATED, description="Products of the shop, in the order they are shown; never this one."),
]


class ProductTextBody(Input):
    locale: Locale
    title: Name
    handle: Handle | None = Field(
        default=None, description="Made once when it is missing: the title, and 8 characters."
    )
    subtitle: Name | None = None
    description: LongText | None = None
    seo_title: SeoTitle | None = Field(default=None, description="For search engines; missing: the title.")
    seo_description: SeoDescription | None = Field(
        default=None, description="For search engines; missing: the description."
    )


class PriceBody(Input):
    currency: Currency
    amount_minor: Minor
    compare_at_minor: Minor | None = Field(default=None, description="The crossed-out price; never below the price.")


class NewVariant(Input):
    """A variant with a SKU the product has already is that variant."""

    sku: Sku = Field(description="Unique in the shop, whatever its case.")
    barcode: Barcode | None = Field(
        default=None,
        description="An EAN or UPC of 8, 12, 13 or 14 digits is checked and kept as 13 or 14; other codes as they are.",
    )
    option_values: dict[FacetName, Name] = Field(
        default={}, max_length=20, description="Code of an option → code of its value here."
    )
    prices: list[PriceBody] = Field(default=[], max_length=50)
    weight_g: Annotated[StrictInt, Field(ge=1, le=MOST_WEIGHT_G)] | None = Field(
        default=None, description="Packed, in grams."
    )
    length_mm: SideMm | None = Field(default=None, description="Packed, in millimetres.")
    width_mm: SideMm | None = Field(default=None, description="Packed, in millimetres.")
    height_mm: SideMm | None = Field(default=None, description="Packed, in millimetres.")
    image_url: Url | None = Field(default=None, description="One of the product's images, or another.")
    unit: Unit | None = Field(
        default=None,
        description=f"What quantities count, and what a price is of one of: {', '.join(UNITS)}, or a number of one of "
        "the others (`100 g`). Missing: what it was, `piece` for a new variant.",
    )


class VariantChange(NewVariant):
    """The variant of the product with this `id`; without one that with this SKU, or a new one."""

    id: UUID | None = Field(default=None, description="Of a variant that the product has: so its SKU can be changed.")


class ImageBody(Input):
    url: Url
    alt: Name | None = None


class ValueTextsBody(Input):
    code: Name
    names: Names = Field(default={}, description="By locale; in any other it is called by its code.")


class OptionTextsBody(Input):
    code: FacetName = Field(description="One of the product's `options`.")
    names: Names = Field(default={}, description="By locale; in any other it is called by its code.")
    values: list[ValueTextsBody] = Field(
        default=[], max_length=200, description="In the order they are shown; those that are not named come after them."
    )


class ProductParts(Input):
    """`options` are those of the variants when they are missing."""

    brand: Name | None = None
    options: list[FacetName] | None = Field(default=None, max_length=20)
    images: list[ImageBody] = Field(default=[], max_length=100)
    tags: list[Name] = Field(default=[], max_length=100)
    attributes: Attributes = Field(default={})
    option_texts: list[OptionTextsBody] = Field(default=[], max_length=20)


class NewProduct(ProductParts):
    external_id: ExternalId | None = None
    translations: list[ProductTextBody] = Field(min_length=1, max_length=50)
    category_ids: list[UUID] = Field(default=[], max_length=50)
    related_ids: RelatedIds = Field(default=[])
    variants: list[NewVariant] = Field(min_length=1, max_length=200)


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is not sent is not changed: no value stands for it."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ProductChange(Input):
    """What is missing stays as it is; a list replaces the whole list."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    brand: Name | None = None
    translations: list[ProductTextBody] = Field(default=[], min_length=1, max_length=50)
    category_ids: list[UUID] = Field(default=[], max_length=50)
    options: list[FacetName] = Field(default=[], max_length=20)
    variants: list[VariantChange] = Field(default=[], min_length=1, max_length=200)
    images: list[ImageBody] = Field(default=[], max_length=100)
    tags: list[Name] = Field(default=[], max_length=100)
    attributes: Attributes = Field(default={})
    option_texts: list[OptionTextsBody] = Field(default=[], max_length=20)
    related_ids: RelatedIds = Field(default=[])


class ImportedProduct(ProductParts):
    """`categories` are external ids of categories that are there.

    `related` are external ids of products that are there, or in the same call; others are left out, until it is taken
    in again.
    """

    external_id: ExternalId
    status: Status = "active"
    translations: list[ProductTextBody] = Field(min_length=1, max_length=50)
    categories: list[ExternalId] = Field(default=[], max_length=50)
    related: list[ExternalId] = Field(default=[], max_length=MOST_RELATED)
    variants: list[NewVariant] = Field(min_length=1, max_length=200)


class ProductsSought(Input):
    """Which products; all that is given has to fit."""

    status: Several[Status] | None = Field(
        default=None, description="Any of these. Who sees published products only is shown active ones."
    )
    brand: Several[Name] | None = Field(default=None, description="Any of these.")
    category: UUID | None = Field(default=None, description="In this category or one below it.")
    tag: Several[Name] | None = Field(default=None, description="With any of these.")
    created_since: Moment | None = Field(default=None, description="At this time or later.")
    updated_since: Moment | None = Field(default=None, description="At this time or later.")


class ProductsAsked(ProductsSought, PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "updated_asc", "updated_desc"] = "oldest"


class ProductsExported(ProductsSought):
    """`import`: as an import takes it, categories by their external ids; what has none is called by its id."""

    form: Literal["answer", "import"] = "answer"
