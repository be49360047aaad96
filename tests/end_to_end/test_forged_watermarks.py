"""Whoever may write to the topic of watermarks cannot make an answer look fresher, or less well, than it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer

from ops import process_health
from ops.processes import all_processes
from schemas.topics import WATERMARKS
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

DEADLINE_S = 30


def test_a_watermark_that_capture_did_not_sign_changes_no_answer(stack):
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    sold = sell(shop)
    shop.get("/v1/analytics/sales", after=[sold["receipt"]], wait=DEADLINE_S)
    far = datetime.now(UTC) + timedelta(days=1)
    gap = {"kind": "slot", "topics": [], "detail": "made up", "opened_at": far.isoformat()}
    refused = {name: refused_by(stack, name) for name in ("feed-sales", "feed-product-search")}

    producer = Producer({"bootstrap.servers": stack.settings.kafka_bootstrap})
    for gaps in ([], [gap]):
        said = {"as_of": None if gaps else far.isoformat(), "captured": far.isoformat(), "gaps": gaps, "topics": {}}
        producer.produce(WATERMARKS.name, json.dumps(said), stack.settings.capture_slot)
    assert producer.flush(DEADLINE_S) == 0

    for name in refused:
        wait_until(lambda name=name: refused_by(stack, name) >= refused[name] + 2, DEADLINE_S, f"{name} heard both")
    again = sell(shop)
    answer = shop.get("/v1/analytics/sales", after=[again["receipt"]], wait=DEADLINE_S)
    assert datetime.fromisoformat(answer["as_of"]) < far - timedelta(hours=12)
    assert datetime.fromisoformat(shop.get("/v1/search/products")["as_of"]) < far - timedelta(hours=12)


def refused_by(stack, name):
    process = next(one for one in all_processes() if one.name == name)
    page = process_health.read(process.metrics_url(stack.settings))
    assert page is not None
    return page.value("rustok_feed_watermarks_refused_total", feed=page.id_of(process.read_model))
