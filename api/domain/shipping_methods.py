"""Says how a shop sends what was bought, where to, and what that costs: flat, and free from a subtotal on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.domain.shown_locale import shown

MOST_METHODS: Final = 50
MOST_PRICES: Final = 50
LONGEST_CODE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodName:
    locale: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingPrice:
    """Nothing is due from a subtotal of `free_from_minor` on; None: it is never free."""

    currency: str
    amount_minor: int
    free_from_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethod:
    """It goes to `countries`; with none of them named, everywhere."""

    code: str
    names: tuple[MethodName, ...]
    countries: tuple[str, ...]
    prices: tuple[ShippingPrice, ...]
    active: bool

    def goes_to(self, country: str | None) -> bool:
        return not self.countries or country in self.countries

    def costs(self, currency: str, subtotal_minor: int) -> int | None:
        """None: it cannot be had in this currency."""
        price = next((one for one in self.prices if one.currency == currency), None)
        if price is None:
            return None
        free = price.free_from_minor is not None and subtotal_minor >= price.free_from_minor
        return 0 if free else price.amount_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMethod:
    """A method that goes where a cart goes, and what it costs for this cart."""

    code: str
    name: str
    amount_minor: int


def offered(
    methods: Sequence[ShippingMethod],
    *,
    country: str | None,
    currency: str,
    subtotal_minor: int,
    locales: Sequence[str],
) -> list[OfferedMethod]:
    """In the shop's order."""
    return [
        OfferedMethod(code=one.code, name=shown(one.names, locales).name, amount_minor=amount)
        for one in methods
        if one.active and one.goes_to(country) and (amount := one.costs(currency, subtotal_minor)) is not None
    ]
