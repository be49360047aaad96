import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from ops.settings import Settings
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb.duckdb_sink import DuckDBSink, snapshots
from sinks.freshness import Freshness
from sinks.sink import DocumentChange, HeldElsewhere
from tests.support import parts_contract
from tests.support.examples import MOMENT
from tests.support.parts_contract import PartsContract
from tests.support.sink_contract import POSITION, SinkContract, begin, offsets, paid_order
from tests.support.whole import whole

TENANT = uuid4()
FRESH = whole(MODEL)


@pytest.fixture
def sink(tmp_path):
    opened = MODEL.sink(Settings(analytics_dir=tmp_path))
    opened.open()
    yield opened
    opened.close()


class TestDuckDBSink(SinkContract):
    @pytest.fixture
    def sink(self, tmp_path):
        opened = MODEL.sink(Settings(analytics_dir=tmp_path))
        opened.open()
        yield opened
        opened.close()

    def throw_away(self, sink):
        shutil.rmtree(sink.folder)


(WHOLE_SHELF,) = (fact.views["whole_shelf"] for fact in parts_contract.FACTS if fact.views)


class TestPartsInDuckDB(PartsContract):
    """What readers see is the view that joins the tables."""

    @contextmanager
    def opened(self):
        with tempfile.TemporaryDirectory() as folder:
            opened = DuckDBSink(Path(folder) / parts_contract.MODEL.id, parts_contract.MODEL, parts_contract.FACTS)
            opened.open()
            yield opened
            opened.close()

    def seen(self, sink, tenant_id, id_):
        found = sink._run(  # noqa: SLF001  # a reader would copy the file first
            f"SELECT title, stock, rating FROM ({WHOLE_SHELF}) WHERE tenant_id = ? AND id = ?", [tenant_id, id_]
        )
        return next(
            ({k: v for k, v in zip(("title", "stock", "rating"), row, strict=True) if v} for row in found), None
        )

    def throw_away(self, sink):
        shutil.rmtree(sink.folder)


def test_readers_are_led_to_a_new_version_when_it_is_whole_and_never_back(tmp_path):
    def published(version, freshness):
        model = replace(MODEL, version=version)
        opened = DuckDBSink(tmp_path / model.id, model, model.store.shape, goes_live=True)
        opened.open()
        opened.publish(freshness)
        opened.close()
        return snapshots.current(snapshots.live_folder(tmp_path, MODEL.name).resolve()).path.parent.name

    seen = [
        published(1, Freshness(withheld="building")),
        published(1, FRESH),
        published(2, Freshness(withheld="building")),
        published(2, Freshness({"rustok.order/0": MOMENT})),
        published(2, FRESH),
        published(1, FRESH),
    ]

    assert seen == ["sales-v1", "sales-v1", "sales-v1", "sales-v1", "sales-v2", "sales-v2"]


def test_positions_and_rows_survive_together(sink, tmp_path):
    change = paid_order(version=1)
    begin(sink, POSITION)
    sink.write([change], {POSITION: 42})
    sink.close()

    again = MODEL.sink(Settings(analytics_dir=tmp_path))
    again.open()

    assert offsets(again) == {POSITION: 42}
    assert again.find("orders", change.tenant_id, change.id) == change
    again.close()


def test_a_change_its_columns_cannot_hold_is_refused_alone_and_the_positions_stay(sink):
    good = paid_order(version=1)
    bad = paid_order(version=1)
    bad.document["lines"][0]["quantity"] = "many"

    begin(sink, POSITION)

    refused = sink.write([good, bad], {POSITION: 1})

    assert [refusal.change for refusal in refused] == [bad]
    assert "many" in refused[0].reason
    assert offsets(sink) == {POSITION: 0}
    assert list(sink.scan("orders")) == [good]


def test_any_text_is_held(sink):
    told = paid_order(version=1)
    told.document["customer_ref"] = "nul\0 ‮ \ud7ff 👪"

    sink.write([told], {POSITION: 1})

    assert list(sink.scan("orders")) == [told]


