from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar
from uuid import uuid4

import pytest

from schemas.codec import Decoder
from schemas.events.order import OrderConfirmed, OrderPaid, OrderPlaced
from sinks.analytics.sales_facts import MODEL
from sinks.freshness import Freshness
from sinks.memory import MemorySink
from sinks.sink import Refusal, Unavailable
from streams.dead_letters import Letter
from streams.feeding import Feeding
from tests.support.examples import SCHEMA_IDS, EverySchema, envelope, order
from tests.support.records import FakeRecord, record


class Graveyard:
    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def bury(self, letters: Sequence[Letter]) -> None:
        self.letters += letters


def feeding(sink, graveyard=None, schemas=None) -> Feeding:
    made = Feeding(MODEL, sink, Decoder(schemas or EverySchema()), graveyard or Graveyard())
    made.open()
    return made


def life_of(told, tenant_id):
    """The three records of an order that was placed, confirmed and paid."""
    events = (OrderPlaced(order=told), OrderConfirmed(order=told), OrderPaid(order=told))
    return [
        record(envelope(tenant_id=tenant_id, aggregate_id=told.id, aggregate_version=version), event, offset=version)
        for version, event in enumerate(events, start=1)
    ]


def test_a_record_becomes_a_document():
    sink, told, tenant_id = MemorySink(), order(), uuid4()

    feeding(sink).apply(life_of(told, tenant_id))

    assert sink.find("orders", tenant_id, told.id).version == 3


def test_positions_count_every_record_also_those_not_decoded():
    sink = MemorySink()

    feeding(sink).apply(life_of(order(), uuid4()))

    assert sink.positions() == {("rustok.order", 0): 4}


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
def test_bad_data_is_buried_and_the_batch_goes_on(bad, error):
    sink, graveyard, told, tenant_id = MemorySink(), Graveyard(), order(), uuid4()

    feeding(sink, graveyard).apply([bad, *life_of(told, tenant_id)])

    assert [(letter.error, letter.record) for letter in graveyard.letters] == [(error, bad)]
    assert sink.find("orders", tenant_id, told.id) is not None


def test_what_is_newer_than_known_is_parked():
    schemas, graveyard = EverySchema(), Graveyard()
    known = SCHEMA_IDS["order.paid", 1]
    schemas.texts[known] = schemas.texts[known].replace('"paid"', '"teleported"', 1)

    feeding(MemorySink(), graveyard, schemas).apply([record(envelope(), OrderPaid(order=order()))])

    assert [letter.parked for letter in graveyard.letters] == [True]


def test_what_the_store_refuses_is_buried():
    class Refusing(MemorySink):
        def write(self, changes, positions):
            return [Refusal(change, "field too long") for change in changes]

    graveyard = Graveyard()

    feeding(Refusing(), graveyard).apply([record(envelope(), OrderPaid(order=order()))])

    assert [letter.reason for letter in graveyard.letters] == ["field too long"]


def test_a_store_without_positions_takes_a_large_batch_in_parts():
    class InParts(MemorySink):
        taken: ClassVar[list[int]] = []

        def positions(self):
            return None

        def write(self, changes, positions):
            self.taken.append(len(changes))
            return [Refusal(changes[0], "field too long")]

    sink, graveyard = InParts(), Graveyard()
    batch = [life_of(order(), uuid4())[2] for _ in range(1200)]

    feeding(sink, graveyard).apply(batch)

    assert sink.taken == [500, 500, 200]
    assert [letter.record for letter in graveyard.letters] == [batch[0], batch[500], batch[1000]]


def test_a_letter_is_buried_before_the_position_moves():
    class Down:
        def bury(self, letters):
            raise Unavailable("Kafka is away")

    sink = MemorySink()

    with pytest.raises(Unavailable):
        feeding(sink, Down()).apply([FakeRecord(value=b"rubbish")])

    assert sink.positions() == {}


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
