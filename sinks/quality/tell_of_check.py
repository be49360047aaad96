"""Tells of a check by an event, through the outbox like any other: so nobody has to ask again and again."""

from uuid import uuid4

from schemas.events.quality import MOST_NAMED, Quality
from schemas.write_model import open_write_model
from sinks.quality.check_results import CheckResult


def tell(postgres_url: str, result: CheckResult) -> None:
    """Raises `Unreachable`."""
    with open_write_model(postgres_url) as tables:
        tables.tell_of_check(told(result))


def told(result: CheckResult) -> Quality:
    named = {
        outcome: tuple(one.expectation.name for one in result.results if one.outcome == outcome)[:MOST_NAMED]
        for outcome in ("failed", "warned")
    }
    return Quality(
        id=uuid4(),
        model=result.model,
        snapshot=result.snapshot,
        vouched_at=result.as_of,
        checked_at=result.checked_at,
        is_sound=result.is_sound,
        passed=result.of("passed"),
        failed=result.of("failed"),
        warned=result.of("warned"),
        failed_expectations=named["failed"],
        warned_expectations=named["warned"],
    )
