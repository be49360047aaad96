"""What a shop says about taxes and shipping, in JSON."""

from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.tax_rates import TaxTable
from api.http.bodies.fields import AnswerBody
from api.store.shipping_methods import Methods


class TaxRateAnswer(AnswerBody):
    country: str
    postal_prefix: str
    category_id: UUID | None
    rate: int = Field(description="Hundredths of a percent: 1900 is 19 %.")


class _TaxFacts(AnswerBody):
    prices_include_tax: bool
    by_country: dict[str, bool]
    rates: list[TaxRateAnswer]


class TaxesAnswer(_TaxFacts):
    """At version 0 nobody said anything yet."""

    version: int

    @classmethod
    def of(cls, held: Versioned[TaxTable]) -> Self:
        return cls(**dict(_TaxFacts.model_validate(held.value)), version=held.version)


class MethodNameAnswer(AnswerBody):
    locale: str
    name: str


class ShippingPriceAnswer(AnswerBody):
    currency: str
    amount_minor: int
    free_from_minor: int | None


class ShippingMethodAnswer(AnswerBody):
    code: str
    names: list[MethodNameAnswer]
    countries: list[str] = Field(description="Everywhere when it is empty.")
    prices: list[ShippingPriceAnswer]
    active: bool


class ShippingAnswer(AnswerBody):
    """At version 0 nobody said anything yet."""

    methods: list[ShippingMethodAnswer]
    version: int

    @classmethod
    def of(cls, held: Versioned[Methods]) -> Self:
        return cls(methods=[ShippingMethodAnswer.model_validate(one) for one in held.value], version=held.version)
