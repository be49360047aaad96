"""What people command about discount codes."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, StrictBool, StrictInt, StringConstraints

from api.domain.discounts import LONGEST_CODE, MOST_USES, Kind
from api.store.discounts import LIST
from api.use_cases.fields import Currency, Input, Minor, Moment
from api.use_cases.pages import PageAsked, Several
from schemas.article_codes import written_code

Code = Annotated[
    str,
    BeforeValidator(lambda given: written_code(given) if isinstance(given, str) else given),
    StringConstraints(min_length=1, max_length=LONGEST_CODE, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Uses = Annotated[StrictInt, Field(ge=0, le=MOST_USES)]
Each = Annotated[StrictInt, Field(ge=1, le=MOST_USES)]
_SPRING: Final[dict[str, JsonValue]] = {"code": "SPRING", "kind": "percentage", "value": 1000}


class NewDiscount(Input):
    """A code for carts, in any case."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SPRING]})

    code: Code
    kind: Kind
    value: Minor = Field(default=0, description="Hundredths of a percent (1000 is 10 %), or minor units of `currency`.")
    currency: Currency | None = Field(default=None, description="Of an amount and of a minimum.")
    minimum_minor: Minor = Field(default=0, description="From this subtotal on.")
    starts_at: Moment | None = None
    ends_at: Moment | None = Field(default=None, description="From this moment on it takes nothing off.")
    most_uses: Uses | None = Field(default=None, description="By all orders together.")
    most_each: Each | None = Field(default=None, description="By each customer, who has to be signed in then.")
    active: StrictBool = True


class DiscountChange(Input):
    """What is missing stays as it is; `null` is no limit. Code and kind stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"active": False}]})

    value: Minor = 0
    currency: Currency | None = None
    minimum_minor: Minor = 0
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    most_uses: Uses | None = None
    most_each: Each | None = None
    active: StrictBool = True


class DiscountsAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "code"] = "oldest"
    active: bool | None = Field(default=None, description="Only those that are on, or only those that are off.")
    kind: Several[Kind] | None = Field(default=None, description="Any of these.")
