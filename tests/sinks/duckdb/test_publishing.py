import random
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest

from ops.settings import Settings
from sinks.analytics.sales_facts import MODEL
from sinks.duckdb import snapshots
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.duckdb.fact_parts import FactParts
from sinks.duckdb.fact_snapshot import FactSnapshot
from sinks.duckdb.kept_snapshots import Retention
from sinks.sink import DocumentChange
from tests.support.sink_contract import POSITION, begin, paid_order
from tests.support.whole import whole

TENANT = uuid4()
FRESH = whole(MODEL)
AT_ONCE = Retention(snapshot_s=0, replaced_s=0, rewritten_s=0)
#: Rows of an order with two lines, and of so many orders that are closed, and then made one file.
ROWS, CLOSED, MERGED = 3, 9, 36


class SmallParts(DuckDBSink):
    """Closes and merges after so few rows that a test can see it."""

    def _open_parts(self) -> None:
        facts = list(self._facts.values())
        self._fact_parts = FactParts(facts, self._parts, self._run, self._retention, CLOSED, MERGED)
        self._fact_parts.open()
        self._shown_facts = FactSnapshot(self.folder, self._model.id, facts, self._fact_parts, self._run)


def opened(folder: Path, retention: Retention | None = None) -> SmallParts:
    sink = SmallParts(folder / MODEL.id, MODEL, MODEL.store.shape, goes_live=True, retention=retention)
    sink.open()
    return sink


@pytest.fixture
def sink(tmp_path):
    with closing(opened(tmp_path)) as one:
        begin(one, POSITION)
        yield one


def sold(number: int, *, version: int = 1, of: DocumentChange | None = None) -> list[DocumentChange]:
    id_ = of.id if of else None
    return [paid_order(version=version, tenant_id=TENANT, id_=id_, lines=2) for _ in range(number)]


def gone(change: DocumentChange, version: int) -> DocumentChange:
    return DocumentChange(collection="orders", tenant_id=TENANT, id=change.id, version=version, document=None)


def files(sink: DuckDBSink, holds: str = "orders") -> list[Path]:
    return sorted(sink.folder.glob(f"parts-*/{holds}-*.parquet"))


def published(folder: Path) -> dict[UUID, DocumentChange]:
    """By what a reader is led to."""
    with closing(MODEL.store.published(Settings(analytics_dir=folder), MODEL)) as readers:
        return {one.id: one for one in readers.documents("orders", TENANT, None)}


def total(path: Path) -> tuple[object, ...]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute("SELECT count(*), sum(revenue_minor)::BIGINT FROM sales").fetchall()[0]


def current(folder: Path) -> Path:
    found = snapshots.current(folder / MODEL.id)
    assert found is not None
    return found.path


def test_few_rows_are_in_the_snapshot_and_in_no_parquet_file(sink, tmp_path):
    changes = sold(2)
    sink.write(changes, {POSITION: 2})
    sink.publish(FRESH)

    assert files(sink) == []
    assert published(tmp_path) == {one.id: one for one in changes}


def test_what_is_enough_is_closed_into_one_file_of_each_table_that_has_rows(sink, tmp_path):
    changes = sold(3)
    sink.write(changes, {POSITION: 3})
    sink.publish(FRESH)

    assert [len(files(sink, holds)) for holds in ("orders", "order_lines", "order_reversals", "tombstones")] == [
        1,
        1,
        0,
        0,
    ]
    assert published(tmp_path) == {one.id: one for one in changes}


def test_whatever_changes_readers_see_what_the_live_file_has(sink, tmp_path):
    first = sold(3)
    sink.write(first, {POSITION: 3})
    sink.publish(FRESH)
    newer = sold(1, version=2, of=first[0])
    for number, changes in enumerate(
        [
            newer,
            [gone(first[1], 3)],
            sold(3),
            sold(1, version=4, of=first[1]),  # it is back
            [gone(first[0], 5)],
            sold(1, version=6, of=first[0]),
            sold(5),
        ]
    ):
        sink.write(changes, {POSITION: 4 + number})
        sink.publish(FRESH)

        seen = published(tmp_path)
        assert seen == {one.id: one for one in sink.scan("orders")}

    assert len(seen) == 11
    assert files(sink)


