import shutil
from contextlib import closing

import duckdb
import pytest
from click.testing import CliRunner

from sinks.archive.archive_sink import ArchiveSink
from sinks.commands import sinks
from sinks.duckdb import pinned_snapshots
from sinks.duckdb.pinned_snapshots import PinRefused
from sinks.freshness import Freshness
from sinks.sink import Unavailable
from tests.sinks.archive import test_archive_sink as archived
from tests.sinks.duckdb.test_publishing import AT_ONCE, FRESH, POSITION, begin, gone, opened, sold, total
from tests.support.examples import MOMENT


@pytest.fixture
def sink(tmp_path):
    with closing(opened(tmp_path, AT_ONCE)) as one:
        begin(one, POSITION)
        one.write(sold(7), {POSITION: 7})
        one.publish(FRESH)
        yield one


def test_a_pin_survives_all_that_is_published_afterwards_and_the_loss_of_the_model(sink, tmp_path):
    pin = pinned_snapshots.pin(tmp_path, "sales", "month-end-2026-10")
    before = total(pin.path)
    for number in range(6):
        sink.write([*sold(3), *(gone(one, 9) for one in list(sink.scan("orders"))[:3])], {POSITION: 8 + number})
        sink.publish(FRESH)
    sink.close()
    shutil.rmtree(sink.folder)

    assert before[0] == 14
    assert total(pin.path) == before
    assert list(pinned_snapshots.pins(tmp_path)) == [pin]
    assert pin.as_of == MOMENT


def test_a_pin_takes_no_space_while_the_feed_has_the_files(sink, tmp_path):
    pin = pinned_snapshots.pin(tmp_path, "sales", "now")

    linked = list(pin.path.parent.glob("*.parquet"))
    assert linked
    assert {file.stat().st_ino for file in linked} <= {file.stat().st_ino for file in sink.folder.glob("parts-*/*")}
    with duckdb.connect(pin.path, read_only=True) as connection:
        named = {path for (path,) in connection.execute("SELECT path FROM parquet_files").fetchall()}
    assert named == {str(file) for file in linked}


def test_a_snapshot_without_parquet_files_can_be_pinned(tmp_path):
    with closing(opened(tmp_path)) as sink:
        sink.write(sold(1), {})
        sink.publish(Freshness(withheld="building"))
        pin = pinned_snapshots.pin(tmp_path, "sales", "first")

    assert total(pin.path)[0] == 2
    assert pin.as_of is None


@pytest.mark.parametrize("name", ["", "A", "../sales", "a/b", ".", "-x", "a" * 65, "nul\0"])
def test_a_name_that_is_none_is_refused(sink, tmp_path, name):
    with pytest.raises(PinRefused, match="is no name of a pin"):
        pinned_snapshots.pin(tmp_path, "sales", name)


def test_a_name_is_given_once_until_it_is_unpinned(sink, tmp_path):
    pin = pinned_snapshots.pin(tmp_path, "sales", "it")

    with pytest.raises(PinRefused, match="there is a pin it of sales already"):
        pinned_snapshots.pin(tmp_path, "sales", "it")
    pinned_snapshots.unpin(tmp_path, "sales", "it")

    assert not pin.path.parent.exists()
    with pytest.raises(PinRefused, match="there is no pin it of sales"):
        pinned_snapshots.unpin(tmp_path, "sales", "it")
    assert pinned_snapshots.pin(tmp_path, "sales", "it") is not None


def test_who_was_killed_while_pinning_left_no_pin_and_no_hindrance(sink, tmp_path):
    half = tmp_path / "pinned" / "sales" / "it"
    half.mkdir(parents=True)
    (half / "it.arriving").write_text("half")

    assert list(pinned_snapshots.pins(tmp_path)) == []
    assert total(pinned_snapshots.pin(tmp_path, "sales", "it").path)[0] == 14


def test_before_the_first_snapshot_there_is_nothing_to_pin(tmp_path):
    with pytest.raises(Unavailable, match="has not published"):
        pinned_snapshots.pin(tmp_path, "sales", "it")


def test_the_archive_is_pinned_alike(tmp_path):
    model = archived.MODEL
    with closing(ArchiveSink(tmp_path / model.id, model, goes_live=True, flush_rows=1, retention=AT_ONCE)) as sink:
        sink.open()
        sink.publish(archived.FRESH)
        pin = pinned_snapshots.pin(tmp_path, model.name, "it")

    with duckdb.connect(pin.path, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchall() == [(0,)]


def test_the_commands_pin_list_find_and_unpin(sink, tmp_path):
    def run(*words: str) -> str:
        found = CliRunner().invoke(sinks, words, env={"RUSTOK_ANALYTICS_DIR": str(tmp_path)}, catch_exceptions=False)
        assert found.exit_code == 0
        return found.output.strip()

    pinned = run("pin", "sales", "it")
    listed = run("pins")
    found = run("snapshot", "sales", "--pinned", "it")
    run("unpin", "sales", "it")

    assert pinned == found
    assert pinned in listed
    assert "sales            it" in listed
    assert run("pins", "--json") == "[]"
