import io
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar
from uuid import uuid4

import fastavro
import pytest

from schemas import event_codec
from schemas.avro_records import to_record
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import Decoder
from schemas.events.dead_letter import DeadLetter, DeadLetterDiscarded, DeadLetterReplayed, RecordHeader
from schemas.events.order import OrderConfirmed, OrderDeleted, OrderPaid, OrderPlaced
from sinks.analytics import event_archive
from sinks.analytics.sales_facts import MODEL
from sinks.freshness import Freshness
from sinks.memory_sink import MemorySink
from sinks.sink import StoreLost, StoreRefusal, Unavailable
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.feeding.feed_read_model import Feeding
from streams.feeding.start_positions import Log
from tests.support.examples import MOMENT, SCHEMA_IDS, EverySchema, envelope, newest_id, order
from tests.support.records import FakeRecord, record

LOG = Log(topic_id="the topic", first=0, end=0)
FRESH = Freshness({"rustok.order/0": MOMENT, "rustok.dead_letter/0": MOMENT})


class FakeDeadLetters:
    def __init__(self) -> None:
        self.sent: list[UnusableRecord] = []

        self.settled: list[RetriedRecord] = []

    def send(self, records: Sequence[UnusableRecord]) -> None:
        self.sent += records

    def settle(self, feed: str, records: Sequence[RetriedRecord]) -> None:
        self.settled += records


def feeding(sink, dead_letters=None, schemas=None, model=MODEL) -> Feeding:
    made = Feeding(model, sink, Decoder(schemas or EverySchema()), dead_letters or FakeDeadLetters())
    made.open()
    made.begin({("rustok.order", 0): LOG, ("rustok.dead_letter", 0): LOG})
    return made


def offsets(sink):
    """Of what is read."""
    return {partition: held.next for partition, held in sink.positions().items() if held.next}


def life_of(told, tenant_id):
    """The three records of an order that was placed, confirmed and paid."""
    events = (OrderPlaced(order=told), OrderConfirmed(order=told), OrderPaid(order=told))
    return [
        record(envelope(tenant_id=tenant_id, aggregate_id=told.id, aggregate_version=version), event, offset=version)
        for version, event in enumerate(events, start=1)
    ]


def replay_of(refused, feed=MODEL.id, number=1):
    """The record by which a feed is asked to try another one again."""
    dead_letter = DeadLetter(
        id=uuid4(),
        feed=feed,
        topic=refused.topic,
        partition=refused.partition,
        offset=refused.offset,
        key=refused.key,
        value=refused.value,
        headers=tuple(RecordHeader(name=name, value=value) for name, value in refused.headers),
        committed_ms=refused.timestamp,
        attempts=number,
        first_failed_ms=int(MOMENT.timestamp() * 1000),
    )
    told = envelope("dead_letter.replayed", aggregate_id=dead_letter.id, aggregate_version=number)
    return record(told, DeadLetterReplayed(dead_letter=dead_letter), topic="rustok.dead_letter")


def test_a_replayed_record_is_applied_as_if_it_came_from_its_topic_and_settled():
    sink, dead_letters, told, tenant_id = MemorySink(), FakeDeadLetters(), order(), uuid4()
    paid = life_of(told, tenant_id)[-1]

    feeding(sink, dead_letters).apply([replay_of(paid)])

    assert sink.find("orders", tenant_id, told.id).version == 3
    assert offsets(sink) == {("rustok.dead_letter", 0): 1}
    assert [(again.topic, again.offset, again.replay) for again in dead_letters.settled] == [("rustok.order", 3, 1)]


def test_replaying_twice_or_late_changes_nothing():
    sink, told, tenant_id = MemorySink(), order(), uuid4()
    placed, _, paid = life_of(told, tenant_id)

    feeding(sink).apply([paid, replay_of(placed), replay_of(paid), replay_of(paid)])

    assert [change.version for change in sink.scan("orders")] == [3]


def test_a_replay_is_settled_before_the_position_moves():
    class Down(FakeDeadLetters):
        def settle(self, feed, records):
            raise Unavailable("Kafka is away")

    sink, paid = MemorySink(), life_of(order(), uuid4())[-1]

    with pytest.raises(Unavailable):
        feeding(sink, Down()).apply([replay_of(paid)])

    assert offsets(sink) == {}


def test_the_position_moves_also_when_there_is_nothing_to_write():
    sink = MemorySink()

    feeding(sink).apply([replay_of(life_of(order(), uuid4())[-1], feed="product-search")])

    assert offsets(sink) == {("rustok.dead_letter", 0): 1}