@pytest.mark.parametrize("seed", range(2))
def test_in_whatever_order_things_change_go_and_are_forgotten_readers_see_what_the_live_file_has(tmp_path, seed):
    chance, versions = random.Random(seed), dict[UUID, int]()
    retention = replace(AT_ONCE, rewritten_s=chance.choice([0, 3600]))
    sink = opened(tmp_path, retention)
    for step in range(25):
        changes = []
        for id_ in chance.sample(sorted(versions), min(len(versions), chance.randrange(4))) + [
            uuid4() for _ in range(chance.randrange(5))
        ]:
            versions[id_] = versions.get(id_, 0) + 1
            change = paid_order(version=versions[id_], tenant_id=TENANT, id_=id_, lines=chance.randrange(4))
            changes.append(gone(change, versions[id_]) if chance.random() < 0.3 else change)
        sink.write(changes, {})
        if chance.random() < 0.2:
            with closing(MODEL.store.published(Settings(analytics_dir=tmp_path), MODEL)) as readers:
                readers.forget(list(sink.scan("orders"))[:2])
        if chance.random() < 0.1:
            sink.close()
            sink = opened(tmp_path, retention)
        sink.publish(FRESH)

        assert published(tmp_path) == {one.id: one for one in sink.scan("orders")}, step
    sink.close()


def test_an_order_that_changes_writes_no_file_anew_until_it_is_due(sink, tmp_path):
    first = sold(12)
    sink.write(first, {POSITION: 12})
    sink.publish(FRESH)
    before = files(sink)

    sink.write(sold(1, version=2, of=first[0]), {POSITION: 13})
    sink.publish(FRESH)

    assert files(sink) == before
    assert published(tmp_path)[first[0].id].version == 2


def test_what_was_removed_is_in_no_file_that_counts_after_its_time(tmp_path):
    secret = "only-here"
    with closing(opened(tmp_path, AT_ONCE)) as sink:
        begin(sink, POSITION)
        changes = sold(3)
        changes[0].document["customer_ref"] = secret
        sink.write(changes, {POSITION: 3})
        sink.publish(FRESH)
        held_before = any(_holds(file, secret) for file in files(sink))

        sink.write([gone(changes[0], 2)], {POSITION: 4})
        sink.publish(FRESH)
        sink.publish(FRESH)

        assert held_before
        assert files(sink)
        assert not any(_holds(file, secret) for file in files(sink))


def _holds(file: Path, customer: str) -> bool:
    query = "SELECT count(*) FROM read_parquet(?) WHERE customer_ref = ?"
    return duckdb.connect().execute(query, [str(file), customer]).fetchall() != [(0,)]


def test_small_files_are_made_one(sink, tmp_path):
    changes = []
    for _ in range(4):
        more = sold(3)
        changes += more
        sink.write(more, {POSITION: len(changes)})
        sink.publish(FRESH)

    listed = [part.rows for part in sink._parts.of("orders")]  # noqa: SLF001
    assert listed == [12]
    assert published(tmp_path) == {one.id: one for one in changes}


def test_no_publishing_writes_more_than_a_bounded_number_of_rows(sink):
    for number in range(40):
        sink.write(sold(3), {POSITION: number})
        sink.publish(FRESH)

    rows = [part.rows for part in sink._parts.of("orders")]  # noqa: SLF001
    assert sum(rows) == 120
    assert max(rows) * ROWS <= MERGED * 1.5


@pytest.mark.parametrize("damage", ["gone", "cut off"])
def test_a_file_that_is_damaged_is_written_again_from_the_live_file(sink, tmp_path, damage):
    changes = sold(3)
    sink.write(changes, {POSITION: 3})
    sink.publish(FRESH)
    (file,) = files(sink)
    sink.close()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])

    sink.open()
    sink.publish(FRESH)

    assert published(tmp_path) == {one.id: one for one in changes}


def test_a_live_file_from_before_there_were_parquet_files_is_taken_over(tmp_path):
    with closing(opened(tmp_path)) as sink:
        begin(sink, POSITION)
        changes = sold(4)
        sink.write(changes, {POSITION: 4})
    with duckdb.connect(tmp_path / MODEL.id / f"{MODEL.id}.live.duckdb") as old:
        for table in ("orders", "order_lines", "order_reversals", "tombstones"):
            old.execute(f"ALTER TABLE {table} DROP COLUMN part_no")
        old.execute("DROP TABLE outdated; DROP TABLE open_part; DROP TABLE parts")

    with closing(opened(tmp_path)) as sink:
        sink.publish(FRESH)

        assert len(files(sink)) == 1
        assert published(tmp_path) == {one.id: one for one in changes}


