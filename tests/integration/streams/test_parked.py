"""What is parked is applied by the first start that knows it, once, whoever else reads it and whoever is killed."""

import signal
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from schemas import topics
from schemas.event_codec import Decoder
from schemas.events.order import OrderConfirmed, OrderPaid
from schemas.topics import ORDERS, SETTLED
from sinks.analytics.sales_facts import MODEL
from sinks.memory_sink import MemorySink
from streams import make_topics
from streams.bench.scratch_feeds import world
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.send_dead_letters import KafkaDeadLetters
from streams.feeding import apply_parked_records
from streams.feeding.feed_read_model import Feeding
from tests.integration.streams import feeds
from tests.integration.streams.decisions import discard, hearing
from tests.support.examples import EverySchema, envelope, newest_id, order
from tests.support.records import FakeRecord, record
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

MANY = 3000


class Life:
    """One feed with a name of its own, through its starts. Each is given what it does not know yet."""

    def __init__(self, bootstrap: str) -> None:
        self.name = f"scratch-{uuid4()}"
        self.sink = MemorySink()
        self._bootstrap = bootstrap

    def start(self, *unknown: str) -> apply_parked_records.Start:
        return apply_parked_records.revive(self._bootstrap, self.feeding(*unknown))

    def feeding(self, *unknown: str) -> Feeding:
        schemas = EverySchema()
        for event_type in unknown:
            known = newest_id(event_type)
            schemas.texts[known] = schemas.texts[known].replace(event_type.partition(".")[2], "teleported", 1)
        made = Feeding(replace(MODEL, name=self.name), self.sink, Decoder(schemas), KafkaDeadLetters(self._bootstrap))
        made.open()
        return made

    @property
    def held(self) -> set[UUID]:
        return {change.id for change in self.sink.scan("orders")}


@pytest.fixture
def life(servers: Stack) -> Callable[[], Life]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    return lambda: Life(servers.settings.kafka_bootstrap)


def paid() -> FakeRecord:
    told = order()
    return record(envelope(aggregate_id=told.id), OrderPaid(order=told), offset=uuid4().int % 2**62)


def confirmed() -> FakeRecord:
    told = order()
    of = envelope("order.confirmed", aggregate_id=told.id)
    return record(of, OrderConfirmed(order=told), offset=uuid4().int % 2**62)


def about(of: FakeRecord) -> UUID:
    assert of.key is not None
    return UUID(of.key.decode())


def test_a_parked_record_is_applied_by_the_first_start_that_knows_it_and_once(life: Callable[[], Life]) -> None:
    feed, told = life(), paid()
    feed.feeding("order.paid").apply([told])
    nothing = feed.held

    starts = [feed.start("order.paid"), feed.start(), feed.start()]

    assert nothing == set()
    assert [start.applied for start in starts] == [0, 1, 0]
    assert feed.held == {about(told)}


def test_a_start_reads_what_came_since_and_what_still_waits_and_nothing_else(life: Callable[[], Life]) -> None:
    feed, early, waiting, late = life(), paid(), confirmed(), paid()
    feed.feeding("order.paid", "order.confirmed").apply([early, waiting, late])

    first = feed.start("order.confirmed")
    then = [feed.start("order.confirmed"), feed.start(), feed.start(), feed.start()]

    assert (first.waited, first.applied) == (3, 2)
    assert [(start.waited, start.applied) for start in then] == [(1, 0), (1, 1), (0, 0), (0, 0)]
    # What is parked from the one that waits on, and what was said about that; then only what was said since.
    assert [start.read for start in then] == [4, 3, 1, 0]
    assert feed.held == {about(early), about(waiting), about(late)}


def test_what_one_feed_is_done_with_waits_for_the_other(life: Callable[[], Life]) -> None:
    one, other, records = life(), life(), [paid(), confirmed(), paid()]
    both = [feed.feeding("order.paid", "order.confirmed") for feed in (one, other)]
    for told in records:
        for feeding in both:
            feeding.apply([told])

    done = [one.start(), one.start()]
    late = [other.start("order.paid", "order.confirmed"), other.start("order.paid"), other.start()]

    assert [start.applied for start in done] == [3, 0]
    assert [start.applied for start in late] == [0, 1, 2]
    assert one.held == other.held == {about(told) for told in records}


def test_what_is_given_up_stays_so_while_an_earlier_one_waits(servers: Stack, life: Callable[[], Life]) -> None:
    feed, waiting, discarded = life(), confirmed(), paid()
    feed.feeding("order.paid", "order.confirmed").apply([waiting, discarded])
    discard(servers.settings.kafka_bootstrap, replace(MODEL, name=feed.name).id, discarded)

    applied = [feed.start("order.confirmed").applied, feed.start("order.confirmed").applied, feed.start().applied]

    assert applied == [0, 0, 1]
    assert feed.held == {about(waiting)}


def test_what_is_parked_again_by_older_code_is_applied_again(life: Callable[[], Life]) -> None:
    feed, told = life(), paid()
    feed.feeding("order.paid").apply([told])
    feed.start()
    feed.sink = MemorySink()
    feed.feeding("order.paid").apply([told])

    start = feed.start()

    assert start.applied == 1
    assert feed.held == {about(told)}


def test_a_feed_that_is_killed_among_its_parked_records_applies_all_of_them_in_the_end(servers: Stack) -> None:
    bootstrap = servers.settings.kafka_bootstrap
    make_topics.make(bootstrap, topics.ALL)
    with world(servers.settings, (ORDERS,)) as scratch:
        feed, topic = scratch.next_feed("sales"), scratch.topic(ORDERS).name
        records = [replace(paid(), topic=topic) for _ in range(MANY)]
        KafkaDeadLetters(bootstrap, 60).send(
            [
                UnusableRecord(record=told, feed=feed.id, error="NewerThanKnown", reason="", parked=True)
                for told in records
            ]
        )

        with (
            hearing(bootstrap, (SETTLED,), topic) as answers,
            feeds.feeding(scratch, feed, log_level="info") as process,
        ):
            wait_until(answers.listen, feeds.DEADLINE_S, "some of them are applied")
            process.send_signal(signal.SIGKILL)
            process.wait()
        killed_among_them = not feeds.said(scratch, "parked_revived")
        with feeds.feeding(scratch, feed, log_level="info"):
            wait_until(lambda: feeds.said(scratch, "parked_revived"), feeds.DEADLINE_S, "a start came to its end")

        assert killed_among_them
        assert feeds.held(scratch, feed).keys() == {about(told) for told in records}
