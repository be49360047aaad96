"""Verifying, with both sides in memory: what is found, what is not held against a moving system, what is repaired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.events.order import OrderPaid
from schemas.write_model import Owner, Stated
from sinks.analytics.sales_facts import MODEL, order_facts
from sinks.freshness import Freshness
from sinks.sink import DocumentChange
from sinks.verify_model import DEADLINE_S, DoesNotAdvance, Verifying
from tests.support.examples import MOMENT, envelope, order

TENANT = Owner(uuid4(), "shop")
#: Of orders alone: what is compared here is one collection.
ORDERS_ALONE = replace(MODEL, projections=MODEL.projections[:1])


class Truth:
    """The write model. `emitted` is what it was asked to emit again."""

    def __init__(self) -> None:
        self.told: dict[UUID, Stated] = {}
        self.emitted: list[UUID] = []
        self.on_reemit: Callable[[UUID], None] = lambda id_: None
        self.moment = MOMENT

    def owners(self, slugs=()):
        return [TENANT]

    def now(self):
        return self.moment

    def ids(self, aggregate, tenant_id, after, limit):
        wanted = [] if tenant_id != TENANT.id else sorted(self.told)
        return [id_ for id_ in wanted if after is None or id_ > after][:limit]

    def sample(self, aggregate, tenant_id, number):
        return self.ids(aggregate, tenant_id, None, number)

    def state(self, aggregate, tenant_id, ids):
        return {id_: self.told[id_] for id_ in ids if id_ in self.told}

    def reemit(self, aggregate, tenant_id, ids):
        for id_ in ids:
            self.emitted.append(id_)
            self.on_reemit(id_)
        return len(ids)


class Readers:
    """What they see. `advance` is called before each look at the freshness, as time goes by."""

    def __init__(self) -> None:
        self.held: dict[UUID, DocumentChange] = {}
        self.as_of = MOMENT - timedelta(seconds=1)
        self.advance: Callable[[], None] = lambda: None
        self.forgotten: list[UUID] = []

    def freshness(self):
        self.advance()
        return Freshness({"everything": self.as_of})

    def tenants(self, collection):
        return {one.tenant_id for one in self.held.values()}

    def documents(self, collection, tenant_id, after, part=""):
        return iter(sorted((one for one in self.held.values() if one.tenant_id == tenant_id), key=lambda one: one.id))

    def some(self, collection, tenant_id, ids, part=""):
        return {id_: self.held[id_] for id_ in ids if id_ in self.held}

    def sample(self, collection, tenant_id, number, part=""):
        return sorted(self.held)[:number]

    def as_held(self, document):
        return document

    def forget(self, unwanted):
        for one in unwanted:
            self.forgotten.append(one.id)
            del self.held[one.id]

    def close(self): ...


class World:
    def __init__(self) -> None:
        self.truth, self.readers = Truth(), Readers()
        self.seconds = 0.0
        self.readers.advance = self.caught_up

    def caught_up(self) -> None:
        self.readers.as_of = self.truth.moment + timedelta(seconds=1)

    def order(self, version: int = 3, **different: Any) -> UUID:
        """Committed, and in the read model."""
        told = order(**different)
        about = envelope(tenant_id=TENANT.id, aggregate_id=told.id, aggregate_version=version)
        self.truth.told[told.id] = Stated(about, OrderPaid(order=told))
        self.arrive(told.id)
        return told.id

    def arrive(self, id_: UUID) -> None:
        said = self.truth.told[id_]
        self.readers.held[id_] = order_facts(said.envelope, said.event)

    def change(self, id_: UUID, **different: Any) -> None:
        """In the write model only."""
        said = self.truth.told[id_]
        about = replace(said.envelope, aggregate_version=said.envelope.aggregate_version + 1)
        self.truth.told[id_] = Stated(about, OrderPaid(order=replace(said.event.order, **different)))

    def damage(self, id_: UUID, **different: Any) -> None:
        held = self.readers.held[id_]
        self.readers.held[id_] = replace(held, document={**(held.document or {}), **different})

    def verifying(self) -> Verifying:
        def sleep(seconds: float) -> None:
            self.seconds += seconds

        return Verifying(ORDERS_ALONE, self.readers, self.truth, sleep=sleep, clock=lambda: self.seconds)


@pytest.fixture
def world() -> World:
    return World()


def kinds(finding) -> list[tuple[str, UUID]]:
    return [(one.kind, one.id) for one in finding.differences]


def test_what_is_right_is_right(world):
    for _ in range(3):
        world.order()

    finding = world.verifying().full()

    assert (finding.checked, finding.differences, finding.moving) == (3, (), 0)


def test_each_kind_of_difference_is_told_apart_with_its_reason(world):
    missing, stale, different = world.order(), world.order(), world.order()
    extra = uuid4()
    world.readers.held[extra] = replace(world.readers.held[different], id=extra)
    del world.readers.held[missing]
    world.change(stale)
    world.damage(different, total_minor=1, status="free")

    finding = world.verifying().full()

    assert {one.id: (one.kind, one.reason) for one in finding.differences} == {
        missing: ("missing", "version 3 is not there"),
        extra: ("extra", "the write model has no such aggregate"),
        stale: ("stale", "version 3 is held, 4 is committed"),
        different: ("different", "other values in status, total_minor"),
    }


def test_a_line_that_is_wrong_is_a_difference(world):
    wrong = world.order()
    world.damage(wrong, lines=[])

    assert [one.reason for one in world.verifying().full().differences] == ["other values in lines"]


def test_which_request_made_the_document_does_not_matter(world):
    said_again = world.order()
    world.damage(said_again, correlation_id="re-emit-1")

    assert world.verifying().full().differences == ()


def test_a_memory_of_what_never_was_is_not_seen_by_anybody(world):
    id_ = uuid4()
    world.readers.held[id_] = DocumentChange(collection="orders", tenant_id=TENANT.id, id=id_, version=4, document=None)

    assert world.verifying().full().differences == ()


def test_documents_of_nobody_are_extra(world):
    stray = replace(world.readers.held[world.order()], tenant_id=uuid4(), id=uuid4())
    world.readers.held[stray.id] = stray

    assert kinds(world.verifying().full()) == [("extra", stray.id)]


def test_what_is_on_its_way_is_no_difference(world):
    on_its_way = world.order()
    world.change(on_its_way)

    def arrives() -> None:
        world.arrive(on_its_way)
        world.caught_up()

    world.readers.advance = arrives

    assert world.verifying().full().differences == ()


def test_what_changes_again_and_again_is_moving_and_not_wrong(world):
    busy = world.order()
    world.change(busy)

    def changes() -> None:
        world.change(busy)
        world.caught_up()

    world.readers.advance = changes

    finding = world.verifying().full()

    assert (finding.differences, finding.moving) == ((), 1)


def test_a_read_model_that_stands_still_is_not_judged(world):
    world.damage(world.order(), status="free")
    world.readers.advance = lambda: None

    with pytest.raises(DoesNotAdvance):
        world.verifying().full()
    assert world.seconds > DEADLINE_S


def test_many_pages_meet_at_their_seams(world):
    for _ in range(1203):
        world.order()
    (gone, *_) = world.readers.held
    del world.readers.held[gone]

    finding = world.verifying().full()

    assert finding.checked == 1203
    assert kinds(finding) == [("missing", gone)]


def test_a_sample_looks_from_both_sides(world):
    extra = uuid4()
    missing = world.order()
    world.readers.held = {extra: replace(world.readers.held[missing], id=extra)}

    assert sorted(kinds(world.verifying().sampled(10))) == [("extra", extra), ("missing", missing)]


def test_a_repair_removes_what_no_event_replaces_and_has_the_rest_said_again(world):
    missing, stale, different, ahead = (world.order() for _ in range(4))
    extra = uuid4()
    world.readers.held[extra] = replace(world.readers.held[ahead], id=extra)
    world.readers.held[ahead] = replace(world.readers.held[ahead], version=9)
    del world.readers.held[missing]
    world.change(stale)
    world.damage(different, status="free")
    world.truth.on_reemit = lambda id_: world.arrive(id_) if id_ in world.truth.told else None
    verifying = world.verifying()

    left = verifying.repair(verifying.full())

    assert left.differences == ()
    assert sorted(world.readers.forgotten) == sorted([extra, ahead])
    assert {missing, stale, different, ahead} <= set(world.truth.emitted)


def test_a_repair_that_does_not_help_says_so(world):
    wrong = world.order()
    world.damage(wrong, status="free")
    verifying = world.verifying()

    assert kinds(verifying.repair(verifying.full())) == [("different", wrong)]


def test_as_of_is_what_the_readers_were_promised(world):
    world.order()

    assert world.verifying().full().as_of == datetime.fromtimestamp(MOMENT.timestamp() + 1, UTC)
