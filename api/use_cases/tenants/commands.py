"""What people command about shops."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.use_cases.fields import Currency, Input, Locale, Name

Domain = Annotated[str, StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]


class NewTenant(Input):
    slug: str = Field(min_length=1, max_length=63, description="a-z, 0-9 and -; unique on the platform.")
    name: Name
    domains: list[Domain] = Field(default=[], max_length=20, description="Hosts its storefronts are found under.")
    default_locale: Locale = "en"
    locales: list[Locale] | None = Field(default=None, min_length=1, max_length=50)
    currency: Currency = "EUR"
