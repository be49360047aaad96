from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from schemas.events.dead_letter import dead_letter_id
from streams.dead_letters.dead_letter import UnusableRecord, headers, settled_headers
from streams.dead_letters.read_dead_letter import NotADeadLetter, read
from streams.dead_letters.retried_record import RetriedRecord
from tests.support.examples import MOMENT
from tests.support.records import FakeRecord

TENANT = "0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81"
OWN = (("ce_tenantid", TENANT.encode()), ("ce_type", b"order.paid"), ("ce_causationid", None))
RECORD = FakeRecord(partition=3, offset=77, key=b"k", value=b"rubbish", headers=OWN, timestamp=123)


def arrived(record, topic="rustok.dead-letters", at=MOMENT):
    dead_letter = UnusableRecord(record=record, feed="sales-v1", error="Undecodable", reason="too short")
    return read(topic, record.key, record.value, as_kafka_gives(headers(dead_letter, at)), 999)


def again(**different):
    known = {"topic": "rustok.order", "partition": 3, "offset": 77, "key": b"k", "value": b"rubbish", "headers": OWN}
    return RetriedRecord(
        **known | {"timestamp": 123, "attempts": 1, "first_failed_at": MOMENT, "replay": 1} | different
    )


def as_kafka_gives(told):
    return [(name, value.encode() if isinstance(value, str) else value) for name, value in told]


def test_the_record_comes_out_as_the_feed_got_it():
    found = arrived(RECORD).record

    assert (found.topic, found.partition, found.offset) == ("rustok.order", 3, 77)
    assert (found.key, found.value, tuple(found.headers), found.timestamp) == (b"k", b"rubbish", OWN, 123)


def test_a_dead_letter_says_whose_it_is_what_it_was_about_and_why():
    found = arrived(RECORD)

    assert (str(found.tenant_id), found.event_type) == (TENANT, "order.paid")
    assert (found.feed, found.kind, found.error, found.reason) == ("sales-v1", "dead", "Undecodable", "too short")
    assert (found.attempts, found.record.first_failed_at, found.last_failed_at) == (1, MOMENT, MOMENT)


def test_a_tenant_that_does_not_parse_is_nobodys():
    assert arrived(FakeRecord(headers=(("ce_tenantid", b"\xff"),))).tenant_id is None


def test_a_replay_that_fails_is_the_same_dead_letter_tried_once_more():
    later = MOMENT + timedelta(hours=1)

    found = arrived(again(), at=later)

    assert found.id == arrived(RECORD).id == dead_letter_id("sales-v1", "rustok.order", 3, 77, 123)
    assert (found.attempts, found.record.first_failed_at, found.last_failed_at) == (2, MOMENT, later)
    assert found.record.replay == 1


def test_what_is_at_the_same_place_of_a_topic_that_was_made_again_is_another_dead_letter():
    assert arrived(replace(RECORD, timestamp=124)).id != arrived(RECORD).id


def test_two_versions_of_a_read_model_have_dead_letters_each():
    first, second = (
        read("rustok.dead-letters", b"k", b"v", as_kafka_gives(headers(of, MOMENT)), 999)
        for of in (UnusableRecord(record=RECORD, feed=feed, error="E", reason="r") for feed in ("sales-v1", "sales-v2"))
    )

    assert (first.feed, second.feed) == ("sales-v1", "sales-v2")
    assert first.id != second.id


def test_a_dead_letter_from_before_dead_letters_had_versions_is_the_one_of_the_first():
    told = as_kafka_gives(headers(UnusableRecord(record=RECORD, feed="sales", error="E", reason="r"), MOMENT))

    found = read("rustok.dead-letters", b"k", b"v", told, 999)

    assert (found.feed, found.id) == ("sales-v1", arrived(RECORD).id)
    assert str(found.id) == str(uuid5(UUID("5d0c1c0e-5c0b-5a55-9a8e-7b7d3f0f4c11"), "sales/rustok.order/3/77/123"))


def test_what_is_settled_is_the_same_dead_letter_too():
    told = as_kafka_gives(settled_headers("sales-v1", again(), MOMENT))

    found = read(
        "rustok.settled", str(dead_letter_id("sales-v1", "rustok.order", 3, 77, 123)).encode(), b"rubbish", told, 999
    )

    assert (found.kind, found.id) == ("settled", arrived(RECORD).id)


def test_dead_letters_of_feeds_that_did_not_count_yet_are_read():
    dead_letter = UnusableRecord(record=RECORD, feed="sales-v1", error="Undecodable", reason="too short")
    new = {"rustok_attempts", "rustok_first_failed_at", "rustok_committed_ms"}
    told = [header for header in as_kafka_gives(headers(dead_letter, MOMENT)) if header[0] not in new]

    found = read("rustok.dead-letters", b"k", b"rubbish", told, 999)

    assert (found.attempts, found.record.first_failed_at) == (1, MOMENT)


@pytest.mark.parametrize(
    "told", [[], [("rustok_feed", b"sales")], [("rustok_feed", b"s"), ("__streams.errors.topic", b"t")]]
)
def test_what_no_feed_wrote_is_no_dead_letter(told):
    with pytest.raises(NotADeadLetter):
        read("rustok.dead-letters", None, None, told, 0)
