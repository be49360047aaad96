"""Price lists and prices in JSON. Every `*_minor` is in minor units of the currency beside it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.applied_prices import AppliedPrice
from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.http.bodies.imports import Import
from api.store.list_prices import ListedVariant
from api.use_cases.prices.ask_prices import AskedLowest, AskedPrice
from api.use_cases.prices.commands import ImportedPrice, ListedPrice
from schemas.events.price_list import PriceList


class _PriceListFacts(AnswerBody):
    id: UUID
    name: str
    currency: str
    customer_group: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    active: bool
    created_at: datetime


class PriceListAnswer(_PriceListFacts):
    version: int

    @classmethod
    def of(cls, held: Versioned[PriceList], **more: str) -> Self:
        return cls(**dict(_PriceListFacts.model_validate(held.value)), version=held.version, **more)


class PriceListDone(PriceListAnswer, Receipted):
    pass


class PriceListPage(PageAnswer):
    items: list[PriceListAnswer]


class TierAnswer(AnswerBody):
    from_quantity: int
    amount_minor: int
    compare_at_minor: int | None


class ListedVariantAnswer(AnswerBody):
    """A variant in a price list, with its tiers from the lowest quantity on."""

    variant_id: UUID
    product_id: UUID
    sku: str
    prices: list[TierAnswer]

    @classmethod
    def of(cls, listed: ListedVariant) -> Self:
        return cls(
            variant_id=listed.variant_id,
            product_id=listed.product_id,
            sku=listed.sku,
            prices=[TierAnswer.model_validate(entry) for entry in listed.entries],
        )


class ListedVariantPage(PageAnswer):
    items: list[ListedVariantAnswer]


class ListedPrices(Import[ListedPrice]):
    pass


class PriceImport(Import[ImportedPrice]):
    pass


class AskedPriceAnswer(AnswerBody):
    """The price of one. `price_list_id` is the list that decided; `null`: the product's own price."""

    sku: str
    variant_id: UUID
    product_id: UUID
    currency: str
    quantity: int
    customer_group: str | None
    at: datetime = Field(description="The moment of the price, by the database's clock when none was asked for.")
    amount_minor: int | None = Field(description="`null`: it has no price in this currency.")
    compare_at_minor: int | None
    price_list_id: UUID | None
    from_quantity: int | None = Field(description="The tier that decided.")

    @classmethod
    def of(cls, asked: AskedPrice) -> Self:
        offer, wanted, decided = asked.offer, asked.wanted, asked.decided
        listed = None if decided is None else decided.price_list
        return cls(
            sku=offer.sku,
            variant_id=offer.variant_id,
            product_id=offer.product_id,
            currency=wanted.currency,
            quantity=wanted.quantity,
            customer_group=wanted.customer_group,
            at=wanted.at,
            amount_minor=None if decided is None else decided.amount_minor,
            compare_at_minor=None if decided is None else decided.compare_at_minor,
            price_list_id=None if listed is None else listed.id,
            from_quantity=None if decided is None else decided.from_quantity,
        )


class AppliedPriceAnswer(AnswerBody):
    """What one costs now. `price_list_id` is the list that decided; `null`: the product's own price."""

    currency: str
    amount_minor: int
    compare_at_minor: int | None
    price_list_id: UUID | None
    from_quantity: int = Field(description="The tier that decided.")
    valid_until: datetime | None = Field(description="When the clock alone makes it another one; `null`: never.")
    tax_included: bool
    lowest_minor: int | None = Field(
        description="Where everybody's price of one is reduced: the lowest of the 30 days before."
    )

    @classmethod
    def of(cls, applied: AppliedPrice) -> Self:
        decided = applied.decided
        return cls(
            currency=decided.currency,
            amount_minor=decided.amount_minor,
            compare_at_minor=decided.compare_at_minor,
            price_list_id=None if decided.price_list is None else decided.price_list.id,
            from_quantity=decided.from_quantity,
            valid_until=applied.valid_until,
            tax_included=applied.tax_included,
            lowest_minor=applied.lowest_minor,
        )


class LowestPriceAnswer(AnswerBody):
    """The lowest public price from `since` until before `until`: the 30 days before the reduction began."""

    sku: str
    variant_id: UUID
    currency: str
    before: datetime
    current_minor: int | None = Field(description="The public price at that moment.")
    reduced_at: datetime | None = Field(description="When it came to be less than before; `null`: it did not.")
    lowest_minor: int | None = Field(description="`null`: it had no price in these days.")
    since: datetime
    until: datetime

    @classmethod
    def of(cls, asked: AskedLowest) -> Self:
        lowest = asked.lowest
        return cls(
            sku=asked.offer.sku,
            variant_id=asked.offer.variant_id,
            currency=lowest.currency,
            before=asked.at,
            current_minor=lowest.current_minor,
            reduced_at=lowest.reduced_at,
            lowest_minor=lowest.amount_minor,
            since=lowest.since,
            until=lowest.until,
        )
