from streams.bench import contracts_bench


def test_every_figure_stands_beside_fastavro_alone():
    figures = contracts_bench.codec(events=300, rounds=20)

    assert "encode_decode_us" in figures
    assert all(figure.ours > 0 and figure.baseline > 0 for figure in figures.values())
