"""What orders add up to is the same in PostgreSQL and in what readers see, also while both move."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.write_model import OrderSums, SumsOf
from sinks.analytics import sales_facts
from sinks.quality.reconciled_sums import SnapshotSums, reconciled
from sinks.verify_model import ROUNDS, DoesNotAdvance
from tests.support.sound_snapshots import SHOP, published, sound_sales

MARCH = SumsOf(uuid4(), date(2026, 3, 1), "EUR")
APRIL = replace(MARCH, month=date(2026, 4, 1))
SUMS = OrderSums(
    orders=2,
    versions=6,
    paid=1,
    total_minor=560,
    tax_minor=10,
    shipping_minor=20,
    discount_minor=30,
    lines=3,
    lines_minor=560,
    quantity=5,
)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Both:
    """PostgreSQL, and readers of it. `between` is called before readers are asked, as time goes by."""

    def __init__(self) -> None:
        self.told = {MARCH: SUMS, APRIL: SUMS}
        self.held: dict[SumsOf, OrderSums] | None = None
        self.between: Callable[[], None] = lambda: None
        self.without: set[UUID] = set()

    def order_sums(self, without: Collection[UUID] = ()) -> dict[SumsOf, OrderSums]:
        self.without |= set(without)
        return dict(self.told)

    def now(self) -> datetime:
        return NOW

    def after(self, moment: datetime, without: Collection[UUID]) -> dict[SumsOf, OrderSums]:
        self.without |= set(without)
        seen = self.order_sums() if self.held is None else self.held
        self.between()
        return seen

    def found(self, without: Collection[UUID] = ()) -> list[tuple[str, int]]:
        results: Any = reconciled(self, self, without)  # type: ignore[arg-type]  # all that is asked of it
        self.examples = [one.examples for one in results]
        return [(one.outcome, one.broken) for one in results]


@pytest.fixture
def both() -> Both:
    return Both()


def test_what_is_alike_holds(both: Both) -> None:
    assert both.found() == [("passed", 0), ("passed", 0)]


@pytest.mark.parametrize("name", OrderSums.__slots__)
def test_each_sum_is_compared(both: Both, name: str) -> None:
    both.held = {MARCH: replace(SUMS, **{name: getattr(SUMS, name) + 1}), APRIL: SUMS}

    assert both.found() == [("failed", 1), ("passed", 0)]
    (example,) = both.examples[0]
    assert (example["month"], example["currency"]) == ("2026-03", "EUR")
    assert example["is"] == f"{name} {getattr(SUMS, name) + 1}, in PostgreSQL {getattr(SUMS, name)}"


def test_a_month_that_only_one_of_them_has_is_told(both: Both) -> None:
    both.held = {MARCH: SUMS, replace(APRIL, currency="JPY"): SUMS}

    assert both.found()[0] == ("failed", 2)
    assert {one["is"] for one in both.examples[0]} == {"readers do not see it", "PostgreSQL does not have it"}


def test_what_changes_in_between_is_looked_at_again(both: Both) -> None:
    turns = iter(range(ROUNDS))

    def sell() -> None:
        if next(turns) == 0:
            both.told[MARCH] = replace(SUMS, orders=3, versions=7)

    both.between = sell

    assert both.found() == [("passed", 0), ("passed", 0)]


def test_what_never_rests_is_a_warning_and_keeps_nothing_else_from_being_judged(both: Both) -> None:
    def sell() -> None:
        both.told[MARCH] = replace(both.told[MARCH], versions=both.told[MARCH].versions + 1)

    both.between = sell
    both.held = {APRIL: replace(SUMS, quantity=6)}

    assert both.found() == [("failed", 1), ("warned", 1)]


def test_what_a_rule_keeps_out_is_left_out_on_both_sides(both: Both) -> None:
    refused = uuid4()

    both.found([refused])

    assert both.without == {refused}


def test_a_snapshot_adds_its_orders_up_once_it_has_passed_the_moment(tmp_path: Path) -> None:
    published(tmp_path, sales_facts.MODEL, sound_sales(), NOW)
    seconds = iter(range(1000))
    sums = SnapshotSums(tmp_path, sleep=lambda _: None, clock=lambda: float(next(seconds)))

    found = sums.after(datetime(2026, 4, 1, tzinfo=UTC), [])

    ((of, told),) = found.items()
    assert of == SumsOf(SHOP, date(2026, 3, 1), "EUR")
    assert (told.orders, told.paid, told.lines, told.total_minor, told.versions) == (4, 3, 5, 1280, 4)
    with pytest.raises(DoesNotAdvance):
        sums.after(NOW, [])
