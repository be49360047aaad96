"""The page on the event archive describes its views as they are, and its questions can be asked."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb
import pytest

from schemas.aggregates import AGGREGATES
from sinks.analytics.event_archive import KEPT, MODEL
from sinks.archive.archive_sink import ArchiveSink
from sinks.archive.archive_views import ENVELOPE
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from tests.docs.pages import ROOT, blocks, first_cells

PAGE: Final = ROOT / "docs" / "event-archive.md"
DESCRIBED: Final = (
    "dim_product_versions",
    "dim_variant_prices",
    "fct_price_reductions",
    "dim_category_versions",
    "fct_order_steps",
    "fct_stock_movements",
    "events",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("analytics") / MODEL.id
    with closing(ArchiveSink(folder, MODEL)) as sink:
        sink.open()
        sink.publish(Freshness())
        snapshot = snapshots.current(folder)
        assert snapshot is not None
        with closing(duckdb.connect(snapshot.path, read_only=True)) as connection:
            yield connection


@pytest.mark.parametrize("view", DESCRIBED)
def test_every_column_of_a_view_is_there(archive: duckdb.DuckDBPyConnection, view: str) -> None:
    columns = [name for name, *_ in archive.execute(f"DESCRIBE {view}").fetchall()]

    assert first_cells(PAGE, f"### `{view}`") == columns


def test_every_history_is_described(archive: duckdb.DuckDBPyConnection) -> None:
    views = [name for (name,) in archive.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]

    assert sorted(name for name in views if name.startswith(("dim_", "fct_"))) == sorted(DESCRIBED[:-1])


def test_every_question_can_be_asked(archive: duckdb.DuckDBPyConnection) -> None:
    questions = blocks(PAGE, "sql")

    for question in questions:
        archive.execute(question).fetchall()
    assert len(questions) == 2


def test_what_every_view_of_a_type_begins_with_is_said(archive: duckdb.DuckDBPyConnection) -> None:
    columns = [name for name, *_ in archive.execute("DESCRIBE order_paid").fetchall()]
    page = PAGE.read_text()

    assert columns[: len(ENVELOPE)] == ["order_id" if name == "aggregate_id" else name for name in ENVELOPE]
    assert all(f"`{name}`" in page for name in columns[: len(ENVELOPE)])
    assert "order_refund_minor" in [name for name, *_ in archive.execute("DESCRIBE order_cancelled").fetchall()]


def test_all_but_users_are_archived_as_is_said() -> None:
    assert "All aggregates that have a state but users:" in PAGE.read_text()
    assert "and what [checks of snapshots]" in PAGE.read_text()
    assert {row.name for row in KEPT} == {row.name for row in AGGREGATES if row.has_state} - {"user"} | {"quality"}
