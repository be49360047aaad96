"""A check is told by an event that names what did not hold, and no rows."""

from datetime import UTC, datetime

from schemas.events.quality import MOST_NAMED
from sinks.quality.check_results import CheckResult, Outcome, Result
from sinks.quality.expectation import Expectation, NoRows
from sinks.quality.tell_of_check import told

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def result(number: int, outcome: Outcome) -> Result:
    one = Expectation(name=f"{outcome}_{number}", table="orders", condition=NoRows(""), meaning="m", advice="a")
    return Result(expectation=one, outcome=outcome, broken=1, examples=[{"id": "an order"}])


def check(*results: Result, as_of: datetime | None = NOW) -> CheckResult:
    return CheckResult(
        model="sales", snapshot="sales-v5-1.duckdb", as_of=as_of, checked_at=NOW, took_s=1.0, results=results
    )


def test_what_did_not_hold_is_named_and_all_is_counted() -> None:
    quality = told(check(result(1, "passed"), result(2, "failed"), result(3, "warned"), result(4, "passed")))

    assert (quality.model, quality.snapshot, quality.vouched_at) == ("sales", "sales-v5-1.duckdb", NOW)
    assert (quality.is_sound, quality.passed, quality.failed, quality.warned) == (False, 2, 1, 1)
    assert (quality.failed_expectations, quality.warned_expectations) == (("failed_2",), ("warned_3",))
    assert "an order" not in repr(quality)


def test_a_warning_leaves_it_sound_and_each_check_is_another_one() -> None:
    one, other = (told(check(result(1, "warned"), as_of=None)) for _ in range(2))

    assert (one.is_sound, one.vouched_at) == (True, None)
    assert one.id != other.id


def test_however_much_is_wrong_the_event_stays_small() -> None:
    quality = told(check(*(result(number, "failed") for number in range(MOST_NAMED + 1))))

    assert (quality.failed, len(quality.failed_expectations)) == (MOST_NAMED + 1, MOST_NAMED)
