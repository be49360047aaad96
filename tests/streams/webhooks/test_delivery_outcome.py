"""What becomes of a try follows from what was answered, and how often and how long it failed before."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from streams.webhooks.delivery_outcome import Again, Delivered, GivenUp, RetryTimes, SwitchedOff, Tried, outcome

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = RetryTimes(first=timedelta(seconds=5), longest=timedelta(hours=1), give_up=timedelta(hours=24))


def tried(status: int | None = 500, **more: object) -> Tried:
    return Tried(at=NOW, status=status, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_success_is_delivered(status: int) -> None:
    assert outcome(tried(status), TIMES) == Delivered()


@pytest.mark.parametrize("status", [None, 100, 199, 301, 302, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status: int | None) -> None:
    assert outcome(tried(status), TIMES, chance=1) == Again(timedelta(seconds=5))


def test_the_pause_grows_twofold_to_its_longest_and_half_of_it_is_chance() -> None:
    longest = [TIMES.pause(failures, 1) for failures in range(1, 60)]

    assert longest[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert longest[-1] == timedelta(hours=1)
    assert all(one <= other for one, other in pairwise(longest))
    assert TIMES.pause(3, 0) == timedelta(seconds=10)


def test_who_failed_for_the_stated_time_is_given_up() -> None:
    almost = tried(failures=30, failed_for=timedelta(hours=23, minutes=59))
    over = tried(failures=31, failed_for=timedelta(hours=24))

    assert isinstance(outcome(almost, TIMES), Again)
    assert outcome(over, TIMES) == GivenUp()
    assert outcome(tried(200, failures=31, failed_for=timedelta(hours=24)), TIMES) == Delivered()


def test_who_is_gone_gets_nothing_more() -> None:
    assert outcome(tried(410), TIMES) == SwitchedOff()


def test_a_ping_is_tried_once() -> None:
    assert outcome(tried(500, once=True), TIMES) == GivenUp()
    assert outcome(tried(410, once=True), TIMES) == GivenUp()
    assert outcome(tried(200, once=True), TIMES) == Delivered()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("Sun, 01 Mar 2026 12:10:00 GMT", 600), ("99999999", 86400), ("9" * 9, 86400)],
)
def test_who_is_busy_is_left_in_peace_as_it_asks(said: str, seconds: int) -> None:
    asked = timedelta(seconds=seconds)

    for status in (429, 503):
        assert outcome(tried(status, retry_after=said), TIMES) == Again(asked, paused=asked)


@pytest.mark.parametrize("said", ["", "0", "-5", "soon", "Sun, 01 Mar 2020 12:10:00 GMT", "١٢", "9" * 90, "\0"])
def test_what_is_nothing_to_wait_for_is_not_waited_for(said: str) -> None:
    assert outcome(tried(429, retry_after=said), TIMES, chance=1) == Again(timedelta(seconds=5))
    assert outcome(tried(500, retry_after="120"), TIMES, chance=1) == Again(timedelta(seconds=5))