def test_of_a_record_that_is_replayed_twice_at_once_only_the_last_word_is_settled():
    dead_letters, paid = FakeDeadLetters(), life_of(order(), uuid4())[-1]

    feeding(MemorySink(), dead_letters).apply([replay_of(paid), replay_of(replace(paid, value=b"rubbish"), number=2)])

    assert [dead_letter.record.replay for dead_letter in dead_letters.sent] == [2]
    assert dead_letters.settled == []


def test_records_of_one_place_and_different_moments_are_replayed_each():
    sink, first, second = MemorySink(), life_of(order(), uuid4())[-1], life_of(order(), uuid4())[-1]

    feeding(sink).apply([replay_of(first), replay_of(replace(second, timestamp=first.timestamp + 1))])

    assert len(list(sink.scan("orders"))) == 2


def test_what_another_feed_is_to_try_again_is_left_alone():
    sink, dead_letters = MemorySink(), FakeDeadLetters()
    discarded = DeadLetterDiscarded(dead_letter_id=uuid4(), feed=MODEL.id, reason="a load test")
    paid = life_of(order(), uuid4())[-1]

    feeding(sink, dead_letters).apply(
        [
            replay_of(paid, feed="product-search"),
            record(envelope("dead_letter.discarded"), discarded, topic="rustok.dead_letter"),
        ]
    )

    assert (list(sink.scan("orders")), dead_letters.sent, dead_letters.settled) == ([], [], [])


def test_what_another_version_of_the_read_model_is_to_try_again_is_left_alone():
    sink, dead_letters, one, other = (
        MemorySink(),
        FakeDeadLetters(),
        life_of(order(), uuid4())[-1],
        life_of(order(), uuid4())[-1],
    )

    feeding(sink, dead_letters).apply(
        [replay_of(one, feed=replace(MODEL, version=MODEL.version + 1).id), replay_of(other)]
    )

    assert [str(change.id).encode() for change in sink.scan("orders")] == [other.key]
    assert [settled.key for settled in dead_letters.settled] == [other.key]


def test_a_decision_from_before_dead_letters_had_versions_is_about_the_first():
    first, newest = MemorySink(), MemorySink()
    decision = replay_of(life_of(order(), uuid4())[-1], feed="sales")

    feeding(first, model=replace(MODEL, version=1)).apply([decision])
    feeding(newest).apply([decision])

    assert (len(list(first.scan("orders"))), len(list(newest.scan("orders")))) == (1, 0)


def test_a_replay_that_fails_is_a_dead_letter_again_and_not_settled():
    dead_letters = FakeDeadLetters()
    bad = replace(life_of(order(), uuid4())[-1], value=b"rubbish")

    feeding(MemorySink(), dead_letters).apply([replay_of(bad)])

    (dead_letter,) = dead_letters.sent
    assert (dead_letter.record.topic, dead_letter.record.offset, dead_letter.record.attempts) == ("rustok.order", 3, 1)
    assert dead_letters.settled == []


def test_a_replay_the_store_refuses_is_not_settled():
    class Refusing(MemorySink):
        def write(self, changes, positions):
            return [StoreRefusal(change, "field too long") for change in changes]

    dead_letters = FakeDeadLetters()

    feeding(Refusing(), dead_letters).apply([replay_of(life_of(order(), uuid4())[-1])])

    assert [dead_letter.error for dead_letter in dead_letters.sent] == ["RefusedByStore"]
    assert dead_letters.settled == []


def test_of_what_is_parked_only_what_is_known_by_now_is_applied():
    schemas, dead_letters, sink, told, tenant_id = EverySchema(), FakeDeadLetters(), MemorySink(), order(), uuid4()
    known = newest_id("order.placed")
    schemas.texts[known] = schemas.texts[known].replace('"placed"', '"teleported"', 1)
    placed, _, paid = (again(told) for told in life_of(told, tenant_id))

    revived = feeding(sink, dead_letters, schemas).revive([placed, paid])

    assert (revived.applied, revived.unknown) == (1, [placed])
    assert dead_letters.settled == [paid]
    assert dead_letters.sent == []
    assert [change.version for change in sink.scan("orders")] == [3]
    assert offsets(sink) == {}


def test_a_parked_decision_that_is_known_by_now_is_carried_out():
    schemas, dead_letters, sink, told, tenant_id = EverySchema(), FakeDeadLetters(), MemorySink(), order(), uuid4()
    known = newest_id("dead_letter.replayed")
    schemas.texts[known] = schemas.texts[known].replace('"replayed"', '"teleported"', 1)
    decision = again(replay_of(life_of(told, tenant_id)[-1]))

    before = feeding(sink, dead_letters, schemas).revive([decision])
    after = feeding(sink, dead_letters).revive([decision])

    assert (before.applied, before.unknown, after.unknown) == (0, [decision], [])
    assert sink.find("orders", tenant_id, told.id).version == 3
    assert [record.topic for record in dead_letters.settled] == ["rustok.dead_letter", "rustok.order"]
    assert dead_letters.sent == []


