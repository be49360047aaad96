"""A process shows the metrics that are its own, and a gauge once it has been measured."""

import subprocess
import sys
from typing import get_args

import pytest
from prometheus_client import generate_latest

from ops import metrics
from ops.metrics import Gauge, Owner

NAMES = [next(iter(metric.describe())).name for metric in metrics.all_metrics()]


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_is_on_the_pages_of_its_owners_and_on_no_other(name: str) -> None:
    owners = metrics.owners_of(name)

    shown = {owner for owner in get_args(Owner) if name in described(owner)}

    assert owners
    assert shown == set(owners)


def test_a_gauge_is_not_there_until_somebody_has_measured() -> None:
    gauge = Gauge("rustok_test_gauge", "For this test.", registry=None)
    before = list(gauge.collect())

    gauge.set(0)

    (family,) = gauge.collect()
    assert before == []
    assert [sample.value for sample in family.samples] == [0.0]


def test_a_gauge_with_labels_is_there_for_those_that_were_measured() -> None:
    gauge = Gauge("rustok_test_labelled", "For this test.", ("feed",), registry=None)

    gauge.labels("sales").set(3)

    (family,) = gauge.collect()
    assert [sample.labels for sample in family.samples] == [{"feed": "sales"}]


@pytest.mark.parametrize("owner", get_args(Owner))
def test_a_process_that_has_just_started_claims_nothing(owner: Owner) -> None:
    code = f"from ops.metrics import *; print(generate_latest(page_of({owner!r})).decode())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    gauges = [line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE rustok_") and " gauge" in line]
    without_labels = [name for name in gauges if f"\n{name} " in shown and not name.endswith("_created")]
    assert without_labels == []


def test_what_a_feed_counts_begins_at_nought_for_every_outcome() -> None:
    metrics.begin_feed("test-feed")

    shown = generate_latest(metrics.page_of("feed")).decode()

    for outcome in metrics.FEED_OUTCOMES:
        assert f'rustok_feed_records_total{{feed="test-feed",outcome="{outcome}"}} 0.0' in shown
    assert 'rustok_feed_waits_total{feed="test-feed"} 0.0' in shown


def test_of_several_feeds_in_one_process_each_has_a_page_with_its_own() -> None:
    for feed in ("test-one", "test-other"):
        metrics.begin_feed(feed)

    shown = generate_latest(metrics.page_of("feed", "test-one")).decode()

    assert 'rustok_feed_waits_total{feed="test-one"} 0.0' in shown
    assert "# TYPE rustok_feed_waits_total counter" in shown
    assert "test-other" not in shown
    assert "process_cpu_seconds_total" in shown


def described(owner: Owner) -> set[str]:
    page = metrics.page_of(owner)
    return {name for name in NAMES if name in page._names_to_collectors}  # noqa: SLF001  # nothing public tells
