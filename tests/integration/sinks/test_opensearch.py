"""The OpenSearch store on a real server: the contract of every store, and what only a real one can refuse."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from opensearchpy import OpenSearch, exceptions

from sinks.analytics import sales_facts
from sinks.builds import Build
from sinks.freshness import BUILDING, Freshness
from sinks.opensearch.index_reader import readable
from sinks.opensearch.index_spread import IndexSpread, spread_of
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name, live_alias
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, StoreLost, Unavailable
from tests.support import parts_contract
from tests.support.answering import answering
from tests.support.examples import MOMENT
from tests.support.free_port import free_port
from tests.support.opensearch_proxy import Asked, standing_before
from tests.support.parts_contract import PartsContract
from tests.support.sink_contract import POSITION, SinkContract, begin, paid_order
from tests.support.stack import Stack
from tests.support.whole import whole

pytestmark = pytest.mark.servers

_KEYWORDS = ("external_id", "customer_ref", "status", "currency", "correlation_id")
_NUMBERS = ("tax_minor", "shipping_minor", "discount_minor", "total_minor", "refund_minor")
_TIMES = ("placed_at", "confirmed_at", "paid_at", "cancelled_at")
MODEL = replace(sales_facts.MODEL, projections=sales_facts.MODEL.projections[:1])  # orders alone
MATCH_ALL = {"query": {"match_all": {}}}
FIELDS = {
    "orders": {
        **{name: {"type": "keyword"} for name in _KEYWORDS},
        **{name: {"type": "long"} for name in _NUMBERS},
        **{name: {"type": "date"} for name in _TIMES},
        **{name: {"type": "object", "enabled": False} for name in ("lines", "reversals")},
    }
}


@pytest.fixture
def sink(servers: Stack) -> Iterator[OpenSearchSink]:
    model = replace(MODEL, version=secrets.randbelow(10**9) + 10**9)
    store = OpenSearchStore(servers.settings.opensearch_url)
    opened = OpenSearchSink(store, model, FIELDS)
    opened.open()
    yield opened
    store.drop_index(index_name(model, "orders"))
    opened.close()


def as_json(change: DocumentChange) -> DocumentChange:
    """The same with ids and times as text, as JSON has them."""
    return replace(change, document=json.loads(orjson.dumps(change.document)))


class TestOpenSearchSink(SinkContract):
    @pytest.fixture
    def sink(self, sink: OpenSearchSink) -> OpenSearchSink:
        return sink

    def order(
        self, version: int, tenant_id: UUID | None = None, id_: UUID | None = None, lines: int = 1
    ) -> DocumentChange:
        return as_json(paid_order(version, tenant_id, id_, lines))

    def throw_away(self, sink: Any) -> None:
        sink.store.drop_index(sink.index("orders"))


class TestPartsInOpenSearch(PartsContract):
    """What readers see is the document as a search finds it."""

    @pytest.fixture(autouse=True)
    def on(self, servers: Stack) -> Iterator[None]:
        self.model = replace(parts_contract.MODEL, version=secrets.randbelow(10**9) + 10**9)
        self.store = OpenSearchStore(servers.settings.opensearch_url)
        yield
        self.store.drop_index(index_name(self.model, "shelf"))
        self.store.close()

    @contextmanager
    def opened(self) -> Iterator[OpenSearchSink]:
        sink = OpenSearchSink(self.store, self.model, parts_contract.FIELDS)
        sink.open()
        yield sink

    def seen(self, sink: Any, tenant_id: UUID, id_: UUID) -> Mapping[str, Any] | None:
        index = sink.index("shelf")
        self.store.refresh([index])
        query = {"bool": {"filter": [{"ids": {"values": [str(id_)]}}, {"term": {"tenant_id": str(tenant_id)}}]}}
        (hit,) = self.store.search(index, {"query": query})["hits"]["hits"] or [{"_source": {"shown": False}}]
        found = hit["_source"]
        if not found["shown"]:
            return None
        parts = {
            name: [
                {k: v for k, v in one.items() if k not in ("version", "shown")} for one in found[name] if one["shown"]
            ]
            for name in self.model.parts_of("shelf")
            if name in found
        }
        return {"title": found["title"], **{name: held for name, held in parts.items() if held}}

    def throw_away(self, sink: Any) -> None:
        sink.store.drop_index(sink.index("shelf"))


def test_readers_are_led_to_a_new_version_when_it_is_whole_and_never_back(servers: Stack) -> None:
    store = OpenSearchStore(servers.settings.opensearch_url)
    first = secrets.randbelow(10**9) + 10**9
    partitions = [("rustok.order", number) for number in range(4)]
    model = replace(MODEL, version=first, projections=(replace(MODEL.projections[0], collection=f"tried-{first}"),))
    collection = model.collections[0]

    def published(version: int, freshness: Freshness) -> str | None:
        sink = OpenSearchSink(store, replace(model, version=version), {collection: FIELDS["orders"]}, goes_live=True)
        sink.open()
        begin(sink, *partitions)
        sink.publish(freshness)
        alias = live_alias(model, collection)
        return next((index for index, names in store.aliases_of(f"{alias}-v*").items() if alias in names), None)

    try:
        seen = [
            published(first, Freshness(withheld="building")),
            published(first + 1, Freshness(withheld="building")),
            published(first + 1, Freshness({"rustok.order/0": MOMENT})),
            published(first + 1, whole(MODEL)),
            published(first, whole(MODEL)),
        ]
    finally:
        for version in (first, first + 1):
            store.drop_index(index_name(replace(model, version=version), collection))
        store.close()

    old, new = (index_name(replace(model, version=version), collection) for version in (first, first + 1))
    assert seen == [old, old, old, new, new]


def test_only_what_does_not_fit_the_mapping_is_refused(sink: OpenSearchSink) -> None:
    good, bad, unknown = (as_json(paid_order(version=1)) for _ in range(3))
    bad = replace(bad, document={**(bad.document or {}), "total_minor": "plenty"})
    unknown = replace(unknown, document={**(unknown.document or {}), "mood": "sunny"})

    refused = sink.write([good, bad, unknown], {POSITION: 1})

    assert [refusal.change for refusal in refused] == [bad, unknown]
    assert "plenty" in refused[0].reason
    assert "mood" in refused[1].reason
    assert sink.find("orders", good.tenant_id, good.id) == good


def test_a_batch_of_several_requests_is_answered_change_by_change(sink: OpenSearchSink) -> None:
    tenant_id = uuid4()
    changes = [as_json(paid_order(version=1, tenant_id=tenant_id)) for _ in range(2500)]
    for place in (700, 1700, 2400):
        changes[place] = replace(changes[place], document={"total_minor": "plenty"})

    refused = sink.write(changes, {POSITION: 1})

    assert [refusal.change for refusal in refused] == [changes[place] for place in (700, 1700, 2400)]
    assert len(list(sink.scan("orders", tenant_id))) == 2497


def test_freshness_is_there_for_readers_after_publishing(servers: Stack) -> None:
    store = OpenSearchStore(servers.settings.opensearch_url)
    model = replace(MODEL, version=secrets.randbelow(10**9) + 10**9)
    sink = OpenSearchSink(store, model, FIELDS)
    sink.open()
    begin(sink, *(("rustok.order", partition) for partition in range(4)))
    fresh = whole(MODEL)

    sink.publish(fresh)

    assert readable(store, model, Build(model.version)).freshness.as_of == MOMENT
    store.drop_index(index_name(model, "orders"))
    sink.close()


def test_two_processes_that_feed_one_index_leave_each_others_marks_alone(servers: Stack) -> None:
    store = OpenSearchStore(servers.settings.opensearch_url)
    model = replace(MODEL, version=secrets.randbelow(10**9) + 10**9)
    one, other = (OpenSearchSink(store, model, FIELDS) for _ in range(2))
    for sink, own in ((one, (0, 1)), (other, (2, 3))):
        sink.open()
        begin(sink, *(("rustok.order", number) for number in own))
    gap = "gap: slot: it was made anew"

    def publish(sink: OpenSearchSink, own: tuple[int, int], withheld: str = "") -> str:
        moments = {f"rustok.order/{number}": MOMENT for number in own}
        sink.publish(Freshness(moments, withheld=withheld))
        return readable(store, model, Build(model.version)).freshness.withheld

    assert publish(one, (0, 1), gap) == gap
    assert [publish(other, (2, 3)) for _ in range(3)] == [gap] * 3
    assert publish(other, (2, 3), BUILDING) == gap  # whoever takes over knows of it, also when all is built by then
    assert publish(one, (0, 1)) == BUILDING
    assert publish(other, (2, 3)) == ""
    assert publish(one, (0, 1), gap) == gap

    other.begin(one.positions())  # the first one is gone

    assert other.freshness().withheld == gap
    assert publish(other, (0, 1), gap) == gap
    assert publish(other, (0, 1)) == ""
    store.drop_index(index_name(model, "orders"))
    store.close()


def test_a_server_that_is_away_is_unavailable() -> None:
    away = OpenSearchSink(OpenSearchStore("http://127.0.0.1:9"), MODEL, FIELDS)

    with pytest.raises(Unavailable):
        away.open()
    away.close()


def test_a_term_that_is_too_long_for_any_index_is_refused(sink: OpenSearchSink) -> None:
    good, bad = (as_json(paid_order(version=1)) for _ in range(2))
    bad = replace(bad, document={**(bad.document or {}), "customer_ref": "x" * 40_000})

    refused = sink.write([bad, good], {POSITION: 1})

    assert [(refusal.change, "immense term" in refusal.reason) for refusal in refused] == [(bad, True)]
    assert sink.find("orders", good.tenant_id, good.id) == good


def test_an_index_that_was_dropped_is_a_lost_store_and_is_not_made_by_writing(
    servers: Stack, sink: OpenSearchSink
) -> None:
    store = OpenSearchStore(servers.settings.opensearch_url)
    name = sink.index("orders")
    store.drop_index(name)

    with pytest.raises(StoreLost, match="no such index"):
        sink.write([as_json(paid_order(version=1))], {POSITION: 1})

    with pytest.raises(exceptions.NotFoundError):
        client(servers).indices.get(index=f"{name}*", params={"allow_no_indices": "false"})
    store.close()


@pytest.mark.parametrize("block", ["write", "read_only", "read_only_allow_delete"])
def test_while_an_index_is_blocked_a_write_waits_and_says_why(servers: Stack, sink: OpenSearchSink, block: str) -> None:
    asked, name, change = client(servers), sink.index("orders"), as_json(paid_order(version=1))
    asked.indices.put_settings(index=name, body={f"index.blocks.{block}": True})

    with pytest.raises(Unavailable, match="cluster_block_exception"):
        sink.write([change], {POSITION: 1})
    asked.indices.put_settings(index=name, body={f"index.blocks.{block}": None})

    assert sink.write([change], {POSITION: 1}) == []


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("cluster.blocks.create_index", True, "index_create_block_exception"),
        ("cluster.max_shards_per_node", 1, "validation_exception.*shards"),
    ],
)
def test_while_no_index_may_be_made_a_feed_that_needs_one_waits_and_says_why(
    servers: Stack, sink: OpenSearchSink, setting: str, value: object, why: str
) -> None:
    asked = client(servers)
    assert asked.indices.exists(index=sink.index("orders"))  # so that one more is too many
    model = replace(MODEL, version=secrets.randbelow(10**9) + 10**9)
    store = OpenSearchStore(servers.settings.opensearch_url)
    waiting = OpenSearchSink(store, model, FIELDS)
    asked.cluster.put_settings(body={"transient": {setting: value}})
    try:
        with pytest.raises(Unavailable, match=why):
            waiting.open()
    finally:
        asked.cluster.put_settings(body={"transient": {setting: None}})

    waiting.open()

    assert waiting.write([as_json(paid_order(version=1))], {POSITION: 1}) == []
    store.drop_index(index_name(model, "orders"))
    waiting.close()


def test_while_an_index_is_closed_a_write_waits(servers: Stack, sink: OpenSearchSink) -> None:
    asked, name, change = client(servers), sink.index("orders"), as_json(paid_order(version=1))
    asked.indices.close(index=name)

    with pytest.raises(Unavailable, match="index_closed_exception"):
        sink.write([change], {POSITION: 1})
    asked.indices.open(index=name)

    assert sink.write([change], {POSITION: 1}) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, index: store.search(index, MATCH_ALL),
        lambda store, index: store.search_all([(index, MATCH_ALL, "t")]),
        lambda store, index: store.search_all([(index, MATCH_ALL, "t"), (index, {**MATCH_ALL, "size": 1}, "t")]),
        lambda store, index: list(store.pages(index, MATCH_ALL)),
        lambda store, index: store.get(index, "1"),
        lambda store, index: store.refresh([index]),
    ],
)
def test_an_index_that_somebody_closed_is_waited_for(servers: Stack, sink: OpenSearchSink, ask: Any) -> None:
    name = sink.index("orders")
    client(servers).indices.close(index=name)

    with pytest.raises(Unavailable, match="index_closed_exception"):
        ask(sink.store, name)


def test_a_pipeline_that_is_missing_is_not_the_documents_fault(servers: Stack, sink: OpenSearchSink) -> None:
    asked, name = client(servers), sink.index("orders")
    asked.indices.put_settings(index=name, body={"index.default_pipeline": "nobody-made-it"})

    with pytest.raises(Unavailable, match="pipeline"):
        sink.write([as_json(paid_order(version=1))], {POSITION: 1})


def test_a_document_larger_than_a_request_may_be_is_refused_alone(sink: OpenSearchSink) -> None:
    good, large, other = (as_json(paid_order(version=1)) for _ in range(3))
    large = replace(large, document={**(large.document or {}), "customer_ref": "x" * 101 * 1024 * 1024})

    refused = sink.write([good, large, other], {POSITION: 1})

    assert [refusal.change for refusal in refused] == [large]
    assert sink.find("orders", other.tenant_id, other.id) == other


def test_a_page_that_is_no_opensearch_is_waited_for() -> None:
    with answering(200, "text/html", b"<html>welcome</html>") as url:
        elsewhere = OpenSearchSink(OpenSearchStore(url), MODEL, FIELDS)

        with pytest.raises(Unavailable):
            elsewhere.open()
        with pytest.raises(Unavailable):
            elsewhere.store.bulk(b"{}")
        elsewhere.close()


def client(servers: Stack) -> OpenSearch:
    return OpenSearch(servers.settings.opensearch_url)


def test_an_index_that_is_whole_is_looked_at_and_nobody_is_called_silent(sink: OpenSearchSink) -> None:
    """What asks whether a search is ready must not be the reason why it is not."""
    sink.store.look_at(sink.index("orders"))


@pytest.fixture
def model() -> ReadModel:
    return replace(MODEL, version=secrets.randbelow(10**9) + 10**9)


@pytest.fixture
def spread_sink(servers: Stack, model: ReadModel) -> Iterator[OpenSearchSink]:
    store = OpenSearchStore(servers.settings.opensearch_url)
    yield OpenSearchSink(store, model, FIELDS, spread=IndexSpread(shards=3, copies=1))
    store.drop_index(index_name(model, "orders"))
    store.close()


def test_an_index_is_made_with_the_shards_and_copies_that_are_set(spread_sink: OpenSearchSink) -> None:
    spread_sink.open()

    described = spread_sink.store.described(spread_sink.index("orders"))
    assert described is not None
    assert spread_of(described) == IndexSpread(shards=3, copies=1)


def test_documents_of_several_shards_are_shown_before_it_is_said_how_fresh_they_are(
    servers: Stack, model: ReadModel, spread_sink: OpenSearchSink
) -> None:
    """Whoever reads in between sees more than is said, and never less."""
    spread_sink.open()
    seen: list[int] = []
    index = spread_sink.index("orders")

    def look(asked: Asked) -> None:
        if asked.when == "before" and asked.writes_the_position:
            orders = spread_sink.store.search(index, {"query": {"exists": {"field": "tenant_id"}}})
            seen.append(len(orders["hits"]["hits"]))

    with standing_before(servers.settings.opensearch_url, look) as url:
        feeding = OpenSearchSink(OpenSearchStore(url), model, FIELDS)
        feeding.open()
        begin(feeding)
        seen.clear()
        feeding.write([as_json(paid_order(1)) for _ in range(5)], {POSITION: 5})
        feeding.publish(Freshness())
        feeding.close()

    assert seen == [5]


def test_a_host_that_is_away_keeps_nobody_from_writing_and_reading(servers: Stack, model: ReadModel) -> None:
    url = f"http://127.0.0.1:{free_port()},{servers.settings.opensearch_url}"
    sink = OpenSearchSink(OpenSearchStore(url), model, FIELDS)
    try:
        sink.open()
        begin(sink)
        for version in range(1, 5):
            sink.write([as_json(paid_order(version))], {POSITION: 5})
            sink.publish(Freshness())

        assert len(list(sink.scan("orders"))) == 4
    finally:
        sink.store.drop_index(sink.index("orders"))
        sink.close()
