"""What people command of orders that nobody has confirmed yet."""

from pydantic import Field, StrictBool

from api.domain.orders import MOST_LINES
from api.use_cases.carts.commands import MethodCode
from api.use_cases.fields import Input
from api.use_cases.orders.commands import NewLine
from api.use_cases.prices.commands import CustomerGroup


class LinesGiven(Input):
    """All lines from now on; price, title and category are the shop's.

    `shipping_method` and `keep_discount` are about orders that were made of a cart.
    """

    customer_group: CustomerGroup | None = Field(
        default=None,
        description="Whose prices they get, the customer's own when missing; refused when a customer sends it.",
    )
    shipping_method: MethodCode | None = Field(default=None, description="As it was ordered when it is missing.")
    keep_discount: StrictBool = Field(
        default=True, description="`false`: its code takes nothing off any more, and can be used again."
    )
    lines: list[NewLine] = Field(min_length=1, max_length=MOST_LINES)