def again(refused):
    fields = ("topic", "partition", "offset", "key", "value", "headers", "timestamp")
    return RetriedRecord(**{name: getattr(refused, name) for name in fields}, attempts=1, first_failed_at=MOMENT)


def test_a_record_becomes_a_document():
    sink, told, tenant_id = MemorySink(), order(), uuid4()

    feeding(sink).apply(life_of(told, tenant_id))

    assert sink.find("orders", tenant_id, told.id).version == 3


def test_positions_count_every_record_also_those_not_decoded():
    sink = MemorySink()

    feeding(sink).apply(life_of(order(), uuid4()))

    assert offsets(sink) == {("rustok.order", 0): 4}


def test_records_out_of_order_leave_the_newest():
    sink, told, tenant_id = MemorySink(), order(), uuid4()

    feeding(sink).apply(list(reversed(life_of(told, tenant_id))))

    assert sink.find("orders", tenant_id, told.id).version == 3


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (FakeRecord(value=b"rubbish", key=b"k"), "MalformedHeaders"),
        (FakeRecord(value=None, key=b"k"), "Undecodable"),
        (replace(record(envelope(), OrderPaid(order=order())), value=b"rubbish"), "Undecodable"),
        (replace(record(envelope(), OrderPaid(order=order())), headers=()), "MalformedHeaders"),
    ],
)
def test_bad_data_is_a_dead_letter_and_the_batch_goes_on(bad, error):
    sink, dead_letters, told, tenant_id = MemorySink(), FakeDeadLetters(), order(), uuid4()

    feeding(sink, dead_letters).apply([bad, *life_of(told, tenant_id)])

    assert [(dead_letter.error, dead_letter.record) for dead_letter in dead_letters.sent] == [(error, bad)]
    assert sink.find("orders", tenant_id, told.id) is not None


def test_what_is_newer_than_known_is_parked():
    schemas, dead_letters = EverySchema(), FakeDeadLetters()
    known = newest_id("order.paid")
    schemas.texts[known] = schemas.texts[known].replace('"paid"', '"teleported"', 1)

    feeding(MemorySink(), dead_letters, schemas).apply([record(envelope(), OrderPaid(order=order()))])

    assert [dead_letter.parked for dead_letter in dead_letters.sent] == [True]


def test_what_the_store_refuses_is_a_dead_letter():
    class Refusing(MemorySink):
        def write(self, changes, positions):
            return [StoreRefusal(change, "field too long") for change in changes]

    dead_letters = FakeDeadLetters()

    feeding(Refusing(), dead_letters).apply([life_of(order(), uuid4())[2]])

    assert [dead_letter.reason for dead_letter in dead_letters.sent] == ["field too long"]


def test_a_store_that_is_not_transactional_takes_a_large_batch_in_parts_and_then_the_positions():
    class InParts(MemorySink):
        is_transactional = False
        taken: ClassVar[list[tuple[int, dict]]] = []

        def write(self, changes, positions):
            self.taken.append((len(changes), dict(positions)))
            return [StoreRefusal(change, "field too long") for change in changes[:1]]

    sink, dead_letters = InParts(), FakeDeadLetters()
    batch = [life_of(order(), uuid4())[2] for _ in range(1200)]

    feeding(sink, dead_letters).apply(batch)

    assert sink.taken == [(500, {}), (500, {}), (200, {}), (0, {("rustok.order", 0): 4})]
    assert [dead_letter.record for dead_letter in dead_letters.sent] == [batch[0], batch[500], batch[1000]]


def test_a_dead_letter_is_sent_before_the_position_moves():
    class Down:
        def send(self, records):
            raise Unavailable("Kafka is away")

    sink = MemorySink()

    with pytest.raises(Unavailable):
        feeding(sink, Down()).apply([FakeRecord(value=b"rubbish")])

    assert offsets(sink) == {}


def test_a_batch_offered_again_after_an_outage_is_applied_once():
    class DownOnce(MemorySink):
        down = True

        def write(self, changes, positions):
            if self.down:
                self.down = False
                raise Unavailable("store is away")
            return super().write(changes, positions)

    sink, told, tenant_id = DownOnce(), order(), uuid4()
    feed, batch = feeding(sink), life_of(told, tenant_id)

    with pytest.raises(Unavailable):
        feed.apply(batch)
    feed.apply(batch)

    assert [change.version for change in sink.scan("orders")] == [3]


