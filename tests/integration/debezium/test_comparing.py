"""The comparison with Debezium, small, on real servers."""

import json

import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from tests.support.stack import Stack

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_each_figure_stands_beside_debeziums_and_nothing_is_left_behind(servers: Stack) -> None:
    said = servers.rustok(
        *("bench", "capture", "--against", "debezium", "--events", "3000", "--rounds", "1", "--seconds", "1", "--json")
    )

    figures = json.loads(said.stdout.splitlines()[-1])
    assert set(figures) == {
        "capture_events_per_s",
        "capture_cpu_s_per_100k",
        "capture_peak_mb",
        "commit_to_consumer_ms_p50",
        "commit_to_consumer_ms_p99",
        "commit_to_consumer_ms_p50_tuned",
        "commit_to_consumer_ms_p99_tuned",
    }
    assert all(figure["ours"] > 0 and figure["baseline"] > 0 for figure in figures.values())
    settings = servers.settings
    with psycopg.connect(settings.postgres_url) as connection:
        left = connection.execute("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'rustok_scratch%'")
        assert left.fetchall() == []
    topics = AdminClient({"bootstrap.servers": settings.kafka_bootstrap}).list_topics(timeout=10).topics
    assert [name for name in topics if "scratch" in name or "debezium" in name] == []
