"""An amount of money is an integer of minor units and an ISO 4217 code that says how many make one."""

from typing import Final

from api.domain.errors import Invalid
from schemas.currencies import EXPONENTS as EXPONENTS

#: The largest amount in minor units anywhere: far above any shop, and sums of many stay inside 64 bits.
MOST_MINOR: Final = 10**15


def checked_currency(code: str, field: str) -> str:
    """The code itself. Raises `Invalid` when ISO 4217 has no such currency."""
    if code not in EXPONENTS:
        raise Invalid.field(field, "unknown_currency", f"{code} is no ISO 4217 currency.")
    return code


def written(amount_minor: int, currency: str) -> str:
    """For people and logs: `12.50 EUR`, `1250 JPY`, `-0.005 KWD`."""
    exponent = EXPONENTS[currency]
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}d} {currency}" if exponent else f"{sign}{whole} {currency}"