def test_a_reader_keeps_its_total_over_many_publishings_and_sweeps(tmp_path):
    with closing(opened(tmp_path, replace(AT_ONCE, replaced_s=3600))) as sink:
        begin(sink, POSITION)
        held = sold(6)
        sink.write(held, {POSITION: 6})
        sink.publish(FRESH)
        path = current(tmp_path)
        with duckdb.connect(path, read_only=True) as reader:
            ask = "SELECT count(*), sum(revenue_minor)::BIGINT FROM sales"
            before = reader.execute(ask).fetchall()
            for number in range(12):
                sink.write([*sold(3), *(gone(one, 2) for one in held[:1])], {POSITION: 7 + number})
                sink.publish(FRESH)

            assert not path.exists()
            assert reader.execute(ask).fetchall() == before


READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print("open", flush=True)
    sys.stdin.readline()
    print(connection.execute("SELECT count(*), sum(revenue_minor)::BIGINT FROM sales").fetchall(), flush=True)
"""


def test_what_another_process_has_open_stays_with_every_file_it_names(tmp_path):
    with closing(opened(tmp_path, AT_ONCE)) as sink:
        begin(sink, POSITION)
        held = sold(6)
        sink.write(held, {POSITION: 6})
        sink.publish(FRESH)
        path, before = current(tmp_path), total(current(tmp_path))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([sys.executable, "-c", READER, str(path)], **pipes) as reader:
            assert reader.stdout.readline() == "open\n"
            for number in range(8):
                sink.write([*sold(3), *(gone(one, 2) for one in held)], {POSITION: 7 + number})
                sink.publish(FRESH)
            is_there = path.exists()
            told, _ = reader.communicate("\n")
        sink.write(sold(1), {POSITION: 20})
        sink.publish(FRESH)

        assert is_there
        assert told == f"{[before]}\n"
        assert not path.exists()
        counting = {part.name for parts in sink._parts.by_what_they_hold().values() for part in parts}  # noqa: SLF001
        kept_by_the_newest = {path.name for path in sink.folder.glob("parts-*/*")}
        assert counting <= kept_by_the_newest


def test_young_snapshots_and_the_newest_three_stay(tmp_path):
    def after(retention: Retention) -> int:
        with closing(opened(tmp_path / str(retention.snapshot_s), retention)) as sink:
            for version in range(1, 7):
                sink.write([paid_order(version=version)], {})
                sink.publish(FRESH)
            return len(snapshots.published(sink.folder))

    assert (after(Retention()), after(Retention(snapshot_s=0))) == (6, 3)


def test_beyond_the_bound_of_the_disk_the_oldest_go_before_their_time(tmp_path):
    with closing(opened(tmp_path, Retention(rewritten_s=0, most_bytes=1))) as sink:
        held = sold(3)
        sink.write(held, {})
        sink.publish(FRESH)
        for version in range(2, 9):
            sink.write([paid_order(version=version, tenant_id=TENANT, id_=held[0].id, lines=2), *sold(3)], {})
            sink.publish(FRESH)

        assert len(snapshots.published(sink.folder)) == 3
        assert published(tmp_path) == {one.id: one for one in sink.scan("orders")}


def test_files_of_a_live_file_that_was_thrown_away_go_with_its_snapshots(tmp_path):
    with closing(opened(tmp_path, Retention(snapshot_s=0))) as sink:
        sink.write(sold(3), {})
        sink.publish(FRESH)
        (first,) = sink.folder.glob("parts-*")
    for file in sink.folder.glob("*.live.duckdb*"):
        file.unlink()

    there = []
    with closing(opened(tmp_path, Retention(snapshot_s=0))) as sink:
        for _ in range(3):
            sink.write(sold(1), {})
            sink.publish(FRESH)
            there.append(first.exists())

    assert there == [True, True, False]


def test_a_published_snapshot_reads_nothing_outside_its_folder(sink, tmp_path):
    sink.write(sold(3), {POSITION: 3})
    sink.publish(FRESH)
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text("a\n1\n")
    snapshot = snapshots.current(tmp_path / MODEL.id)

    with closing(snapshots.opened(snapshot, threads=1)) as reader:
        again = snapshots.opened(snapshot, threads=1)

        assert reader.execute("SELECT count(*) FROM sales").fetchall() == [(6,)]
        assert again.execute("SELECT count(*) FROM sales").fetchall() == [(6,)]
        for sql in (
            f"FROM read_csv('{elsewhere}')",
            f"COPY (SELECT 1) TO '{elsewhere}'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                reader.execute(sql)
        again.close()


def test_folders_may_have_any_name_and_be_links(tmp_path):
    real = tmp_path / "it's “real”"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    with closing(opened(tmp_path / "link")) as sink:
        changes = sold(3)
        sink.write(changes, {})
        sink.publish(FRESH)

    assert published(tmp_path / "link") == {one.id: one for one in changes}
    assert total(current(real)) == (6, sum(line["total_minor"] for one in changes for line in one.document["lines"]))


def test_analysts_see_their_tables_and_no_others_of_the_store(sink, tmp_path):
    sink.write(sold(3), {POSITION: 3})
    sink.publish(FRESH)

    with duckdb.connect(current(tmp_path), read_only=True) as reader:
        shown = [name for (name,) in reader.execute("SHOW TABLES").fetchall()]
        listed = reader.execute("SELECT holds, rows FROM parquet_files ORDER BY holds").fetchall()
        positions = reader.execute("SELECT topic, next_offset FROM positions").fetchall()

    store = ["freshness", "meta_columns", "parquet_files", "positions", "store", "tombstones"]
    facts = [name for fact in MODEL.store.shape for name in (fact.table, *(lines.table for lines in fact.lines))]
    assert shown == sorted([*facts, *MODEL.store.shape[0].views, *store])
    assert listed == [("order_lines", 6), ("orders", 3)]
    assert positions == [("rustok.order", 3)]


def test_the_way_to_open_it_with_an_alias_works_too(sink, tmp_path):
    sink.write(sold(4), {POSITION: 4})
    sink.publish(FRESH)

    with duckdb.connect() as own:
        own.execute(f"ATTACH '{current(tmp_path)}' AS shop (READ_ONLY)")
        assert own.execute("SELECT count(*) FROM shop.sales").fetchall() == [(8,)]


#: For each folder and number that it is told, a process of its own publishes there and dies at the step of that number.
DIES = """
import os, sys
from pathlib import Path
from tests.sinks.duckdb import test_publishing as these
from sinks.duckdb import parquet_parts, snapshots

