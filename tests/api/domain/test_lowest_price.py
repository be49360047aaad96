"""The lowest price before a reduction, whatever made it one: an own price, a price in a list, or the clock."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.domain.lowest_price import Said, SaidOfTier, Spell, lowest_before, price_periods
from schemas.events.price_list import PriceList

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + number * DAY


def sale(since: int, until: int | None, **different: object) -> PriceList:
    made = {
        "id": uuid4(),
        "name": "",
        "currency": "EUR",
        "customer_group": None,
        "starts_at": day(since),
        "ends_at": None if until is None else day(until),
        "priority": 0,
        "active": True,
        "created_at": START,
    }
    return PriceList(**{**made, **different})  # type: ignore[arg-type]


def said(*base: Spell[int], lists: tuple[PriceList, ...] = (), amount: int = 80) -> Said:
    """Lists that were made on the first day, each with one price."""
    return Said(
        base=base,
        lists=[Spell(one, START, None) for one in lists],
        tiers=[Spell(SaidOfTier(one.id, amount), START, None) for one in lists],
    )


def test_a_sale_that_begins_by_the_clock_is_a_reduction_of_what_was_paid_in_the_thirty_days_before() -> None:
    own = (Spell(70, day(0), day(5)), Spell(90, day(5), day(20)), Spell(100, day(20), None))

    found = lowest_before(said(*own, lists=(sale(40, 50),)), "EUR", day(45))

    assert (found.current_minor, found.reduced_at, found.amount_minor) == (80, day(40), 90)
    assert (found.since, found.until) == (day(10), day(40))


@pytest.mark.parametrize(
    ("at", "current", "reduced_at", "lowest"),
    [
        (40, 80, 40, 100),  # from its first moment
        (39, 100, None, 100),
        (50, 100, None, 80),  # the sale is over: nothing is reduced, and it was lower a moment ago
        (79, 100, None, 80),
        (80, 100, None, 100),  # what ended thirty days ago does not count any more
    ],
)
def test_the_window_is_half_open(at: int, current: int, reduced_at: int | None, lowest: int) -> None:
    found = lowest_before(said(Spell(100, day(0), None), lists=(sale(40, 50),)), "EUR", day(at))

    assert (found.current_minor, found.amount_minor) == (current, lowest)
    assert found.reduced_at == (None if reduced_at is None else day(reduced_at))


def test_a_sale_after_a_sale_is_a_reduction_of_the_lower_one() -> None:
    lists = (sale(10, 20), sale(25, 35))

    found = lowest_before(said(Spell(100, day(0), None), lists=lists), "EUR", day(30))

    assert (found.reduced_at, found.amount_minor) == (day(25), 80)


def test_a_list_that_was_ended_early_counts_as_long_as_it_was_in_effect() -> None:
    was = sale(10, 60)
    told = Said(
        base=[Spell(100, day(0), None)],
        lists=[Spell(was, START, day(15))],
        tiers=[Spell(SaidOfTier(was.id, 80), START, day(12)), Spell(SaidOfTier(was.id, 85), day(12), day(15))],
    )

    periods = price_periods(told, "EUR", day(0), day(30))

    assert [(one.amount_minor, one.since, one.until) for one in periods] == [
        (100, day(0), day(10)),
        (80, day(10), day(12)),
        (85, day(12), day(15)),
        (100, day(15), day(30)),
    ]


def test_what_a_group_pays_is_no_price_of_everybody() -> None:
    lists = (sale(10, 20, customer_group="trade"),)

    found = lowest_before(said(Spell(100, day(0), None), lists=lists), "EUR", day(15))

    assert (found.current_minor, found.reduced_at, found.amount_minor) == (100, None, 100)


def test_of_what_never_had_a_price_nothing_is_said() -> None:
    found = lowest_before(said(), "EUR", day(15))

    assert (found.current_minor, found.reduced_at, found.amount_minor) == (None, None, None)


@pytest.mark.parametrize(
    ("at", "known_since", "current", "reduced_at", "lowest"),
    [
        (45, 40, 80, 40, 90),  # all 30 days before the oldest reduction that is told are known
        (45, 41, 80, None, 80),  # it began too long ago to be told as one: the window ends now
        (41, 41, 80, None, 80),
        (40, 41, None, None, None),  # nobody knows any more
    ],
)
def test_what_is_too_long_ago_is_not_told_and_what_is_told_is_whole(
    at: int, known_since: int, current: int | None, reduced_at: int | None, lowest: int | None
) -> None:
    own = (Spell(70, day(0), day(5)), Spell(90, day(5), day(20)), Spell(100, day(20), None))
    everything = said(*own, lists=(sale(40, 50),))
    kept = Said(
        base=[one for one in own if one.until is None or one.until > day(known_since - 30)],
        lists=everything.lists,
        tiers=everything.tiers,
    )

    found = [lowest_before(told, "EUR", day(at), day(known_since)) for told in (everything, kept)]

    assert found[0] == found[1]
    assert (found[0].current_minor, found[0].amount_minor) == (current, lowest)
    assert found[0].reduced_at == (None if reduced_at is None else day(reduced_at))
