from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sinks.freshness import Freshness
from sinks.memory_sink import MemorySink
from tests.support.parts_contract import PartsContract
from tests.support.sink_contract import POSITION, SinkContract, paid_order


class TestMemorySink(SinkContract):
    @pytest.fixture
    def sink(self):
        return MemorySink()

    def throw_away(self, sink):
        sink.lose()


class TestPartsInMemory(PartsContract):
    @contextmanager
    def opened(self):
        yield MemorySink()

    def seen(self, sink, tenant_id, id_):
        sink.publish(Freshness())
        return sink.document("shelf", tenant_id, id_)

    def throw_away(self, sink):
        sink.lose()


def test_readers_see_nothing_before_it_is_published():
    sink, change = MemorySink(), paid_order(version=1)

    sink.write([change], {POSITION: 1})
    before = dict(sink.published)
    sink.publish(Freshness({"rustok.order/0": datetime.now(UTC)}))

    assert before == {}
    assert list(sink.published.values()) == [change]
