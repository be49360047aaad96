from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from api.domain.errors import Invalid
from api.domain.list_prices import Tier
from api.domain.money import MOST_MINOR
from api.domain.order_prices import Offer, at_list_price, line
from schemas.events.order import OrderLine
from schemas.events.price_list import PriceList
from schemas.events.product import Price
from tests.support.examples import MOMENT


def offer(*, on_sale: bool = True, own: int | None = 150, crossed_out: int | None = None, listed: Any = None) -> Offer:
    """`listed` is what a price list says: the price of one and what it crosses out."""
    return Offer(
        product_id=uuid4(),
        variant_id=uuid4(),
        sku="TOM",
        title="Tomatoes",
        category_path=("Groceries", "Canned"),
        brand="Verde",
        unit="piece",
        on_sale=on_sale,
        prices=() if own is None else (Price(currency="EUR", amount_minor=own, compare_at_minor=crossed_out),),
        tiers=() if listed is None else (tier(*listed),),
        at=MOMENT,
    )


def tier(amount: int, crossed_out: int | None) -> Tier:
    always = PriceList(
        id=uuid4(),
        name="Spring",
        currency="EUR",
        customer_group=None,
        starts_at=None,
        ends_at=None,
        priority=1,
        active=True,
        created_at=MOMENT,
    )
    return Tier(price_list=always, from_quantity=1, amount_minor=amount, compare_at_minor=crossed_out)


def sold(**how: Any) -> OrderLine:
    return line(offer(), **{"quantity": 1, "unit_price_minor": 150, "list_price_minor": None, **how})


def test_a_line_is_worth_its_quantity_and_its_adjustment() -> None:
    assert sold(quantity=3, adjustment_minor=-50).total_minor == 400


def test_the_shop_says_the_price() -> None:
    assert at_list_price(offer(), 2, "EUR", "lines.0.sku").total_minor == 300


@pytest.mark.parametrize(("on_sale", "currency"), [(False, "EUR"), (True, "USD")])
def test_what_is_not_on_sale_or_has_no_price_is_refused(on_sale: bool, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        at_list_price(offer(on_sale=on_sale), 1, currency, "lines.7.sku")

    assert refused.value.errors[0].field == "lines.7.sku"


def test_a_line_beyond_counting_is_refused() -> None:
    with pytest.raises(Invalid):
        sold(quantity=2, unit_price_minor=MOST_MINOR)


def test_a_line_says_what_was_sold_as_it_stood_on_the_shelf() -> None:
    one = at_list_price(offer(), 2, "EUR", "lines.0.sku")

    assert (one.category, one.category_path, one.brand, one.unit) == (
        "Groceries",
        ("Groceries", "Canned"),
        "Verde",
        "piece",
    )


@pytest.mark.parametrize(
    ("prices", "unit", "listed"),
    [
        ({"own": 150}, 150, 150),
        ({"own": 150, "crossed_out": 180}, 150, 180),
        ({"own": 150, "listed": (120, None)}, 120, 150),
        ({"own": 150, "crossed_out": 180, "listed": (120, None)}, 120, 150),
        ({"own": 150, "listed": (120, 140)}, 120, 140),
        ({"own": 150, "listed": (170, None)}, 170, 170),
        ({"own": None, "listed": (120, None)}, 120, 120),
    ],
    ids=[
        "the product's own",
        "it crosses one out",
        "a list is lower",
        "a list is lower than a reduced one",
        "a list crosses one out",
        "a list is higher",
        "only a list has one",
    ],
)
def test_the_list_price_is_what_one_costs_without_reduction(prices: dict[str, Any], unit: int, listed: int) -> None:
    one = at_list_price(offer(**prices), 1, "EUR", "lines.0.sku")

    assert (one.unit_price_minor, one.list_price_minor, one.discount_minor) == (unit, listed, 0)


@pytest.mark.parametrize(
    ("adjustment", "said", "discount"), [(-20, None, 20), (25, None, 0), (-25, 50, 50), (-1, 0, 0)]
)
def test_what_is_taken_off_is_a_discount_unless_somebody_says(adjustment: int, said: int | None, discount: int) -> None:
    """A discount of 50 and a deposit of 25 are an adjustment of −25; a cent that was rounded is none."""
    assert sold(adjustment_minor=adjustment, discount_minor=said).discount_minor == discount


def test_nothing_is_sold_above_its_list_price() -> None:
    with pytest.raises(Invalid) as refused:
        line(offer(), "lines.3.", quantity=1, unit_price_minor=150, list_price_minor=149)

    assert refused.value.errors[0].field == "lines.3.list_price_minor"


def test_a_line_is_in_the_unit_of_its_variant_unless_somebody_says() -> None:
    by_weight = replace(offer(), unit="100 g")
    priced: dict[str, Any] = {"quantity": 2, "unit_price_minor": 150, "list_price_minor": None}

    assert at_list_price(by_weight, 2, "EUR", "lines.0.sku").unit == "100 g"
    assert line(by_weight, **priced).unit == "100 g"
    assert line(by_weight, **priced, unit="piece").unit == "piece"
