"""What is commanded of much stock at once: of each one thing, by its id or by a SKU at a location."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, RootModel, model_validator

from api.use_cases.bulk.chained_changes import MOST_AT_ONCE, Version
from api.use_cases.fields import Input, Sku
from api.use_cases.imports.items import Item
from api.use_cases.stock.commands import Adjustment, Count


class _OfStock(Input):
    id: UUID | None = Field(default=None, description="Of the stock; or else there is a `sku`.")
    sku: Sku | None = Field(default=None, description="Of a variant that is counted at the location of this call.")
    version: Version = None

    @model_validator(mode="after")
    def _is_of_one(self) -> Self:
        if (self.id is None) == (self.sku is None):
            raise ValueError("it names either an id or a sku")  # pydantic wants ValueError
        return self


class StockCount(_OfStock, Count):
    action: Literal["count"]


class StockAdjustment(_OfStock, Adjustment):
    action: Literal["adjust"]


StockAction = StockCount | StockAdjustment


class StockItem(RootModel[Annotated[StockAction, Field(discriminator="action")]]):
    pass


class StockItems(Input):
    """Several of one stock are done one after another."""

    location_id: UUID | None = Field(
        default=None,
        description="Where items with a `sku` are counted; the shop's default location when it is missing.",
    )
    items: list[Item[StockItem]] = Field(min_length=1, max_length=MOST_AT_ONCE)
