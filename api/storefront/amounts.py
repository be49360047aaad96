"""Writes an amount of money as people of a language do: from one table, exactly, without floats."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from api.domain.money import EXPONENTS, MOST_MINOR, written

_NO_BREAK: Final = "\u00a0"
_NARROW: Final = "\u202f"
_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "KRW": "₩", "INR": "₹", "ILS": "₪", "PLN": "zł"}


@dataclass(frozen=True, slots=True)
class _Form:
    """`before`: the symbol stands in front of the number."""

    decimal: str
    group: str
    before: bool


_FORMS: Final = {
    "en": _Form(".", ",", before=True),
    "ja": _Form(".", ",", before=True),
    "zh": _Form(".", ",", before=True),
    "ko": _Form(".", ",", before=True),
    "de": _Form(",", ".", before=False),
    "de-CH": _Form(".", "’", before=True),
    "es": _Form(",", ".", before=False),
    "it": _Form(",", ".", before=False),
    "pt": _Form(",", ".", before=False),
    "nl": _Form(",", ".", before=True),
    "fr": _Form(",", _NARROW, before=False),
    "pl": _Form(",", _NO_BREAK, before=False),
    "cs": _Form(",", _NO_BREAK, before=False),
    "ru": _Form(",", _NO_BREAK, before=False),
    "uk": _Form(",", _NO_BREAK, before=False),
    "sv": _Form(",", _NO_BREAK, before=False),
    "he": _Form(".", ",", before=False),
}


def money(amount_minor: int, currency: str, locale: str) -> str:
    """`€1,234.50`, `1.234,50 €`; a language that is not in the table has `1234.50 EUR`."""
    form = _FORMS.get(locale) or _FORMS.get(locale.partition("-")[0])
    if form is None:
        return written(amount_minor, currency).replace(" ", _NO_BREAK)
    exponent = EXPONENTS[currency]
    whole, part = divmod(abs(amount_minor), 10**exponent)
    number = f"{whole:,}".replace(",", form.group)
    if exponent:
        number += f"{form.decimal}{part:0{exponent}d}"
    sign = "−" if amount_minor < 0 else ""
    symbol = _SYMBOLS.get(currency, currency)
    if not form.before:
        return f"{sign}{number}{_NO_BREAK}{symbol}"
    close = len(symbol) == 1 and form.decimal != ","
    return f"{sign}{symbol}{'' if close else _NO_BREAK}{number}"


def plain(amount_minor: int, currency: str) -> str:
    """For machines: `12.50`."""
    return written(amount_minor, currency).split(" ")[0]


def minor_of(text: str, currency: str) -> int | None:
    """Of what somebody typed, with a point or a comma; None: it is no amount of this currency."""
    try:
        amount = Decimal(text.strip().replace(",", ".")).scaleb(EXPONENTS[currency])
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= MOST_MINOR:
        return None
    return int(amount)
