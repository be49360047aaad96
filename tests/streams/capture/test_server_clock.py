"""How far two clocks are apart, when the answer took some time."""

import pytest

from streams.capture.server_clock import ahead_s


@pytest.mark.parametrize(
    ("server_s", "ahead"),
    [(1000.0, 0.0), (999.0, 0.0), (998.0, 0.0), (1003.5, 3.5), (994.0, -4.0)],
    ids=["just now", "while it was asked", "when it was asked", "ahead", "behind"],
)
def test_clocks_are_apart_by_what_the_time_of_the_answer_does_not_explain(server_s: float, ahead: float) -> None:
    assert ahead_s(server_s, now_s=1000.0, took_s=2.0) == ahead
