"""The benchmark of capture, small, on real servers."""

import json

import psycopg
import pytest
from click.testing import CliRunner

from ops.settings import PREFIX
from streams.bench.capture_bench import capture
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_it_prints_each_figure_beside_its_baseline_and_leaves_nothing_behind(servers: Stack) -> None:
    settings = servers.settings
    environment = {
        f"{PREFIX}{name.upper()}": str(getattr(settings, name))
        for name in ("home", "stack", "postgres_url", "kafka_bootstrap")
    }

    result = CliRunner(env=environment).invoke(
        capture, ["--events", "3000", "--rounds", "1", "--seconds", "1", "--json"], catch_exceptions=False
    )

    figures = json.loads(result.stdout.splitlines()[-1])
    assert set(figures) == {
        "capture_events_per_s",
        "capture_cpu_s_per_100k",
        "capture_peak_mb",
        "commit_to_kafka_ms_p50",
        "commit_to_kafka_ms_p99",
        "exact_events_per_s",
        "exact_commit_to_kafka_ms_p50",
        "exact_commit_to_kafka_ms_p99",
    }
    assert all(set(figure) == {"ours", "baseline", "ratio", "unit"} for figure in figures.values())
    assert figures["capture_events_per_s"]["ours"] > 0
    with psycopg.connect(settings.postgres_url) as connection:
        left = connection.execute("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'rustok_scratch%'")
        assert left.fetchall() == []
