"""A collection in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.permissions import Scope
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.http.bodies.products import ProductAnswer, ProductInLocale
from api.use_cases.collections.read_collections import CollectionInLocale as InLocale
from schemas.events.collection import Collection


class CollectionTextAnswer(AnswerBody):
    locale: str
    title: str
    handle: str
    description: str | None
    seo_title: str | None
    seo_description: str | None


class RuleConditionAnswer(AnswerBody):
    field: str
    values: list[str]
    currency: str | None
    least_minor: int | None
    most_minor: int | None
    since_at: datetime | None
    within_days: int | None


class RuleAnswer(AnswerBody):
    match: str
    conditions: list[RuleConditionAnswer]


class CollectionAnswer(AnswerBody):
    """`chosen_products` is how many were chosen, whatever their status; none of a collection with a rule.

    How a shop chooses is its own matter: who sees only what is published is told neither the number nor the rule.
    """

    id: UUID
    version: int
    external_id: str | None
    status: str
    translations: list[CollectionTextAnswer]
    rule: RuleAnswer | None
    chosen_products: int | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, held: Versioned[Collection], scope: Scope, **more: str) -> Self:
        """As far as a grant of this scope reaches."""
        collection = held.value
        rule = collection.rule if scope is Scope.ALL else None
        is_counted = collection.rule is None and scope is Scope.ALL
        return cls(
            id=collection.id,
            version=held.version,
            external_id=collection.external_id,
            status=collection.status,
            translations=[CollectionTextAnswer.model_validate(text) for text in collection.translations],
            rule=None if rule is None else RuleAnswer.model_validate(rule),
            chosen_products=len(collection.product_ids) if is_counted else None,
            created_at=collection.created_at,
            updated_at=collection.updated_at,
            **more,
        )


class CollectionInLocale(AnswerBody):
    """A collection with its texts in one locale, `locale`."""

    id: UUID
    version: int
    status: str
    locale: str
    title: str
    handle: str
    description: str | None
    seo_title: str | None
    seo_description: str | None
    rule: RuleAnswer | None
    chosen_products: int | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: InLocale, scope: Scope) -> Self:
        told = {**dict(CollectionAnswer.of(found.held, scope)), **dict(CollectionTextAnswer.model_validate(found.text))}
        return cls(**{name: told[name] for name in cls.model_fields})


class CollectionDone(CollectionAnswer, Receipted):
    pass


class CollectionPage(PageAnswer):
    items: list[CollectionAnswer]


class CollectionProductPage(AnswerBody):
    """`next_cursor` is None on the last page."""

    items: list[ProductAnswer]
    next_cursor: str | None = Field(description="For the same `sort`.")


class CollectionProductsInLocale(AnswerBody):
    """`next_cursor` is None on the last page."""

    items: list[ProductInLocale]
    next_cursor: str | None = Field(description="For the same `sort`.")
