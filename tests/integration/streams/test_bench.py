"""The benchmark of the feeds, small, on real servers without the API."""

import json

import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient  # type: ignore[attr-defined]  # public all the same

from ops.settings import PREFIX
from streams.bench.chain_bench import chain
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_it_prints_each_figure_beside_its_baseline_and_leaves_nothing_behind(servers: Stack) -> None:
    settings = servers.settings
    named = {name: str(getattr(settings, name)) for name in ("home", "stack", "kafka_bootstrap", "opensearch_url")}
    nowhere = {"api_url": "http://127.0.0.1:9"}
    environment = {f"{PREFIX}{name.upper()}": value for name, value in (named | nowhere).items()}
    small = ["--documents", "200", "--orders", "200", "--events", "2000", "--rounds", "1", "--json"]

    result = CliRunner(env=environment).invoke(chain, small, catch_exceptions=False)

    figures = json.loads(result.stdout.splitlines()[-1])
    assert set(figures) == {
        "search_events_per_s",
        "sales_orders_per_s",
        "archive_events_per_s",
        "feed_without_store_beside_plain_faust",
        "feed_without_store_beside_aiokafka",
    }
    assert all(set(figure) == {"ours", "baseline", "ratio", "unit"} for figure in figures.values())
    assert all(figure["ours"] > 0 for figure in figures.values())
    left = AdminClient({"bootstrap.servers": settings.kafka_bootstrap}).list_topics(timeout=10).topics
    assert [name for name in left if ".scratch-" in name] == []
