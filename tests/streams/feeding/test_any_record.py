"""No record stops a feed: whatever it is, it becomes a change or a dead letter, and those beside it are applied."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event_codec import Decoder
from schemas.events.order import OrderPaid
from schemas.events.product import ProductPublished, ProductUpdated
from sinks.memory_sink import MemorySink
from sinks.search import product_documents
from sinks.sink import DocumentChange, Positions, StoreRefusal, Unavailable
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.feeding.decode_record import RecordDecoder
from streams.feeding.feed_read_model import Feeding
from streams.feeding.passed_over_records import NOTHING, PassingOver
from streams.feeding.refusal_limit import RefusalLimit
from streams.feeding.start_positions import Log
from tests.support.examples import EverySchema, envelope, newest_id, order, product, text
from tests.support.records import FakeRecord, record

TOPIC = "rustok.product"


class FakeDeadLetters:
    def __init__(self) -> None:
        self.sent: list[UnusableRecord] = []

    def send(self, records: Sequence[UnusableRecord]) -> None:
        self.sent += records

    def settle(self, feed: str, records: Sequence[RetriedRecord]) -> None: ...


class Choosy(MemorySink):
    """Refuses what is called so, like a store whose mapping it does not fit."""

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        bad = [change for change in changes if (change.document or {}).get("brand") == "unfit"]
        super().write([change for change in changes if change not in bad], {} if bad else positions)
        return [StoreRefusal(change, "it does not fit") for change in bad]


class InParts(Choosy):
    """A store that keeps its positions apart from what is written."""

    is_transactional = False


def searching(
    sink: MemorySink,
    dead_letters: FakeDeadLetters,
    schemas: EverySchema | None = None,
    passing_over: PassingOver = NOTHING,
    **limits: int,
) -> Feeding:
    limit = RefusalLimit(**{"in_a_row": 10_000, "per_minute": 10_000, **limits}, now=lambda: 0.0)
    made = Feeding(
        product_documents.MODEL,
        sink,
        Decoder(schemas or EverySchema()),
        dead_letters,
        limit=limit,
        passing_over=passing_over,
        now=lambda: 0.0,
    )
    made.open()
    made.begin({(TOPIC, 0): Log(topic_id="the topic", first=0, end=0)})
    return made


def read_on(sink: MemorySink) -> int:
    """Where the store says to go on in the topic."""
    return sink.positions()[TOPIC, 0].next


def told(id_: UUID, tenant_id: UUID, version: int, offset: int, **different: Any) -> FakeRecord:
    about = envelope("product.published", tenant_id=tenant_id, aggregate_id=id_, aggregate_version=version)
    return record(about, ProductPublished(product=product(id=id_, **different)), offset=offset, topic=TOPIC)


def with_header(of: FakeRecord, name: str, value: bytes | None) -> FakeRecord:
    return replace(of, headers=(*of.headers, (name, value)))


def good(offset: int = 0) -> FakeRecord:
    return told(uuid4(), uuid4(), 1, offset)


def another_aggregates() -> FakeRecord:
    sold = order()
    return record(envelope("order.paid", aggregate_id=sold.id), OrderPaid(order=sold), topic=TOPIC)


def of_another_type() -> FakeRecord:
    id_ = uuid4()
    about = envelope("product.published", aggregate_id=id_)
    return record(about, ProductUpdated(product=product(id=id_), changed=()), topic=TOPIC)


BAD: Mapping[str, tuple[FakeRecord, str]] = {
    "no version": (with_header(good(), "ce_aggregateversion", None), "MalformedHeaders"),
    "a negative version": (with_header(good(), "ce_aggregateversion", b"-5"), "MalformedHeaders"),
    "a version of 64 bits": (with_header(good(), "ce_aggregateversion", str(2**63).encode()), "MalformedHeaders"),
    "a version of 77 bits": (with_header(good(), "ce_aggregateversion", str(10**23).encode()), "MalformedHeaders"),
    "a version for people": (with_header(good(), "ce_aggregateversion", b"1_000"), "MalformedHeaders"),
    "a type that is not UTF-8": (with_header(good(), "ce_type", b"\xff\xfe"), "MalformedHeaders"),
    "an event without texts": (told(uuid4(), uuid4(), 1, 0, translations=()), "ValueError"),
    "another aggregate's event": (another_aggregates(), "Contradiction"),
    "another type than it says": (of_another_type(), "Contradiction"),
    "another schema version": (with_header(good(), "ce_schemaversion", b"1"), "Contradiction"),
    "another aggregate's key": (replace(good(), key=str(uuid4()).encode()), "Contradiction"),
    "no key": (replace(good(), key=None), "Contradiction"),
    "an event about another": (
        record(envelope("product.published"), ProductPublished(product=product()), topic=TOPIC),
        "Contradiction",
    ),
    "no bytes": (replace(good(), value=b""), "Undecodable"),
    "half an event": (replace(good(), value=(good().value or b"")[:40]), "Undecodable"),
    "a tombstone": (replace(good(), value=None), "Undecodable"),
    "rubbish on a topic of nobody": (replace(good(), topic="nobodys", value=b"rubbish"), "Undecodable"),
    "an event on a topic of nobody": (replace(good(), topic="nobodys"), "Contradiction"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_is_a_dead_letter_and_those_beside_it_are_applied(name: str) -> None:
    bad, error = BAD[name]
    sink, dead_letters, beside = MemorySink(), FakeDeadLetters(), [good(1), good(3)]

    searching(sink, dead_letters).apply([beside[0], replace(bad, offset=2), beside[1]])

    assert [(dead_letter.error, dead_letter.record.offset) for dead_letter in dead_letters.sent] == [(error, 2)]
    assert {str(change.id).encode() for change in sink.scan("products")} == {one.key for one in beside}
    assert read_on(sink) == 4


def test_what_nobody_foresaw_is_a_dead_letter_with_its_traceback() -> None:
    dead_letters = FakeDeadLetters()

    searching(MemorySink(), dead_letters).apply([told(uuid4(), uuid4(), 1, 0, translations=())])

    (dead_letter,) = dead_letters.sent
    assert dead_letter.reason == "a product without texts cannot be shown"
    assert "in _product" in dead_letter.trace
    assert dead_letter.trace.rstrip().endswith("ValueError: a product without texts cannot be shown")


def test_what_a_dead_letter_says_is_bounded_and_can_be_written_anywhere() -> None:
    dead_letter = RecordDecoder(product_documents.MODEL.id, Decoder(EverySchema())).unusable(
        good(), "Undecodable", "\0\udcff" + "x" * 10_000
    )

    assert dead_letter.reason.startswith("\\0\\udcffxxx")
    assert len(dead_letter.reason) < 2_100
    assert dead_letter.reason.encode()


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\x00", None, b"x" * 100_000])
def test_another_tracers_header_is_nobodys_business(value: bytes | None) -> None:
    sink, dead_letters = MemorySink(), FakeDeadLetters()

    searching(sink, dead_letters).apply([with_header(good(), "x-b3", value)])

    assert len(list(sink.scan("products"))) == 1
    assert dead_letters.sent == []


@given(
    key=st.none() | st.binary(max_size=40),
    value=st.none() | st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"\x00\x00\x00\x00\x05" + tail),
    headers=st.lists(
        st.tuples(
            st.sampled_from([name for name, _ in good().headers]) | st.text(max_size=8),
            st.none() | st.binary(max_size=40) | st.sampled_from([value for _, value in good().headers]),
        ),
        max_size=20,
    ),
)
def test_whatever_a_record_is_the_feed_goes_on(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    sink, dead_letters = MemorySink(), FakeDeadLetters()

    searching(sink, dead_letters).apply([replace(good(), key=key, value=value, headers=headers)])

    assert len(dead_letters.sent) + len(list(sink.scan("products"))) == 1
    assert read_on(sink) == 1


def test_a_registry_that_is_away_is_waited_for_and_not_taken_for_the_records_fault() -> None:
    class Away(EverySchema):
        def text_of(self, schema_id: int) -> str | None:
            raise Unavailable("the registry is away")

    dead_letters = FakeDeadLetters()

    with pytest.raises(Unavailable):
        searching(MemorySink(), dead_letters, Away()).apply([good()])

    assert dead_letters.sent == []


KINDS = ("good", "hidden", "undecodable", "textless", "parked", "unfit", "malformed")


def made(kind: str, id_: UUID, tenant_id: UUID, version: int, offset: int) -> FakeRecord:
    """A record of that kind; what it says is different each time, so that states can be told apart."""
    right = told(id_, tenant_id, version, offset, translations=(text("en", f"From {offset}"),))
    match kind:
        case "hidden":
            return told(id_, tenant_id, version, offset, status="draft", translations=())
        case "undecodable":
            return replace(right, value=(right.value or b"") + b"rubbish")
        case "textless":
            return told(id_, tenant_id, version, offset, translations=())
        case "parked":
            about = envelope("product.updated", tenant_id=tenant_id, aggregate_id=id_, aggregate_version=version)
            return record(about, ProductUpdated(product=product(id=id_), changed=()), offset=offset, topic=TOPIC)
        case "unfit":
            return told(id_, tenant_id, version, offset, brand="unfit")
        case "malformed":
            return with_header(right, "ce_aggregateversion", b"-1")
        case _:
            return right


def fed(sink: MemorySink, batches: Sequence[Sequence[FakeRecord]]) -> tuple[dict[UUID, DocumentChange], set[int]]:
    """What the store holds in the end, and which records became dead letters."""
    schemas, dead_letters = EverySchema(), FakeDeadLetters()
    newer = newest_id("product.updated")
    schemas.texts[newer] = schemas.texts[newer].replace('"updated"', '"teleported"', 1)
    feeding = searching(sink, dead_letters, schemas)
    for batch in batches:
        feeding.apply(batch)
    return {change.id: change for change in sink.scan("products")}, {one.record.offset for one in dead_letters.sent}


@settings(max_examples=100)
@given(
    said=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from(KINDS)), min_size=1, max_size=14),
    cuts=st.sets(st.integers(1, 13)),
    store=st.sampled_from([Choosy, InParts]),
)
def test_what_a_store_holds_does_not_depend_on_how_the_log_is_cut_into_batches(
    said: list[tuple[int, int, str]], cuts: set[int], store: type[MemorySink]
) -> None:
    ids, tenant_id = [uuid4() for _ in range(3)], uuid4()
    log = [made(kind, ids[which], tenant_id, version, at) for at, (which, version, kind) in enumerate(said)]
    ends = [0, *sorted(cut for cut in cuts if cut < len(log)), len(log)]
    batches = [log[start:end] for start, end in pairwise(ends)]

    one_by_one, dead_letters = fed(store(), [[each] for each in log])
    held, found = fed(store(), batches)

    # A bad record that a newer good one has superseded is looked at only if it comes alone; it changes nothing.
    needed = {
        at
        for at in dead_letters
        if said[at][2] == "malformed" or said[at][1] > getattr(one_by_one.get(ids[said[at][0]]), "version", 0)
    }
    assert held == one_by_one
    assert needed <= found <= dead_letters


def test_of_a_good_and_a_newer_bad_version_in_one_batch_the_good_one_is_shown() -> None:
    id_, tenant_id, sink, dead_letters = uuid4(), uuid4(), MemorySink(), FakeDeadLetters()
    three, four = told(id_, tenant_id, 3, 3), replace(told(id_, tenant_id, 4, 4), value=b"rubbish")
    feeding = searching(sink, dead_letters)
    feeding.apply([told(id_, tenant_id, 2, 2)])

    feeding.apply([three, four])

    found = sink.find("products", tenant_id, id_)
    assert found is not None
    assert found.version == 3
    assert [dead_letter.record for dead_letter in dead_letters.sent] == [four]
