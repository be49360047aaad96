import pytest

from api.domain.errors import Invalid
from api.domain.money import checked_currency, written


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, "EUR", "12.50 EUR"),
        (1250, "JPY", "1250 JPY"),
        (-5, "KWD", "-0.005 KWD"),
        (0, "USD", "0.00 USD"),
    ],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


@pytest.mark.parametrize("code", ["EURO", "eur", "XXX", ""])
def test_what_nobody_pays_with_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        checked_currency(code, "currency")
