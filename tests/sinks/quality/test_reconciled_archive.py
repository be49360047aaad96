"""The orders that readers see are what the archive of events tells of them, each at its own version."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.events.order import Order, OrderDeleted, OrderPaid
from sinks.analytics import event_archive, sales_facts
from sinks.analytics.event_archive import archived_event
from sinks.archive.archive_sink import ArchiveSink
from sinks.quality.check_results import Result
from sinks.quality.reconciled_archive import reconciled
from sinks.sink import DocumentChange
from tests.support.examples import envelope, order
from tests.support.sound_snapshots import SHOP, published
from tests.support.whole import whole

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class World:
    """What happened to orders, as the archive and the read model were told of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archived: list[DocumentChange] = []
        self.sold: list[DocumentChange] = []

    def happened(self, one: Order, version: int = 1, *, archived: bool = True, seen: bool = True) -> None:
        event = OrderPaid(order=one)
        about = envelope(tenant_id=SHOP, aggregate_id=one.id, aggregate_version=version)
        if archived:
            self.archived.append(archived_event(about, event))
        if seen:
            self.sold.append(sales_facts.order_facts(about, event))

    def found(self) -> Result:
        with closing(ArchiveSink(self.folder / event_archive.MODEL.id, event_archive.MODEL, goes_live=True)) as sink:
            sink.open()
            sink.write(self.archived, {})
            sink.publish(whole(event_archive.MODEL, LATER))
        published(self.folder, sales_facts.MODEL, self.sold, LATER)
        return reconciled(self.folder, lambda: NOW)

    def kinds(self) -> list[tuple[str | None, str | None]]:
        return [(one["is"], one["why"]) for one in self.found().examples]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.happened(order())
    return (yield made)


def test_what_is_alike_holds(world: World) -> None:
    one = order()
    for version in (1, 2):
        world.happened(one, version)

    assert (world.found().outcome, world.found().broken) == ("passed", 0)


def test_an_order_is_compared_with_its_own_version_of_several(world: World) -> None:
    one = order()
    world.happened(one, 1)
    world.happened(replace(one, customer_ref="another"), 2)

    assert world.found().outcome == "passed"


def test_one_that_is_another_in_the_archive_is_told(world: World) -> None:
    one = order()
    world.happened(one, seen=False)
    world.happened(replace(one, customer_ref="another"), archived=False)

    ((kind, why),) = world.kinds()

    assert (kind, why) == ("different", "other values in customer_ref")


def test_one_that_the_archive_has_not_is_told(world: World) -> None:
    world.happened(order(), archived=False)

    assert world.kinds() == [("extra", "the archive has no event of this version")]


def test_one_that_readers_do_not_see_or_see_as_it_was_before_is_told(world: World) -> None:
    world.happened(order(), seen=False)
    one = order()
    world.happened(one, 1)
    world.happened(one, 2, seen=False)

    assert sorted(str(kind) for kind, _ in world.kinds()) == ["missing", "stale"]


def test_what_a_rule_keeps_out_and_what_was_deleted_is_not_missing(world: World) -> None:
    world.happened(order(total_minor=281), seen=False)
    gone = order()
    world.happened(gone, seen=False)
    about = envelope("order.deleted", tenant_id=SHOP, aggregate_id=gone.id, aggregate_version=2)
    world.archived.append(archived_event(about, OrderDeleted(order=gone)))

    assert world.found().outcome == "passed"
