"""Feeds as processes that try dead letters again: killed among them, or while another one stands by, they try each."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from schemas import topics
from schemas.events.order import OrderPaid
from schemas.topics import DEAD_LETTERS, ORDERS, PARKED, SETTLED
from streams import make_topics
from streams.bench.feed_events import Events
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import World, world
from tests.integration.streams import feeds
from tests.integration.streams.decisions import hearing, id_of, replay
from tests.integration.streams.feeds import feeding, held, said, wait_for
from tests.support import raw_records
from tests.support.examples import EverySchema, envelope, newest_id, order
from tests.support.records import FakeRecord, record
from tests.support.registry import registry
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

REPLAYED, KILLS = 1000, 3


@pytest.fixture
def scratch(servers: Stack) -> Iterator[World]:
    make_topics.make(servers.settings.kafka_bootstrap, topics.ALL)
    with world(servers.settings, (ORDERS,)) as here:
        yield here


def dead_letter(topic: str, number: int) -> FakeRecord:
    """A record that is right by now; every fiftieth still is not."""
    told = order()
    good = record(envelope(aggregate_id=told.id), OrderPaid(order=told), offset=number, topic=topic)
    return replace(good, value=b"rubbish") if number % 50 == 0 else good


def test_a_feed_that_is_killed_among_replays_tries_each_of_them(scratch: World) -> None:
    feed, topic, bootstrap = scratch.next_feed("sales"), scratch.topic(ORDERS).name, scratch.settings.kafka_bootstrap
    dead_letters = [dead_letter(topic, number) for number in range(REPLAYED)]
    good = {one.key for one in dead_letters if one.value != b"rubbish"}
    killed_at: list[int] = []

    with hearing(bootstrap, (SETTLED, DEAD_LETTERS), topic) as answers:

        def answered() -> set[UUID]:
            return {told.id for told in answers.listen()}

        replay(bootstrap, feed.id, dead_letters)
        for _ in range(KILLS):
            before = len(answered())
            with feeding(scratch, feed, feed__sales__batch=20) as process:
                wait_until(lambda before=before: len(answered()) > before, feeds.DEADLINE_S, "some are tried")
                process.send_signal(signal.SIGKILL)
                process.wait()
            killed_at.append(len(answered()))
        with feeding(scratch, feed):
            wait_until(lambda: len(answered()) == REPLAYED, feeds.DEADLINE_S, "all are tried")

    assert max(killed_at) < REPLAYED
    for told in answers.heard:
        assert told.kind == ("settled" if told.record.offset % 50 else "dead")
        assert told.kind == "settled" or (told.record.replay, told.attempts) == (1, 2)
    assert {str(id_).encode() for id_ in held(scratch, feed)} == good


def test_of_two_versions_side_by_side_each_has_its_own_dead_letters_and_tries_only_those(scratch: World) -> None:
    one, other, bootstrap = scratch.next_feed("sales"), scratch.next_feed("sales"), scratch.settings.kafka_bootstrap
    topic, versions = scratch.topic(ORDERS).name, {one.id: one, other.id: other}
    fixed = {id_: dead_letter(topic, 1) for id_ in versions}

    with (
        hearing(bootstrap, (DEAD_LETTERS, SETTLED), topic) as answers,
        feeding(scratch, one),
        feeding(scratch, other),
    ):
        raw_records.put(bootstrap, topic, [(b"bad", b"rubbish", [])])
        dead = wait_until(
            lambda: len(answers.listen()) == 2 and list(answers.heard), feeds.DEADLINE_S, "both refuse it"
        )
        for of in dead:
            replay(
                bootstrap, of.feed, [replace(fixed[of.feed], offset=of.record.offset, timestamp=of.record.timestamp)]
            )
        wait_until(lambda: len(answers.listen()) == 4, feeds.DEADLINE_S, "each has tried its own")

    assert {of.feed for of in dead} == set(versions)
    assert {of.id for of in answers.heard[2:] if of.kind == "settled"} == {of.id for of in dead}
    for id_, feed in versions.items():
        assert {str(key).encode() for key in held(scratch, feed)} == {fixed[id_].key}


def test_what_is_parked_and_replayed_while_another_process_stands_by_is_applied_by_whoever_knows_it(
    scratch: World,
) -> None:
    feed, bootstrap = scratch.next_feed("sales"), scratch.settings.kafka_bootstrap
    older = EverySchema()
    known = newest_id("order.paid")
    older.texts[known] = older.texts[known].replace('"paid"', '"teleported"', 1)
    backlog = feeds.orders(scratch, Events(IDS), feed, 1)

    with (
        registry(older) as older_url,
        hearing(bootstrap, (PARKED, SETTLED), scratch.topic(ORDERS).name) as answers,
        feeding(scratch, feed, registry_url=older_url) as holder,
    ):
        wait_for(scratch, feed, backlog.records)
        (parked,) = wait_until(answers.listen, feeds.DEADLINE_S, "it is parked")
        with feeding(scratch, feed, log_level="info"):
            wait_until(lambda: said(scratch, "feed_stands_by"), feeds.DEADLINE_S, "the second stands by")
            replay(bootstrap, feed.id, [parked.record])
            wait_until(lambda: len(answers.listen()) == 2, feeds.DEADLINE_S, "the holder has tried it")
            replay(bootstrap, feed.id, [parked.record], version=2)
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            wait_until(lambda: answers.listen()[-1].kind == "settled", feeds.DEADLINE_S, "the second has applied it")

    assert {told.id for told in answers.heard} == {id_of(feed.id, parked.record)}
    assert answers.heard[1].record.replay == 1
    assert held(scratch, feed) == backlog.expected
