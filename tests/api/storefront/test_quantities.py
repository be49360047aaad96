"""How much of something is in a cart is said in its unit, and what is measured is one article."""

from typing import Any

import pytest

from api.storefront.quantities import articles_in, priced_by, quantity


@pytest.mark.parametrize(
    ("of", "unit", "told"), [(3, "piece", "3"), (3, None, "3"), (500, "g", "500 g"), (5, "100 g", "5 × 100 g")]
)
def test_pieces_are_a_number_and_anything_else_says_its_unit(of: int, unit: str | None, told: str) -> None:
    assert quantity(of, unit) == told


@pytest.mark.parametrize(
    ("units", "told"), [(["100 g"], "100 g"), (["piece"], None), (["100 g", "kg"], None), ([], None)]
)
def test_a_price_says_of_what_it_is_where_all_variants_are_sold_by_it(units: list[str], told: str | None) -> None:
    assert priced_by(units) == told


def cart(*lines: tuple[int, str | None], is_counted: bool = True) -> dict[str, Any]:
    counted = {"lines": [{"unit": unit} for _, unit in lines]}
    return {"lines": [{"quantity": of} for of, _ in lines], "counted": counted if is_counted else None}


def test_what_is_measured_is_one_article_whatever_its_quantity() -> None:
    assert articles_in(cart((2, "piece"), (500, "g"), (3, "100 g"))) == 4
    assert articles_in(cart()) == 0


def test_of_what_is_sold_no_more_nobody_knows_the_unit() -> None:
    assert articles_in(cart((2, None), (500, "g"))) == 3
    assert articles_in(cart((2, "piece"), is_counted=False)) == 2
