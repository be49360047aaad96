from streams.bench import contracts


def test_an_event_and_back_costs_little_more_than_fastavro_alone():
    figures = contracts.codec(events=300, rounds=20)

    assert figures["encode_decode_us"].ratio <= 1.3
    assert all(figure.ours > 0 for figure in figures.values())
