"""Declares the events of a collection, products that a shop shows together: chosen one by one, or by a rule."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionText:
    """`handle` is the readable part of the collection's address, unique per tenant and locale."""

    locale: str
    title: str
    handle: str
    description: str | None
    seo_title: str | None
    seo_description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCondition:
    """What a product has to be. `field` is tag, brand, category, status, price, created or in_stock.

    Of the first four it is one of `values`; a category holds what is in those below it, too. `price` and `created` have
    bounds, both included; `within_days` counts back from the moment somebody asks.
    """

    field: str
    values: tuple[str, ...]
    currency: str | None
    least_minor: int | None
    most_minor: int | None
    since_at: datetime | None
    within_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRule:
    """A product is in it that meets all of the conditions, or any of them, as `match` says."""

    match: str
    conditions: tuple[RuleCondition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """`status` is draft or active; only an active collection is shown. With a `rule` it has no `product_ids`."""

    id: UUID
    external_id: str | None
    status: str
    translations: tuple[CollectionText, ...]
    rule: CollectionRule | None
    product_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionCreated:
    """A collection was made, as a draft or (from an import) already active."""

    collection: Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionUpdated:
    """Texts, the rule or the products chosen changed; `changed` names the fields of `Collection`."""

    collection: Collection
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPublished:
    """draft → active: from now on it is shown."""

    collection: Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionUnpublished:
    """active → draft: no longer shown, still being worked on."""

    collection: Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDeleted:
    """The collection is gone; `collection` is what it was. Its products stay."""

    collection: Collection


HISTORIES = (
    History("collection.created", (CollectionCreated,)),
    History("collection.updated", (CollectionUpdated,)),
    History("collection.published", (CollectionPublished,)),
    History("collection.unpublished", (CollectionUnpublished,)),
    History("collection.deleted", (CollectionDeleted,)),
)
AGGREGATE = Aggregate(
    name="collection",
    plural="collections",
    owner="catalogue",
    histories=HISTORIES,
    gone=CollectionDeleted,
    partitions=2,
    meanings={
        "Collection.status": "draft or active; only what is active is shown",
        "conditions": "what a product has to be",
        "field": "tag, brand, category, status, price, created or in_stock",
        "least_minor": "of a price: at least this",
        "match": "all: it meets each of the conditions; any: one of them",
        "most_minor": "of a price: at most this",
        "product_ids": "the products chosen, in the order they are shown; none of one with a rule",
        "RuleCondition.currency": "of a price: ISO 4217",
        "rule": "which products are in it; none where they are chosen",
        "seo_description": "what search engines show below the title",
        "seo_title": "what search engines show, if it is another than the title",
        "since_at": "made then or later",
        "values": "one of these; of categories their ids",
        "within_days": "made in the last so many days",
    },
)
CollectionEvent = (
    CollectionCreated | CollectionUpdated | CollectionPublished | CollectionUnpublished | CollectionDeleted
)
