"""What is shown beside a price: how long the clock leaves it, and what it was, if everybody's is reduced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from api.domain.applied_prices import AppliedPrice, applied_price
from api.domain.list_prices import Tier, Wanted, price_of, valid_until
from api.domain.lowest_price import Said, SaidOfTier, Spell
from api.domain.price_lists import VariantPrices
from schemas.events.price_list import PriceList
from schemas.events.product import Price

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
OWN = (Price(currency="EUR", amount_minor=1000, compare_at_minor=None),)


def day(number: int | None) -> datetime | None:
    return None if number is None else MARCH + timedelta(days=number)


def sale(
    minor: int = 800,
    starts: int | None = None,
    ends: int | None = None,
    *,
    group: str | None = None,
    from_quantity: int = 1,
    compare_at: int | None = None,
    priority: int = 0,
    list_id: UUID | None = None,
) -> Tier:
    listed = PriceList(
        id=list_id or uuid4(),
        name="Sale",
        currency="EUR",
        customer_group=group,
        starts_at=day(starts),
        ends_at=day(ends),
        priority=priority,
        active=True,
        created_at=MARCH,
    )
    return Tier(price_list=listed, from_quantity=from_quantity, amount_minor=minor, compare_at_minor=compare_at)


def wanted(on: int = 5, quantity: int = 1, group: str | None = None) -> Wanted:
    return Wanted(currency="EUR", at=MARCH + timedelta(days=on), quantity=quantity, customer_group=group)


def shown(*tiers: Tier, asked: Wanted | None = None) -> AppliedPrice:
    """Where the own price and these are so since long."""
    said = Said(
        base=[Spell(1000, MARCH - timedelta(days=90), None)],
        lists=[Spell(one.price_list, MARCH - timedelta(days=90), None) for one in tiers],
        tiers=[
            Spell(SaidOfTier(one.price_list.id, one.amount_minor), MARCH - timedelta(days=90), None)
            for one in tiers
            if one.price_list.customer_group is None and one.from_quantity == 1
        ],
    )
    found = applied_price(
        VariantPrices(uuid4(), OWN, tiers), said, asked or wanted(), tax_included=True, known_since=None
    )
    assert found is not None
    return found


def test_what_is_reduced_has_the_lowest_price_of_the_days_before() -> None:
    assert shown(sale(800, 0)).lowest_minor == 1000
    assert shown(sale(700, -20, -10), sale(800, 0)).lowest_minor == 700


def test_what_is_not_reduced_has_none_unless_something_is_crossed_out() -> None:
    assert shown().lowest_minor is None
    assert shown(sale(1200, 0)).lowest_minor is None
    assert shown(sale(1000, compare_at=1500)).lowest_minor == 1000


def test_what_not_everybody_pays_for_one_has_none() -> None:
    assert shown(sale(600, 0, group="trade", compare_at=1000), asked=wanted(group="trade")).lowest_minor is None
    assert shown(sale(600, 0, from_quantity=6, compare_at=1000), asked=wanted(quantity=6)).lowest_minor is None


def test_a_list_that_decides_nothing_does_not_end_a_price() -> None:
    strong, weak = sale(800, 0, 9, priority=2), sale(900, 3, 7, priority=1)

    assert shown(strong, weak).valid_until == day(9)
    assert shown(strong, weak, sale(1, 6, 7, group="trade")).valid_until == day(9)
    assert shown(sale(800, 6, from_quantity=2)).valid_until is None


DAYS = st.none() | st.integers(0, 12)
TIERS = st.builds(
    lambda minor, starts, length, group, from_quantity, priority: sale(
        minor,
        starts,
        None if length is None else (starts or 0) + 1 + length,
        group=group,
        from_quantity=from_quantity,
        priority=priority,
    ),
    st.integers(0, 3),
    DAYS,
    DAYS,
    st.sampled_from([None, "trade"]),
    st.integers(1, 3),
    st.integers(0, 2),
)


@given(st.lists(TIERS, max_size=5), st.integers(0, 12), st.integers(1, 3), st.sampled_from([None, "trade"]))
def test_until_that_moment_it_is_the_same_price_and_at_it_another(
    tiers: list[Tier], on: int, quantity: int, group: str | None
) -> None:
    asked = wanted(on, quantity, group)
    now = price_of(OWN, tiers, asked)

    until = valid_until(OWN, tiers, asked)

    last = until or MARCH + timedelta(days=40)
    hours = range(int((last - asked.at) / timedelta(hours=12)))
    assert all(
        price_of(OWN, tiers, replace(asked, at=asked.at + timedelta(hours=12 * number))) == now for number in hours
    )
    if until is not None:
        assert price_of(OWN, tiers, replace(asked, at=until)) != now
