from click.testing import CliRunner

from sinks.bench.publishing_bench import publishing


def test_both_sizes_and_their_ratio_are_said():
    told = CliRunner().invoke(publishing, ["--few", "100", "--many", "200", "--times", "10"], catch_exceptions=False)

    few, many, ratio = told.output.splitlines()
    assert few.split()[:2] == ["100", "lines"]
    assert many.split()[:2] == ["200", "lines"]
    assert ratio.split()[:3] == ["ratio", "publish", "p50"]
