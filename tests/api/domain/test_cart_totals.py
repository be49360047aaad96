"""What a cart comes to, for any amounts, rates and shipping."""

from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cart_totals import Taxed, tax_of, totals
from api.domain.tax_rates import MOST_RATE, TaxRate, rate_due

TAXED = st.builds(Taxed, st.integers(0, 10**12), st.integers(0, MOST_RATE))


@given(st.lists(TAXED, max_size=20), TAXED, st.integers(0, 10**13), st.booleans())
def test_lines_less_the_discount_and_shipping_and_added_tax_are_the_total_to_the_cent(
    lines: list[Taxed], shipping: Taxed, off: int, included: bool
) -> None:
    discount = min(off, sum(one.amount_minor for one in lines))

    counted = totals(lines, shipping, discount_minor=discount, prices_include_tax=included)

    together = sum(one.amount_minor for one in lines) - counted.discount_minor
    assert counted.total_minor == together + counted.shipping_minor + counted.tax_minor
    assert 0 <= sum(counted.line_tax_minor) <= together + len(lines)
    told = sum(counted.line_tax_minor) + tax_of(shipping, included=included)
    assert told == counted.tax_minor + counted.tax_included_minor
    assert 0 in (counted.tax_minor, counted.tax_included_minor)


@given(TAXED, st.booleans())
def test_tax_is_off_by_half_a_cent_at_most_and_half_a_cent_is_a_whole_one(taxed: Taxed, included: bool) -> None:
    whole = MOST_RATE + taxed.rate if included else MOST_RATE

    off = tax_of(taxed, included=included) - Fraction(taxed.amount_minor * taxed.rate, whole)

    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("amount", "rate", "added", "included"),
    [(1000, 2000, 200, 167), (150, 1000, 15, 14), (5, 1000, 1, 0), (4, 1000, 0, 0), (999, 0, 0, 0), (0, 1900, 0, 0)],
)
def test_examples_of_the_docs(amount: int, rate: int, added: int, included: int) -> None:
    taxed = Taxed(amount, rate)

    assert (tax_of(taxed, included=False), tax_of(taxed, included=True)) == (added, included)


def test_the_longest_postal_prefix_decides_then_the_deepest_category_then_the_lower_rate() -> None:
    food, bread, cheese, tools = uuid4(), uuid4(), uuid4(), uuid4()

    def rate(due: int, prefix: str = "", category: object = None) -> TaxRate:
        return TaxRate(country="AT", postal_prefix=prefix, category_id=category, rate=due)  # type: ignore[arg-type]

    rates = [
        rate(2000),
        rate(1000, category=food),
        rate(500, category=bread),
        rate(1900, "6691"),
        rate(700, "66", food),
    ]
    rates += [rate(400, category=cheese)]
    loaf, roll = [(food, bread)], [(food, bread), (cheese,)]

    def due(postal_code: str | None, paths: list[tuple[object, ...]], country: str | None = "AT") -> int:
        return rate_due(rates, country, postal_code, paths)  # type: ignore[arg-type]

    assert (due("1070", []), due("1070", [(tools,)]), due("1070", [(food,)]), due(None, loaf)) == (
        2000,
        2000,
        1000,
        500,
    )
    assert (due("66-91 x", loaf), due("6600", loaf), due("6600", [(tools,)])) == (1900, 700, 2000)
    assert due("1070", roll) == 500
    assert due("1070", [(food,), (cheese,)]) == 400
    assert (due("1070", loaf, "DE"), due("1070", loaf, None)) == (0, 0)
