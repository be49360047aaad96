"""What staff found, in JSON: each thing as its own call shows it, with the fields in which the words are."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.http.bodies.orders import OrderAnswer
from api.http.bodies.users import UserAnswer
from api.use_cases.staff_search.find_customers import Customer
from api.use_cases.staff_search.found_pages import Found


class Matched(BaseModel):
    matched: list[str] = Field(description="The fields in which the words are: `contact.email`, `lines.sku`.")


class FoundPage(PageAnswer):
    """A page of what is rare among much may be short, or empty, and go on all the same: `next_cursor` says so."""

    as_of: datetime = Field(description="All that was committed before is in it.")


class FoundOrderAnswer(OrderAnswer, Matched):
    @classmethod
    def of_found(cls, found: Found[Versioned[AnyOrder]]) -> Self:
        shown = OrderAnswer.of(found.thing)
        return cls(**dict(shown), matched=list(found.matched))


class FoundOrders(FoundPage):
    items: list[FoundOrderAnswer]


class OrderedAnswer(AnswerBody):
    orders: int
    last_order_id: UUID | None
    last_placed_at: datetime | None


class FoundCustomerAnswer(UserAnswer, Matched):
    ordered: OrderedAnswer | None = Field(description="`null` for who may not list orders.")

    @classmethod
    def of_found(cls, found: Found[Customer]) -> Self:
        shown = UserAnswer.of(found.thing.account)
        ordered = found.thing.ordered
        told = None if ordered is None else OrderedAnswer.model_validate(ordered)
        return cls(**dict(shown), matched=list(found.matched), ordered=told)


class FoundCustomers(FoundPage):
    items: list[FoundCustomerAnswer]
