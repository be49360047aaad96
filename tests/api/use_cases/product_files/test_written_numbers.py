from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.money import EXPONENTS, written
from api.use_cases.product_files.written_numbers import UnreadableNumber, minor_units


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("19.99", "EUR", 1999),
        ("19,99", "EUR", 1999),
        ("19.9", "EUR", 1990),
        (".5", "EUR", 50),
        ("20.", "EUR", 2000),
        ("50", "EUR", 5000),
        ("1,234.50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("1 234,50", "EUR", 123450),
        ("1'234.50", "CHF", 123450),
        ("1.234.567", "EUR", 123456700),
        ("0.10000", "EUR", 10),
        ("1,500", "JPY", 1500),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("0.005", "KWD", 5),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, amount: int) -> None:
    assert minor_units(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *[("1.234", "EUR"), ("1,234", "EUR"), ("1,234", "KWD"), ("19.999", "EUR"), ("1500.5", "JPY")],
        *[("", "EUR"), (".", "EUR"), ("-5", "EUR"), ("free", "EUR"), ("1e3", "EUR"), ("5 €", "EUR"), ("１２", "EUR")],
        *[("1,2,3", "EUR"), ("1.234,567,89", "EUR"), ("9" * 30, "EUR"), ("NaN", "EUR"), ("1,23.45", "EUR")],
    ],
)
def test_what_is_none_or_could_be_another_is_refused(text: str, currency: str) -> None:
    with pytest.raises(UnreadableNumber):
        minor_units(text, currency)


@given(amount=st.integers(0, 10**12), currency=st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_back(amount: int, currency: str) -> None:
    assert minor_units(written(amount, currency).removesuffix(currency).strip(), currency) == amount


@given(text=st.text(max_size=20), currency=st.sampled_from(sorted(EXPONENTS)))
def test_any_text_is_an_amount_or_is_refused(text: str, currency: str) -> None:
    try:
        amount = minor_units(text, currency)
    except UnreadableNumber:
        return
    digits = "".join(character for character in text if character in "0123456789")
    assert amount >= 0
    assert digits.strip("0") == str(Decimal(amount)).strip("0")
