"""A store is copied while its feed writes it, and when nobody does; the copy is a store of its own."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from schemas.events.order import OrderPaid, OrderPlaced
from sinks.analytics import event_archive
from sinks.archive.archive_sink import ArchiveSink
from sinks.duckdb import store_copies
from sinks.sink import Unavailable
from tests.sinks.archive.test_archive_sink import FRESH, ORDERS, told
from tests.support.examples import order
from tests.support.waiting import wait_until

MODEL = event_archive.MODEL
LIVE = f"{MODEL.id}.live.duckdb"
PLACED = order()
COPY = (
    "from sinks.copy_command import copy; from sinks.analytics.event_archive import MODEL; from pathlib import Path; "
)


def opened(analytics: Path, flush_rows: int = 3) -> ArchiveSink:
    sink = ArchiveSink(analytics / MODEL.id, MODEL, goes_live=True, flush_rows=flush_rows)
    sink.open()
    return sink


def versions(sink: ArchiveSink) -> list[int]:
    return [(change.document or {})["version"] for change in sink.scan("events")]


def written(sink: ArchiveSink, *numbers: int) -> None:
    for number in numbers:
        event = OrderPlaced(order=PLACED) if number == 1 else OrderPaid(order=PLACED)
        sink.write([told(event, number)], {ORDERS: number})
    sink.publish(FRESH)


def test_a_feed_copies_its_store_while_it_writes_and_the_copy_stays_as_it_was(tmp_path: Path) -> None:
    analytics, target = tmp_path / "analytics", tmp_path / "copy"
    with closing(opened(analytics)) as feed:
        written(feed, 1, 2, 3)
        written(feed, 4)
        asked = [sys.executable, "-c", f"{COPY} print(copy(Path({str(analytics)!r}), MODEL, Path({str(target)!r})))"]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
            wait_until(lambda: list((analytics / MODEL.id).glob("*.copy-wanted")), 30, "a copy is asked for")
            feed.publish(FRESH)
            _, said = asking.communicate(timeout=60)
        assert asking.returncode == 0, said
        written(feed, 5, 6, 7, 8)

        assert versions(feed) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert not any((analytics / MODEL.id / store_copies.COPIES).iterdir())
    with closing(opened(target)) as copy:
        assert versions(copy) == [1, 2, 3, 4]
        written(copy, 5)
        assert versions(copy) == [1, 2, 3, 4, 5]


def test_a_store_that_nobody_holds_is_copied_by_who_asks(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as feed:
        written(feed, 1, 2, 3, 4)

    with store_copies.copy_of(tmp_path / MODEL.id, LIVE) as found:
        assert found is not None
        there = sorted(path.name for path in found.iterdir())

    assert there[0] == LIVE
    assert there[1].startswith("parts-")
    assert not found.exists()


def test_where_there_is_no_store_there_is_no_copy(tmp_path: Path) -> None:
    with store_copies.copy_of(tmp_path, LIVE) as found:
        assert found is None


def test_a_copy_that_cannot_be_made_is_told_and_the_feed_goes_on(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as feed:
        written(feed, 1, 2, 3, 4)
        (tmp_path / MODEL.id / store_copies.COPIES).write_text("in the way")
        wanted = tmp_path / MODEL.id / "one.copy-wanted"
        wanted.touch()

        written(feed, 5)

        assert not wanted.exists()
        assert versions(feed) == [1, 2, 3, 4, 5]
    with pytest.raises(Unavailable, match="no copy of"), store_copies.copy_of(tmp_path / MODEL.id, LIVE):
        pass
