# A sample for the tests of what works on events: not today's, and not to be brought up to date.
"""What can happen to a product, something a shop shows and sells in one or more variants?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductText:
    """`handle` is the readable part of the product's address, unique per tenant and locale."""

    locale: str
    title: str
    handle: str
    subtitle: str | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Minor units of `currency` (cents for EUR). `compare_at_minor`, the crossed-out price, is never below it."""

    currency: str
    amount_minor: int
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is actually sold. `sku` is unique per tenant; `option_values` maps an option's name to its value here."""

    id: UUID
    sku: str
    barcode: str | None
    option_values: Mapping[str, str]
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    url: str
    alt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """`status` is draft, active or archived; only an active product is shown.

    `category_ids` are those it was put into, `category_path_ids` the same with all their ancestors.
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
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated:
    """A product was made, as a draft or (from an import) already active."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated:
    """Anything but the status changed; `changed` names the fields of `Product`."""

    product: Product
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPublished:
    """draft → active: from now on it is shown."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpublished:
    """active → draft: no longer shown, still being worked on."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchived:
    """draft or active → archived: kept for the record only."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted:
    """A draft or archived product is gone; `product` is what it was."""

    product: Product


HISTORIES = (
    History("product.created", (ProductCreated,)),
    History("product.updated", (ProductUpdated,)),
    History("product.published", (ProductPublished,)),
    History("product.unpublished", (ProductUnpublished,)),
    History("product.archived", (ProductArchived,)),
    History("product.deleted", (ProductDeleted,)),
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
