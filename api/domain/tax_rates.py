"""Says which rate of a shop's taxes is due: by where the goods go, and by what they are.

Of the rates of a country those count whose postal prefix the postal code begins with: the longest prefix first. Of
these, those of a category in which the product is, however deep: the deepest category first, a rate for everything
last, and of two equals the lower rate. Where no rate fits no tax is due.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

#: A rate is a whole number of hundredths of a percent: 1900 is 19 %.
MOST_RATE: Final = 10_000
MOST_RATES: Final = 500
MOST_COUNTRIES: Final = 300
LONGEST_POSTAL_PREFIX: Final = 10

#: The way from the root to a category.
Path = Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """`postal_prefix` is empty for the whole country; with `category_id` None it is for everything."""

    country: str
    postal_prefix: str
    category_id: UUID | None
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTable:
    """`prices_include_tax`: the shop's prices have it in them already, those of shipping too. In the countries of
    `by_country` it is as is said there.
    """

    prices_include_tax: bool
    by_country: Mapping[str, bool]
    rates: tuple[TaxRate, ...]

    def includes_tax(self, country: str | None) -> bool:
        """Of prices that go to this country. The price is the same wherever it goes: where it has the tax in it that
        is told, elsewhere added.
        """
        return self.prices_include_tax if country is None else self.by_country.get(country, self.prices_include_tax)


def plain_postal_code(code: str) -> str:
    """As it is compared: without spaces and hyphens, in capitals."""
    return code.translate({ord(" "): None, ord("-"): None}).upper()


def rate_due(rates: Iterable[TaxRate], country: str | None, postal_code: str | None, paths: Collection[Path]) -> int:
    """For a product in the categories that `paths` lead to; without any: for shipping."""
    code = plain_postal_code(postal_code or "")
    fitting = [
        (len(one.postal_prefix), deep, -one.rate)
        for one in rates
        if one.country == country
        and code.startswith(one.postal_prefix)
        and (deep := _depth(one.category_id, paths)) is not None
    ]
    return -max(fitting)[2] if fitting else 0


def _depth(category_id: UUID | None, paths: Collection[Path]) -> int | None:
    """How deep the category lies that the product is in; 0: every product is. None: it is not in it."""
    if category_id is None:
        return 0
    return max((path.index(category_id) + 1 for path in paths if category_id in path), default=None)
