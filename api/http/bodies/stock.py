"""Stock and locations in JSON. Numbers are pieces."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain import stock as domain
from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.store.locations import Location
from api.use_cases.stock.manage_stock import VariantStock
from schemas.events.stock import Stock


class _StockFacts(AnswerBody):
    id: UUID
    variant_id: UUID
    product_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    incoming: int
    low_threshold: int | None
    backorder: bool


class StockAnswer(_StockFacts):
    sku: str
    available: int = Field(description="What can be sold: on hand − reserved; below zero only with backorders.")
    low: bool
    version: int

    @classmethod
    def of(cls, held: Versioned[Stock], sku: str, **more: str) -> Self:
        stock = held.value
        return cls(
            **dict(_StockFacts.model_validate(stock)),
            sku=sku,
            available=domain.available(stock),
            low=domain.is_low(stock),
            version=held.version,
            **more,
        )


class StockDone(StockAnswer, Receipted):
    pass


class TransferDone(StockDone):
    """The stock that it left; `to` is what it came to."""

    to: StockAnswer


class StockPage(PageAnswer):
    items: list[StockAnswer]


class StockTotal(AnswerBody):
    on_hand: int
    reserved: int
    incoming: int
    available: int


class VariantStockAnswer(AnswerBody):
    """`tracked`: the variant is counted somewhere; what is not sells as if there were enough."""

    variant_id: UUID
    sku: str
    tracked: bool
    in_stock: bool
    total: StockTotal
    locations: list[StockAnswer]

    @classmethod
    def of(cls, found: VariantStock) -> Self:
        rows = [held.value for held in found.rows]
        return cls(
            variant_id=found.variant_id,
            sku=found.sku,
            tracked=bool(rows),
            in_stock=not rows or any(map(domain.in_stock, rows)),
            total=_total(rows),
            locations=[StockAnswer.of(held, found.sku) for held in found.rows],
        )


class LocationAnswer(AnswerBody):
    id: UUID
    version: int
    name: str
    position: int
    is_default: bool

    @classmethod
    def of(cls, held: Versioned[Location]) -> Self:
        one = held.value
        return cls(id=one.id, version=held.version, name=one.name, position=one.position, is_default=one.is_default)


class LocationPage(PageAnswer):
    items: list[LocationAnswer]


def _total(rows: Sequence[Stock]) -> StockTotal:
    return StockTotal(
        on_hand=sum(one.on_hand for one in rows),
        reserved=sum(one.reserved for one in rows),
        incoming=sum(one.incoming for one in rows),
        available=sum(domain.available(one) for one in rows),
    )
