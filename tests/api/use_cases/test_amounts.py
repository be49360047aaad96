"""Amounts are whole numbers of the currency's smallest unit all the way: nothing is rounded, nothing is a float."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.domain.money import EXPONENTS, MOST_MINOR, written
from api.domain.order_prices import Offer, at_list_price
from api.use_cases.products.commands import PriceBody
from schemas.events.product import Price
from tests.support.examples import MOMENT

CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(amount=st.floats() | st.decimals(allow_nan=False, allow_infinity=False).map(str), currency=CURRENCIES)
def test_an_amount_that_is_no_whole_number_is_refused_and_never_rounded(amount: float | str, currency: str) -> None:
    with pytest.raises(ValidationError):
        PriceBody.model_validate({"currency": currency, "amount_minor": amount})


@given(amount=st.integers(0, MOST_MINOR), quantity=st.integers(1, 1_000_000), currency=CURRENCIES)
def test_a_line_is_worth_exactly_its_quantity_times_the_price(amount: int, quantity: int, currency: str) -> None:
    amount %= MOST_MINOR // quantity + 1
    price = PriceBody.model_validate_json(json.dumps({"currency": currency, "amount_minor": amount}))
    offered = Price(currency=currency, amount_minor=price.amount_minor, compare_at_minor=None)
    offer = Offer(
        product_id=uuid4(),
        variant_id=uuid4(),
        sku="A",
        title="A",
        category_path=(),
        brand=None,
        unit="piece",
        on_sale=True,
        prices=(offered,),
        tiers=(),
        at=MOMENT,
    )

    total = at_list_price(offer, quantity, currency, "lines.0.sku").total_minor

    assert (type(total), total) == (int, quantity * amount)


@given(amount=st.integers(-MOST_MINOR, MOST_MINOR), currency=CURRENCIES)
def test_an_amount_is_written_with_all_its_digits_and_no_more(amount: int, currency: str) -> None:
    number, _, code = written(amount, currency).partition(" ")

    assert code == currency
    assert int(number.replace(".", "")) == amount
    assert len(number.partition(".")[2]) == EXPONENTS[currency]
