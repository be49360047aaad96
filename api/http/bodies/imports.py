"""Many at once in JSON: up to 500 items in a call, an answer for each."""

from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.collections.commands import ImportedCollection
from api.use_cases.fields import Input
from api.use_cases.imports.items import MOST_ITEMS, Item
from api.use_cases.orders.commands import ImportedOrder
from api.use_cases.products.commands import ImportedProduct
from api.use_cases.stock.commands import ImportedCount

T = TypeVar("T", bound=BaseModel)


class Import(Input, Generic[T]):
    items: list[Item[T]] = Field(min_length=1, max_length=MOST_ITEMS)


class CategoryImport(Import[ImportedCategory]):
    pass


class CollectionImport(Import[ImportedCollection]):
    pass


class ProductImport(Import[ImportedProduct]):
    pass


class OrderImport(Import[ImportedOrder]):
    pass


class StockImport(Import[ImportedCount]):
    pass


class ItemAnswer(BaseModel):
    """`problem` is there when the item was refused; the others are not touched by it."""

    external_id: str | None = None
    outcome: Literal["created", "updated", "unchanged", "refused"]
    id: UUID | None = None
    version: int | None = None
    receipt: str | None = None
    problem: dict[str, Any] | None = None


class LineAnswer(ItemAnswer):
    line: int


class ImportAnswer(BaseModel):
    """How many of each outcome, and all of them in the order of the items."""

    created: int
    updated: int
    unchanged: int
    refused: int
    items: list[ItemAnswer]
