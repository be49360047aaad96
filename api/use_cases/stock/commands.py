"""What people ask of stock and command. Numbers are pieces of a variant."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, model_validator

from api.domain.stock import MOST
from api.store import locations, stock
from api.use_cases.fields import Input, Name, Position, Sku
from api.use_cases.pages import PageAsked

Pieces = Annotated[StrictInt, Field(ge=0, le=MOST)]
Delta = Annotated[StrictInt, Field(ge=-MOST, le=MOST)]


class NewStock(Input):
    """The variant is counted at the location from now on."""

    sku: Sku
    location_id: UUID | None = Field(default=None, description="The shop's default location when it is missing.")
    on_hand: Pieces = 0
    incoming: Pieces = 0
    low_threshold: Pieces | None = Field(default=None, description="It is low at so many or fewer that can be sold.")
    backorder: StrictBool = Field(default=False, description="Whether more may be sold than there is.")
    reason: Name = "first count"


class StockChange(Input):
    """How it is kept; what is missing stays as it is, and `null` is no threshold."""

    incoming: Pieces = 0
    low_threshold: Pieces | None = None
    backorder: StrictBool = False
    reason: Name = "kept otherwise"

    @model_validator(mode="after")
    def _nothing_is_asked(self) -> "StockChange":
        if not self.model_fields_set - {"reason"}:
            raise ValueError("it names nothing to change")  # pydantic wants ValueError
        return self


class Adjustment(Input):
    """So many came (above zero) or went."""

    delta: Delta
    reason: Name


class Count(Input):
    """So many are there, those that are reserved included."""

    on_hand: Pieces
    reason: Name = "count"


class Transfer(Input):
    """To another location of the same variant, which is counted there from now on if it was not."""

    to_location_id: UUID
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST)]
    reason: Name = "transfer"


class StockAsked(PageAsked):
    TABLE: ClassVar = stock.LIST

    sort: Literal["oldest", "newest"] = "oldest"
    low: bool | None = Field(default=None, description="Only what is low, or only what is not.")
    variant_id: UUID | None = None
    product_id: UUID | None = Field(default=None, description="Of any of its variants.")
    location_id: UUID | None = None


class LocationsAsked(PageAsked):
    TABLE: ClassVar = locations.LIST

    sort: Literal["oldest", "newest", "position"] = "oldest"


class NewLocation(Input):
    name: Name
    position: Position = Field(default=0, description="Orders take from the lowest first.")


class LocationChange(Input):
    """What is missing stays as it is."""

    name: Name | None = None
    position: Position | None = None


class ImportedCount(Input):
    """A variant as it was counted at a location; what is missing stays as it is, or is as for new stock."""

    sku: Sku
    location: Name | None = Field(default=None, description="Its name; the shop's default location when it is missing.")
    on_hand: Pieces
    incoming: Pieces | None = None
    low_threshold: Pieces | None = None
    backorder: StrictBool | None = None
    reason: Name = "count"
