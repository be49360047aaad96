"""What every store must do, whatever it is made of. A test class inherits this and says how to make its store."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.events.order import OrderPaid, OrderPlaced
from sinks.analytics.sales_facts import order_facts
from sinks.freshness import Freshness
from sinks.sink import DocumentChange, HeldOffset, Partition, Sink, StoreLost
from tests.support.examples import MOMENT, envelope, line, order

POSITION = ("rustok.order", 0)


class SinkContract:
    """`sink` is a fixture of the inheriting class: an open store of the sales facts' shape.

    `order` makes a change; a store that gives back text for ids and times is given text.
    """

    def order(
        self, version: int, tenant_id: UUID | None = None, id_: UUID | None = None, lines: int = 1
    ) -> DocumentChange:
        return paid_order(version, tenant_id, id_, lines)

    def test_what_is_written_is_found(self, sink: Sink) -> None:
        change = self.order(version=3)

        sink.write([change], {POSITION: 1})

        assert sink.find("orders", change.tenant_id, change.id) == change

    def test_feeding_twice_is_feeding_once(self, sink: Sink) -> None:
        change = self.order(version=3)

        sink.write([change], {POSITION: 1})
        sink.write([change], {POSITION: 1})

        assert list(sink.scan("orders", change.tenant_id)) == [change]

    def test_an_older_version_changes_nothing(self, sink: Sink) -> None:
        newer = self.order(version=3)
        older = self.order(version=2, tenant_id=newer.tenant_id, id_=newer.id, lines=3)

        sink.write([newer], {POSITION: 1})
        sink.write([older], {POSITION: 2})

        assert sink.find("orders", newer.tenant_id, newer.id) == newer

    def test_the_same_version_said_again_repairs_the_document(self, sink: Sink) -> None:
        damaged = self.order(version=3, lines=3)
        right = self.order(version=3, tenant_id=damaged.tenant_id, id_=damaged.id, lines=1)

        sink.write([damaged], {POSITION: 1})
        sink.write([right], {POSITION: 2})

        assert sink.find("orders", right.tenant_id, right.id) == right

    def test_of_one_version_twice_in_a_batch_the_last_stays(self, sink: Sink) -> None:
        first = self.order(version=3, lines=3)
        last = self.order(version=3, tenant_id=first.tenant_id, id_=first.id, lines=2)

        sink.write([first, last], {POSITION: 2})

        assert list(sink.scan("orders", last.tenant_id)) == [last]

    def test_a_newer_version_replaces_the_whole_document(self, sink: Sink) -> None:
        older = self.order(version=2, lines=3)
        newer = self.order(version=3, tenant_id=older.tenant_id, id_=older.id, lines=1)

        sink.write([older], {POSITION: 1})
        sink.write([newer], {POSITION: 2})

        assert sink.find("orders", newer.tenant_id, newer.id) == newer

    def test_several_versions_in_one_batch_leave_the_newest(self, sink: Sink) -> None:
        older = self.order(version=2, lines=2)
        newer = self.order(version=3, tenant_id=older.tenant_id, id_=older.id)

        sink.write([newer, older], {POSITION: 1})

        assert list(sink.scan("orders", older.tenant_id)) == [newer]

    def test_a_tombstone_is_remembered(self, sink: Sink) -> None:
        shown = self.order(version=2)
        gone = DocumentChange(collection="orders", tenant_id=shown.tenant_id, id=shown.id, version=3, document=None)

        sink.write([shown], {POSITION: 1})
        sink.write([gone], {POSITION: 2})
        sink.write([shown], {POSITION: 3})

        assert sink.find("orders", shown.tenant_id, shown.id) == gone

    def test_what_was_gone_may_come_back_newer(self, sink: Sink) -> None:
        back = self.order(version=4)
        gone = DocumentChange(collection="orders", tenant_id=back.tenant_id, id=back.id, version=3, document=None)

        sink.write([gone], {POSITION: 1})
        sink.write([back], {POSITION: 2})

        assert list(sink.scan("orders", back.tenant_id)) == [back]

    def test_tenants_are_apart(self, sink: Sink) -> None:
        ours, theirs = self.order(version=1), self.order(version=1)

        sink.write([ours, theirs], {POSITION: 1})

        assert list(sink.scan("orders", ours.tenant_id)) == [ours]
        assert sink.find("orders", theirs.tenant_id, ours.id) is None

    def test_a_store_that_was_just_made_has_begun_with_nothing_and_is_not_fresh(self, sink: Sink) -> None:
        assert sink.positions() == {}
        assert sink.freshness().as_of is None
        assert sink.birth()

    def test_a_store_keeps_how_far_it_has_come_and_what_was_said_of_that(self, sink: Sink) -> None:
        other = ("rustok.order", 1)
        fresh = Freshness({"rustok.order/0": MOMENT, "rustok.order/1": MOMENT})
        birth = sink.birth()
        begin(sink, POSITION, other, until=8)
        sink.write([self.order(version=1)], {POSITION: 7, other: 3})
        sink.write([], {POSITION: 9})
        sink.publish(fresh)

        sink.open()

        assert sink.birth() == birth
        assert sink.positions() == {
            POSITION: HeldOffset(topic_id="the topic", next=9, until=8),
            other: HeldOffset(topic_id="the topic", next=3, until=8),
        }
        assert sink.freshness().by_partition == fresh.by_partition

    def test_a_position_is_never_ahead_of_what_is_written(self, sink: Sink) -> None:
        begin(sink, POSITION)
        sink.write([self.order(version=1)], {POSITION: 7})

        sink.open()  # as after a kill: nothing was published

        assert offsets(sink)[POSITION] <= 7

    def test_a_partition_that_begins_anew_is_nowhere_yet(self, sink: Sink) -> None:
        begin(sink, POSITION)
        sink.write([self.order(version=1)], {POSITION: 7})
        sink.publish(Freshness({"rustok.order/0": MOMENT}))

        sink.begin({POSITION: HeldOffset(topic_id="the topic made anew", next=0, until=5)})

        assert sink.positions() == {POSITION: HeldOffset(topic_id="the topic made anew", next=0, until=5)}

    def test_publishing_again_and_again_is_allowed(self, sink: Sink) -> None:
        begin(sink, POSITION)
        sink.write([self.order(version=1)], {POSITION: 1})

        for seconds in range(3):
            sink.publish(Freshness({"rustok.order/0": MOMENT + timedelta(seconds=seconds)}))

        assert sink.freshness().by_partition == {"rustok.order/0": MOMENT + timedelta(seconds=2)}

    def test_what_nobody_vouches_for_is_told_as_that(self, sink: Sink) -> None:
        begin(sink, *((POSITION[0], number) for number in range(4)))
        moments = {f"rustok.order/{number}": MOMENT for number in range(4)}

        states = []
        for freshness in (Freshness(moments, withheld="building"), Freshness(moments)):
            sink.publish(freshness)
            states.append(sink.freshness().state)

        assert states == ["building", "fresh"]

    def test_a_store_that_is_thrown_away_takes_nothing_more_and_is_made_anew(self, sink: Sink) -> None:
        birth = sink.birth()
        begin(sink, POSITION)
        sink.write([self.order(version=1)], {POSITION: 7})
        sink.publish(Freshness({"rustok.order/0": MOMENT}))

        self.throw_away(sink)

        with pytest.raises(StoreLost):
            sink.write([self.order(version=2)], {POSITION: 8})
        with pytest.raises(StoreLost):
            sink.publish(Freshness({"rustok.order/0": MOMENT}))
        sink.open()
        assert sink.birth() != birth
        assert (sink.positions(), sink.freshness().as_of, list(sink.scan("orders"))) == ({}, None, [])

    def throw_away(self, sink: Any) -> None:
        """As somebody may who knows nothing of its feed."""
        raise NotImplementedError


def begin(sink: Sink, *partitions: Partition, until: int = 0) -> None:
    sink.begin({partition: HeldOffset(topic_id="the topic", next=0, until=until) for partition in partitions})


def offsets(sink: Sink) -> dict[Partition, int]:
    return {partition: held.next for partition, held in sink.positions().items()}


def paid_order(version: int, tenant_id: UUID | None = None, id_: UUID | None = None, lines: int = 1) -> DocumentChange:
    told = order(id=id_ or uuid4(), lines=tuple(line() for _ in range(lines)), total_minor=280 * lines)
    about = envelope(tenant_id=tenant_id or uuid4(), aggregate_id=told.id, aggregate_version=version)
    return order_facts(about, OrderPaid(order=told) if version > 2 else OrderPlaced(order=told))
