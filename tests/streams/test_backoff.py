from hypothesis import given
from hypothesis import strategies as st

from streams.backoff import CAP_S, pause_s


@given(attempt=st.integers(0, 10_000), at_least=st.floats(0, 1000), chance=st.floats(0, 1))
def test_a_pause_is_never_longer_than_the_cap(attempt, at_least, chance):
    assert 0 <= pause_s(attempt, at_least, chance) <= CAP_S


def test_pauses_grow():
    assert [pause_s(attempt, chance=1) for attempt in range(5)] == [0.25, 0.5, 1, 2, 4]
