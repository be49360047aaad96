"""Declares the events of a product, something a shop shows and sells in one or more variants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History
from schemas.product_words import distinct_words
from schemas.units import PIECE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTextV1:
    """`handle` is the readable part of the product's address, unique per tenant and locale."""

    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductText:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    `handle` is the readable part of the product's address, unique per tenant and locale. `seo_title` and
    `seo_description` are for search engines, which get `title` and `description` where they are missing.
    """

    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None
    seo_title: str | None
    seo_description: str | None

    @classmethod
    def from_previous(cls, old: ProductTextV1) -> "ProductText":
        """Before version 2 search engines got the title and the description."""
        return cls(
            locale=old.locale,
            title=old.title,
            handle=old.handle,
            subtitle=old.subtitle,
            description=old.description,
            seo_title=None,
            seo_description=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Minor units of `currency` (cents for EUR). `compare_at_minor`, the crossed-out price, is never below it."""

    currency: str
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantV1:
    """What is actually sold. `sku` is unique per tenant; `option_values` maps an option's name to its value here."""

    id: UUID
    sku: str
    barcode: str | None
    option_values: Mapping[str, str]
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    What is actually sold. `sku` is unique per tenant; `option_values` maps an option's code to the code of its value
    here. Its rank is its place among the variants. What weighs nothing has no weight.
    """

    id: UUID
    sku: str
    barcode: str | None
    option_values: Mapping[str, str]
    prices: tuple[Price, ...]
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    image_url: str | None

    @classmethod
    def from_previous(cls, old: VariantV1) -> "VariantV2":
        """Before version 2 nobody could weigh it, measure it or show it by itself."""
        return cls(
            id=old.id,
            sku=old.sku,
            barcode=old.barcode,
            option_values=old.option_values,
            prices=old.prices,
            weight_g=None,
            length_mm=None,
            width_mm=None,
            height_mm=None,
            image_url=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    What is actually sold. `sku` is unique per tenant; `option_values` maps an option's code to the code of its value
    here. Its rank is its place among the variants. What weighs nothing has no weight. Quantities of it are whole
    numbers of `unit`, and a price is that of one.
    """

    id: UUID
    sku: str
    barcode: str | None
    option_values: Mapping[str, str]
    prices: tuple[Price, ...]
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    image_url: str | None
    unit: str

    @classmethod
    def from_previous(cls, old: VariantV2) -> "Variant":
        """Before version 3 all was counted in pieces."""
        return cls(
            id=old.id,
            sku=old.sku,
            barcode=old.barcode,
            option_values=old.option_values,
            prices=old.prices,
            weight_g=old.weight_g,
            length_mm=old.length_mm,
            width_mm=old.width_mm,
            height_mm=old.height_mm,
            image_url=old.image_url,
            unit=PIECE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    url: str
    alt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTexts:
    """What a value of an option is called; in a locale that is not there, by its code."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTexts:
    """What an option is called, and its values in their order; in a locale that is not there, by its code."""

    code: str
    names: Mapping[str, str]
    values: tuple[ValueTexts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeValue:
    """One of the four is there. `number` is a decimal, written out."""

    text: str | None
    number: str | None
    boolean: bool | None
    texts: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductV1:
    """`status` is draft, active or archived; only an active product is shown.

    `category_ids` are those it was put into, `category_path_ids` the same with all their ancestors.
    """

    id: UUID
    external_id: str | None
    status: str
    brand: str | None
    translations: tuple[ProductTextV1, ...]
    category_ids: tuple[UUID, ...]
    category_path_ids: tuple[UUID, ...]
    options: tuple[str, ...]
    variants: tuple[VariantV1, ...]
    images: tuple[Image, ...]
    tags: tuple[str, ...]
    attributes: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    `status` is draft, active or archived; only an active product is shown.

    `category_ids` are those it was put into, `category_path_ids` the same with all their ancestors. `options` are
    codes, which are names to those who know no translation of them. `attributes` say as texts what `typed_attributes`
    are. Products of `related_ids` may be gone since.
    """

    id: UUID
    external_id: str | None
    status: str
    brand: str | None
    translations: tuple[ProductText, ...]
    category_ids: tuple[UUID, ...]
    category_path_ids: tuple[UUID, ...]
    options: tuple[str, ...]
    variants: tuple[VariantV2, ...]
    images: tuple[Image, ...]
    tags: tuple[str, ...]
    attributes: Mapping[str, str]
    option_texts: tuple[OptionTexts, ...]
    typed_attributes: Mapping[str, AttributeValue]
    related_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_previous(cls, old: ProductV1) -> "ProductV2":
        """Before version 2 an option was called as it was written, in every language, and attributes were texts."""
        return cls(
            id=old.id,
            external_id=old.external_id,
            status=old.status,
            brand=old.brand,
            translations=tuple(ProductText.from_previous(each) for each in old.translations),
            category_ids=old.category_ids,
            category_path_ids=old.category_path_ids,
            options=old.options,
            variants=tuple(VariantV2.from_previous(each) for each in old.variants),
            images=old.images,
            tags=distinct_words(old.tags),
            attributes=old.attributes,
            option_texts=(),
            typed_attributes={
                name: AttributeValue(text=text, number=None, boolean=None, texts=None)
                for name, text in old.attributes.items()
            },
            related_ids=(),
            created_at=old.created_at,
            updated_at=old.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    `status` is draft, active or archived; only an active product is shown.

    `category_ids` are those it was put into, `category_path_ids` the same with all their ancestors. `options` are
    codes, which are names to those who know no translation of them. `attributes` say as texts what `typed_attributes`
    are. Products of `related_ids` may be gone since.
    """

    id: UUID
    external_id: str | None
    status: str
    brand: str | None
    translations: tuple[ProductText, ...]
    category_ids: tuple[UUID, ...]
    category_path_ids: tuple[UUID, ...]
    options: tuple[str, ...]
    variants: tuple[Variant, ...]
    images: tuple[Image, ...]
    tags: tuple[str, ...]
    attributes: Mapping[str, str]
    option_texts: tuple[OptionTexts, ...]
    typed_attributes: Mapping[str, AttributeValue]
    related_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_previous(cls, old: ProductV2) -> "Product":
        """What version 2 said, in the words of version 3."""
        return cls(
            id=old.id,
            external_id=old.external_id,
            status=old.status,
            brand=old.brand,
            translations=old.translations,
            category_ids=old.category_ids,
            category_path_ids=old.category_path_ids,
            options=old.options,
            variants=tuple(Variant.from_previous(each) for each in old.variants),
            images=old.images,
            tags=old.tags,
            attributes=old.attributes,
            option_texts=old.option_texts,
            typed_attributes=old.typed_attributes,
            related_ids=old.related_ids,
            created_at=old.created_at,
            updated_at=old.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreatedV1:
    """A product was made, as a draft or (from an import) already active."""

    product: ProductV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreatedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    A product was made, as a draft or (from an import) already active.
    """

    product: ProductV2

    @classmethod
    def from_previous(cls, old: ProductCreatedV1) -> "ProductCreatedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    A product was made, as a draft or (from an import) already active.
    """

    product: Product

    @classmethod
    def from_previous(cls, old: ProductCreatedV2) -> "ProductCreated":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdatedV1:
    """Anything but the status changed; `changed` names the fields of `Product`."""

    product: ProductV1
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdatedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    Anything but the status changed; `changed` names the fields of `Product`.
    """

    product: ProductV2
    changed: tuple[str, ...]

    @classmethod
    def from_previous(cls, old: ProductUpdatedV1) -> "ProductUpdatedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product), changed=old.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    Anything but the status changed; `changed` names the fields of `Product`.
    """

    product: Product
    changed: tuple[str, ...]

    @classmethod
    def from_previous(cls, old: ProductUpdatedV2) -> "ProductUpdated":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product), changed=old.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPublishedV1:
    """draft → active: from now on it is shown."""

    product: ProductV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPublishedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    draft → active: from now on it is shown.
    """

    product: ProductV2

    @classmethod
    def from_previous(cls, old: ProductPublishedV1) -> "ProductPublishedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPublished:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    draft → active: from now on it is shown.
    """

    product: Product

    @classmethod
    def from_previous(cls, old: ProductPublishedV2) -> "ProductPublished":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpublishedV1:
    """active → draft: no longer shown, still being worked on."""

    product: ProductV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpublishedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    active → draft: no longer shown, still being worked on.
    """

    product: ProductV2

    @classmethod
    def from_previous(cls, old: ProductUnpublishedV1) -> "ProductUnpublishedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpublished:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    active → draft: no longer shown, still being worked on.
    """

    product: Product

    @classmethod
    def from_previous(cls, old: ProductUnpublishedV2) -> "ProductUnpublished":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchivedV1:
    """draft or active → archived: kept for the record only."""

    product: ProductV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchivedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    draft or active → archived: kept for the record only.
    """

    product: ProductV2

    @classmethod
    def from_previous(cls, old: ProductArchivedV1) -> "ProductArchivedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchived:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    draft or active → archived: kept for the record only.
    """

    product: Product

    @classmethod
    def from_previous(cls, old: ProductArchivedV2) -> "ProductArchived":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeletedV1:
    """A draft or archived product is gone; `product` is what it was."""

    product: ProductV1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeletedV2:
    """v2: articles are sent by weight and size, shown by their own image, and told of in every language.

    A draft or archived product is gone; `product` is what it was.
    """

    product: ProductV2

    @classmethod
    def from_previous(cls, old: ProductDeletedV1) -> "ProductDeletedV2":
        """What version 1 said, in the words of version 2."""
        return cls(product=ProductV2.from_previous(old.product))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted:
    """v3: a quantity counts pieces, grams or litres, and the variant says which.

    A draft or archived product is gone; `product` is what it was.
    """

    product: Product

    @classmethod
    def from_previous(cls, old: ProductDeletedV2) -> "ProductDeleted":
        """What version 2 said, in the words of version 3."""
        return cls(product=Product.from_previous(old.product))


HISTORIES = (
    History("product.created", (ProductCreatedV1, ProductCreatedV2, ProductCreated)),
    History("product.updated", (ProductUpdatedV1, ProductUpdatedV2, ProductUpdated)),
    History("product.published", (ProductPublishedV1, ProductPublishedV2, ProductPublished)),
    History("product.unpublished", (ProductUnpublishedV1, ProductUnpublishedV2, ProductUnpublished)),
    History("product.archived", (ProductArchivedV1, ProductArchivedV2, ProductArchived)),
    History("product.deleted", (ProductDeletedV1, ProductDeletedV2, ProductDeleted)),
)
AGGREGATE = Aggregate(
    name="product",
    plural="products",
    owner="catalogue",
    histories=HISTORIES,
    gone=ProductDeleted,
    partitions=4,
)
ProductEvent = (
    ProductCreated | ProductUpdated | ProductPublished | ProductUnpublished | ProductArchived | ProductDeleted
)
