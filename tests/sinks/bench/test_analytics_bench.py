import json

from click.testing import CliRunner

from sinks.bench.analytics_bench import QUESTIONS, analytics


def test_ten_questions_are_measured_beside_native_tables():
    told = CliRunner().invoke(analytics, ["--lines", "500", "--rounds", "1", "--json"], catch_exceptions=False)

    figures = json.loads(told.stdout.splitlines()[-1])
    assert len(QUESTIONS) == 10
    assert figures.keys() == {*(f"{name}_s" for name in QUESTIONS), "all_ten_s"}
    assert {one["unit"] for one in figures.values()} == {"s"}
