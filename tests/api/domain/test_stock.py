from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import stock as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import Conflict, Invalid, Refused
from api.domain.stock import Missing, Promise, Short
from api.migrations.versions import r0240_stock
from schemas.events.stock import Stock, StockAdjusted, StockReleased, StockReserved, StockShipped
from tests.support.examples import stock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VARIANT, ORDER = uuid4(), uuid4()


def held(**different: Any) -> Versioned[Stock]:
    return Versioned(stock(variant_id=VARIANT, **different), 1)


def reserved(rows: list[Versioned[Stock]], wanted: int) -> list[Decision[Stock]]:
    decided = domain.reserve(rows, {VARIANT: wanted}, ORDER, NOON)
    return [one for one in decided if isinstance(one, Decision)]


def names(change: Decision[Stock] | None) -> list[str]:
    assert change is not None
    return [type(one.event).__name__ for one in change.happened]


def test_the_first_location_gives_what_it_has_and_the_next_the_rest() -> None:
    first, second = held(on_hand=3), held(on_hand=10)

    taken = reserved([first, second], 5)

    assert [(one.aggregate_id, one.value.reserved) for one in taken] == [(first.value.id, 3), (second.value.id, 2)]


def test_what_is_missing_is_told_with_what_there_is() -> None:
    rows = [held(on_hand=3), held(on_hand=2, reserved=1)]

    assert domain.reserve(rows, {VARIANT: 5}, ORDER, NOON) == [Missing(VARIANT, 5, 4)]


def test_more_than_there_is_comes_from_where_it_may_be_sold_in_advance() -> None:
    plain, ahead = held(on_hand=3), held(on_hand=1, backorder=True)

    taken = reserved([plain, ahead], 9)

    assert [one.value.reserved for one in taken] == [3, 6]
    assert domain.available(taken[1].value) == -5


def test_a_variant_that_is_not_counted_is_not_reserved() -> None:
    assert domain.reserve([], {VARIANT: 5}, ORDER, NOON) == []


def test_low_and_replenished_are_told_once_for_each_crossing() -> None:
    here = held(on_hand=5, low_threshold=3)

    falls = domain.adjust(here, -1, "broken", NOON)
    assert falls is not None
    crosses = domain.adjust(falls.now, -1, "broken", NOON)
    assert crosses is not None
    further = domain.adjust(crosses.now, -1, "broken", NOON)
    assert further is not None
    rises = domain.adjust(further.now, 5, "delivery", NOON)

    assert names(falls) == ["StockAdjusted"]
    assert (names(crosses), crosses.version) == (["StockAdjusted", "StockLow"], 4)
    assert names(further) == ["StockAdjusted"]
    assert names(rises) == ["StockAdjusted", "StockReplenished"]


def test_reserving_makes_it_low_too() -> None:
    (taken,) = reserved([held(on_hand=5, low_threshold=3)], 2)

    assert names(taken) == ["StockReserved", "StockLow"]


def test_what_is_promised_is_not_counted_away_nor_moved() -> None:
    here = held(on_hand=5, reserved=4)

    with pytest.raises(Short):
        domain.count(here, 3, "count", NOON)
    with pytest.raises(Short):
        domain.transfer(here, held(), 2, "transfer", NOON, uuid4())
    with pytest.raises(Conflict):
        domain.end(here, NOON)


def test_a_transfer_is_told_on_both_sides_under_one_id() -> None:
    transfer_id = uuid4()

    gone, come = domain.transfer(held(on_hand=5), held(on_hand=0), 3, "transfer", NOON, transfer_id)

    told = [one.happened[0].event for one in (gone, come)]
    assert [(one.delta, one.transfer_id) for one in told if isinstance(one, StockAdjusted)] == [
        (-3, transfer_id),
        (3, transfer_id),
    ]


@pytest.mark.parametrize(
    "broken",
    [{"on_hand": -1}, {"on_hand": domain.MOST + 1}, {"incoming": -1}, {"low_threshold": -1}, {"reserved": -1}],
)
def test_numbers_have_limits(broken: dict[str, int]) -> None:
    with pytest.raises((Invalid, Short)):
        domain.begin(held(**broken).value, "first count", NOON)


def test_the_database_has_the_same_limit() -> None:
    assert r0240_stock.MOST == domain.MOST


@dataclass
class Ledger:
    """A row of stock and everything that was told of it; what a movement may not do leaves it as it was."""

    row: Versioned[Stock]
    promised: list[Promise] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def do(self, change: Decision[Stock] | None) -> None:
        if change is not None:
            assert change.was_at == self.row.version
            self.row = change.now
            self.told += [one.event for one in change.happened]

    def step(self, what: str, number: int) -> None:
        try:
            match what:
                case "adjust":
                    self.do(domain.adjust(self.row, number, "moved", NOON))
                case "count":
                    self.do(domain.count(self.row, abs(number), "count", NOON))
                case "backorder":
                    self.do(domain.keep(self.row, replace(self.row.value, backorder=number > 0), "kept", NOON))
                case "reserve":
                    for taken in reserved([self.row], abs(number)):
                        self.do(taken)
                        self.promised.append(Promise(taken.aggregate_id, abs(number)))
                case "release" if self.promised:
                    self.do(domain.release(self.row, self.promised[-1].quantity, ORDER, NOON))
                    self.promised.pop()
                case "ship" if self.promised:
                    self.do(domain.ship(self.row, self.promised[0].quantity, ORDER, NOON))
                    self.promised.pop(0)
        except Refused:
            pass


MOVEMENTS = st.tuples(
    st.sampled_from(("adjust", "count", "backorder", "reserve", "release", "ship")), st.integers(-20, 20)
)


@given(begins=st.integers(0, 20), threshold=st.none() | st.integers(0, 5), steps=st.lists(MOVEMENTS, max_size=40))
def test_the_movements_add_up_to_what_is_there_and_nothing_is_promised_twice(
    begins: int, threshold: int | None, steps: list[tuple[str, int]]
) -> None:
    first = domain.begin(held(on_hand=begins, low_threshold=threshold).value, "first count", NOON)
    ledger = Ledger(first.now, told=[one.event for one in first.happened])

    for what, number in steps:
        ledger.step(what, number)
        now = ledger.row.value
        assert now.reserved == sum(one.quantity for one in ledger.promised) >= 0
        assert now.backorder or now.on_hand >= now.reserved

    moved = {StockAdjusted: ("delta", 1), StockShipped: ("quantity", -1)}
    promised = {StockReserved: 1, StockReleased: -1, StockShipped: -1}
    now = ledger.row.value
    assert now.on_hand == sum(
        getattr(one, moved[type(one)][0]) * moved[type(one)][1] for one in ledger.told if type(one) in moved
    )
    assert now.reserved == sum(one.quantity * promised[type(one)] for one in ledger.told if type(one) in promised)
    assert ledger.told[-1].stock == now
    lows = [name for one in ledger.told if (name := type(one).__name__) in ("StockLow", "StockReplenished")]
    assert all(one != other for one, other in pairwise(lows))
