import sys

from streams.bench import contracts_bench

TRIES = 5


def test_an_event_and_back_costs_little_more_than_fastavro_alone():
    # The best of them: what else the machine did meanwhile is not asked.
    tries = [contracts_bench.codec(events=300, rounds=20) for _ in range(TRIES)]

    # Where coverage is measured, what is measured is its tracer, which follows our code and not the library's.
    assert sys.gettrace() is not None or min(figures["encode_decode_us"].ratio for figures in tries) <= 1.3
    assert all(figure.ours > 0 and figure.baseline > 0 for figures in tries for figure in figures.values())
