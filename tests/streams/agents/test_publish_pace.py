"""What costs little is shown sooner, whoever is far behind shows less often what it wrote, and nobody waits long."""

import math

import pytest

from streams.agents.publish_pace import every_s


@pytest.mark.parametrize("behind_s", [0.0, 0.7, 2.0])
def test_a_feed_to_which_showing_is_dear_shows_as_often_as_is_set(behind_s: float) -> None:
    assert [every_s(0.5, behind_s, took_s) for took_s in (0.05, 2.0, math.inf)] == [0.5] * 3


def test_a_tenth_of_the_time_may_be_spent_on_showing() -> None:
    assert every_s(0.5, 0.0, 0.03) == pytest.approx(0.3)


def test_what_costs_nothing_is_shown_five_times_as_often_as_is_set() -> None:
    assert every_s(0.5, 0.0, 0.0) == 0.1


def test_a_feed_that_is_behind_publishes_less_often() -> None:
    assert every_s(0.5, 8.0, 0.0) == 2.0


def test_a_feed_that_reads_last_years_log_still_publishes_every_few_seconds() -> None:
    assert every_s(0.5, 31_536_000.0, 0.0) == 5.0


def test_what_is_set_is_the_longest_for_whoever_keeps_up() -> None:
    assert every_s(30.0, 60.0, 12.0) == 30.0