def test_what_was_applied_is_seen_when_published():
    sink, told, tenant_id = MemorySink(), order(), uuid4()
    feed = feeding(sink)
    feed.apply(life_of(told, tenant_id))
    before = feed.has_unpublished

    feed.publish(Freshness())

    assert before
    assert not feed.has_unpublished
    assert len(sink.published) == 1


def test_a_store_that_is_as_it_was_left_is_read_on_where_it_was_and_is_as_fresh_as_it_was():
    sink = MemorySink()
    before = feeding(sink)
    before.apply(life_of(order(), uuid4()))
    before.publish(FRESH)

    after = Feeding(MODEL, sink, Decoder(EverySchema()), FakeDeadLetters())
    after.open()
    told = after.begin({("rustok.order", 0): replace(LOG, end=9)})

    assert after.places()["rustok.order", 0].next == 4
    assert told.by_partition == {"rustok.order/0": MOMENT}
    assert not after.is_building


def test_a_store_that_is_lost_is_built_from_the_beginning_and_says_so_until_it_is_built():
    sink = MemorySink()
    feed = feeding(sink)
    batch = life_of(order(), uuid4())
    feed.apply(batch)
    feed.publish(FRESH)
    sink.lose()

    with pytest.raises(StoreLost):
        feed.apply(batch)
    feed.open()
    told = feed.begin({("rustok.order", 0): replace(LOG, end=4)})
    before, place = feed.is_building, feed.places()["rustok.order", 0]
    feed.apply(batch)

    assert (told.by_partition, before, place.next) == ({}, True, 0)
    assert not feed.is_building


def test_what_is_of_kafkas_own_is_passed_over_and_kept_with_the_next_publishing():
    sink = MemorySink()
    feed = feeding(sink)

    feed.passed({("rustok.order", 0): 7})
    feed.publish(FRESH)

    assert offsets(sink) == {("rustok.order", 0): 7}


@pytest.mark.parametrize("size", [1, 2])
def test_what_is_of_an_older_epoch_loses_however_the_log_is_cut(size):
    told = order(status="paid")
    tenant_id = uuid4()
    ids = {"tenant_id": tenant_id, "aggregate_id": told.id}
    newer = record(
        envelope("order.placed", **ids, aggregate_version=1, epoch=1),
        OrderPlaced(order=replace(told, status="pending")),
    )
    older = record(envelope(**ids, aggregate_version=9), OrderPaid(order=told), offset=1)
    sink = MemorySink()
    fed = feeding(sink)

    for start in range(0, 2, size):
        fed.apply([newer, older][start : start + size])

    (held,) = sink.scan("orders")
    assert held.document is not None
    assert (held.document["status"], held.version) == ("pending", newer_than_all_of_the_first_epoch(1))


def newer_than_all_of_the_first_epoch(version):
    return 2**40 + version


def test_an_order_that_is_taken_back_is_not_seen_any_more():
    told = order()
    tenant_id = uuid4()
    sink = MemorySink()
    gone = envelope("order.deleted", tenant_id=tenant_id, aggregate_id=told.id, aggregate_version=4, epoch=1)

    feeding(sink).apply([*life_of(told, tenant_id), record(gone, OrderDeleted(order=told), offset=9)])

    (held,) = sink.scan("orders")
    assert held.document is None


class Noting(MemorySink):
    """Notes every change that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given = []

    def write(self, changes, positions):
        self.given += changes
        return super().write(changes, positions)


def test_a_model_that_keeps_every_event_is_given_each_of_a_batch_as_it_was_written():
    tenant_id, told = uuid4(), order()
    old_class = BY_TYPE["order.placed"].versions[0]
    older = record(
        envelope("order.placed", schema_version=1, tenant_id=tenant_id, aggregate_id=told.id), OrderPlaced(order=told)
    )
    old_order = old_class.__annotations__["order"]
    written = old_class(order=old_order(**{name: getattr(told, name) for name in old_order.__dataclass_fields__}))
    schema = event_codec.parsed(BY_TYPE["order.placed"], 1)
    body = io.BytesIO(event_codec.FRAME.pack(event_codec.MAGIC, SCHEMA_IDS["order.placed", 1]))
    body.seek(event_codec.FRAME.size)
    fastavro.schemaless_writer(body, schema, to_record(old_class)(written), strict=True)
    older = replace(older, value=body.getvalue())
    paid = [
        record(envelope(tenant_id=tenant_id, aggregate_id=told.id, aggregate_version=version), OrderPaid(order=told))
        for version in (2, 3)
    ]
    sink = Noting()

    feeding(sink, model=event_archive.MODEL).apply([older, *paid])

    assert [change.document["version"] for change in sink.given] == [1, 2, 3]
    assert sink.given[0].document["schema_version"] == 1
    assert not hasattr(sink.given[0].document["body"].order, "parcels")