def publish(folder, die_at):
    steps = 0
    def step():
        nonlocal steps
        steps += 1
        if steps == die_at:
            os.kill(os.getpid(), 9)
    def stepping(function):
        def stepped(*given, **named):
            step()
            return function(*given, **named)
        return stepped
    sink = these.opened(folder, these.AT_ONCE)
    class Stepping(type(sink)):
        def _run(self, statement, values=()):
            if statement.split()[0] in ("COPY", "COMMIT", "COMMIT;", "ATTACH", "DETACH"):
                step()
            return super()._run(statement, values)
    sink.__class__ = Stepping
    for part in (sink._parts, sink._fact_parts, sink._shown_facts):
        part._run = sink._run
    for function in ("rename", "unlink"):
        setattr(Path, function, stepping(getattr(Path, function)))
    parquet_parts.sync = snapshots.sync = stepping(snapshots.sync)
    sink.publish(these.FRESH)
    os._exit(steps)

for line in sys.stdin:
    die_at, folder = line.rstrip().split(" ", 1)
    child = os.fork()
    if not child:
        publish(Path(folder), int(die_at))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_whoever_is_killed_at_any_step_of_publishing_leaves_the_old_snapshot_whole(tmp_path):
    ready, work = tmp_path / "ready", tmp_path / "work"
    with closing(opened(ready)) as sink:
        begin(sink, POSITION)
        held = sold(9)
        for number in range(3):
            sink.write(held[number * 3 : number * 3 + 3], {POSITION: number})
            sink.publish(FRESH)
        sink.write([gone(held[0], 2), *sold(3)], {POSITION: 12})
        truth = {one.id: one for one in sink.scan("orders")}
    before = total(current(ready))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", DIES], cwd=Path(__file__).parents[3], **pipes) as publishing:

        def publish(die_at: int) -> int:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(ready, work, symlinks=True)
            _repoint(work, ready)
            publishing.stdin.write(f"{die_at} {work}\n")
            publishing.stdin.flush()
            return int(publishing.stdout.readline())

        steps = publish(0)
        after = total(current(work))
        seen = []
        for die_at in range(1, steps + 1):
            assert publish(die_at) == -9
            seen.append(total(current(work)))
            if die_at % 4 == 0:
                with closing(opened(work, AT_ONCE)) as sink:
                    sink.publish(FRESH)
                    assert published(work) == truth
                    assert not list(sink.folder.glob("**/*.arriving*"))

    assert steps > 20
    assert before != after
    assert seen == sorted(seen, key=[before, after].index)  # the old one until it is the new one


def _repoint(folder: Path, original: Path) -> None:
    """A folder that was moved: its snapshots name files by their place."""
    path = current(folder)
    with duckdb.connect(path) as connection:
        for (sql,) in connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall():
            if str(original) in sql:
                connection.execute(sql.replace(str(original), str(folder)).replace("VIEW", "OR REPLACE VIEW", 1))
