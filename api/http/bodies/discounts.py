"""A discount code in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.discounts import Discount, Kind
from api.http.bodies.fields import AnswerBody, PageAnswer


class _DiscountFacts(AnswerBody):
    id: UUID
    code: str
    kind: Kind
    value: int = Field(description="Hundredths of a percent, or minor units of `currency`.")
    currency: str | None
    minimum_minor: int
    starts_at: datetime | None
    ends_at: datetime | None
    most_uses: int | None
    most_each: int | None
    active: bool
    uses: int = Field(description="How often it was used; a cancelled order gives its use back.")


class DiscountAnswer(_DiscountFacts):
    """`version` counts what was said of it, and not its uses."""

    version: int

    @classmethod
    def of(cls, held: Versioned[Discount]) -> Self:
        return cls(**dict(_DiscountFacts.model_validate(held.value)), version=held.version)


class DiscountPage(PageAnswer):
    items: list[DiscountAnswer]
