"""What staff look for: words, and what the list of the same things is narrowed by."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from api.domain.users import Status
from api.store import found_customers, found_orders
from api.use_cases.orders.commands import OrdersSought
from api.use_cases.pages import PageAsked, Several
from api.use_cases.prices.commands import CustomerGroup

MOST_WORDS: Final = 10
Typed = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_Q: Final = (
    f"At most {MOST_WORDS} words, each as it begins; of a code also its end. All have to be there. None: all there is."
)


#: Words are looked for by another table than that of the list.
_NO_FILTERS: Final = PageAsked.NO_FILTERS | {"q"}


class OrdersSearched(OrdersSought, PageAsked):
    TABLE: ClassVar = found_orders.LIST
    NO_FILTERS: ClassVar = _NO_FILTERS

    sort: Literal["newest", "oldest"] = "newest"
    q: Typed | None = Field(default=None, description=_Q)


class CustomersSearched(PageAsked):
    TABLE: ClassVar = found_customers.LIST
    NO_FILTERS: ClassVar = _NO_FILTERS

    sort: Literal["newest", "oldest"] = "newest"
    q: Typed | None = Field(default=None, description=_Q)
    status: Several[Status] | None = Field(default=None, description="Any of these.")
    customer_group: Several[CustomerGroup] | None = Field(
        default=None, description="Who pays the prices of any of these."
    )