def test_one_process_writes_and_another_waits(sink, tmp_path):
    second = (
        "import sys; from ops.settings import Settings; from sinks.analytics.sales_facts import MODEL;"
        " MODEL.sink(Settings(analytics_dir=sys.argv[1])).open()"
    )

    refused = subprocess.run([sys.executable, "-c", second, tmp_path], capture_output=True, text=True, check=False)

    assert HeldElsewhere.__name__ in refused.stderr
    assert f"another process writes {MODEL.id}.live.duckdb" in refused.stderr


def test_the_lock_outlives_publishing(sink, tmp_path):
    sink.write([paid_order(version=1)], {POSITION: 1})
    sink.publish(FRESH)

    test_one_process_writes_and_another_waits(sink, tmp_path)


def test_nothing_new_publishes_no_copy_but_a_newer_freshness(sink, tmp_path):
    sink.write([paid_order(version=1)], {POSITION: 1})
    sink.publish(FRESH)
    first = snapshots.current(tmp_path / MODEL.id)
    later = Freshness({name: moment + timedelta(seconds=5) for name, moment in FRESH.by_partition.items()})

    sink.publish(later)
    second = snapshots.current(tmp_path / MODEL.id)

    assert second.path == first.path
    assert second.freshness.as_of == first.freshness.as_of + timedelta(seconds=5)


def test_a_restart_never_uses_a_copys_name_again(sink, tmp_path):
    sink.write([paid_order(version=1)], {POSITION: 1})
    sink.publish(FRESH)
    first = snapshots.current(tmp_path / MODEL.id).path
    sink.close()

    again = MODEL.sink(Settings(analytics_dir=tmp_path))
    again.open()
    again.write([paid_order(version=1)], {POSITION: 2})
    again.publish(FRESH)

    assert snapshots.current(tmp_path / MODEL.id).path.name > first.name
    again.close()


def test_a_note_beside_the_file_makes_its_writer_forget_a_row(sink, tmp_path):
    unwanted, changed, kept = paid_order(version=3), paid_order(version=3), paid_order(version=3)
    newer = paid_order(version=4, tenant_id=changed.tenant_id, id_=changed.id)
    sink.write([unwanted, changed, kept], {POSITION: 3})
    sink.publish(FRESH)
    readers = MODEL.published(Settings(analytics_dir=tmp_path))

    readers.forget([unwanted, changed])
    sink.write([newer], {POSITION: 4})
    sink.publish(FRESH)

    assert {one.id: one for one in sink.scan("orders")} == {changed.id: newer, kept.id: kept}
    assert readers.some("orders", unwanted.tenant_id, [unwanted.id]) == {}
    readers.close()


def test_what_was_forgotten_may_come_back_under_an_older_version(sink, tmp_path):
    ahead = paid_order(version=9)
    right = paid_order(version=3, tenant_id=ahead.tenant_id, id_=ahead.id)
    sink.write([ahead], {POSITION: 1})
    sink.publish(FRESH)

    MODEL.published(Settings(analytics_dir=tmp_path)).forget([ahead])
    sink.publish(FRESH)
    sink.write([right], {POSITION: 2})

    assert list(sink.scan("orders")) == [right]


def test_readers_see_pages_in_order_of_id_and_tombstones_too(sink, tmp_path):
    shown = [paid_order(version=3, tenant_id=TENANT) for _ in range(3)]
    gone = DocumentChange(collection="orders", tenant_id=TENANT, id=uuid4(), version=2, document=None)
    sink.write([*shown, gone, paid_order(version=3)], {POSITION: 5})
    sink.publish(FRESH)
    readers = MODEL.published(Settings(analytics_dir=tmp_path))

    seen = list(readers.documents("orders", TENANT, None))

    assert seen == sorted([*shown, gone], key=lambda one: one.id)
    assert list(readers.documents("orders", TENANT, seen[1].id)) == seen[2:]
    assert set(readers.sample("orders", TENANT, 2)) <= {one.id for one in shown}
    assert TENANT in readers.tenants("orders")
    readers.close()
