"""What a shop says about taxes and shipping, each as a whole."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from api.domain.shipping_methods import MOST_METHODS, MOST_PRICES
from api.domain.tax_rates import LONGEST_POSTAL_PREFIX, MOST_COUNTRIES, MOST_RATE, MOST_RATES
from api.use_cases.carts.commands import MethodCode
from api.use_cases.fields import Country, Currency, Input, Locale, Minor, Name

PostalPrefix = Annotated[str, StringConstraints(max_length=LONGEST_POSTAL_PREFIX, pattern=r"^[A-Z0-9]*$")]


class GivenTaxRate(Input):
    country: Country
    postal_prefix: PostalPrefix = Field(
        default="", description="Only where the postal code begins so, without spaces and hyphens."
    )
    category_id: UUID | None = Field(default=None, description="Only for products in it, however deep.")
    rate: Annotated[StrictInt, Field(ge=0, le=MOST_RATE, description="Hundredths of a percent: 1900 is 19 %.")]


class GivenTaxes(Input):
    """All of them, in place of those that were."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"prices_include_tax": True, "by_country": {"US": False}, "rates": [{"country": "AT", "rate": 2000}]}
            ]
        }
    )

    prices_include_tax: StrictBool = Field(description="Whether the shop's prices have the tax in them already.")
    by_country: dict[Country, StrictBool] = Field(
        default={},
        max_length=MOST_COUNTRIES,
        description="The same of what goes to these countries, where it is otherwise.",
    )
    rates: list[GivenTaxRate] = Field(max_length=MOST_RATES)


class GivenMethodName(Input):
    locale: Locale
    name: Name


class GivenShippingPrice(Input):
    currency: Currency
    amount_minor: Minor
    free_from_minor: Minor | None = Field(default=None, description="Nothing is due from this subtotal on.")


class GivenShippingMethod(Input):
    code: MethodCode = Field(description="What carts and programs call it.")
    names: list[GivenMethodName] = Field(min_length=1, max_length=MOST_PRICES)
    countries: list[Country] = Field(default=[], max_length=MOST_COUNTRIES, description="Everywhere when it is empty.")
    prices: list[GivenShippingPrice] = Field(min_length=1, max_length=MOST_PRICES)
    active: StrictBool = True


class GivenShipping(Input):
    """All of them, in the order in which they are offered, in place of those that were."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "methods": [
                        {
                            "code": "post",
                            "names": [{"locale": "en", "name": "By post"}],
                            "countries": ["AT", "DE"],
                            "prices": [{"currency": "EUR", "amount_minor": 490, "free_from_minor": 5000}],
                        }
                    ]
                }
            ]
        }
    )

    methods: list[GivenShippingMethod] = Field(max_length=MOST_METHODS)
