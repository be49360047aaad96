"""The demo's promotions: of the weeks around today, in the shops' time, and what the till took less for."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from ops.demo.fit_out_shop import collections
from ops.demo.grocer_offers import MOST_SHOWN, Offers, offers_of_busiest_day, offers_of_store
from ops.demo.grocer_source import Grocer
from ops.demo.promotion_weeks import weeks_around


@pytest.fixture(scope="module")
def offers() -> Offers:
    grocer = Grocer()
    return offers_of_store(grocer, grocer.stores(1)[0], datetime(2026, 11, 29, tzinfo=UTC))


def test_the_week_turns_at_midnight_in_new_york() -> None:
    sunday, monday = datetime(2026, 11, 30, 4, 59, tzinfo=UTC), datetime(2026, 11, 30, 5, 0, tzinfo=UTC)

    assert [week.monday for week in weeks_around(sunday)] == [date(2026, 11, day) for day in (16, 23)] + [
        date(2026, 11, 30)
    ]
    assert weeks_around(monday)[1].starts_at == monday


def test_weeks_follow_each_other_without_a_gap_where_clocks_change() -> None:
    for now in (datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)):
        for one, following in pairwise(weeks_around(now)):
            assert one.ends_at == following.starts_at


@pytest.mark.parametrize(
    ("today", "source_week"),
    [(date(2026, 1, 1), 2), (date(2026, 11, 29), 49), (date(2026, 12, 31), 53), (date(2027, 1, 4), 2)],
)
def test_a_week_has_the_promotions_of_the_same_time_of_the_sources_year(today: date, source_week: int) -> None:
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)

    assert weeks_around(now)[1].source_week == source_week


def test_a_promotion_is_below_the_products_own_price(offers: Offers) -> None:
    own = {product.external_id: product.price_minor for product in offers.products}

    assert len(offers.promotions) == 3
    for promotions in offers.promotions.values():
        assert len(promotions) > 100
        assert all(0 < one.amount_minor < one.compare_at_minor == own[one.sku] for one in promotions)
        assert len({one.sku for one in promotions}) == len(promotions)


def test_what_is_shown_first_is_what_saves_most_and_what_sells_most(offers: Offers) -> None:
    saved = {one.sku: one.saved_minor for one in offers.promotions[offers.this_week]}

    savings = [saved[sku] for sku in offers.largest_savings()]

    assert savings == sorted(savings, reverse=True)
    assert savings[0] == max(saved.values())
    assert len(offers.bestsellers) == len(set(offers.bestsellers)) == MOST_SHOWN
    assert offers.by_the_case_minor().keys() == set(offers.bestsellers)


def test_a_day_of_few_products_has_offers_of_these_alone() -> None:
    grocer = Grocer()
    products, _ = grocer.busiest_day()
    few = [product for product in products if product.price_minor > 0 and product.department != "PRODUCE"][:3]

    offers = offers_of_busiest_day(grocer, few, datetime(2026, 11, 29, tzinfo=UTC))

    assert set(offers.bestsellers) == {product.external_id for product in few}
    assert "fresh-today" not in {collection["external_id"] for collection in collections(offers)}
