"""Whoever is far behind shows less often what it wrote, and nobody waits long."""

import pytest

from streams.agents.publish_pace import every_s


@pytest.mark.parametrize("behind_s", [0.0, 0.7, 2.0])
def test_a_feed_that_keeps_up_publishes_as_often_as_is_set(behind_s: float) -> None:
    assert every_s(0.5, behind_s) == 0.5


def test_a_feed_that_is_behind_publishes_less_often() -> None:
    assert every_s(0.5, 8.0) == 2.0


def test_a_feed_that_reads_last_years_log_still_publishes_every_few_seconds() -> None:
    assert every_s(0.5, 31_536_000.0) == 5.0


def test_what_is_set_is_never_shortened() -> None:
    assert every_s(30.0, 60.0) == 30.0
