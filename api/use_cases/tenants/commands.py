"""What people command about shops."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from api.domain.host_names import host_name
from api.domain.modules import Module
from api.domain.tenants import MOST_DOMAINS
from api.store.tenants import LIST
from api.use_cases.fields import Currency, Input, Locale, Name
from api.use_cases.pages import PageAsked


def _host(given: str) -> str:
    name = host_name(given)
    if name is None or ":" in given or "." not in name or name.rpartition(".")[2].isdigit():
        raise ValueError("it is to be the name of a host, such as shop.example")  # pydantic wants ValueError
    return name


Domain = Annotated[str, StringConstraints(max_length=253), AfterValidator(_host)]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_TIME_ZONE = "Whose days figures are of. An IANA name, e.g. Europe/Berlin."


class NewTenant(Input):
    slug: str = Field(min_length=1, max_length=63, description="a-z, 0-9 and -; unique on the platform.")
    name: Name
    domains: list[Domain] = Field(
        default=[], max_length=MOST_DOMAINS, description="Hosts of its storefronts, to be shown to be its own."
    )
    default_locale: Locale = "en"
    locales: list[Locale] | None = Field(default=None, min_length=1, max_length=50)
    currency: Currency = "EUR"
    time_zone: TimeZone = Field(default="UTC", description=_TIME_ZONE)


class TenantChange(Input):
    """What is missing stays as it is."""

    name: Name | None = None
    default_locale: Locale | None = None
    locales: list[Locale] | None = Field(default=None, min_length=1, max_length=50)
    currency: Currency | None = Field(default=None, description="Only before the first order.")
    time_zone: TimeZone | None = Field(default=None, description=_TIME_ZONE)
    modules: list[Module] | None = Field(default=None, max_length=10, description="Those that are on.")


class NewDomain(Input):
    domain: Domain


class Erasure(Input):
    """For good."""

    slug: str = Field(max_length=63, description="That of the shop, to be sure it is the one that is meant.")


class TenantsAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "slug"] = "oldest"
    active: bool | None = Field(default=None, description="Only those that are open, or only those that are closed.")
