from uuid import uuid4

import pytest

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR
from api.domain.order_prices import Offer, at_list_price, line
from schemas.events.product import Price
from tests.support.examples import MOMENT


def offer(*, on_sale: bool = True) -> Offer:
    prices = (Price(currency="EUR", amount_minor=150, compare_at_minor=None),)
    ids = {"product_id": uuid4(), "variant_id": uuid4()}
    return Offer(
        product_id=uuid4(),
        variant_id=uuid4(),
        sku="TOM",
        title="Tomatoes",
        category_path=("Groceries", "Canned"),
        brand="Verde",
        on_sale=on_sale,
        prices=prices or (Price(currency="EUR", amount_minor=150, compare_at_minor=None),),
        tiers=tiers,
        at=MOMENT,
    )


def test_a_line_is_worth_its_quantity_and_its_adjustment() -> None:
    assert line(offer(), quantity=3, unit_price_minor=150, adjustment_minor=-50).total_minor == 400


def test_the_shop_says_the_price() -> None:
    assert at_list_price(offer(), 2, "EUR", "lines.0.sku").total_minor == 300


@pytest.mark.parametrize(("on_sale", "currency"), [(False, "EUR"), (True, "USD")])
def test_what_is_not_on_sale_or_has_no_price_is_refused(on_sale: bool, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        at_list_price(offer(on_sale=on_sale), 1, currency, "lines.7.sku")

    assert refused.value.errors[0].field == "lines.7.sku"


def test_a_line_beyond_counting_is_refused() -> None:
    with pytest.raises(Invalid):
        line(offer(), quantity=2, unit_price_minor=MOST_MINOR)
