"""Anything on a topic: the feed, as a process on real servers, goes on, and what it could not use is a dead letter."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, TopicPartition

from schemas import topics
from schemas.events.product import ProductPublished
from schemas.topics import CATEGORIES, DEAD_LETTERS, LARGEST_DEAD_LETTER, ORDERS, PRODUCTS
from streams import make_topics
from streams.bench.feed_events import Events, Sent
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import World, world
from streams.dead_letters.dead_letter import CUT_BYTES, CUT_SHA256, FEED, STREAMS, UnusableRecord
from streams.dead_letters.send_dead_letters import KafkaDeadLetters
from streams.fallback_reader import headers_of
from streams.feeding.operator_decisions import OperatorDecision, tell
from tests.integration.streams import feeds
from tests.integration.streams.feeds import committed, feeding, held, said, wait_for
from tests.support import raw_records
from tests.support.answering import answering
from tests.support.examples import MOMENT, EverySchema, envelope, product
from tests.support.records import FakeRecord, record
from tests.support.registry import registry
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def scratch(servers: Stack) -> Iterator[World]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    with world(servers.settings, (PRODUCTS, CATEGORIES, ORDERS)) as here:
        yield here


def changed(of: Sent, headers: Mapping[str, bytes | None], **different: Any) -> Sent:
    kept = [(name, value) for name, value in of.headers if name not in headers]
    return replace(of, headers=[*kept, *headers.items()], **different)


def an_order() -> Sent:
    return feeds.an_order(Events(IDS, seed=secrets.randbelow(10**9)))[1][0]


def raw(sent: Sent) -> raw_records.Raw:
    return sent.key, sent.value, [(name.encode(), feeds.as_bytes(value)) for name, value in sent.headers]


def dead_letters(scratch: World | Stack, topic: str, wanted: int) -> list[Any]:
    """The dead letters about a topic, when there are so many."""
    found: list[Any] = []
    consumer = Consumer({"bootstrap.servers": scratch.settings.kafka_bootstrap, "group.id": topic})
    consumer.assign([TopicPartition(DEAD_LETTERS.name, 0, 0)])

    def enough() -> bool:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            told = dict(headers_of(message) or ())
            if told.get(f"{STREAMS}topic") == topic.encode():
                found.append(message)
        return len(found) >= wanted

    try:
        wait_until(enough, feeds.DEADLINE_S, f"{wanted} dead letters are there")
    finally:
        consumer.close()
    return found


def test_no_record_stops_the_feed_and_each_that_is_bad_is_a_dead_letter(scratch: World) -> None:
    feed, made = scratch.next_feed("sales"), Events(IDS)
    foreign = changed(an_order(), {"uber-trace": b"\xff\xfe\x00"})
    bad = [
        changed(an_order(), {"ce_aggregateversion": text})
        for text in (b"-5", str(2**63).encode(), str(10**23).encode(), b"1_000", b"\xff", None)
    ]
    bad += [
        changed(an_order(), {"ce_type": b"\xff\xfe"}),
        changed(an_order(), {}, key=str(uuid4()).encode()),
        changed(an_order(), {"ce_tenantid": b"nobody"}),
        changed(an_order(), {}, value=b""),
    ]
    of = product()
    anothers = record(envelope("product.published", aggregate_id=of.id), ProductPublished(product=of))
    bad.append(Sent(key=str(of.id).encode(), value=anothers.value or b"", headers=list(anothers.headers)))
    scratch.produce(ORDERS, [foreign, *bad])
    backlog = feeds.orders(scratch, made, feed, 5)

    with feeding(scratch, feed):
        wait_for(scratch, feed, 1 + len(bad) + backlog.records)

    assert held(scratch, feed).items() >= backlog.expected.items()
    assert len(held(scratch, feed)) == len(backlog.expected) + 1
    found = dead_letters(scratch, scratch.topic(ORDERS).name, len(bad))
    errors = sorted(
        dict(dead_letter.headers())["__connect.errors.exception.class.name"].decode() for dead_letter in found
    )
    assert errors == ["Contradiction"] * 2 + ["MalformedHeaders"] * 8 + ["Undecodable"]


def test_an_event_that_the_fold_cannot_take_is_a_dead_letter_with_its_traceback(scratch: World) -> None:
    feed = scratch.next_feed("product-search")
    empty = product(translations=())
    told = record(envelope("product.published", aggregate_id=empty.id), ProductPublished(product=empty))
    scratch.produce(PRODUCTS, [Sent(key=str(empty.id).encode(), value=told.value or b"", headers=list(told.headers))])
    backlog = feeds.products(scratch, Events(IDS), feed, 5)

    with feeding(scratch, feed):
        wait_for(scratch, feed, 1 + backlog.records)

    (dead_letter,) = dead_letters(scratch, scratch.topic(PRODUCTS).name, 1)
    headers = dict(dead_letter.headers())
    assert dead_letter.value() == told.value
    assert headers["__connect.errors.exception.class.name"] == b"ValueError"
    assert b"product_documents.py" in headers["__connect.errors.exception.stacktrace"]
    assert held(scratch, feed) == backlog.expected


def test_headers_whose_names_no_client_can_read_stop_nobody(scratch: World) -> None:
    feed, topic = scratch.next_feed("sales"), scratch.topic(ORDERS).name
    right = an_order()
    own = list(raw(right)[2])
    strange: raw_records.Raw = (b"strange", b"value", [(b"\xff\xfe", b"1")])
    nameless: raw_records.Raw = (right.key, right.value, [*own, (b"", b"1"), (b"nul\x00name", b"1")])
    raw_records.put(scratch.settings.kafka_bootstrap, topic, [nameless, strange, strange])
    backlog = feeds.orders(scratch, Events(IDS), feed, 5)

    with feeding(scratch, feed):
        wait_for(scratch, feed, 3 + backlog.records)

    found = dead_letters(scratch, topic, 2)
    assert [(dead_letter.key(), dead_letter.value()) for dead_letter in found] == [(b"strange", b"value")] * 2
    assert held(scratch, feed).items() >= backlog.expected.items()
    assert len(held(scratch, feed)) == len(backlog.expected) + 1


def test_a_record_as_large_as_its_topic_takes_is_a_dead_letter_as_a_whole(scratch: World) -> None:
    feed, large = scratch.next_feed("sales"), secrets.token_bytes(8_388_400)
    raw_records.put(scratch.settings.kafka_bootstrap, scratch.topic(ORDERS).name, [(b"large", large, [])])
    backlog = feeds.orders(scratch, Events(IDS), feed, 2)

    with feeding(scratch, feed):
        wait_for(scratch, feed, 1 + backlog.records)

    (dead_letter,) = dead_letters(scratch, scratch.topic(ORDERS).name, 1)
    assert dead_letter.value() == large
    assert held(scratch, feed) == backlog.expected


def test_what_even_the_dead_letters_cannot_take_is_told_with_its_size_and_its_hash(servers: Stack) -> None:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    topic, value = f"scratch-{uuid4()}", secrets.token_bytes(LARGEST_DEAD_LETTER + 1)
    own = (("ce_type", b"order.paid"), ("huge", b"x" * 100_000))
    large = FakeRecord(topic=topic, key=b"large", value=value, headers=own)

    KafkaDeadLetters(servers.settings.kafka_bootstrap).send(
        [
            UnusableRecord(record=one, feed="sales-v1", error="E", reason="r")
            for one in (large, replace(large, value=b"small"))
        ]
    )

    cut, whole = sorted(dead_letters(servers, topic, 2), key=lambda dead_letter: len(dead_letter.value()), reverse=True)
    headers = dict(cut.headers())
    assert value.startswith(cut.value())
    assert headers[CUT_SHA256] == hashlib.sha256(value).hexdigest().encode()
    assert int(headers[CUT_BYTES]) > len(value)
    assert (headers["ce_type"], "huge" in headers) == (b"order.paid", False)
    assert (whole.value(), "huge" in dict(whole.headers())) == (b"small", True)


def test_of_a_good_and_a_bad_version_in_one_batch_the_good_one_is_shown(scratch: World) -> None:
    feed = scratch.next_feed("sales")
    _, life = feeds.an_order(Events(IDS))
    scratch.produce(ORDERS, [*life[:-1], replace(life[-1], value=life[-1].value + b"!")])

    with feeding(scratch, feed):
        wait_for(scratch, feed, len(life))

    (shown,) = held(scratch, feed).values()
    assert shown.version == len(life) - 1


@pytest.mark.parametrize("page", [b"<html>not found</html>", b'{"error":"no route"}'])
def test_a_page_in_the_place_of_the_registry_is_waited_out(scratch: World, page: bytes) -> None:
    feed = scratch.next_feed("sales")
    backlog = feeds.orders(scratch, Events(IDS), feed, 5)

    with answering(404, "application/json", page) as url, feeding(scratch, feed, registry_url=url):
        wait_until(lambda: said(scratch, "feed_waits"), feeds.DEADLINE_S, "it says that it waits")
        before = committed(scratch, feed)
    with feeding(scratch, feed):
        wait_for(scratch, feed, backlog.records)

    assert before == 0
    assert '"registry"' in scratch.log.read_text()
    assert held(scratch, feed) == backlog.expected


def test_too_many_bad_records_in_a_row_are_waited_with_until_the_registry_is_right(scratch: World) -> None:
    """All look bad because the registry has the schemas of somebody else under these ids."""
    feed, wrong = scratch.next_feed("sales"), EverySchema()
    backlog = feeds.orders(scratch, Events(IDS), feed, 40)
    wrong.texts = {id_: EverySchema().texts[1] for id_ in wrong.texts}

    with (
        registry(wrong) as url,
        feeding(scratch, feed, registry_url=url, feed_refusals_in_a_row=10),
    ):
        wait_until(lambda: '"refusals"' in scratch.log.read_text(), feeds.DEADLINE_S, "it waits, and says why")
        before = committed(scratch, feed)
        wrong.texts = EverySchema().texts
        wait_for(scratch, feed, backlog.records)

    assert before == 0
    assert held(scratch, feed) == backlog.expected
    # Of whatever topic: what other tests decided about dead letters looks as bad to it.
    assert scratch.log.read_text().count('"record_refused"') == 10


def test_a_known_flood_of_bad_records_is_refused_when_somebody_says_so(servers: Stack, scratch: World) -> None:
    feed = scratch.next_feed("product-search")
    flood: list[raw_records.Raw] = [(b"till", b"rubbish", [])] * 30
    raw_records.put(scratch.settings.kafka_bootstrap, scratch.topic(PRODUCTS).name, flood)
    backlog = feeds.products(scratch, Events(IDS), feed, 5)

    with feeding(scratch, feed, feed_refusals_in_a_row=10):
        wait_until(lambda: '"refusals"' in scratch.log.read_text(), feeds.DEADLINE_S, "it waits")
        before = committed(scratch, feed)
        done = servers.rustok("streams", "accept-refusals", feed.id, "--minutes", "1", "--reason", "a till", "--json")
        wait_for(scratch, feed, len(flood) + backlog.records)

    assert json.loads(done.stdout)["reason"] == "a till"
    assert before == 0
    assert len(dead_letters(scratch, scratch.topic(PRODUCTS).name, 30)) == 30
    assert held(scratch, feed) == backlog.expected


def test_one_record_is_passed_over_and_a_dead_letter_says_who_wanted_it(scratch: World) -> None:
    feed, topic = scratch.next_feed("sales"), scratch.topic(ORDERS).name
    record_ = (b"bad", b"rubbish", [])
    offset = raw_records.put(scratch.settings.kafka_bootstrap, topic, [record_] * 3)

    with feeding(scratch, feed, feed_refusals_in_a_row=2):
        wait_until(lambda: '"refusals"' in scratch.log.read_text(), feeds.DEADLINE_S, "it waits")
        before = committed(scratch, feed)
        tell(
            scratch.settings.kafka_bootstrap,
            OperatorDecision(
                kind="pass_over",
                feed=feed.id,
                reason="a till gone mad",
                by="ada",
                at=MOMENT,
                place=(topic, 0, offset + 2),
            ),
        )
        wait_for(scratch, feed, 3)

    told = [dict(dead_letter.headers()) for dead_letter in dead_letters(scratch, topic, 3)]
    passed = next(headers for headers in told if headers[f"{STREAMS}offset"] == str(offset + 2).encode())
    assert before == 0
    assert passed[f"{STREAMS}exception"] == b"PassedOver"
    assert passed[f"{STREAMS}message"].startswith(b"a till gone mad (passed over by ada")
    assert passed[FEED] == feed.id.encode()


def test_a_feed_that_runs_hears_what_it_is_to_pass_over(scratch: World) -> None:
    feed, topic = scratch.next_feed("sales"), scratch.topic(ORDERS).name
    first, second = an_order(), an_order()
    raw_records.put(scratch.settings.kafka_bootstrap, topic, [raw(first)])

    with feeding(scratch, feed, log_level="info"):
        wait_for(scratch, feed, 1)
        tell(
            scratch.settings.kafka_bootstrap,
            OperatorDecision(
                kind="pass_over", feed=feed.id, reason="not this", by="ada", at=MOMENT, place=(topic, 0, 1)
            ),
        )
        wait_until(lambda: said(scratch, "feed_decisions_heard"), feeds.DEADLINE_S, "it has heard")
        raw_records.put(scratch.settings.kafka_bootstrap, topic, [raw(second)])
        wait_for(scratch, feed, 2)

    (dead_letter,) = dead_letters(scratch, topic, 1)
    assert dead_letter.value() == second.value
    assert dict(dead_letter.headers())[f"{STREAMS}exception"] == b"PassedOver"
    assert [str(id_).encode() for id_ in held(scratch, feed)] == [first.key]


def test_skip_names_what_is_wrong_with_a_place(servers: Stack) -> None:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)

    nobody = servers.rustok("streams", "skip", "nobody", "rustok.order", "0", "0", "--reason", "x", check=False)
    elsewhere = servers.rustok("streams", "skip", "sales", "rustok.page", "0", "0", "--reason", "x", check=False)
    beyond = servers.rustok("streams", "skip", "sales", "rustok.order", "0", str(10**12), "--reason", "x", check=False)

    assert [done.returncode for done in (nobody, elsewhere, beyond)] == [2, 2, 2]
    assert "There is no feed nobody" in nobody.stderr
    assert "does not read rustok.page" in elsewhere.stderr
    assert "There is no record 1000000000000" in beyond.stderr
