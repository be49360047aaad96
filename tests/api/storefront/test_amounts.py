"""Money is written as people of a language do, and read back as they type it."""

import pytest

from api.storefront.amounts import minor_of, money, plain


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        (123450, "EUR", "en", "€1,234.50"),
        (123450, "EUR", "de-AT", "1.234,50\u00a0€"),
        (123450, "EUR", "fr", "1\u202f234,50\u00a0€"),
        (123450, "EUR", "nl", "€\u00a01.234,50"),
        (1250, "JPY", "en", "¥1,250"),
        (1005, "KWD", "en", "KWD\u00a01.005"),
        (-490, "USD", "de", "−4,90\u00a0$"),
        (1250, "EUR", "tlh", "12.50\u00a0EUR"),
    ],
)
def test_an_amount_is_written_as_people_of_the_language_do(
    amount: int, currency: str, locale: str, written: str
) -> None:
    assert money(amount, currency, locale) == written


def test_machines_get_it_with_a_point_and_nothing_else() -> None:
    assert (plain(123450, "EUR"), plain(1250, "JPY")) == ("1234.50", "1250")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("12.50", 1250), ("12,5", 1250), (" 12 ", 1200), ("0", 0), ("12.505", None), ("-1", None), ("x", None),
     ("NaN", None), ("Infinity", None), ("1e400", None), ("1.234,50", None), ("", None)],
)  # fmt: skip
def test_an_amount_that_is_typed_is_exact_or_none(typed: str, minor: int | None) -> None:
    assert minor_of(typed, "EUR") == minor
