"""What people command of price lists and ask of prices. Every `*_minor` is in minor units of the list's currency."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from api.domain.list_prices import MOST_FROM_QUANTITY, WHOLE_BP
from api.domain.price_lists import GROUP_PATTERN, LONGEST_GROUP, MOST_PRIORITY
from api.store import list_prices, price_lists
from api.use_cases.fields import Country, Currency, Input, Minor, Moment, Name, Sku
from api.use_cases.pages import PageAsked

CustomerGroup = Annotated[str, StringConstraints(max_length=LONGEST_GROUP, pattern=GROUP_PATTERN)]
Priority = Annotated[StrictInt, Field(ge=0, le=MOST_PRIORITY)]


class NewPriceList(Input):
    name: Name
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    customer_group: CustomerGroup | None = Field(default=None, description="Whom it is for; missing: everybody.")
    starts_at: Moment | None = Field(default=None, description="The first moment at which it is in effect.")
    ends_at: Moment | None = Field(default=None, description="The first moment at which it is not any more.")
    priority: Priority = Field(default=0, description="The list with the highest one decides.")
    active: StrictBool = True


class PriceListChange(Input):
    """What is missing stays as it is; a moment that is `null` is none."""

    name: Name = "-"
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    priority: Priority = 0
    active: StrictBool = True

    @model_validator(mode="after")
    def _nothing_is_asked(self) -> "PriceListChange":
        if not self.model_fields_set:
            raise ValueError("it names nothing to change")  # pydantic wants ValueError
        return self


class PriceListsAsked(PageAsked):
    TABLE: ClassVar = price_lists.LIST

    sort: Literal["oldest", "newest", "name", "priority_desc"] = "oldest"
    active: bool | None = Field(default=None, description="Only what is active, or only what is not.")
    currency: Currency | None = None
    customer_group: CustomerGroup | None = None


class ListedPricesAsked(PageAsked):
    """Sorted by the age of the variants."""

    TABLE: ClassVar = list_prices.LIST

    sort: Literal["oldest", "newest"] = "oldest"


class ListedPrice(Input):
    """What the list says of a variant from now on: an amount, so much off the product's own price, or nothing."""

    sku: Sku
    from_quantity: Annotated[StrictInt, Field(ge=1, le=MOST_FROM_QUANTITY)] = Field(
        default=1, description="For whoever takes so many or more at once."
    )
    amount_minor: Minor | None = None
    compare_at_minor: Minor | None = Field(default=None, description="The crossed-out price.")
    off_bp: Annotated[StrictInt, Field(ge=0, le=WHOLE_BP)] | None = Field(
        default=None,
        description="Hundredths of a percent off the product's own price, as it is now; that is then crossed out.",
    )
    remove: StrictBool = Field(default=False, description="The list has no price from this quantity on any more.")

    @model_validator(mode="after")
    def _one_of_them(self) -> "ListedPrice":
        if (self.amount_minor is not None) + (self.off_bp is not None) + self.remove != 1:
            raise ValueError("it has one of `amount_minor`, `off_bp` and `remove`")  # pydantic wants ValueError
        if self.compare_at_minor is not None and self.amount_minor is None:
            raise ValueError("`compare_at_minor` stands beside an `amount_minor`")  # pydantic wants ValueError
        return self


class ImportedPrice(ListedPrice):
    price_list: Name = Field(description="The name of the list.")


class PriceAsked(Input):
    """Only the shop's own people ask for a group or a list."""

    sku: Sku
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    quantity: int = Field(default=1, ge=1, le=MOST_FROM_QUANTITY)
    customer_group: CustomerGroup | None = None
    price_list_id: UUID | None = Field(default=None, description="Ask no other list than this one.")
    at: Moment | None = Field(default=None, description="Now when it is missing.")


class PricesWanted(Input):
    """With any of them each variant of the answer has its `price`: what applies to whoever asks, now."""

    currency: Currency | None = Field(default=None, description="Of `price`; the shop's own when it is missing.")
    quantity: int | None = Field(
        default=None, ge=1, le=MOST_FROM_QUANTITY, description="`price` is for so many at once; 1 when it is missing."
    )
    customer_group: CustomerGroup | None = Field(
        default=None,
        description="Whose `price`: for the shop's own people only. A customer is shown that of their group.",
    )
    country: Country | None = Field(
        default=None, description="Where it goes: whether `price` has the tax in it may depend on it."
    )


class LowestPriceAsked(Input):
    sku: Sku
    currency: Currency | None = Field(default=None, description="The shop's own when it is missing.")
    before: Moment | None = Field(default=None, description="The reduction in effect at this moment; now if missing.")
