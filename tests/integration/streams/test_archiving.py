"""The archive is fed on real servers: killed again and again, it has every version of everything once."""

import signal
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest

from schemas.topics import ORDERS
from sinks.analytics.event_archive import MODEL
from sinks.archive.archive_report import report
from sinks.sink import Unavailable
from streams.bench.feed_events import Events
from streams.bench.schema_server import IDS
from streams.bench.scratch_feeds import world
from tests.integration.streams import feeds
from tests.integration.streams.feeds import DEADLINE_S, committed, feeding, wait_for
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

KILLS = 4
LIVES = 4_000


@pytest.fixture
def scratch(servers):
    with world(servers.settings, MODEL.topics) as here:
        yield here


def archived(scratch, feed):
    """What lies in the archive of each order, in the order in which it came."""
    found = {}
    sink = feed.sink(scratch.settings.model_copy(update={"analytics_dir": scratch.folder}), goes_live=False)
    with closing(sink):
        sink.open()
        for change in sink.scan("events"):
            found.setdefault(change.id, []).append((change.document["version"], change.document["type"]))
    return found


def published(scratch, feed, events):
    """What is said of the archive, as soon as readers see so many events."""
    try:
        found = report(scratch.folder / feed.id, feed, most_gaps=None)
    except Unavailable:
        return None
    return found if sum(one.events for one in found.aggregates) >= events else None


def test_killed_again_and_again_in_a_backlog_it_has_every_version_once(scratch):
    feed, made, topic = scratch.next_feed("event-archive"), Events(IDS), scratch.topic(ORDERS)
    lives = [list(made.life_of(order)) for order in made.orders(LIVES)]
    records = scratch.produce(ORDERS, [life[step] for step in range(len(lives[0])) for life in lives])

    for _ in range(KILLS):
        with feeding(scratch, feed, feed__event_archive__batch=500) as process:
            wait_for(scratch, feed, min(committed(scratch, feed, topic) + 1000, records), topic)
            process.send_signal(signal.SIGKILL)
    with feeding(scratch, feed):
        wait_for(scratch, feed, records, topic)
        found = wait_until(lambda: published(scratch, feed, records), DEADLINE_S, "all of it is published")

    kept = archived(scratch, feed)
    assert Counter(map(tuple, kept.values())) == {
        ((1, "order.placed"), (2, "order.confirmed"), (3, "order.paid")): LIVES
    }
    assert found.wrong == []
    assert found.is_complete
    assert [(one.aggregate, one.events, one.things) for one in found.aggregates] == [("order", records, LIVES)]


def test_a_record_that_cannot_be_used_is_a_gap_and_closes_when_it_comes_after_all(scratch):
    feed, made = scratch.next_feed("event-archive"), Events(IDS)
    order, (placed, confirmed, paid) = feeds.an_order(made)

    with feeding(scratch, feed):
        scratch.produce(ORDERS, [placed, replace(confirmed, value=b"rubbish"), paid])
        torn = wait_until(lambda: published(scratch, feed, 2), DEADLINE_S, "what can be used is published")
    with feeding(scratch, feed):
        scratch.produce(ORDERS, [confirmed])
        whole = wait_until(lambda: published(scratch, feed, 3), DEADLINE_S, "what came late is published")

    assert [(gap.aggregate_id, gap.first, gap.last, gap.kind) for gap in torn.gaps] == [(order.id, 2, 2, "missed")]
    assert not torn.is_complete
    assert whole.gaps == []
    assert whole.is_complete
    assert [version for version, _ in archived(scratch, feed)[order.id]] == [1, 3, 2]
